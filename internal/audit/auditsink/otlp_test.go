package auditsink_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	collector "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	"google.golang.org/protobuf/proto"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/audit/auditsink"
)

// collectorServer takes logs as the OTLP specification says.
type collectorServer struct {
	*httptest.Server
	mu      sync.Mutex
	reject  int // so many requests are answered with a partial success
	records []*logs.LogRecord
	service string
}

func newCollector(t testing.TB) *collectorServer {
	c := &collectorServer{}
	c.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var request collector.ExportLogsServiceRequest
		switch {
		case err != nil || r.Method != http.MethodPost || r.URL.Path != "/v1/logs" || proto.Unmarshal(body, &request) != nil:
			w.WriteHeader(http.StatusBadRequest)
			return
		case r.Header.Get("Authorization") != "Bearer t0ken":
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		var answer collector.ExportLogsServiceResponse
		if c.reject > 0 {
			c.reject--
			answer.PartialSuccess = &collector.ExportLogsPartialSuccess{RejectedLogRecords: 1, ErrorMessage: hostile[:1]}
		} else {
			for _, resource := range request.ResourceLogs {
				c.service = resource.Resource.Attributes[0].Value.GetStringValue()
				for _, scope := range resource.ScopeLogs {
					c.records = append(c.records, scope.LogRecords...)
				}
			}
		}
		text, err := proto.Marshal(&answer)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/x-protobuf")
		_, _ = w.Write(text)
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *collectorServer) settings(t testing.TB) auditsink.Settings {
	t.Helper()
	return auditsink.Settings{
		Name: "otel", Kind: auditsink.OTLP, URL: c.URL + "/v1/logs", From: "beginning", CAFile: caFile(t, c.Server),
		SecretFile: write(t, "t0ken\n"),
	}
}

// attributes are those of a record, by name.
func attributes(r *logs.LogRecord) map[string]*common.AnyValue {
	all := map[string]*common.AnyValue{}
	for _, a := range r.Attributes {
		all[strings.TrimPrefix(a.Key, "coffer.audit.")] = a.Value
	}
	return all
}

func TestOTLP(t *testing.T) {
	l := openLog(t)
	c := newCollector(t)
	e := audit.Event{
		Kind: audit.KindDecision, Decision: audit.Deny, Principal: "user:" + hostile, Reasons: []string{"a", hostile}, Duration: 7,
	}
	if err := l.Record(t.Context(), &e, audit.Synced); err != nil {
		t.Fatal(err)
	}
	record(t, l, 2)
	set, _ := start(t, config(t, l, c.settings(t)))
	eventually(t, "3 delivered", func() bool { return delivered(set, "otel") == 3 })
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.service != "cofferd" || len(c.records) != 3 {
		t.Fatalf("the collector has %d records of %q, want 3 of cofferd", len(c.records), c.service)
	}
	r := c.records[0]
	a := attributes(r)
	var body audit.Event
	decode(t, []byte(r.Body.GetStringValue()), &body)
	got := []any{
		body.Principal, body.Seq, a["principal"].GetStringValue(), a["seq"].GetIntValue(), a["durationNanos"].GetIntValue(),
		a["reasons"].GetArrayValue().GetValues()[1].GetStringValue(), r.EventName, r.SeverityText,
		int64(r.TimeUnixNano) == body.Time.UnixNano(), c.records[1].SeverityText,
	}
	want := []any{
		e.Principal, uint64(1), e.Principal, int64(1), int64(7), hostile, "coffer.audit.decision", "WARN", true, "INFO",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the record differs (-want +got):\n%s", diff)
	}
}

// What a collector takes only in part is not delivered.
func TestOTLP_partialSuccess(t *testing.T) {
	l := openLog(t)
	c := newCollector(t)
	c.mu.Lock()
	c.reject = 3
	c.mu.Unlock()
	record(t, l, 2)
	set, _ := start(t, config(t, l, c.settings(t)))
	eventually(t, "2 delivered", func() bool { return delivered(set, "otel") == 2 })
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.records) != 2 || c.reject != 0 {
		t.Errorf("the collector has %d records and rejects %d times more, want 2 and 0", len(c.records), c.reject)
	}
}
