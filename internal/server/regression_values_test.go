package server_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/audit/auditsink"
	"github.com/coffer-dev/coffer/internal/cli"
	"github.com/coffer-dev/coffer/internal/server"
)

// Guards against secret bytes in audit output, where fields of type bytes and raw bodies were forgotten
// (CVE-2025-62705, CVE-2025-62513). A value goes in as text, as bytes, in bodies that cannot be decoded and where none
// belongs; none of the ways out of the audit log has it in any form: the file, the list, the watch through both doors,
// the sinks.
func TestRegression01_auditHoldsNoValues(t *testing.T) {
	config, sunk := sinks(t, nil)
	s := newStory(t, config)
	value := canary{"the value", `c4nary<"é\&>` + "\tof-a-secret-value-7Q3x"}
	stored := seed(t, s.Server)
	author := s.Account("namespaces/acme", "author", "data-admin", "")
	workload := s.Account("namespaces/acme", "workload", "workload", "namespaces/acme/projections/etl")
	everything := []canary{value, {"the operator's token", s.OperatorToken}, {"the author's token", author}, {"a workload's token", workload}}
	p := &prober{t: t, server: s.Server, value: value, everything: everything, shown: map[protoreflect.Name]int{}}
	for _, d := range []door{grpcDoor{s.Server, s.Conn}, grpcDoor{s.Server, s.HTTPConn}, restDoor{s.Server}} {
		p.write(d, author)
		p.call(d, workload, "RenderProjection", stored.fixture("RenderProjection"))
		first := open(t, d, workload, "WatchProjection", etl)
		nextBundle(t, first)
		first.close()
	}
	p.malformed()
	misplaced(s, value)
	last := s.call(s.OperatorToken, "WhoAmI", `{}`).requestID
	s.AuditOutcome(last)

	find(t, "the audit log", s.AuditLog(), everything...)
	for token := ""; ; {
		page := s.call(s.OperatorToken, "ListAuditEvents", fmt.Sprintf(`{"pageSize": 1000, "pageToken": %q}`, token))
		find(t, "ListAuditEvents", []byte(page.raw), everything...)
		if token = page.answer.(*cofferv1.ListAuditEventsResponse).GetNextPageToken(); token == "" {
			break
		}
	}
	for _, d := range []door{grpcDoor{s.Server, s.Conn}, restDoor{s.Server}} {
		watch := open(t, d, s.OperatorToken, "WatchAuditEvents", `{"afterSequence": "1"}`)
		for {
			r := watch.next()
			find(t, "WatchAuditEvents", []byte(r.raw), everything...)
			if r.code() != codes.OK || r.answer.(*cofferv1.WatchAuditEventsResponse).GetEvent().GetRequestId() == last {
				break
			}
		}
		watch.close()
	}
	eventually(t, "both sinks", func() bool { return bytes.Count(sunk(), []byte(last)) == 2 })
	for _, method := range []string{"CreateSecret", "AccessSecretVersion", "WatchProjection"} {
		if bytes.Count(sunk(), []byte(method)) < 6 {
			t.Errorf("the sinks have not seen %s: the test does not reach them", method)
		}
	}
	find(t, "the sinks", sunk(), everything...)
}

// misplaced sends a value where none belongs.
func misplaced(s *story, value canary) {
	s.t.Helper()
	binary := base64.StdEncoding.EncodeToString([]byte(value.value))
	for _, request := range []struct{ method, path, body string }{
		{"POST", "/v1/namespaces/acme/secrets?secretId=x&requestId=" + url.QueryEscape(value.value), `{}`},
		{"POST", "/v1/namespaces/acme/secrets?secretId=x", value.value},
		{"POST", "/v1/namespaces/acme/secrets?secretId=x", binary},
		{"POST", "/v1/namespaces/acme/secrets?secretId=x", `{"payload": {"binaryData": {"k": "` + binary + `!"}}}`},
		{"POST", "/v1/namespaces/acme/secrets?secretId=x", `{"payload": "` + binary + `"}`},
		{"PATCH", "/v1/namespaces/acme/secrets/db?updateMask=payload", `{"payload": {"binaryData": {"k": "` + binary + `"}}}`},
		{"POST", "/v1/namespaces/acme/secrets/db:addVersion", `{"payload": {"binaryData": {"k": "` + binary + `"}}, "etag": "` + binary + `"}`},
	} {
		r := s.REST(s.OperatorToken, request.method, request.path, request.body)
		if r.Status == http.StatusOK {
			s.t.Errorf("%s %s: 200, want an error", request.method, request.path)
		}
		find(s.t, "the answer to "+request.method+" "+request.path, r.Body, value)
	}
}

// Guards against values in error texts, or in what an agent prints, when rendering fails (GHSA-444v-8vxr-p36h,
// CVE-2025-52893, CVE-2025-4166): whatever the format, neither the answer nor the log nor the CLI repeats a value, the
// good ones beside the bad one included.
func TestRegression02_failedRenderingTellsNoValues(t *testing.T) {
	eachStory(t, func(t *testing.T, s *story) {
		bad := canary{"the value that cannot be delivered", "b4d'\"`$\\\x00of-a-secret-value-9K2m"}
		good := canary{"the value beside it", "g00d-of-a-secret-value-5T8w"}
		quoted, _ := json.Marshal(bad.value)
		s.does("CreateSecret", fmt.Sprintf(`{"parent": "namespaces/acme", "secretId": "db", "secret": {"payload": {"data": {"bad": %s, "good": %q}}}}`, quoted, good.value))
		shapes := map[string]string{
			"env":    `{"secret": "db", "key": "bad", "env": "BAD"}`,
			"envs":   `{"secret": "db", "allKeys": true, "envPrefix": "X_"}`,
			"DOTENV": `{"secret": "db", "allKeys": true, "file": {"path": "f", "format": "DOTENV"}}`,
		}
		for _, format := range []string{"JSON", "YAML", "PROPERTIES"} { // they carry every text: what fails is beside them
			shapes[format] = `{"secret": "db", "allKeys": true, "file": {"path": "f", "format": "` + format + `"}}, {"secret": "db", "key": "none", "env": "NONE"}`
		}
		shapes["RAW"] = `{"secret": "db", "key": "bad", "file": {"path": "f"}}, {"secret": "db", "key": "none", "file": {"path": "g"}}`
		for name, items := range shapes {
			s.does("CreateProjection", `{"parent": "namespaces/acme", "projectionId": "`+name+`", "projection": {"items": [{"secret": "db", "key": "good", "env": "GOOD"}, `+items+`]}}`)
			for _, method := range []string{"RenderProjection", "WatchProjection"} {
				r := s.fails(codes.FailedPrecondition, s.OperatorToken, method, `{"name": "namespaces/acme/projections/`+name+`"}`)
				if r.reason() != "NOT_REPRESENTABLE" {
					t.Errorf("%s %s: reason %s, want NOT_REPRESENTABLE", method, name, r.reason())
				}
				find(t, method+" "+name, []byte(r.raw), bad, good)
			}
			find(t, "coffer, of "+name, failingCLI(t, s, name), bad, good)
		}
		find(t, "the log", []byte(s.Logs()), bad, good)
		find(t, "the audit log", s.AuditLog(), bad, good)
	})
}

// failingCLI renders a projection in every way that the command has, and returns all that it printed.
func failingCLI(t *testing.T, s *story, projection string) []byte {
	t.Helper()
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("COFFER_ADDR", s.URL())
	t.Setenv("COFFER_TOKEN", s.OperatorToken)
	t.Setenv("COFFER_NAMESPACE", "acme")
	var printed bytes.Buffer
	for _, args := range [][]string{
		{"run", "--no-cache", "--projection", projection, "--", "env"},
		{"run", "--no-cache", "--no-masking", "--projection", projection, "--", "env"},
		{"render", projection, "--reveal"},
		{"render", projection, "--reveal", "-o", "json"},
	} {
		if code := cli.Main(t.Context(), append([]string{"coffer"}, args...), cli.Stdio{In: strings.NewReader(""), Out: &printed, Err: &printed}); code != 2 {
			t.Errorf("coffer %v: exit code %d, want 2: %s", args, code, printed.Bytes())
		}
	}
	if !bytes.Contains(printed.Bytes(), []byte("cannot be delivered")) {
		t.Errorf("coffer printed %s: the test does not reach rendering", printed.Bytes())
	}
	return printed.Bytes()
}

// Guards against sink settings that are abused to write files or to reach what the server reaches (CVE-2025-54997).
// Sinks are the configuration's alone; no kind of them writes a file that somebody names, and what leaves the machine is
// encrypted.
func TestRegression11_sinksAreNoWayToWrite(t *testing.T) {
	for name, settings := range map[string]auditsink.Settings{
		"kind file":              {Name: "a", Kind: "file", URL: "file:///etc/cron.d/x"},
		"kind unknown":           {Name: "a", Kind: "exec"},
		"no kind":                {Name: "a"},
		"a path as name":         {Name: "../../etc/x", Kind: auditsink.Stdout},
		"a path for stdout":      {Name: "a", Kind: auditsink.Stdout, URL: "/etc/x"},
		"webhook to a file":      {Name: "a", Kind: auditsink.Webhook, URL: "file:///etc/x", SecretFile: "s"},
		"webhook without TLS":    {Name: "a", Kind: auditsink.Webhook, URL: "http://example.com/x", SecretFile: "s"},
		"webhook not signed":     {Name: "a", Kind: auditsink.Webhook, URL: "https://example.com/x"},
		"webhook, a credential":  {Name: "a", Kind: auditsink.Webhook, URL: "https://u:p@example.com/x", SecretFile: "s"},
		"otlp without TLS":       {Name: "a", Kind: auditsink.OTLP, URL: "http://example.com/v1/logs"},
		"syslog to a plain file": {Name: "a", Kind: auditsink.Syslog, URL: "file:///var/log/x"},
	} {
		config := server.DefaultConfig()
		config.Logger, config.Stdout = slog.New(slog.DiscardHandler), &printed{}
		if err := config.Validate(); err != nil {
			t.Fatal(err)
		}
		config.Audit.Sinks = []auditsink.Settings{settings}
		if err := config.Validate(); err == nil {
			t.Errorf("a sink, %s, is accepted", name)
		}
	}
	// No request has a field for a path, an address or a command of the server's.
	for _, method := range allMethods() {
		eachField(method.Input(), map[protoreflect.FullName]bool{}, func(field protoreflect.FieldDescriptor) {
			for word := range strings.SplitSeq(string(field.Name()), "_") {
				switch word {
				case "url", "uri", "path", "sink", "webhook", "endpoint", "host", "command", "dir", "directory", "filename":
					switch field.FullName() {
					case "coffer.v1.Projection.File.path", "coffer.v1.Projection.Spark.defaults_path": // in the bundle of a client, who writes it
					case "coffer.v1.Projection.Item.url", "coffer.v1.Projection.Connection.host": // text for a client, which connects
					default:
						t.Errorf("%s takes %s: does it write, or reach out, for whoever calls?", method.Name(), field.FullName())
					}
				}
			}
		})
	}
}

func eachField(message protoreflect.MessageDescriptor, seen map[protoreflect.FullName]bool, visit func(protoreflect.FieldDescriptor)) {
	if seen[message.FullName()] {
		return
	}
	seen[message.FullName()] = true
	for i := range message.Fields().Len() {
		field := message.Fields().Get(i)
		visit(field)
		if field.Message() != nil {
			eachField(field.Message(), seen, visit)
		}
	}
}
