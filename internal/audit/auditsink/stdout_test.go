package auditsink_test

import (
	"errors"
	"io"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/audit/auditsink"
)

// A standard output that nobody reads blocks its sink, and neither the log nor another sink; read at last, it has every
// event once.
func TestStdout_hangs(t *testing.T) {
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reader.Close(); _ = writer.Close() })
	l := openLog(t)
	hook := newReceiver(t)
	out := stdoutSettings("beginning")
	out.Deadline = auditsink.Duration(time.Millisecond)
	c := config(t, l, out, hook.settings(t))
	c.Stdout = writer
	const n = 2000 // more than a pipe holds
	set, stop := start(t, c)
	for range n {
		e := audit.Event{Kind: audit.KindDecision, Detail: strings.Repeat("x", 100)}
		if err := l.Record(t.Context(), &e, audit.Written); err != nil {
			t.Fatal(err)
		}
	}
	record(t, l, 1)
	eventually(t, "stdout is stuck", func() bool { return strings.Contains(state(set, "out").Error, "nobody reads") })
	record(t, l, 1) // returns though a sink is stuck
	eventually(t, "the other sink has all", func() bool { return delivered(set, "hook") == n+2 })
	if s := state(set, "out"); s.Delivered >= n || s.Lag == 0 {
		t.Errorf("stdout's state is %+v, want it to lag", s)
	}
	text := make(chan string)
	go func() {
		b, _ := io.ReadAll(reader)
		text <- string(b)
	}()
	eventually(t, "stdout has all", func() bool { return delivered(set, "out") == n+2 })
	stop()
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(upTo(n+2), numbers(parse(t, <-text))); diff != "" {
		t.Errorf("events differ (-want +got):\n%s", diff)
	}
}

// A sink that is stuck when the server stops does not hold it up.
func TestStdout_hangsAtStop(t *testing.T) {
	reader, writer := io.Pipe()
	t.Cleanup(func() { _ = reader.Close() })
	l := openLog(t)
	c := config(t, l, stdoutSettings("beginning"))
	c.Stdout = writer
	record(t, l, 1)
	_, stop := start(t, c)
	if _, err := reader.Read(make([]byte, 1)); err != nil { // it is writing, and will not end
		t.Fatal(err)
	}
	stop()
}

// tornWriter writes half of the first text, and then fails.
type tornWriter struct {
	buffer
	failed bool
}

func (w *tornWriter) Write(p []byte) (int, error) {
	if !w.failed {
		w.failed = true
		n, _ := w.buffer.Write(p[:len(p)/2])
		return n, errors.New("disk full")
	}
	return w.buffer.Write(p)
}

func TestStdout_tornLine(t *testing.T) {
	l := openLog(t)
	w := &tornWriter{}
	c := config(t, l, stdoutSettings("beginning"))
	c.Stdout = w
	record(t, l, 1)
	set, stop := start(t, c)
	eventually(t, "1 delivered", func() bool { return delivered(set, "out") == 1 })
	stop()
	_, rest, _ := strings.Cut(w.b.String(), "\n")
	if got := numbers(parse(t, rest)); len(got) != 1 || got[0] != 1 {
		t.Errorf("stdout has %q, want half a line and then event 1", w.b.String())
	}
}

// Whatever is in an event, its line is one line of printable ASCII that reads as the same event.
func TestEncode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String()
		e := audit.Event{
			Seq:  rapid.Uint64Range(1, math.MaxInt64).Draw(t, "seq"),
			Time: time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "time"), 0).UTC(), Kind: audit.KindDecision,
			Principal: text.Draw(t, "principal"), Client: text.Draw(t, "client"), Detail: text.Draw(t, "detail"),
			Reasons: []string{text.Draw(t, "reason"), hostile},
		}
		line, err := auditsink.Encode(&e)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range line {
			if c < ' ' || c > '~' {
				t.Fatalf("line %q has the byte %#x", line, c)
			}
		}
		var got audit.Event
		decode(t, line, &got)
		if diff := cmp.Diff(e, got); diff != "" {
			t.Fatalf("the event differs after %s:\n%s", line, diff)
		}
	})
}
