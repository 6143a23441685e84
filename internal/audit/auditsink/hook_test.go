package auditsink_test

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/audit/auditsink"
)

const (
	secret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	newSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
	// hostile is a text that tries to be more than one.
	hostile = "a\n<0>1 - evil\r\"] ]] \x1b[2J\x00\u2028\u202e{\"seq\":1}\\\"'é한😀\x7f</script>"
)

type fataler interface{ Fatalf(string, ...any) }

func decode(t fataler, text []byte, into any) {
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
}

// receiver is a webhook's other end, over TLS. What it does not accept it does not keep.
type receiver struct {
	*httptest.Server

	mu     sync.Mutex
	answer func(w http.ResponseWriter, r *http.Request, try int) bool // false: it answered itself
	tries  int
	secret string
	ids    []string
	events []audit.Event
}

func newReceiver(t testing.TB) *receiver {
	r := &receiver{secret: secret}
	r.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return
		}
		r.mu.Lock()
		r.tries++
		try, key, answer := r.tries, r.secret, r.answer
		r.ids = append(r.ids, request.Header.Get("webhook-id"))
		r.mu.Unlock()
		if answer != nil && !answer(w, request, try) {
			return
		}
		verifier, err := standardwebhooks.NewWebhook(key)
		if err != nil {
			t.Error(err)
		}
		if err := verifier.Verify(body, request.Header); err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		var m struct {
			Type string
			Data struct{ Events []audit.Event }
		}
		if err := json.Unmarshal(body, &m); err != nil || m.Type != "coffer.audit" {
			t.Errorf("body %s: %v", body, err)
		}
		r.mu.Lock()
		r.events = append(r.events, m.Data.Events...)
		r.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) settings(t testing.TB) auditsink.Settings {
	t.Helper()
	return auditsink.Settings{
		Name: "hook", Kind: auditsink.Webhook, URL: r.URL + "/path?token=hunter2", From: "beginning",
		CAFile: caFile(t, r.Server), SecretFile: write(t, secret),
	}
}

// answers makes the receiver answer otherwise.
func (r *receiver) answers(answer func(w http.ResponseWriter, r *http.Request, try int) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

// given are the ids of all that was posted, taken or not.
func (r *receiver) given() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.ids)
}

func (r *receiver) got() []audit.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

func caFile(t testing.TB, s *httptest.Server) string {
	t.Helper()
	return write(t, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})))
}

// write returns the path of a private file.
func write(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWebhook(t *testing.T) {
	l := openLog(t)
	hook := newReceiver(t)
	s := hook.settings(t)
	s.BatchSize = 4
	record(t, l, 10)
	want := audit.Event{Kind: audit.KindDecision, Decision: audit.Deny, Client: hostile, Reasons: []string{"a", "b"}}
	if err := l.Record(t.Context(), &want, audit.Synced); err != nil {
		t.Fatal(err)
	}
	set, _ := start(t, config(t, l, s))
	eventually(t, "11 delivered", func() bool { return delivered(set, "hook") == 11 })
	got := hook.got()
	if diff := cmp.Diff(upTo(11), numbers(got)); diff != "" {
		t.Fatalf("events differ (-want +got):\n%s", diff)
	}
	if e := got[10]; e.Client != hostile || e.Decision != want.Decision || len(e.Reasons) != 2 {
		t.Errorf("event 11 is %+v, want %+v", e, want)
	}
	if n := len(hook.given()); n != 3 {
		t.Errorf("%d deliveries of at most 4 for 11 events, want 3", n)
	}
}

// A receiver that refuses is asked again, with the same batch and after pauses that grow, as long as it takes.
func TestWebhook_refuses(t *testing.T) {
	elsewhere := newReceiver(t)
	for name, answer := range map[string]func(http.ResponseWriter, *http.Request){
		"500": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, hostile, http.StatusInternalServerError) },
		"400": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) },
		"302": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) },
		"307": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		},
		"cut": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			l := openLog(t)
			hook := newReceiver(t)
			const bad = 8
			hook.answers(func(w http.ResponseWriter, r *http.Request, try int) bool {
				if try <= bad {
					answer(w, r)
				}
				return try > bad
			})
			c := config(t, l, hook.settings(t))
			var pauses []time.Duration
			var told string
			var set *auditsink.Set
			c = auditsink.WithWait(c, func(ctx context.Context, d time.Duration) error {
				if len(pauses) < bad {
					pauses = append(pauses, d)
					told = state(set, "hook").Error
				}
				return shortly(ctx, d)
			})
			set, err := auditsink.New(c)
			if err != nil {
				t.Fatal(err)
			}
			record(t, l, 3)
			stop := run(t, set)
			eventually(t, "3 delivered", func() bool { return delivered(set, "hook") == 3 })
			record(t, l, 2)
			eventually(t, "5 delivered", func() bool { return delivered(set, "hook") == 5 })
			stop()
			if diff := cmp.Diff(upTo(5), numbers(hook.got())); diff != "" {
				t.Errorf("events differ (-want +got):\n%s", diff)
			}
			for i, pause := range pauses {
				middle := min(time.Second<<i, time.Minute)
				if pause < middle/2 || pause > middle*3/2 {
					t.Errorf("pause %d was %v, want %v give or take a half", i, pause, middle)
				}
			}
			if told == "" || strings.Contains(told, "hunter2") || strings.Contains(told, "evil") {
				t.Errorf("the state's error was %q, want one without the URL's token and the answer", told)
			}
			ids := hook.given()[:bad+1]
			for _, id := range ids {
				if id != ids[0] || id == "" {
					t.Errorf("one batch had the ids %q", ids)
					break
				}
			}
			if n := len(elsewhere.got()); n > 0 {
				t.Errorf("%d events went elsewhere", n)
			}
		})
	}
}

// The pause that a receiver asks for is kept, within bounds.
func TestWebhook_retryAfter(t *testing.T) {
	for name, test := range map[string]struct {
		header   string
		min, max time.Duration
	}{
		"seconds":  {"120", 2 * time.Minute, 2 * time.Minute},
		"a day":    {"86400", 10 * time.Minute, 10 * time.Minute},
		"overflow": {"99999999999999999999", time.Second / 2, 3 * time.Second / 2},
		"negative": {"-5", time.Second / 2, 3 * time.Second / 2},
		"date":     {time.Now().Add(time.Hour).UTC().Format(http.TimeFormat), 10 * time.Minute, 10 * time.Minute},
		"past":     {time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat), time.Second / 2, 3 * time.Second / 2},
		"nonsense": {"soon", time.Second / 2, 3 * time.Second / 2},
	} {
		t.Run(name, func(t *testing.T) {
			l := openLog(t)
			hook := newReceiver(t)
			hook.answers(func(w http.ResponseWriter, _ *http.Request, try int) bool {
				if try == 1 {
					w.Header().Set("Retry-After", test.header)
					w.WriteHeader(http.StatusTooManyRequests)
				}
				return try > 1
			})
			record(t, l, 1)
			pauses := make(chan time.Duration, 100)
			c := auditsink.WithWait(config(t, l, hook.settings(t)), func(ctx context.Context, d time.Duration) error {
				pauses <- d
				return shortly(ctx, d)
			})
			set, _ := start(t, c)
			eventually(t, "1 delivered", func() bool { return delivered(set, "hook") == 1 })
			if got := <-pauses; got < test.min || got > test.max {
				t.Errorf("Retry-After: %s gave a pause of %v, want between %v and %v", test.header, got, test.min, test.max)
			}
		})
	}
}

// A receiver that never answers holds up nobody: events are recorded while it is provably stuck.
func TestWebhook_hangs(t *testing.T) {
	l := openLog(t)
	hook := newReceiver(t)
	stuck, release := make(chan struct{}, 100), make(chan struct{})
	hook.answers(func(http.ResponseWriter, *http.Request, int) bool {
		stuck <- struct{}{}
		<-release
		return true
	})
	record(t, l, 1)
	set, stop := start(t, config(t, l, hook.settings(t)))
	<-stuck
	record(t, l, 10)
	if s := state(set, "hook"); s.Delivered != 0 || s.Lag != 11 {
		t.Errorf("state %+v while the receiver is stuck, want nothing delivered and a lag of 11", s)
	}
	stop() // nor is a stop held up
	close(release)
	set, _ = start(t, config(t, l, hook.settings(t)))
	eventually(t, "11 delivered", func() bool { return delivered(set, "hook") == 11 })
}

// The deadline ends a delivery that hangs, and the batch is given again.
func TestWebhook_deadline(t *testing.T) {
	l := openLog(t)
	hook := newReceiver(t)
	hook.answers(func(_ http.ResponseWriter, r *http.Request, try int) bool {
		if try == 1 {
			<-r.Context().Done() // until the client gives up
		}
		return try > 1
	})
	s := hook.settings(t)
	s.Deadline = auditsink.Duration(200 * time.Millisecond)
	record(t, l, 2)
	set, _ := start(t, config(t, l, s))
	eventually(t, "2 delivered", func() bool { return delivered(set, "hook") == 2 })
	if diff := cmp.Diff(upTo(2), numbers(hook.got())); diff != "" {
		t.Errorf("events differ (-want +got):\n%s", diff)
	}
}

// Nobody is there; then somebody is.
func TestWebhook_connectionRefused(t *testing.T) {
	l := openLog(t)
	gone := newReceiver(t)
	s := gone.settings(t)
	gone.Close()
	record(t, l, 2)
	c := config(t, l, s)
	set, stop := start(t, c)
	eventually(t, "an error", func() bool { return strings.Contains(state(set, "hook").Error, "connection refused") })
	stop()
	hook := newReceiver(t)
	c.Sinks[0].URL = hook.URL
	set, _ = start(t, c)
	eventually(t, "2 delivered", func() bool { return delivered(set, "hook") == 2 })
}

// A receiver whose certificate nobody vouches for gets nothing.
func TestWebhook_unknownAuthority(t *testing.T) {
	l := openLog(t)
	hook := newReceiver(t)
	s := hook.settings(t)
	s.CAFile = ""
	record(t, l, 1)
	set, _ := start(t, config(t, l, s))
	eventually(t, "an error", func() bool { return strings.Contains(state(set, "hook").Error, "certificate") })
	if len(hook.given()) != 0 {
		t.Error("the receiver got something")
	}
}

// A secret is replaced in the file, without a restart; during the change both sign. While the file is open to others
// nothing is sent.
func TestWebhook_secretRotates(t *testing.T) {
	l := openLog(t)
	hook := newReceiver(t)
	s := hook.settings(t)
	set, _ := start(t, config(t, l, s))
	for i, step := range []struct{ file, receiver string }{
		{secret, secret}, {secret + "\n" + newSecret, secret}, {secret + "\n" + newSecret, newSecret}, {newSecret, newSecret},
	} {
		if err := os.WriteFile(s.SecretFile, []byte(step.file), 0o600); err != nil {
			t.Fatal(err)
		}
		hook.mu.Lock()
		hook.secret = step.receiver
		hook.mu.Unlock()
		record(t, l, 1)
		eventually(t, "delivered", func() bool { return delivered(set, "hook") == uint64(i+1) })
	}
	if n := len(hook.given()); n != 4 {
		t.Errorf("%d tries, want 4", n)
	}
	if err := os.Chmod(s.SecretFile, 0o644); err != nil {
		t.Fatal(err)
	}
	record(t, l, 1)
	eventually(t, "an error", func() bool { return strings.Contains(state(set, "hook").Error, "open to others") })
	if err := os.Chmod(s.SecretFile, 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, "delivered", func() bool { return delivered(set, "hook") == 5 })
}
