package auditsink

import (
	"bytes"
	"context"
	"fmt"
	"io"
)

// stdout writes JSON Lines. A pipe that nobody reads blocks a write for good, and a write to standard output cannot be
// called off: it goes on in its goroutine, later tries wait for it, and nothing is written twice meanwhile.
type stdout struct {
	w       io.Writer
	writing chan error // the write that has not returned yet
	torn    bool       // the last write ended within a line
}

func (s *stdout) deliver(ctx context.Context, b batch) error {
	if s.writing == nil {
		s.writing = make(chan error, 1)
		go s.write(b, s.writing)
	}
	select {
	case <-ctx.Done():
		return fmt.Errorf("writing: nobody reads: %w", ctx.Err())
	case err := <-s.writing:
		s.writing = nil
		return err
	}
}

// write is the only one at a time, and what it sets is read by the next.
func (s *stdout) write(b batch, done chan<- error) {
	var text []byte
	if s.torn {
		text = append(text, '\n') // keeps half a line apart from a whole one
	}
	text = append(append(text, bytes.Join(b.lines, []byte("\n"))...), '\n')
	n, err := s.w.Write(text)
	if n > 0 {
		s.torn = text[n-1] != '\n'
	}
	if err != nil {
		err = fmt.Errorf("writing: %w", err)
	}
	done <- err
}
