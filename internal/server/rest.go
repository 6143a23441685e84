package server

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/coffer-dev/coffer/internal/rpc"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// maxEcho bounds the names of a request that an error repeats.
const maxEcho = 128

var (
	// What decodeJSON says, in the text of a gateway's error: all that is left of it.
	jsonFault    = regexp.MustCompile(`json ("(?:[^"\\]|\\.)*"): (.*)$`)
	queryTwice   = regexp.MustCompile(`(?:duplicate field|too many values for field) ("(?:[^"\\]|\\.)*")`)
	queryInvalid = regexp.MustCompile(`parsing (?:field|list) "([\w.]+)"`)
)

// decodeError tells what is wrong with a request that the gateway could not decode, naming the field. The gateway's own
// texts would do, but for quoting the value that it stumbled on.
func decodeError(b binding, err error) error {
	text := err.Error()
	if _, problem, ok := strings.Cut(text, errTooMuchJSON.Error()+": "); ok {
		return fmt.Errorf("%w: the body: %s", secrets.ErrLimit, problem)
	}
	if m := jsonFault.FindStringSubmatch(text); m != nil {
		field := unquote(m[1])
		switch {
		case b.body != "" && field != "":
			field = b.body + "." + field
		case field == "":
			field = cmp.Or(b.body, "body")
		}
		return secrets.Invalid(field, "%s", m[2])
	}
	if m := queryTwice.FindStringSubmatch(text); m != nil {
		return secrets.Invalid(unquote(m[1]), "is given twice")
	}
	if m := queryInvalid.FindStringSubmatch(text); m != nil {
		return secrets.Invalid(m[1], "is not a valid value")
	}
	return secrets.Invalid("query", "is not well-formed")
}

func unquote(name string) string {
	if plain, err := strconv.Unquote(name); err == nil {
		name = plain
	}
	return clip(name)
}

func clip(name string) string {
	if len(name) > maxEcho {
		name = strings.ToValidUTF8(name[:maxEcho], "") + "…"
	}
	return name
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

// unknownRoute says where the methods are described that there are near a path.
func unknownRoute(path, requestID string) *status.Status {
	described := "/openapi.json"
	switch {
	case under(instillPaths, path):
		described = "/openapi/instill.json"
	case under(dataosPaths, path), under(iometePaths, path):
		described = "/openapi/dialects.json"
	}
	st, _ := rpc.Status(status.Error(codes.Unimplemented, "there is no such method; see "+described), requestID)
	return st
}

// writeStatus answers with a google.rpc.Status.
func writeStatus(w http.ResponseWriter, code int, st *status.Status) {
	if code == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="coffer"`)
	}
	retryAfter(w, st)
	body, err := protojson.Marshal(st.Proto())
	if err != nil {
		body, _ = protojson.Marshal(&spb.Status{Code: int32(st.Code()), Message: "the error could not be encoded"})
	}
	w.WriteHeader(code)
	_, _ = w.Write(body) //nolint:gosec // it is JSON and told to be, and nobody is told of a client that is gone
}

// retryAfter tells when to try again, if that is known.
func retryAfter(w http.ResponseWriter, st *status.Status) {
	for _, detail := range st.Details() {
		if retry, ok := detail.(*errdetails.RetryInfo); ok {
			w.Header().Set("Retry-After", strconv.FormatFloat(math.Ceil(retry.GetRetryDelay().AsDuration().Seconds()), 'f', 0, 64))
		}
	}
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
