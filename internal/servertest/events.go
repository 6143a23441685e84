package servertest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Events is a stream of Server-Sent Events, or what was answered instead of it.
type Events struct {
	Status int
	Header http.Header
	Body   []byte // of an error

	lines  *bufio.Reader
	body   io.Closer
	cancel context.CancelFunc
}

// Event is one of them. One without data is a sign of life.
type Event struct{ Name, ID, Data string }

// Events opens a stream without TLS, after the event with the ID if there is one. It must be closed.
func (s *Server) Events(token, path, lastEventID string) *Events {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+path, nil)
	if err != nil {
		s.t.Fatalf("GET %s: %v", path, err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if lastEventID != "" {
		req.Header.Set("Last-Event-ID", lastEventID)
	}
	resp, err := http.DefaultClient.Do(req) //nolint:bodyclose // Events.Close does
	if err != nil {
		s.t.Fatalf("GET %s: %v", path, err)
	}
	e := &Events{Status: resp.StatusCode, Header: resp.Header, lines: bufio.NewReader(resp.Body), body: resp.Body, cancel: cancel}
	if e.Status != http.StatusOK {
		if e.Body, err = io.ReadAll(e.lines); err != nil {
			s.t.Fatalf("GET %s: %v", path, err)
		}
	}
	return e
}

// Close ends the stream.
func (e *Events) Close() {
	e.cancel()
	_ = e.body.Close()
}

// Next waits for the next event, signs of life included. Its error is io.EOF after the last.
func (e *Events) Next() (Event, error) {
	var next Event
	for {
		line, err := e.lines.ReadString('\n')
		if err != nil {
			return Event{}, err
		}
		field, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch {
		case line == "\n":
			return next, nil
		case !ok:
			return Event{}, fmt.Errorf("a line %q that is no field", line)
		case field == "event":
			next.Name = value
		case field == "id":
			next.ID = value
		case field == "data":
			next.Data += value
		}
	}
}

// NextData is Next without the signs of life.
func (e *Events) NextData() (Event, error) {
	for {
		if next, err := e.Next(); err != nil || next.Data != "" {
			return next, err
		}
	}
}
