package main

import "os/exec"

// StopEnded stops a server whose process has ended by itself.
func StopEnded(process *exec.Cmd) error {
	s := &server{process: process, exited: make(chan struct{}), err: process.Run()}
	close(s.exited)
	return s.stop()
}
