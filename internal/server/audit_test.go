package server_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc/codes"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/audit/auditsink"
	"github.com/coffer-dev/coffer/internal/server"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// A disk that is nearly full turns readiness red while there is still time, and says why.
func TestReadiness_lowSpace(t *testing.T) {
	s := servertest.Start(t, servertest.Config{Change: func(c *server.Config) { c.Audit.MinFree = 1 << 60 }})
	eventually(t, "/readyz to turn red", func() bool {
		r := s.REST("", "GET", "/readyz", "")
		return r.Status == http.StatusServiceUnavailable && strings.Contains(statusFrom(t, r.Body).Message(), "little space left")
	})
	if metrics := string(s.REST("", "GET", "/metrics", "").Body); !strings.Contains(metrics, "coffer_ready 0") {
		t.Error("metrics do not tell")
	}
	if r := s.REST(s.OperatorToken, "GET", "/v1/status", ""); r.Status != http.StatusOK {
		t.Errorf("a call: %d %s, want 200: there still is space", r.Status, r.Body)
	}
}

// nextEvent skips the signs of life and returns the next event with the sequence after which to go on.
func nextEvent(t *testing.T, s stream) (*cofferv1.AuditEvent, uint64) {
	t.Helper()
	for {
		r := s.next()
		if r.code() != codes.OK {
			t.Fatalf("the stream ended: %v, want an event", r.status)
		}
		if e := r.answer.(*cofferv1.WatchAuditEventsResponse).GetEvent(); e != nil {
			return e, e.GetSequence()
		}
	}
}

func TestWatchAuditEvents(t *testing.T) {
	eachDoor(t, func(t *testing.T, server *servertest.Server, d door) {
		s := seed(t, server)
		auditor := server.Account("namespaces/instance", "auditor", "auditor", "")
		watch := open(t, d, auditor, "WatchAuditEvents", `{"resource": "namespaces/acme/secrets", "kind": "DECISION"}`)
		watch.next() // a sign of life: it has begun
		var ids []string
		for range 3 {
			for _, name := range []string{"GetNamespace", "GetSecret"} {
				m := methodNamed(t, name)
				r := d.call(t, s.nobody, m, requestFrom(t, m, s.fixture(nameOf(m))))
				if name == "GetSecret" {
					ids = append(ids, r.requestID)
				}
			}
		}
		for _, id := range ids {
			if e, _ := nextEvent(t, watch); e.GetRequestId() != id || e.GetKind() != cofferv1.AuditEvent_DECISION || e.GetDecision() != "DENY" {
				t.Errorf("the next event is %v, want the denial of %s", e, id)
			}
		}
		watch.close()

		// From the beginning, everything comes once, in order.
		all := open(t, d, server.OperatorToken, "WatchAuditEvents", `{"afterSequence": "1"}`)
		for want := uint64(2); want < 10; want++ {
			if _, got := nextEvent(t, all); got != want {
				t.Errorf("the next event is %d, want %d", got, want)
			}
		}

		// Whose right is taken gets no more.
		ending := open(t, d, auditor, "WatchAuditEvents", `{"resource": "namespaces/nowhere"}`)
		ending.next()
		do(t, server, "DeleteGrant", `{"name": "namespaces/instance/grants/auditor-auditor"}`)
		r := end(ending)
		if r.code() != codes.PermissionDenied {
			t.Errorf("without the right the stream ended with %v, want PermissionDenied", r.status)
		}
		denied := false
		for _, e := range server.AuditOutcome(r.requestID) {
			denied = denied || (e.Kind == "DECISION" && e.Decision == "DENY" && e.Action == "audit:watch")
		}
		if !denied {
			t.Error("the denial that ended the stream is not recorded")
		}
	})
}

// A client of the events that connects again misses nothing and gets nothing twice.
func TestEvents_audit(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	for range 3 {
		s.REST(s.OperatorToken, "GET", "/v1/status", "")
	}
	const path = "/v1/audit/events:watch"
	events := s.Events(s.OperatorToken, path+"?afterSequence=1", "")
	var last string
	for _, want := range []string{"2", "3"} {
		e, err := events.NextData()
		if err != nil || e.ID != want || !strings.Contains(e.Data, `"sequence":"`+want+`"`) && !strings.Contains(e.Data, `"sequence": "`+want+`"`) {
			t.Fatalf("the next event is %+v, %v, want number %s", e, err, want)
		}
		last = e.ID
	}
	events.Close()
	again := s.Events(s.OperatorToken, path+"?afterSequence=1", last)
	defer again.Close()
	if e, err := again.NextData(); err != nil || e.ID != "4" {
		t.Errorf("after connecting again the next event is %+v, %v, want number 4", e, err)
	}
	gone := s.Events(s.OperatorToken, path, "18446744073709551615")
	defer gone.Close()
	if gone.Status != http.StatusBadRequest {
		t.Errorf("after an event that is not there: %d, want 400", gone.Status)
	}
}

// console is a standard output that may be read while it is written.
type console struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (o *console) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.Write(p)
}

func (o *console) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.String()
}

func TestSinks(t *testing.T) {
	var stdout console
	s := servertest.Start(t, servertest.Config{Change: func(c *server.Config) {
		c.Stdout = &stdout
		c.Audit.Sinks = []auditsink.Settings{
			{Name: "lines", Kind: auditsink.Stdout},
			{Name: "away", Kind: auditsink.Syslog, URL: "tcp://127.0.0.1:1"},
		}
	}})
	s.REST(s.OperatorToken, "GET", "/v1/status", "")
	eventually(t, "the events on standard output", func() bool { return strings.Contains(stdout.String(), "system:status") })
	eventually(t, "the states of the sinks", func() bool {
		metrics := string(s.REST("", "GET", "/metrics", "").Body)
		return strings.Contains(metrics, `coffer_audit_sink_up{kind="stdout",sink="lines"} 1`) && strings.Contains(metrics, `coffer_audit_sink_up{kind="syslog",sink="away"} 0`) &&
			strings.Contains(metrics, `coffer_audit_sink_lag{kind="syslog",sink="away"}`)
	})
	if entries, err := os.ReadDir(filepath.Join(s.Dir, "sinks")); err != nil || len(entries) == 0 {
		t.Errorf("the places of the sinks: %v, %v, want a file for each", entries, err)
	}
}
