package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a child of the benchmark.
type process struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	first string // line of its standard output
}

// startSelf starts this program with other arguments and waits for the first line it prints.
func startSelf(ctx context.Context, args ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s printed nothing: %w", args[0], err), cmd.Wait())
	}
	return &process{cmd: cmd, stdin: stdin, first: strings.TrimSpace(line)}, nil
}

// stop ends the process as an operator would and waits for it.
func (p *process) stop() error {
	if p.stdin != nil {
		p.stdin.Close()
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended already, which Wait tells
	err := p.cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGTERM {
			return nil // a bare server knows nothing better
		}
	}
	return err
}

// ticksPerSecond is the unit of the CPU times in /proc, the same on every Linux.
const ticksPerSecond = 100

// cpu is the CPU time that the process has spent, in steps of ten milliseconds; 0 where the system does not tell.
func (p *process) cpu() time.Duration {
	if p == nil {
		return 0
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	// The name, second and in parentheses, may hold blanks. After it utime and stime are the 12th and 13th.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0
		}
		ticks += n
	}
	return time.Duration(ticks) * (time.Second / ticksPerSecond)
}

// memory is what a process keeps resident.
type memory struct {
	private int64 // bytes of its own: heap, stacks
	other   int64 // bytes of the program and its libraries
	store   int64 // bytes of the mapped store, which the system takes back when it needs them
}

// memory reads what the process keeps resident, leaving apart the mapping of the file at path.
func (p *process) memory(path string) (memory, error) {
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps", p.cmd.Process.Pid))
	if err != nil {
		return memory{}, err
	}
	var m memory
	mapped := ""
	for line := range strings.Lines(string(maps)) {
		fields := strings.Fields(line)
		if !strings.HasSuffix(fields[0], ":") { // a mapping begins: addresses, permissions, offset, device, inode, path
			mapped = strings.Join(fields[min(5, len(fields)):], " ")
			continue
		}
		if fields[0] != "Rss:" {
			continue
		}
		kilobytes, err := strconv.ParseInt(fields[1], 10, 64)
		if err != nil {
			return memory{}, err
		}
		switch {
		case mapped == path:
			m.store += kilobytes << 10
		case strings.HasPrefix(mapped, "/"):
			m.other += kilobytes << 10
		default:
			m.private += kilobytes << 10
		}
	}
	return m, nil
}
