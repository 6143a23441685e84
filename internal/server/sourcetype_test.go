package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/coffer-dev/coffer/internal/servertest"
)

// sourceType is what REST tells of a type, as far as it is of interest here.
type sourceType struct {
	Name, Example string
	Aliases       []string
	Fields        []struct {
		Name, Example string
		Sensitive     bool
	}
}

// Each type's own example is taken as it is. The catalog is told to whoever has a credential, and to nobody else.
func TestSourceTypes(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	acme := s.Namespace("acme")
	var list struct{ SourceTypes []sourceType }
	answerTo(t, s.REST(s.Account(acme, "nobody", "", ""), "GET", "/v1/sourceTypes", ""), &list)
	if len(list.SourceTypes) < 20 {
		t.Errorf("%d types", len(list.SourceTypes))
	}
	for _, source := range list.SourceTypes {
		var manifest struct{ Spec json.RawMessage }
		if err := yaml.Unmarshal([]byte(source.Example), &manifest); err != nil {
			t.Fatalf("%s: %v", source.Name, err)
		}
		id := strings.TrimPrefix(source.Name, "sourceTypes/")
		var created struct{ Type, ActiveVersion string }
		answerTo(t, s.REST(s.OperatorToken, "POST", "/v1/"+acme+"/secrets?secretId="+id, string(manifest.Spec)), &created)
		if created.Type != id || created.ActiveVersion != "1" {
			t.Errorf("the example of %s became %+v", id, created)
		}
		for _, name := range append([]string{id}, source.Aliases...) {
			var one sourceType
			answerTo(t, s.REST(s.OperatorToken, "GET", "/v1/sourceTypes/"+name, ""), &one)
			if one.Name != source.Name {
				t.Errorf("%s is told as %s", name, one.Name)
			}
		}
		for _, f := range source.Fields {
			if f.Sensitive && f.Example != "" {
				t.Errorf("%s: there is a value for %s", id, f.Name)
			}
		}
	}
	if r := s.REST("", "GET", "/v1/sourceTypes", ""); r.Status != http.StatusUnauthorized {
		t.Errorf("without a credential: %d", r.Status)
	}
	if r := s.REST(s.OperatorToken, "GET", "/v1/sourceTypes/postgers", ""); r.Status != http.StatusNotFound || !strings.Contains(string(r.Body), "did you mean postgres?") {
		t.Errorf("of an unknown type: %d %s", r.Status, r.Body)
	}
}

func answerTo(t *testing.T, r servertest.Response, into any) {
	t.Helper()
	if r.Status != http.StatusOK {
		t.Fatalf("status %d: %s", r.Status, r.Body)
	}
	if err := json.Unmarshal(r.Body, into); err != nil {
		t.Fatal(err)
	}
}
