package auditsink

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"

	collector "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	"google.golang.org/protobuf/proto"

	"github.com/coffer-dev/coffer/internal/audit"
)

// otlp posts log records to a collector. The body of a record is the event's line, its attributes are the members of that
// line, named coffer.audit.MEMBER.
//
// It speaks the protocol itself: OpenTelemetry's exporter follows redirects, takes its target and its headers from the
// environment too, and puts answers into its errors.
type otlp struct {
	poster     poster
	secretFile string
	resource   *resource.Resource
}

func newOTLP(s Settings, config *tls.Config) (*otlp, error) {
	host, _ := os.Hostname() // without one it is empty
	o := &otlp{poster: newPoster(s.URL, config), secretFile: s.SecretFile, resource: &resource.Resource{
		Attributes: []*common.KeyValue{attribute("service.name", "cofferd"), attribute("host.name", host)},
	}}
	_, err := o.headers()
	return o, err
}

func (o *otlp) deliver(ctx context.Context, b batch) error {
	headers, err := o.headers()
	if err != nil {
		return err
	}
	scope := &logs.ScopeLogs{Scope: &common.InstrumentationScope{Name: "coffer.audit"}}
	for i := range b.events {
		r, err := record(&b.events[i], b.lines[i])
		if err != nil {
			return err
		}
		scope.LogRecords = append(scope.LogRecords, r)
	}
	body, err := proto.Marshal(&collector.ExportLogsServiceRequest{
		ResourceLogs: []*logs.ResourceLogs{{Resource: o.resource, ScopeLogs: []*logs.ScopeLogs{scope}}},
	})
	if err != nil {
		return err
	}
	a, err := o.poster.post(ctx, headers, body)
	if err != nil {
		return err
	}
	return accepted(a)
}

// accepted looks for records that the collector did not want. OTLP would have them given up; here they are given again:
// an audit event is not lost because somebody could make a collector dislike it.
func accepted(a answer) error {
	var said collector.ExportLogsServiceResponse
	if a.contentType != "application/x-protobuf" {
		return nil
	}
	if err := proto.Unmarshal(a.body, &said); err != nil {
		return errors.New("reading the answer: it is no answer of a collector")
	}
	if n := said.GetPartialSuccess().GetRejectedLogRecords(); n > 0 {
		return fmt.Errorf("the collector rejected %d records", n)
	}
	return nil
}

func (o *otlp) headers() (http.Header, error) {
	headers := http.Header{}
	headers.Set("Content-Type", "application/x-protobuf")
	if o.secretFile == "" {
		return headers, nil
	}
	lines, err := readSecrets(o.secretFile)
	if err != nil {
		return nil, err
	}
	if len(lines) != 1 {
		return nil, errors.New("reading the secret: it is not one token")
	}
	headers.Set("Authorization", "Bearer "+lines[0])
	return headers, nil
}

func record(e *audit.Event, line []byte) (*logs.LogRecord, error) {
	r := &logs.LogRecord{
		TimeUnixNano: uint64(e.Time.UnixNano()), ObservedTimeUnixNano: uint64(e.Time.UnixNano()),
		EventName: "coffer.audit." + strings.ToLower(string(e.Kind)), Body: text(string(line)),
		SeverityNumber: logs.SeverityNumber_SEVERITY_NUMBER_INFO, SeverityText: "INFO",
	}
	if e.Decision == audit.Deny || e.Kind == audit.KindAuthnFailure || e.Kind == audit.KindMalformed {
		r.SeverityNumber, r.SeverityText = logs.SeverityNumber_SEVERITY_NUMBER_WARN, "WARN"
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(line, &members); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		value, err := value(members[name])
		if err != nil {
			return nil, err
		}
		r.Attributes = append(r.Attributes, &common.KeyValue{Key: "coffer.audit." + name, Value: value})
	}
	return r, nil
}

// value is a member of an event: a text, a number or a list of texts.
func value(member json.RawMessage) (*common.AnyValue, error) {
	var n int64
	if json.Unmarshal(member, &n) == nil {
		return &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: n}}, nil
	}
	var s string
	if json.Unmarshal(member, &s) == nil {
		return text(s), nil
	}
	var all []string
	if err := json.Unmarshal(member, &all); err != nil {
		return nil, fmt.Errorf("an event has a member of an unknown form: %w", err)
	}
	list := &common.ArrayValue{}
	for _, s := range all {
		list.Values = append(list.Values, text(s))
	}
	return &common.AnyValue{Value: &common.AnyValue_ArrayValue{ArrayValue: list}}, nil
}

func attribute(key, value string) *common.KeyValue {
	return &common.KeyValue{Key: key, Value: text(value)}
}

func text(s string) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: s}}
}
