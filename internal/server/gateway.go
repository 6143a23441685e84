package server

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/rpc"
)

// gateway serves the methods as JSON over HTTP with grpc-gateway. It is a door like gRPC: the gateway calls the very same
// chain in this process, with no connection in between, and what it cannot decode is told by the chain too, after
// authentication.
type gateway struct {
	chain   *chain
	mux     *runtime.ServeMux // coffer.v1
	dataos  *runtime.ServeMux
	iomete  *runtime.ServeMux
	instill *runtime.ServeMux
	conn    *inProcess
	limit   int64 // of a body: each method has its own limit below it
}

func newGateway(ctx context.Context, ch *chain, services []service, limits Limits) (*gateway, error) {
	g := &gateway{chain: ch, conn: &inProcess{chain: ch, methods: map[string]*method{}}, limit: int64(maxMessage(services))}
	for _, s := range services {
		for _, m := range s.methods {
			g.conn.methods[m.name] = m
		}
	}
	plain := jsonMarshaler{JSONPb: &runtime.JSONPb{}, limits: limits}
	// Whoever lists a domain's secrets looks for the list, also where it is empty.
	whole := jsonMarshaler{JSONPb: &runtime.JSONPb{MarshalOptions: protojson.MarshalOptions{EmitDefaultValues: true}}, limits: limits}
	g.mux, g.dataos, g.iomete = g.newMux(plain), g.newMux(plain), g.newMux(whole)
	g.instill = g.newMux(instillJSON(limits), runtime.WithForwardResponseOption(instillCode))
	// The mux tries what was registered last first, so what is called most is last.
	err := errors.Join(
		g.registerDialects(ctx),
		cofferv1.RegisterCatalogServiceHandlerClient(ctx, g.mux, cofferv1.NewCatalogServiceClient(g.conn)),
		cofferv1.RegisterSystemServiceHandlerClient(ctx, g.mux, cofferv1.NewSystemServiceClient(g.conn)),
		cofferv1.RegisterAuditServiceHandlerClient(ctx, g.mux, cofferv1.NewAuditServiceClient(g.conn)),
		cofferv1.RegisterAccessServiceHandlerClient(ctx, g.mux, cofferv1.NewAccessServiceClient(g.conn)),
		cofferv1.RegisterNamespaceServiceHandlerClient(ctx, g.mux, cofferv1.NewNamespaceServiceClient(g.conn)),
		cofferv1.RegisterProjectionServiceHandlerClient(ctx, g.mux, cofferv1.NewProjectionServiceClient(g.conn)),
		cofferv1.RegisterSecretServiceHandlerClient(ctx, g.mux, cofferv1.NewSecretServiceClient(g.conn)),
	)
	return g, err
}

func (g *gateway) newMux(json runtime.Marshaler, more ...runtime.ServeMuxOption) *runtime.ServeMux {
	drop := func(string) (string, bool) { return "", false }
	return runtime.NewServeMux(append(more,
		runtime.WithMarshalerOption(runtime.MIMEWildcard, json),
		runtime.WithIncomingHeaderMatcher(drop), // what a call carries is in its restCall
		runtime.WithOutgoingHeaderMatcher(drop),
		runtime.WithErrorHandler(g.fail),
		runtime.WithRoutingErrorHandler(g.unrouted),
		runtime.WithDisablePathLengthFallback(),
	)...)
}

// restCall is what a request says of its sender, on its way through the gateway to the chain.
type restCall struct {
	arrival
	writer      http.ResponseWriter
	path, query string
	lastEventID string // of a stream that goes on
	served      bool   // the chain has had it
	events      bool   // a stream of events has begun
}

type restCallKey struct{}

// strangersDrain is how long the rest of a body is waited for whose sender was not let in.
const strangersDrain = time.Second

// ServeHTTP implements http.Handler.
func (g *gateway) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	call := &restCall{
		arrival: arrival{
			credentials: authn.Credentials{Bearer: tokenFrom(req), TLS: req.TLS, Source: req.RemoteAddr},
			requestID:   rand.Text(),
			client:      single(req.Header, "User-Agent"),
			traceParent: single(req.Header, "Traceparent"),
			traceState:  single(req.Header, "Tracestate"),
		},
		writer: w, path: req.URL.Path, query: req.URL.RawQuery, lastEventID: single(req.Header, "Last-Event-Id"),
	}
	answerHeaders(w, call.requestID)
	// An escaped slash would make two segments of one.
	if req.URL.RawPath != "" && strings.Contains(strings.ToLower(req.URL.RawPath), "%2f") {
		refuse(w, req, http.StatusNotFound, unknownRoute(req.URL.Path, call.requestID))
		return
	}
	// Nothing that strangers send is decoded. The chain refuses them, and records that.
	if req.ContentLength != 0 {
		call.admitted = g.chain.admit(req.Context(), call.credentials)
		if call.admitted.err != nil {
			req.Body = http.NoBody
			// Over HTTP/1.1 the rest of a body is read before the answer is sent: not for long. Where that cannot be set,
			// the time for a whole request bounds it.
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(strangersDrain))
		}
	}
	inner := req.WithContext(context.WithValue(req.Context(), restCallKey{}, call))
	inner.Body = http.MaxBytesReader(w, req.Body, g.limit)
	inner.Header = http.Header{} // what counts of it is in the call
	g.muxFor(req.URL.Path).ServeHTTP(w, inner)
}

// fail answers a call that failed: in the chain, or before it because the request could not be decoded.
func (g *gateway) fail(ctx context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, req *http.Request, err error) {
	call, ok := req.Context().Value(restCallKey{}).(*restCall)
	name, named := runtime.RPCMethod(ctx)
	if ok && named && !call.served {
		m := g.conn.methods[name]
		cause := decodeError(m.binding, err)
		// The gateway keeps only the text of what failed.
		if strings.Contains(err.Error(), (&http.MaxBytesError{}).Error()) {
			cause = tooLarge(m)
		}
		a := call.arrival
		a.decode = func(any) error { return cause }
		_, err = g.chain.serve(req.Context(), m, a)
	}
	if errors.Is(err, errStreamEnded) {
		return
	}
	st, known := status.FromError(err)
	if !known { // the answer could not be encoded, and why may quote it
		st, _ = rpc.Status(errNotEncoded, w.Header().Get("X-Request-Id"))
	}
	if ok && call.events {
		failEvents(w, st)
		return
	}
	refuse(w, req, httpStatus(st.Code()), st)
}

// strayed records that somebody who was not let in asked for what there is not.
func (ch *chain) strayed(call *restCall) {
	if call.admitted == nil || call.admitted.err == nil {
		return
	}
	ch.audit.Failure(audit.Event{
		Kind: audit.KindAuthnFailure, RequestID: call.requestID, Source: call.credentials.Source, Client: call.client, Code: codeName(codes.Unauthenticated),
		Detail: call.admitted.reason(),
	})
	ch.metrics.authnFailures.Inc()
}

// unrouted answers a request that no method is bound to.
func (g *gateway) unrouted(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, req *http.Request, code int) {
	if code != http.StatusMethodNotAllowed {
		code = http.StatusNotFound
	}
	id := w.Header().Get("X-Request-Id")
	if call, ok := req.Context().Value(restCallKey{}).(*restCall); ok {
		g.chain.strayed(call)
	}
	refuse(w, req, code, unknownRoute(req.URL.Path, id))
}

// inProcess is the connection of the gateway: it calls the chain.
type inProcess struct {
	chain   *chain
	methods map[string]*method
}

var _ grpc.ClientConnInterface = (*inProcess)(nil)

// errNotEncoded: the answer cannot be written as JSON.
var errNotEncoded = errors.New("the answer cannot be encoded")

// lookUp finds the method and the call that is on its way through the gateway.
func (c *inProcess) lookUp(ctx context.Context, name string) (*method, *restCall, error) {
	m, known := c.methods[name]
	call, ok := ctx.Value(restCallKey{}).(*restCall)
	if !known || !ok {
		return nil, nil, status.Error(codes.Unimplemented, "the method does not exist")
	}
	return m, call, nil
}

// decode copies the request that the gateway has decoded, if it is what the method takes.
func (call *restCall) decode(m *method, request proto.Message, message any) error {
	if size := proto.Size(request); size > m.maxBytes {
		return tooLarge(m)
	}
	if !under(instillPaths, call.path) { // whose clients send more than is known
		if err := m.binding.checkQuery(m.desc.Input(), call.query); err != nil {
			return err
		}
	}
	proto.Merge(message.(proto.Message), request)
	return nil
}

// Invoke implements grpc.ClientConnInterface.
func (c *inProcess) Invoke(ctx context.Context, name string, args, reply any, _ ...grpc.CallOption) error {
	m, call, err := c.lookUp(ctx, name)
	if err != nil {
		return err
	}
	request, isMessage := args.(proto.Message)
	into, isReply := reply.(proto.Message)
	if !isMessage || !isReply {
		return status.Error(codes.Unimplemented, "the method does not exist")
	}
	call.served = true
	if m.deadline > requestTimeout {
		// The request is here whole. HTTP/1 would take the deadline of reading it for the client's going.
		_ = http.NewResponseController(call.writer).SetReadDeadline(time.Time{})
	}
	a := call.arrival
	a.decode = func(message any) error { return call.decode(m, request, message) }
	answer, err := c.chain.serve(ctx, m, a)
	if err != nil {
		return err
	}
	proto.Merge(into, answer.(proto.Message))
	return nil
}
