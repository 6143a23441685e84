package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/servertest"
)

const etl = `{"name": "namespaces/acme/projections/etl"}`

// watching is a seeded server with an account that may watch the projection etl.
func watching(t *testing.T, s *servertest.Server) (seeded, string) {
	t.Helper()
	return seed(t, s), s.Account("namespaces/acme", "workload", "workload", "namespaces/acme/projections/etl")
}

// do calls a method by the operator.
func do(t testing.TB, s *servertest.Server, name, request string) proto.Message {
	t.Helper()
	method := methodNamed(t, name)
	r := restDoor{s}.call(t, s.OperatorToken, method, requestFrom(t, method, request))
	if r.code() != codes.OK {
		t.Fatalf("%s: %v", name, r.status)
	}
	return r.answer
}

func open(t *testing.T, d door, token, name, request string) stream {
	t.Helper()
	method := methodNamed(t, name)
	s := d.open(t, token, method, requestFrom(t, method, request))
	t.Cleanup(s.close)
	return s
}

// nextBundle skips the signs of life.
func nextBundle(t *testing.T, s stream) *cofferv1.RenderProjectionResponse {
	t.Helper()
	for {
		r := s.next()
		if r.code() != codes.OK {
			t.Fatalf("the stream ended: %v, want a bundle", r.status)
		}
		if bundle := r.answer.(*cofferv1.WatchProjectionResponse).GetBundle(); bundle != nil {
			return bundle
		}
	}
}

// end skips everything until the stream ends.
func end(s stream) result {
	for {
		if r := s.next(); r.code() != codes.OK {
			return r
		}
	}
}

func setK(t *testing.T, s *servertest.Server, value string) {
	t.Helper()
	do(t, s, "AddSecretVersion", fmt.Sprintf(`{"parent": "namespaces/acme/secrets/db", "payload": {"data": {"k": %q}}}`, value))
}

func TestStream_delivers(t *testing.T) {
	eachDoor(t, func(t *testing.T, server *servertest.Server, d door) {
		_, token := watching(t, server)
		s := open(t, d, token, "WatchProjection", etl)
		if got := nextBundle(t, s).GetEnv()["K"]; got != "v" {
			t.Errorf("the first bundle has K=%q, want v", got)
		}
		setK(t, server, "v2")
		second := nextBundle(t, s)
		if got := second.GetEnv()["K"]; got != "v2" {
			t.Errorf("after a change the bundle has K=%q, want v2", got)
		}
		resumed := open(t, d, token, "WatchProjection", fmt.Sprintf(`{"name": "namespaces/acme/projections/etl", "ifNoneMatch": %q}`, second.GetEtag()))
		resumed.next() // a sign of life: the watch has begun
		setK(t, server, "v3")
		if got := nextBundle(t, resumed).GetEnv()["K"]; got != "v3" {
			t.Errorf("a watch that has the bundle gets K=%q next, want v3", got)
		}
		s.close()
		resumed.close()
		metrics := string(server.REST("", "GET", "/metrics", "").Body)
		if !strings.Contains(metrics, `grpc_method="WatchProjection",grpc_service="coffer.v1.ProjectionService",grpc_type="server_stream"`) {
			t.Error("metrics lack the stream")
		}
	})
}

// What an idle stream lives by, the credential, is taken from it.
func TestStream_endsWithItsCredential(t *testing.T) {
	eachDoor(t, func(t *testing.T, server *servertest.Server, d door) {
		_, token := watching(t, server)
		s := open(t, d, token, "WatchProjection", etl)
		nextBundle(t, s)
		do(t, server, "DeleteToken", `{"name": "namespaces/acme/serviceAccounts/workload/tokens/t1"}`)
		r := end(s)
		if r.code() != codes.Unauthenticated || r.reason() != "UNAUTHENTICATED" {
			t.Errorf("the stream ended with %v, want Unauthenticated", r.status)
		}
		if events := server.AuditOutcome(r.requestID); events[len(events)-1].Code != "UNAUTHENTICATED" {
			t.Errorf("recorded %+v, want an outcome UNAUTHENTICATED", events)
		}
	})
}

func TestStream_endsWithItsRight(t *testing.T) {
	eachDoor(t, func(t *testing.T, server *servertest.Server, d door) {
		_, token := watching(t, server)
		s := open(t, d, token, "WatchProjection", etl)
		nextBundle(t, s)
		do(t, server, "DeleteGrant", `{"name": "namespaces/acme/grants/workload-workload"}`)
		if r := end(s); r.code() != codes.PermissionDenied || r.reason() != "ACCESS_DENIED" {
			t.Errorf("the stream ended with %v, want PermissionDenied", r.status)
		}
	})
}

// The other side does not read, and the stream ends all the same.
func TestStream_endsThoughNobodyReads(t *testing.T) {
	eachDoor(t, func(t *testing.T, server *servertest.Server, d door) {
		_, token := watching(t, server)
		setK(t, server, strings.Repeat("x", 60<<10))
		var items []string
		for i := range 40 {
			items = append(items, fmt.Sprintf(`{"secret": "db", "key": "k", "file": {"path": "f%d"}}`, i))
		}
		do(t, server, "UpdateProjection", `{"projection": {"name": "namespaces/acme/projections/etl", "items": [`+strings.Join(items, ",")+`]}}`)
		for range 3 { // they fill what is between the two sides
			open(t, d, token, "WatchProjection", etl)
		}
		delivered := func() (ids []string) {
			for _, e := range server.AuditEvents("") {
				if e.Kind == "DECISION" && e.Decision == "ALLOW" && e.Method == "/coffer.v1.ProjectionService/WatchProjection" && e.Resource == "namespaces/acme/projections/etl" {
					ids = append(ids, e.RequestID)
				}
			}
			return ids
		}
		eventually(t, "three deliveries", func() bool { return len(delivered()) == 3 })
		do(t, server, "DeleteToken", `{"name": "namespaces/acme/serviceAccounts/workload/tokens/t1"}`)
		for _, id := range delivered() {
			if events := server.AuditOutcome(id); events[len(events)-1].Code != "UNAUTHENTICATED" {
				t.Errorf("recorded %+v, want an outcome UNAUTHENTICATED", events[len(events)-1])
			}
		}
	})
}

// slow answers WhoAmI when it is told to.
type slow struct {
	cofferv1.UnimplementedAccessServiceServer
	begun, release chan struct{}
}

func (s slow) WhoAmI(context.Context, *cofferv1.WhoAmIRequest) (*cofferv1.WhoAmIResponse, error) {
	close(s.begun)
	<-s.release
	return &cofferv1.WhoAmIResponse{Principal: "slow"}, nil
}

// A server that stops ends its streams before anything else: calls that are under way are still answered.
func TestStream_endsBeforeTheServer(t *testing.T) {
	held := slow{begun: make(chan struct{}), release: make(chan struct{})}
	s, _, stop := openServerWith(t, "coffer.v1.AccessService", held)
	ctx := bearing(t.Context(), readToken(t, s))
	conn := dial(t, s)
	watch, err := cofferv1.NewAuditServiceClient(conn).WatchAuditEvents(ctx, &cofferv1.WatchAuditEventsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := watch.Recv(); err != nil {
		t.Fatal(err)
	}
	answered := make(chan error, 1)
	go func() {
		_, err := cofferv1.NewAccessServiceClient(conn).WhoAmI(ctx, &cofferv1.WhoAmIRequest{})
		answered <- err
	}()
	<-held.begun
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	for err == nil {
		_, err = watch.Recv()
	}
	if st := status.Convert(err); st.Code() != codes.Unavailable || !strings.Contains(st.Message(), "connect again") {
		t.Errorf("the stream ended with %v, want Unavailable: connect again", err)
	}
	close(held.release)
	if err := errors.Join(<-answered, <-stopped); err != nil {
		t.Errorf("a call under way, and stopping: %v, want an answer and a clean end", err)
	}
}

func TestEvents_endBeforeTheServer(t *testing.T) {
	server := servertest.Start(t, servertest.Config{})
	s := open(t, restDoor{server}, server.OperatorToken, "WatchAuditEvents", `{}`)
	s.next()
	stopped := make(chan error, 1)
	go func() { stopped <- server.Stop() }()
	if r := end(s); r.code() != codes.Unavailable || !strings.Contains(r.status.Message(), "connect again") {
		t.Errorf("the stream ended with %v, want Unavailable: connect again", r.status)
	}
	if err := <-stopped; err != nil {
		t.Errorf("stopping: %v", err)
	}
}

func TestEvents(t *testing.T) {
	server := servertest.Start(t, servertest.Config{})
	_, token := watching(t, server)
	const path = "/v1/namespaces/acme/projections/etl:watch"
	events := server.Events(token, path, "")
	defer events.Close()
	for name, want := range map[string]string{"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
		if got := events.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	one, err := events.NextData()
	if err != nil {
		t.Fatal(err)
	}
	rendered := server.REST(token, "POST", "/v1/namespaces/acme/projections/etl:render", "{}")
	var got, want any
	if err := errors.Join(json.Unmarshal([]byte(one.Data), &got), json.Unmarshal(rendered.Body, &want)); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the event is %s (%v), want what rendering answers: %s", one.Data, err, rendered.Body)
	}
	bundle := &cofferv1.RenderProjectionResponse{}
	if err := protojson.Unmarshal([]byte(one.Data), bundle); err != nil || one.ID != bundle.GetEtag() || one.ID == "" {
		t.Errorf("the ID of the event is %q, want the etag %q", one.ID, bundle.GetEtag())
	}
	setK(t, server, "v2")
	if one, err = events.NextData(); err != nil {
		t.Fatal(err)
	}
	events.Close()

	// Connecting again, with the URL of the first time.
	again := server.Events(token, path+"?ifNoneMatch=long-ago", one.ID)
	defer again.Close()
	if _, err := again.Next(); err != nil { // a sign of life
		t.Fatal(err)
	}
	setK(t, server, "v3")
	if e, err := again.NextData(); err != nil || !strings.Contains(e.Data, `"v3"`) {
		t.Errorf("after connecting again: %+v, %v, want v3 next", e, err)
	}
	for _, tt := range []struct {
		name, token, path, id string
		want                  int
	}{
		{"nobody", "", path, "", http.StatusUnauthorized},
		{"an unknown parameter", token, path + "?nope=1", "", http.StatusBadRequest},
		{"no right", token, "/v1/audit/events:watch", "", http.StatusForbidden},
		{"a foreign event ID", server.OperatorToken, "/v1/audit/events:watch", "x", http.StatusBadRequest},
		{"an event that is not there yet", server.OperatorToken, "/v1/audit/events:watch", "1000000", http.StatusBadRequest},
	} {
		failed := server.Events(tt.token, tt.path, tt.id)
		if st := statusFrom(t, failed.Body); failed.Status != tt.want || failed.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %v, want a Status with %d", tt.name, failed.Status, st, tt.want)
		}
		failed.Close()
	}
}

// faulty answers watches wrongly.
type faulty struct {
	cofferv1.UnimplementedProjectionServiceServer
	with func(cofferv1.ProjectionService_WatchProjectionServer) error
}

func (f faulty) WatchProjection(_ *cofferv1.WatchProjectionRequest, stream cofferv1.ProjectionService_WatchProjectionServer) error {
	return f.with(stream)
}

func TestStream_faults(t *testing.T) {
	tests := map[string]struct {
		with    func(cofferv1.ProjectionService_WatchProjectionServer) error
		counter string
	}{
		"a message without a decision": {func(s cofferv1.ProjectionService_WatchProjectionServer) error {
			return s.Send(&cofferv1.WatchProjectionResponse{Bundle: &cofferv1.RenderProjectionResponse{Etag: "e"}})
		}, "coffer_unguarded_calls_total 1"},
		"an end without a decision": {func(cofferv1.ProjectionService_WatchProjectionServer) error { return nil }, "coffer_unguarded_calls_total 1"},
		"a panic":                   {func(cofferv1.ProjectionService_WatchProjectionServer) error { panic("at the disco") }, "coffer_panics_total 1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, _, _ := openServerWith(t, "coffer.v1.ProjectionService", faulty{with: tt.with})
			stream, err := cofferv1.NewProjectionServiceClient(dial(t, s)).WatchProjection(bearing(t.Context(), readToken(t, s)), &cofferv1.WatchProjectionRequest{})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := stream.Recv(); (result{status: status.Convert(err)}).code() != codes.Internal {
				t.Errorf("Recv: %v, %v, want Internal", got, err)
			}
			if metrics := get(t, "http://"+s.HTTPAddr().String()+"/metrics"); !strings.Contains(metrics, tt.counter) {
				t.Errorf("metrics lack %q", tt.counter)
			}
		})
	}
}

// A stream whose request never comes does not stay open.
func TestStream_withoutRequest(t *testing.T) {
	s, _, _ := openServerWith(t, "", nil)
	s.SetDeadline("/coffer.v1.ProjectionService/WatchProjection", time.Millisecond)
	ctx := bearing(t.Context(), readToken(t, s))
	stream, err := dial(t, s).NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, "/coffer.v1.ProjectionService/WatchProjection")
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.RecvMsg(&cofferv1.WatchProjectionResponse{}); status.Convert(err).Code() != codes.DeadlineExceeded {
		t.Errorf("RecvMsg: %v, want DeadlineExceeded", err)
	}
}
