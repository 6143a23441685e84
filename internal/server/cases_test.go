package server_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"sigs.k8s.io/yaml"

	"github.com/coffer-dev/coffer/internal/servertest"
)

// A case is a story: accounts of the namespace acme, and calls with what must come of them. Each runs through every door
// against a server of its own.
type apiCase struct {
	Name string `json:"name"`
	// Accounts are service accounts of acme by ID, with the role that each holds on acme, or none.
	Accounts map[string]string `json:"accounts"`
	Steps    []apiStep         `json:"steps"`
}

type apiStep struct {
	// As is who calls: operator (the default), nobody (without a token), an account, or a token saved by a step.
	As      string          `json:"as"`
	Call    string          `json:"call"`
	Request json.RawMessage `json:"request"` // $name is replaced by what a step saved
	// Code is the expected one; OK by default.
	Code string `json:"code"`
	// Reason and Violations are those of the error's details.
	Reason     string   `json:"reason"`
	Violations []string `json:"violations"`
	// Message is a part of the error's message.
	Message string `json:"message"`
	// Answer is a part of the answer, as JSON: maps may hold more, anything else is compared.
	Answer json.RawMessage `json:"answer"`
	// Absent are fields that the answer must not have.
	Absent []string `json:"absent"`
	// Save keeps fields of the answer under a name.
	Save map[string]string `json:"save"`
	// Audit are the decisions recorded, in order: "ALLOW secret:get namespaces/acme/secrets/db". Absent: not compared.
	Audit []string `json:"audit"`
}

func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d cases: %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var cases []apiCase
		if err := yaml.UnmarshalStrict(text, &cases); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, c := range cases {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml")+"/"+c.Name, func(t *testing.T) {
				eachDoor(t, func(t *testing.T, s *servertest.Server, d door) { c.run(t, s, d) })
			})
		}
	}
}

func (c apiCase) run(t *testing.T, s *servertest.Server, d door) {
	s.Namespace("acme")
	tokens := map[string]string{"": s.OperatorToken, "operator": s.OperatorToken, "nobody": ""}
	for id, role := range c.Accounts {
		tokens[id] = s.Account("namespaces/acme", id, role, "")
	}
	saved := map[string]string{}
	for i, step := range c.Steps {
		token, ok := tokens[step.As]
		if !ok {
			if token, ok = saved[step.As]; !ok {
				t.Fatalf("step %d: nobody is called %q", i+1, step.As)
			}
		}
		method := methodNamed(t, step.Call)
		text := "{}"
		if step.Request != nil {
			text = replace(saved, step.Request)
		}
		if step.Answer != nil {
			step.Answer = json.RawMessage(replace(saved, step.Answer))
		}
		got := d.call(t, token, method, requestFrom(t, method, text))
		step.check(t, fmt.Sprintf("step %d, %s %s", i+1, step.Call, text), got)
		if step.Audit != nil {
			decisions := []string{}
			for _, e := range s.AuditOutcome(got.requestID) {
				if e.Kind == "DECISION" {
					decisions = append(decisions, e.Decision+" "+e.Action+" "+e.Resource)
				}
			}
			if diff := cmp.Diff(step.Audit, decisions); diff != "" {
				t.Errorf("step %d, %s: recorded decisions:\n%s", i+1, step.Call, diff)
			}
		}
		for name, field := range step.Save {
			saved[name] = fmt.Sprint(lookup(fieldsOf(t, got.answer), field))
		}
	}
}

// replace replaces every $name by what was saved under it.
func replace(saved map[string]string, text json.RawMessage) string {
	replaced := string(text)
	for name, value := range saved {
		quoted, _ := json.Marshal(value)
		replaced = strings.ReplaceAll(replaced, "$"+name, string(quoted[1:len(quoted)-1]))
	}
	return replaced
}

func (step apiStep) check(t *testing.T, where string, got result) {
	t.Helper()
	want := codes.OK
	if step.Code != "" {
		if err := want.UnmarshalJSON([]byte(`"` + step.Code + `"`)); err != nil {
			t.Fatalf("%s: %v", where, err)
		}
	}
	if got.code() != want {
		t.Errorf("%s: %v, want %v", where, got.status, want)
		return
	}
	if step.Reason != "" && got.reason() != step.Reason {
		t.Errorf("%s: reason %s, want %s", where, got.reason(), step.Reason)
	}
	if step.Violations != nil {
		if diff := cmp.Diff(step.Violations, got.violations()); diff != "" {
			t.Errorf("%s: violations:\n%s", where, diff)
		}
	}
	if !strings.Contains(got.status.Message(), step.Message) {
		t.Errorf("%s: message %q, want one with %q", where, got.status.Message(), step.Message)
	}
	fields := fieldsOf(t, got.answer)
	if step.Answer != nil {
		var want any
		if err := json.Unmarshal(step.Answer, &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, part(fields, want)); diff != "" {
			t.Errorf("%s: answer:\n%s", where, diff)
		}
	}
	for _, field := range step.Absent {
		if v := lookup(fields, field); v != nil {
			t.Errorf("%s: the answer has %s = %v", where, field, v)
		}
	}
}

func fieldsOf(t *testing.T, message proto.Message) any {
	t.Helper()
	text, err := protojson.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	var fields any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}

// part is what of got is to be compared with want: of a map the keys that want has.
func part(got, want any) any {
	switch want := want.(type) {
	case map[string]any:
		of, ok := got.(map[string]any)
		if !ok {
			return got
		}
		out := map[string]any{}
		for k, w := range want {
			if v, ok := of[k]; ok {
				out[k] = part(v, w)
			}
		}
		return out
	case []any:
		of, ok := got.([]any)
		if !ok || len(of) != len(want) {
			return got
		}
		out := make([]any, len(of))
		for i := range of {
			out[i] = part(of[i], want[i])
		}
		return out
	}
	return got
}

// lookup returns the field at a path of JSON names, or nil.
func lookup(fields any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		of, ok := fields.(map[string]any)
		if !ok {
			return nil
		}
		fields = of[name]
	}
	return fields
}
