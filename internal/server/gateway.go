package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/rpc"
)

// gateway serves the methods as JSON over HTTP with grpc-gateway. It is a door like gRPC: the gateway calls the very same
// chain in this process, with no connection in between, and what it cannot decode is told by the chain too, after
// authentication.
type gateway struct {
	chain *chain
	mux   *runtime.ServeMux
	conn  *inProcess
	limit int64 // of a body: each method has its own limit below it
}

func newGateway(ctx context.Context, ch *chain, services []service) (*gateway, error) {
	g := &gateway{chain: ch, conn: &inProcess{chain: ch, methods: map[string]*method{}}, limit: int64(maxMessage(services))}
	for _, s := range services {
		for _, m := range s.methods {
			g.conn.methods[m.name] = m
		}
	}
	setQueryParser()
	drop := func(string) (string, bool) { return "", false }
	g.mux = runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, jsonMarshaler{&runtime.JSONPb{MarshalOptions: protojson.MarshalOptions{}}}),
		runtime.WithIncomingHeaderMatcher(drop), // what a call carries is in its restCall
		runtime.WithOutgoingHeaderMatcher(drop),
		runtime.WithErrorHandler(g.fail),
		runtime.WithRoutingErrorHandler(g.unrouted),
		runtime.WithDisablePathLengthFallback(),
	)
	// The mux tries what was registered last first, so what is called most is last.
	err := errors.Join(
		cofferv1.RegisterSystemServiceHandlerClient(ctx, g.mux, cofferv1.NewSystemServiceClient(g.conn)),
		cofferv1.RegisterAuditServiceHandlerClient(ctx, g.mux, cofferv1.NewAuditServiceClient(g.conn)),
		cofferv1.RegisterAccessServiceHandlerClient(ctx, g.mux, cofferv1.NewAccessServiceClient(g.conn)),
		cofferv1.RegisterNamespaceServiceHandlerClient(ctx, g.mux, cofferv1.NewNamespaceServiceClient(g.conn)),
		cofferv1.RegisterProjectionServiceHandlerClient(ctx, g.mux, cofferv1.NewProjectionServiceClient(g.conn)),
		cofferv1.RegisterSecretServiceHandlerClient(ctx, g.mux, cofferv1.NewSecretServiceClient(g.conn)),
	)
	return g, err
}

// restCall is what a request says of its sender, on its way through the gateway to the chain.
type restCall struct {
	arrival
	query  string
	served bool // the chain has had it
}

type restCallKey struct{}

// ServeHTTP implements http.Handler.
func (g *gateway) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	call := &restCall{arrival: arrival{
		credentials: authn.Credentials{Bearer: bearerFrom(single(req.Header, "Authorization")), TLS: req.TLS, Source: req.RemoteAddr},
		requestID:   requestIDFrom(single(req.Header, "X-Request-Id")),
		client:      single(req.Header, "User-Agent"),
		traceParent: single(req.Header, "Traceparent"),
		traceState:  single(req.Header, "Tracestate"),
	}}
	answerHeaders(w, call.requestID)
	// An escaped slash would make two segments of one.
	if req.URL.RawPath != "" && strings.Contains(strings.ToLower(req.URL.RawPath), "%2f") {
		writeStatus(w, http.StatusNotFound, unknownRoute(call.requestID))
		return
	}
	// Nothing that strangers send is decoded. The chain authenticates again, refuses, and records that.
	if req.ContentLength != 0 {
		if _, err := g.chain.authenticator.Authenticate(req.Context(), call.credentials); err != nil {
			req.Body = http.NoBody
		}
	}
	call.query = req.URL.RawQuery
	inner := req.WithContext(context.WithValue(req.Context(), restCallKey{}, call))
	inner.Body = http.MaxBytesReader(w, req.Body, g.limit)
	inner.Header = http.Header{} // what counts of it is in the call
	g.mux.ServeHTTP(w, inner)
}

// fail answers a call that failed: in the chain, or before it because the request could not be decoded.
func (g *gateway) fail(ctx context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, req *http.Request, err error) {
	call, ok := req.Context().Value(restCallKey{}).(*restCall)
	name, named := runtime.RPCMethod(ctx)
	if ok && named && !call.served {
		m, cause := g.conn.methods[name], decodeError(err)
		// The gateway keeps only the text of what failed.
		if strings.Contains(err.Error(), (&http.MaxBytesError{}).Error()) {
			cause = tooLarge(m)
		}
		a := call.arrival
		a.decode = func(any) error { return cause }
		_, err = g.chain.serve(req.Context(), m, a)
	}
	st, ok := status.FromError(err)
	if !ok { // the answer could not be encoded, and why may quote it
		st, _ = rpc.Status(errNotEncoded, w.Header().Get("X-Request-Id"))
	}
	writeStatus(w, httpStatus(st.Code()), st)
}

// unrouted answers a request that no method is bound to.
func (g *gateway) unrouted(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, req *http.Request, code int) {
	if code != http.StatusMethodNotAllowed {
		code = http.StatusNotFound
	}
	id := w.Header().Get("X-Request-Id")
	writeStatus(w, code, unknownRoute(id))
}

// inProcess is the connection of the gateway: it calls the chain.
type inProcess struct {
	chain   *chain
	methods map[string]*method
}

var _ grpc.ClientConnInterface = (*inProcess)(nil)

var (
	errNoStreams = errors.New("streams do not go through the gateway")
	errNotJSON   = errors.New("the body is not one JSON value")
	// errNotEncoded: the answer cannot be written as JSON.
	errNotEncoded = errors.New("the answer cannot be encoded")
)

// Invoke implements grpc.ClientConnInterface.
func (c *inProcess) Invoke(ctx context.Context, name string, args, reply any, _ ...grpc.CallOption) error {
	m, known := c.methods[name]
	call, ok := ctx.Value(restCallKey{}).(*restCall)
	request, isMessage := args.(proto.Message)
	into, isReply := reply.(proto.Message)
	if !known || !ok || !isMessage || !isReply {
		return status.Error(codes.Unimplemented, "the method does not exist")
	}
	call.served = true
	a := call.arrival
	a.decode = func(message any) error {
		if size := proto.Size(request); size > m.maxBytes {
			return tooLarge(m)
		}
		if call.query != "" && !m.query { // the gateway has not looked at it
			name, _, _ := strings.Cut(call.query, "=")
			return noSuchField(name, "")
		}
		proto.Merge(message.(proto.Message), request)
		return nil
	}
	answer, err := c.chain.serve(ctx, m, a)
	if err != nil {
		return err
	}
	proto.Merge(into, answer.(proto.Message))
	return nil
}

// NewStream implements grpc.ClientConnInterface.
func (*inProcess) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, errNoStreams
}

// jsonMarshaler is the gateway's JSON, and refuses what follows the message.
type jsonMarshaler struct{ *runtime.JSONPb }

// NewDecoder implements runtime.Marshaler.
func (m jsonMarshaler) NewDecoder(r io.Reader) runtime.Decoder {
	return runtime.DecoderFunc(func(into any) error {
		body, err := io.ReadAll(r)
		switch {
		case err != nil:
			return err
		case len(body) == 0:
			return io.EOF
		case !json.Valid(body): // into a field, the library would take the first of several values
			return errNotJSON
		}
		return m.Unmarshal(body, into)
	})
}

// strictQuery is the gateway's parser of queries, and refuses parameters that the method does not have.
type strictQuery struct{ runtime.DefaultQueryParser }

// setQueryParser makes it the gateway's, which keeps it in a variable of its package: set by each server anew, it would
// race with the others of the process.
var setQueryParser = sync.OnceFunc(func() { runtime.SetQueryParameterParser(strictQuery{})(nil) })

// Parse implements runtime.QueryParameterParser.
func (p strictQuery) Parse(message proto.Message, values url.Values, filter *utilities.DoubleArray) error {
	for name := range values {
		path, ok := fieldPath(message.ProtoReflect().Descriptor(), strings.Split(name, "."))
		if !ok || filter.HasCommonPrefix(path) { // the path or the body carries it
			return fmt.Errorf("unknown field %q", name)
		}
	}
	return p.DefaultQueryParser.Parse(message, values, filter)
}

// fieldPath returns the proto names of a path of JSON or proto names. ok is false if there is no such field.
func fieldPath(message protoreflect.MessageDescriptor, names []string) (path []string, ok bool) {
	for i, name := range names {
		if message == nil {
			return nil, false
		}
		field := message.Fields().ByJSONName(name)
		if field == nil {
			field = message.Fields().ByTextName(name)
		}
		if field == nil || field.IsMap() || (field.IsList() && i < len(names)-1) {
			return nil, false
		}
		path = append(path, string(field.Name()))
		message = field.Message()
	}
	return path, true
}

// takesQuery tells whether a method has fields that neither the path nor the body carries.
func takesQuery(desc protoreflect.MethodDescriptor) bool {
	rule, _ := proto.GetExtension(desc.Options(), annotations.E_Http).(*annotations.HttpRule)
	// A path carries one field, and only one of the four is set.
	_, path, _ := strings.Cut(rule.GetGet()+rule.GetPost()+rule.GetPatch()+rule.GetDelete(), "{")
	inPath, _, _ := strings.Cut(path, "=")
	left := 0
	for i := range desc.Input().Fields().Len() {
		name := string(desc.Input().Fields().Get(i).Name())
		if name != inPath && name != rule.GetBody() {
			left++
		}
	}
	return left > 0 && rule.GetBody() != "*"
}
