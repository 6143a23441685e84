package server

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"

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
	unknownField   = regexp.MustCompile(`unknown field ("(?:[^"\\]|\\.)*")`)
	duplicateField = regexp.MustCompile(`(?:duplicate field|too many values for field) ("(?:[^"\\]|\\.)*")`)
	invalidField   = regexp.MustCompile(`(?:invalid value for \w+ (?:type|field) (\w+):|parsing field "([\w.]+)")`)
	jsonPlace      = regexp.MustCompile(`\(line (\d+):(\d+)\)`)
)

// decodeError tells what is wrong with a request that could not be decoded, naming the field. The decoders' own texts
// would do, but for quoting the value they stumbled on.
func decodeError(err error) error {
	text := err.Error()
	place := ""
	if at := jsonPlace.FindStringSubmatch(text); at != nil {
		place = " at line " + at[1] + ", column " + at[2]
	}
	if m := unknownField.FindStringSubmatch(text); m != nil {
		return noSuchField(unquote(m[1]), place)
	}
	if m := duplicateField.FindStringSubmatch(text); m != nil {
		return secrets.Invalid(unquote(m[1]), "is given twice%s", place)
	}
	if m := invalidField.FindStringSubmatch(text); m != nil {
		return secrets.Invalid(m[1]+m[2], "is not a valid value%s", place)
	}
	return secrets.Invalid("body", "is not the JSON that is wanted here%s", place)
}

func noSuchField(name, place string) error {
	return secrets.Invalid(clip(name), "there is no such field%s", place)
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
	_, _ = w.Write(body) //nolint:gosec // it is JSON and told to be, and nobody is told of a client that is gone
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
