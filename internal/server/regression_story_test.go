package server_test

import (
	"bytes"
	"encoding/base64"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/audit/auditsink"
	"github.com/coffer-dev/coffer/internal/server"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// story is a server, seen through one door, and calls that must end as they should. The regressions of
// regression_*_test.go and the attempts of escalation_*_test.go are told with it.
type story struct {
	*servertest.Server
	t    *testing.T
	door door
}

// newStory is a story on a server of its own, through the native gRPC door.
func newStory(t *testing.T, config servertest.Config) *story {
	t.Helper()
	s := servertest.Start(t, config)
	return &story{s, t, grpcDoor{s, s.Conn}}
}

// eachStory tells a story through every door, each time on a server of its own with the namespaces acme and, beside it,
// other.
func eachStory(t *testing.T, tell func(t *testing.T, s *story)) {
	eachDoor(t, func(t *testing.T, server *servertest.Server, d door) {
		server.Namespace("acme")
		server.Namespace("other")
		tell(t, &story{server, t, d})
	})
}

func (s *story) call(token, method, request string) result {
	s.t.Helper()
	desc := methodNamed(s.t, method)
	return s.door.call(s.t, token, desc, requestFrom(s.t, desc, request))
}

// does calls as the operator, who must be answered.
func (s *story) does(method, request string) proto.Message {
	s.t.Helper()
	return s.ok(s.OperatorToken, method, request)
}

// ok is a call that must be answered.
func (s *story) ok(token, method, request string) proto.Message {
	s.t.Helper()
	r := s.call(token, method, request)
	if r.code() != codes.OK {
		s.t.Fatalf("%s %s: %v, want an answer", method, request, r.status)
	}
	return r.answer
}

// fails is a call that must end with the code.
func (s *story) fails(want codes.Code, token, method, request string) result {
	s.t.Helper()
	r := s.call(token, method, request)
	if r.code() != want {
		s.t.Errorf("%s %s: %v %s, want %v", method, request, r.status, r.raw, want)
	}
	return r
}

// denied is a call that must be denied.
func (s *story) denied(token, method, request string) result {
	s.t.Helper()
	return s.fails(codes.PermissionDenied, token, method, request)
}

// secret makes a secret of acme with the payload k: value.
func (s *story) secret(id, value string) *cofferv1.Secret {
	s.t.Helper()
	return s.does("CreateSecret", `{"parent": "namespaces/acme", "secretId": "`+id+`", "secret": {"payload": {"data": {"k": "`+value+`"}}}}`).(*cofferv1.Secret)
}

// policy adds a policy to acme.
func (s *story) policy(id, text string) {
	s.t.Helper()
	s.does("CreatePolicy", `{"parent": "namespaces/acme", "policyId": "`+id+`", "policy": {"text": `+strconv.Quote(text)+`}}`)
}

// account is the principal of an account of acme.
func account(id string) string { return "serviceAccount:namespaces/acme/serviceAccounts/" + id }

// names are the short names of what a list lists.
func names(t testing.TB, list proto.Message) []string {
	t.Helper()
	found := []string{}
	items := list.ProtoReflect().Get(list.ProtoReflect().Descriptor().Fields().Get(0)).List()
	for i := range items.Len() {
		name := items.Get(i).Interface()
		if message, ok := name.(protoreflect.Message); ok {
			name = message.Get(message.Descriptor().Fields().ByName("name")).Interface()
		}
		text := name.(string)
		found = append(found, text[strings.LastIndexByte(text, '/')+1:])
	}
	return found
}

// lists wants exactly these in a list.
func (s *story) lists(token, method, request string, want ...string) {
	s.t.Helper()
	if want == nil {
		want = []string{}
	}
	if diff := cmp.Diff(want, names(s.t, s.ok(token, method, request))); diff != "" {
		s.t.Errorf("%s %s (-want +got):\n%s", method, request, diff)
	}
}

// check asks CheckAccess for oneself.
func (s *story) check(token, action, resource string) *cofferv1.CheckAccessResponse {
	s.t.Helper()
	return s.ok(token, "CheckAccess", `{"action": "`+action+`", "resource": "`+resource+`"}`).(*cofferv1.CheckAccessResponse)
}

var requestIDs = regexp.MustCompile(`[A-Z2-7]{26}`)

// told is all that the caller of a failed call was told, but for the request ID and what was asked for.
func told(r result, asked ...string) string {
	text, _ := protojson.MarshalOptions{Multiline: true}.Marshal(r.status.Proto())
	// protojson varies its spaces on purpose.
	out := strings.ReplaceAll(string(text), ":  ", ": ")
	for _, name := range asked {
		out = strings.ReplaceAll(out, name, "*")
	}
	return requestIDs.ReplaceAllString(out, "#")
}

// sinks configures audit sinks of two kinds and returns what they have received so far.
func sinks(t testing.TB, change func(*server.Config)) (servertest.Config, func() []byte) {
	t.Helper()
	posted, written := &collector{}, &printed{}
	receiver := httptest.NewServer(posted)
	t.Cleanup(receiver.Close)
	secret := filepath.Join(t.TempDir(), "webhook")
	if err := os.WriteFile(secret, []byte("whsec_"+base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))), 0o600); err != nil {
		t.Fatal(err)
	}
	config := servertest.Config{Change: func(c *server.Config) {
		c.Stdout = written
		c.Audit.Sinks = []auditsink.Settings{
			{Name: "hook", Kind: auditsink.Webhook, URL: receiver.URL, SecretFile: secret, From: "beginning"},
			{Name: "out", Kind: auditsink.Stdout, From: "beginning"},
		}
		if change != nil {
			change(c)
		}
	}}
	return config, func() []byte {
		posted.mu.Lock()
		defer posted.mu.Unlock()
		return append(bytes.Clone(posted.all), written.bytes()...)
	}
}

// printed is a standard output that may be looked at.
type printed struct {
	mu  sync.Mutex
	all []byte
}

func (o *printed) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all = append(o.all, p...)
	return len(p), nil
}

func (o *printed) bytes() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	return bytes.Clone(o.all)
}
