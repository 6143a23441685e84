package server

import (
	"net/http"
	"strings"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/rpc"
)

// rest serves the methods as JSON over HTTP. It is a door like gRPC: it hands the chain what it knows of a request and a
// function that decodes it, and writes what comes back. The handlers are called in this process, with no connection in
// between.
type rest struct {
	chain  *chain
	routes *routes
}

// ServeHTTP implements http.Handler.
func (g *rest) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	id := requestIDFrom(single(req.Header, "X-Request-Id"))
	answerHeaders(w, id)
	path, ok := g.routes.split(req.URL.Path)
	// An escaped slash would make two segments of one.
	ok = ok && !strings.Contains(strings.ToLower(req.URL.RawPath), "%2f")
	if !ok {
		writeStatus(w, http.StatusNotFound, unknownRoute(id))
		return
	}
	r := g.routes.find(req.Method, &path)
	if r == nil {
		code := http.StatusNotFound
		if allowed := g.routes.allowed(&path); len(allowed) > 0 {
			w.Header().Set("Allow", strings.Join(allowed, ", "))
			code = http.StatusMethodNotAllowed
		}
		writeStatus(w, code, unknownRoute(id))
		return
	}
	answer, err := g.chain.serve(req.Context(), r.method, arrival{
		credentials: authn.Credentials{Bearer: bearerFrom(single(req.Header, "Authorization")), TLS: req.TLS, Source: req.RemoteAddr},
		requestID:   id,
		client:      single(req.Header, "User-Agent"),
		traceParent: single(req.Header, "Traceparent"),
		traceState:  single(req.Header, "Tracestate"),
		decode:      func(message any) error { return r.decode(req, &path, message) },
	})
	if err != nil {
		st := status.Convert(err)
		writeStatus(w, httpStatus(st.Code()), st)
		return
	}
	message, _ := answer.(proto.Message)
	body, err := protojson.Marshal(message)
	if err != nil {
		// It may quote the message.
		g.chain.log.Error("answer not encoded", "method", r.method.name, "request_id", id)
		st, _ := rpc.Status(errPanic, id)
		writeStatus(w, http.StatusInternalServerError, st)
		return
	}
	_, _ = w.Write(body) // the client is gone
}

// single returns a header, or "" if it is absent or given twice: no header that means anything here may be.
func single(h http.Header, canonical string) string {
	if values := h[canonical]; len(values) == 1 {
		return values[0]
	}
	return ""
}

// answerHeaders are those of every answer in JSON. None of it may be kept by a cache.
func answerHeaders(w http.ResponseWriter, requestID string) {
	h := w.Header()
	h["Cache-Control"] = []string{"no-store"}
	h["Content-Type"] = []string{"application/json"}
	h["X-Content-Type-Options"] = []string{"nosniff"}
	h["X-Request-Id"] = []string{requestID}
}

func unknownRoute(requestID string) *status.Status {
	st, _ := rpc.Status(status.Error(codes.Unimplemented, "there is no such method; see /openapi.json"), requestID)
	return st
}

// writeStatus answers with a google.rpc.Status.
func writeStatus(w http.ResponseWriter, code int, st *status.Status) {
	if code == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="coffer"`)
	}
	body, err := protojson.Marshal(st.Proto())
	if err != nil {
		body, _ = protojson.Marshal(&spb.Status{Code: int32(st.Code()), Message: "the error could not be encoded"})
	}
	w.WriteHeader(code)
	_, _ = w.Write(body) // the client is gone
}

// httpStatus is the usual mapping of google.rpc.Code.
func httpStatus(code codes.Code) int {
	switch code {
	case codes.OK:
		return http.StatusOK
	case codes.Canceled:
		return 499
	case codes.InvalidArgument, codes.FailedPrecondition, codes.OutOfRange:
		return http.StatusBadRequest
	case codes.DeadlineExceeded:
		return http.StatusGatewayTimeout
	case codes.NotFound:
		return http.StatusNotFound
	case codes.AlreadyExists, codes.Aborted:
		return http.StatusConflict
	case codes.PermissionDenied:
		return http.StatusForbidden
	case codes.Unauthenticated:
		return http.StatusUnauthorized
	case codes.ResourceExhausted:
		return http.StatusTooManyRequests
	case codes.Unimplemented:
		return http.StatusNotImplemented
	case codes.Unavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}
