package cli

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// signalRelay passes signals on to the child. What came before it was started reaches it then.
type signalRelay struct {
	caught chan os.Signal
	pipe   chan os.Signal
	done   chan struct{}
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

func (r *signalRelay) forward(child *os.Process) {
	go func() {
		for {
			select {
			case s := <-r.caught:
				if !fromTerminal(s) {
					// The child may just have ended.
					_ = child.Signal(s)
				}
			case <-r.done:
				return
			}
		}
	}()
}

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
