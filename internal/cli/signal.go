package cli

import (
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"
)

// signalRelay passes signals on to the child. What came before it was started reaches it then.
type signalRelay struct {
	caught chan os.Signal
	pipe   chan os.Signal
	done   chan struct{}
	child  atomic.Pointer[os.Process] // the one that runs now
	once   sync.Once
	ended  atomic.Bool
}

// catchSignals keeps signals from ending this process before it has cleaned up.
func catchSignals() *signalRelay {
	r := &signalRelay{caught: make(chan os.Signal, 16), pipe: make(chan os.Signal, 1), done: make(chan struct{})}
	signal.Notify(r.caught, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2,
		syscall.SIGWINCH)
	// A reader of our output that went away must not end us either. Caught, not ignored: the child would inherit that.
	signal.Notify(r.pipe, syscall.SIGPIPE)
	return r
}

// forward passes signals on to a child from now on, in the place of the one before.
func (r *signalRelay) forward(child *os.Process) {
	r.child.Store(child)
	if r.ending() {
		// The signal that asked for it may have gone to the one before.
		_ = child.Signal(syscall.SIGTERM)
	}
	r.once.Do(func() { go r.relay() })
}

func (r *signalRelay) relay() {
	for {
		select {
		case s := <-r.caught:
			if s == syscall.SIGINT || s == syscall.SIGTERM || s == syscall.SIGQUIT {
				r.end()
			}
			if !fromTerminal(s) {
				// The child may just have ended.
				_ = r.child.Load().Signal(s)
			}
		case <-r.done:
			return
		}
	}
}

// end notes that a child that ends is not to be started anew.
func (r *signalRelay) end() { r.ended.Store(true) }

// ending tells whether that was noted, by a signal that asks to end or by end.
func (r *signalRelay) ending() bool { return r.ended.Load() }

func (r *signalRelay) stop() {
	signal.Stop(r.caught)
	signal.Stop(r.pipe)
	close(r.done)
}

// fromTerminal tells whether the terminal has already sent a signal to the child: it sends these to all processes of its
// foreground group, and a program that gets two interrupts often gives up cleaning up.
func fromTerminal(s os.Signal) bool {
	if s != syscall.SIGINT && s != syscall.SIGQUIT && s != syscall.SIGWINCH {
		return false
	}
	tty, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	defer tty.Close()
	group, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return err == nil && group == syscall.Getpgrp()
}
