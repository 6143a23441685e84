//go:build !linux

package main

import "syscall"

// noCoreDumps keeps keys and values out of core dumps.
func noCoreDumps() error { return syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) }
