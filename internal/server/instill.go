package server

import (
	"context"
	"net/http"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// Instill's REST answers with all fields, takes no offence at fields and parameters that it does not know, tells in the
// status what was created and deleted, and of errors as problems.

// instillJSON is the JSON of Instill's REST.
func instillJSON(limits Limits) runtime.Marshaler {
	return instillMarshaler{jsonMarshaler{
		JSONPb: &runtime.JSONPb{
			MarshalOptions: protojson.MarshalOptions{EmitUnpopulated: true}, UnmarshalOptions: protojson.UnmarshalOptions{DiscardUnknown: true},
		},
		limits: limits, repair: escapeBreaks,
	}}
}

// instillMarshaler leaves out the body of what tells nothing.
type instillMarshaler struct{ jsonMarshaler }

// Marshal implements runtime.Marshaler.
func (m instillMarshaler) Marshal(answer any) ([]byte, error) {
	if message, ok := answer.(proto.Message); ok && instillStatus(message) == http.StatusNoContent {
		return nil, nil
	}
	return m.jsonMarshaler.Marshal(answer)
}

// instillStatus is that of an answer.
func instillStatus(answer proto.Message) int {
	switch name := string(answer.ProtoReflect().Descriptor().Name()); {
	case strings.HasPrefix(name, "Create"):
		return http.StatusCreated
	case strings.HasPrefix(name, "Delete"):
		return http.StatusNoContent
	}
	return http.StatusOK
}

// instillCode is called by the gateway before it writes an answer.
func instillCode(_ context.Context, w http.ResponseWriter, answer proto.Message) error {
	code := instillStatus(answer)
	if code == http.StatusNoContent {
		w.Header().Del("Content-Type")
	}
	if code != http.StatusOK {
		w.WriteHeader(code)
	}
	return nil
}

// escapeBreaks escapes what breaks lines within the texts of a JSON value: commands are pasted from documents that break
// their lines anywhere.
func escapeBreaks(body []byte) []byte {
	var out []byte // nil: as body so far
	inText, escaped := false, false
	for i, c := range body {
		if inText && !escaped && (c == '\n' || c == '\r' || c == '\t') {
			if out == nil {
				out = append(make([]byte, 0, len(body)+16), body[:i]...)
			}
			out = append(out, '\\', map[byte]byte{'\n': 'n', '\r': 'r', '\t': 't'}[c])
			continue
		}
		switch {
		case escaped:
			escaped = false
		case c == '"':
			inText = !inText
		case c == '\\':
			escaped = inText
		}
		if out != nil {
			out = append(out, c)
		}
	}
	if out == nil {
		return body
	}
	return out
}

// refuse answers with a status as the dialect of the path does.
func refuse(w http.ResponseWriter, req *http.Request, code int, st *status.Status) {
	if under(instillPaths, req.URL.Path) {
		writeProblem(w, code, st)
		return
	}
	writeStatus(w, code, st)
}

// writeProblem answers with a status of Instill's: a problem.
func writeProblem(w http.ResponseWriter, code int, st *status.Status) {
	w.Header()["Content-Type"] = []string{"application/problem+json"}
	if code == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", st.Message())
	}
	retryAfter(w, st)
	problem := &spb.Status{Code: int32(st.Code()), Message: st.Message()}
	for i, detail := range st.Details() {
		if _, ok := detail.(*errdetails.PreconditionFailure); ok {
			code = http.StatusUnprocessableEntity
			problem.Details = append(problem.Details, st.Proto().GetDetails()[i])
		}
	}
	body, err := protojson.MarshalOptions{EmitUnpopulated: true}.Marshal(problem)
	if err != nil {
		body = []byte(`{"code":13,"message":"the error could not be encoded","details":[]}`)
	}
	w.WriteHeader(code)
	_, _ = w.Write(body)
}
