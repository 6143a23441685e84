package cli

import (
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// flushAfter is how long the start of what may be a value is held back once the child writes no more: prompts must show.
const flushAfter = 50 * time.Millisecond

// idleAfter is how long the output of a child that ended is still waited for while nothing comes: a process that it left
// behind may keep the pipe open for ever.
const idleAfter = time.Second

// masker writes to a stream with needles replaced. Where needles overlap all of them is masked. It holds back no more
// than what may yet become a needle, and after a pause not even that, if it is shorter than any needle: such a start is
// shown, and the rest is still masked when it follows.
type masker struct {
	needles *needles
	out     io.Writer

	mu     sync.Mutex
	buf    []byte // not decided yet
	shown  int    // bytes at the start of buf that are already written
	hidden int    // bytes at the start of buf that belong to a needle; its mask is written
}

// Write takes in a piece of the stream.
func (m *masker) Write(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.buf = append(m.buf, p...)
	return len(p), m.drain(false)
}

// Flush writes what is held back for want of a few bytes.
func (m *masker) Flush() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.buf) >= minNeedle || m.hidden > 0 || m.shown >= len(m.buf) {
		return nil
	}
	_, err := m.out.Write(m.buf[m.shown:])
	m.shown = len(m.buf)
	return err
}

// Close ends the stream: no more bytes will come.
func (m *masker) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.drain(true)
}

// drain decides as much of buf as can be, and writes it.
func (m *masker) drain(last bool) error {
	var out []byte
	i := 0
	for ; i < len(m.buf); i++ {
		length, more := m.needles.match(m.buf[i:])
		if more && !last {
			break
		}
		if length > 0 {
			if m.hidden == 0 {
				out = append(out, masked...)
			}
			m.hidden = max(m.hidden, length)
		}
		if m.hidden == 0 && m.shown == 0 {
			out = append(out, m.buf[i])
		}
		m.hidden = max(m.hidden-1, 0)
		m.shown = max(m.shown-1, 0)
	}
	m.buf = append(m.buf[:0], m.buf[i:]...)
	if len(out) == 0 {
		return nil
	}
	_, err := m.out.Write(out)
	return err
}

// ioWriter shortens the type of exec.Cmd's streams.
type ioWriter = io.Writer

// maskedPipes stand between a child and our streams.
type maskedPipes struct {
	inner []*os.File // the child's ends
	outer []*os.File // ours
	masks []*masker
	done  sync.WaitGroup
	ended atomic.Bool // the child has
}

// replace puts a pipe and a masker before a stream of the child.
func (p *maskedPipes) replace(stream *ioWriter, needles *needles) error {
	r, w, err := os.Pipe()
	if err != nil {
		p.abandon()
		return err
	}
	p.inner, p.outer = append(p.inner, w), append(p.outer, r)
	p.masks = append(p.masks, &masker{needles: needles, out: *stream})
	*stream = w
	return nil
}

// use masks other needles from now on; nil leaves those there are.
func (p *maskedPipes) use(needles *needles) {
	if needles == nil {
		return
	}
	for _, m := range p.masks {
		m.mu.Lock()
		m.needles = needles
		m.mu.Unlock()
	}
}

// abandon closes the pipes of a child that was not started.
func (p *maskedPipes) abandon() {
	for _, f := range append(p.inner, p.outer...) {
		f.Close()
	}
}

// started begins to copy. From now on the child alone holds its ends.
func (p *maskedPipes) started() {
	for i, r := range p.outer {
		p.inner[i].Close()
		p.done.Go(func() { p.copy(p.masks[i], r) })
	}
}

// finish returns when all that the child has written is out.
func (p *maskedPipes) finish() {
	p.ended.Store(true)
	for _, r := range p.outer {
		_ = r.SetReadDeadline(time.Now().Add(idleAfter))
	}
	p.done.Wait()
}

// copy copies until the end of the pipe. When our own stream fails, it closes the pipe, so that the child learns of
// it as it would without us.
func (p *maskedPipes) copy(m *masker, r *os.File) {
	defer r.Close()
	timer := time.AfterFunc(time.Hour, func() { _ = m.Flush() })
	defer timer.Stop()
	buf := make([]byte, 32<<10)
	for {
		if p.ended.Load() {
			// Anew each time: what took so long may be our own stream.
			_ = r.SetReadDeadline(time.Now().Add(idleAfter))
		}
		n, err := r.Read(buf)
		if n > 0 {
			if _, err := m.Write(buf[:n]); err != nil {
				return
			}
			timer.Reset(flushAfter)
		}
		if err != nil {
			_ = m.Close()
			return
		}
	}
}
