package auditsink_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/audit/auditsink"
)

// record adds n events to the log, which tell their number.
func record(t testing.TB, l auditsink.Log, n int) {
	t.Helper()
	for range n {
		if err := l.Record(t.Context(), &audit.Event{Kind: audit.KindDecision, Action: "secret:access"}, audit.Synced); err != nil {
			t.Fatalf("Record: %v", err)
		}
	}
}

// config is one of a log and sinks whose pauses take a millisecond.
func config(t testing.TB, l auditsink.Log, sinks ...auditsink.Settings) auditsink.Config {
	t.Helper()
	c := auditsink.Config{Sinks: sinks, Log: l, Dir: filepath.Join(t.TempDir(), "audit-sinks"), Stdout: &buffer{}}
	return auditsink.WithWait(c, shortly)
}

func shortly(ctx context.Context, _ time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Millisecond):
		return nil
	}
}

// start runs the sinks until the returned function is called, or the test ends.
func start(t testing.TB, c auditsink.Config) (set *auditsink.Set, stop func()) {
	t.Helper()
	set, err := auditsink.New(c)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return set, run(t, set)
}

func run(t testing.TB, set *auditsink.Set) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- set.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// eventually waits until done, however long the machine takes.
func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

func delivered(set *auditsink.Set, name string) uint64 { return state(set, name).Delivered }

func state(set *auditsink.Set, name string) auditsink.State {
	for _, s := range set.States() {
		if s.Name == name {
			return s
		}
	}
	return auditsink.State{}
}

// buffer is a standard output.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) events(t testing.TB) []audit.Event {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	return parse(t, b.b.String())
}

// parse reads JSON Lines.
func parse(t testing.TB, text string) []audit.Event {
	t.Helper()
	var all []audit.Event
	for line := range strings.Lines(text) {
		var e audit.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("line %.200q: %v", line, err)
		}
		all = append(all, e)
	}
	return all
}

// numbers are the numbers of events.
func numbers(events []audit.Event) []uint64 {
	var all []uint64
	for _, e := range events {
		all = append(all, e.Seq)
	}
	return all
}

// upTo is 1 to n.
func upTo(n int) []uint64 {
	all := make([]uint64, n)
	for i := range all {
		all[i] = uint64(i + 1)
	}
	return all
}

func stdoutSettings(from string) auditsink.Settings {
	return auditsink.Settings{Name: "out", Kind: auditsink.Stdout, From: from}
}

// A sink begins where it is told to, and goes on where it was.
func TestSet_resumes(t *testing.T) {
	for from, want := range map[string][]uint64{"beginning": upTo(9), "now": upTo(9)[3:], "": upTo(9)[3:]} {
		t.Run("from "+from, func(t *testing.T) {
			l := openLog(t)
			record(t, l, 3)
			c := config(t, l, stdoutSettings(from))
			set, stop := start(t, c)
			record(t, l, 3)
			eventually(t, "6 delivered", func() bool { return delivered(set, "out") == 6 })
			stop()
			record(t, l, 3)
			set, _ = start(t, c)
			eventually(t, "9 delivered", func() bool { return delivered(set, "out") == 9 })
			if diff := cmp.Diff(want, numbers(c.Stdout.(*buffer).events(t))); diff != "" {
				t.Errorf("events delivered differ (-want +got):\n%s", diff)
			}
			if s := state(set, "out"); s.Lag != 0 || s.Error != "" {
				t.Errorf("state %+v, want neither lag nor error", s)
			}
		})
	}
}

// What happens between the first start and the first delivery is not skipped, though the sink begins with now.
func TestSet_nowIsTheFirstStart(t *testing.T) {
	l := openLog(t)
	record(t, l, 3)
	c := config(t, l, stdoutSettings("now"))
	if _, err := auditsink.New(c); err != nil {
		t.Fatal(err)
	}
	record(t, l, 2)
	set, _ := start(t, c)
	eventually(t, "5 delivered", func() bool { return delivered(set, "out") == 5 })
	if diff := cmp.Diff([]uint64{4, 5}, numbers(c.Stdout.(*buffer).events(t))); diff != "" {
		t.Errorf("events delivered differ (-want +got):\n%s", diff)
	}
}

// A process that is killed has not saved how far it was: events come twice, none is missing.
func TestSet_killed(t *testing.T) {
	l := openLog(t)
	c := config(t, l, stdoutSettings("beginning"))
	record(t, l, 3)
	_, stop := start(t, c)
	path := filepath.Join(c.Dir, "out.json")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "3 written", func() bool { return len(c.Stdout.(*buffer).events(t)) == 3 })
	stop()
	if err := os.WriteFile(path, before, 0o600); err != nil { // as a kill would have left it
		t.Fatal(err)
	}
	record(t, l, 1)
	set, _ := start(t, c)
	eventually(t, "4 delivered", func() bool { return delivered(set, "out") == 4 })
	if diff := cmp.Diff([]uint64{1, 2, 3, 1, 2, 3, 4}, numbers(c.Stdout.(*buffer).events(t))); diff != "" {
		t.Errorf("events delivered differ (-want +got):\n%s", diff)
	}
}

// A cursor that says nothing to be trusted makes its sink begin anew, and the log tell so.
func TestSet_damagedCursor(t *testing.T) {
	for name, text := range map[string]string{
		"empty":     "",
		"zeros":     "\x00\x00\x00\x00",
		"torn":      `{"stream":"6f1c1b0e-3c1f-4c5e-9d52-d5`,
		"no stream": `{"delivered":2}`,
		"negative":  `{"stream":"6f1c1b0e-3c1f-4c5e-9d52-d5a1f9c9f0aa","delivered":-2}`,
		"ahead":     `{"stream":"6f1c1b0e-3c1f-4c5e-9d52-d5a1f9c9f0aa","delivered":2000}`,
	} {
		t.Run(name, func(t *testing.T) {
			l := openLog(t)
			record(t, l, 3)
			c := config(t, l, stdoutSettings("now"))
			if err := os.MkdirAll(c.Dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(c.Dir, "out.json"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			set, _ := start(t, c)
			eventually(t, "4 delivered", func() bool { return delivered(set, "out") == 4 })
			got := c.Stdout.(*buffer).events(t)
			if diff := cmp.Diff(upTo(4), numbers(got)); diff != "" {
				t.Fatalf("events delivered differ (-want +got):\n%s", diff)
			}
			if e := got[3]; e.Kind != audit.KindSystem || !strings.HasPrefix(e.Detail, "audit sink out: its cursor was ") {
				t.Errorf("the log ends with %+v, want a system event that tells of the cursor", e)
			}
		})
	}
}

// refusing is a log that takes no event.
type refusing struct{ auditsink.Log }

func (refusing) Record(context.Context, *audit.Event, audit.Durability) error {
	return audit.ErrUnavailable
}

// A damaged cursor is not replaced before the log tells of it, and nothing is delivered until then.
func TestSet_damagedCursorIsRecordedFirst(t *testing.T) {
	l := openLog(t)
	c := config(t, l, stdoutSettings("now"))
	record(t, l, 3)
	path := filepath.Join(c.Dir, "out.json")
	if err := errors.Join(os.MkdirAll(c.Dir, 0o700), os.WriteFile(path, []byte("damaged"), 0o600)); err != nil {
		t.Fatal(err)
	}
	c.Log = refusing{l}
	set, stop := start(t, c)
	eventually(t, "an error", func() bool { return strings.Contains(state(set, "out").Error, "unavailable") })
	stop()
	if text, err := os.ReadFile(path); err != nil || string(text) != "damaged" {
		t.Errorf("the cursor's file has %q, %v, want it as it was", text, err)
	}
	if got := c.Stdout.(*buffer).events(t); len(got) > 0 {
		t.Errorf("%d events were delivered", len(got))
	}
	c.Log = l
	set, _ = start(t, c)
	eventually(t, "4 delivered", func() bool { return delivered(set, "out") == 4 })
}

// The cursor's file is nobody else's business.
func TestSet_cursorIsPrivate(t *testing.T) {
	c := config(t, openLog(t), stdoutSettings("now"))
	if _, err := auditsink.New(c); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{c.Dir: 0o700, filepath.Join(c.Dir, "out.json"): 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %04o, want %04o", path, got, want)
		}
	}
}

// A cursor that cannot be written costs nothing but what a restart delivers twice.
func TestSet_cursorNotSaved(t *testing.T) {
	l := openLog(t)
	c := config(t, l, stdoutSettings("beginning"))
	set, err := auditsink.New(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(c.Dir); err != nil {
		t.Fatal(err)
	}
	record(t, l, 3)
	run(t, set)
	eventually(t, "3 delivered", func() bool { return delivered(set, "out") == 3 })
}

// The place of a sink is kept while it runs, not only when it stops.
func TestSet_savesWhileRunning(t *testing.T) {
	l := openLog(t)
	c := config(t, l, stdoutSettings("beginning"))
	record(t, l, 3)
	start(t, c)
	eventually(t, "saved", func() bool {
		text, err := os.ReadFile(filepath.Join(c.Dir, "out.json"))
		return err == nil && strings.Contains(string(text), `"delivered":3`)
	})
}

// What was removed before a sink took it is told in the log and, in its place, to the sink.
func TestSet_gap(t *testing.T) {
	c := audit.Config{SegmentSize: 500, RetainBytes: 2000}
	l := openLogWith(t, c)
	s := config(t, l, stdoutSettings("beginning"))
	if _, err := auditsink.New(s); err != nil {
		t.Fatal(err)
	}
	removed := func() bool {
		_, err := l.Tail(t.Context(), 0, 1)
		return errors.As(err, new(audit.ErrGone))
	}
	eventually(t, "something removed", func() bool {
		record(t, l, 10)
		return removed()
	})
	set, stop := start(t, s)
	eventually(t, "all delivered", func() bool { return delivered(set, "out") == l.Head().Seq })
	stop()
	next, told := uint64(1), map[string]bool{}
	for i, e := range s.Stdout.(*buffer).events(t) {
		if e.Seq > 0 {
			if e.Seq != next {
				t.Fatalf("event %d came where %d was due", e.Seq, next)
			}
			delete(told, e.Detail)
			next++
			continue
		}
		want := fmt.Sprintf("audit sink out: events %d to %d were removed before it took them", next, next+e.Count-1)
		if e.Kind != audit.KindSystem || e.Detail != want || e.Count == 0 {
			t.Fatalf("the sink was told %+v, want a system event %q", e, want)
		}
		if i > 0 && next == 1 {
			t.Errorf("the gap is not first")
		}
		next += e.Count
		told[e.Detail] = true
	}
	if len(told) > 0 || next == 1 {
		t.Errorf("the log does not tell of %v", told)
	}
}

// failing is a log that cannot be read or written a few times.
type failing struct {
	auditsink.Log
	mu   sync.Mutex
	left int
}

func (f *failing) Tail(ctx context.Context, after uint64, limit int) ([]audit.Event, error) {
	f.mu.Lock()
	f.left--
	left := f.left
	f.mu.Unlock()
	if left >= 0 {
		return nil, errors.New("disk \x1b[31mgone\n, it says")
	}
	return f.Log.Tail(ctx, after, limit)
}

// A log that cannot be read is tried again, and what it says cannot play with a terminal.
func TestSet_logFails(t *testing.T) {
	l := &failing{Log: openLog(t), left: 3}
	var text buffer
	c := config(t, l, stdoutSettings("beginning"))
	c.Logger = slog.New(slog.NewTextHandler(&text, nil))
	record(t, l, 2)
	set, stop := start(t, c)
	eventually(t, "2 delivered", func() bool { return delivered(set, "out") == 2 })
	stop()
	if !strings.Contains(text.b.String(), "reading the audit log: disk ?[31mgone?, it says") {
		t.Errorf("the logger was told %q, want the error in printable form", text.b.String())
	}
}
