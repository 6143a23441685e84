package iomete_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/cli"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// The table of permissions in the package's comment: each role may do what its permission says, and nothing more.
func TestPermissions(t *testing.T) {
	s := stocked(t, nil)
	const path = "/api/v2/domains/secret-domain"
	role := func(id, actions string) {
		if r := s.REST(s.OperatorToken, "POST", "/v1/namespaces/secret-domain/roles?roleId="+id, `{"actions": [`+actions+`]}`); r.Status != 200 {
			t.Fatalf("creating the role %s: %s", id, r.Body)
		}
	}
	role("LIST_SECRETS", `"secret:list", "secret:get"`)
	role("MANAGE_SECRETS", `"secret:create", "secret:update", "secret:addVersion", "secret:delete"`)
	role("VIEW_SECRETS", `"secret:access"`)
	const custom = "namespaces/secret-domain/roles/"
	for _, c := range []struct {
		role                     string
		lists, manages, resolves bool
	}{
		{"viewer", true, false, false},
		{"developer", true, true, false},
		{"secret-reader", false, false, true},
		{"secret-user", false, false, false},
		{custom + "LIST_SECRETS", true, false, false},
		{custom + "MANAGE_SECRETS", false, true, false},
		{custom + "VIEW_SECRETS", false, false, true},
	} {
		token := s.Account("namespaces/secret-domain", "has-"+strings.ToLower(c.role[strings.LastIndex(c.role, "/")+1:]), "", "")
		s.Grant("namespaces/secret-domain", "g-"+c.role[strings.LastIndex(c.role, "/")+1:],
			"serviceAccount:namespaces/secret-domain/serviceAccounts/has-"+strings.ToLower(c.role[strings.LastIndex(c.role, "/")+1:]), c.role, "")
		for _, call := range []struct {
			allowed            bool
			method, path, body string
		}{
			{c.lists, "GET", "/secrets", ""},
			{c.manages, "POST", "/secrets", `{"key": "new", "value": "v"}`},
			{c.manages, "PUT", "/secrets/new", `{"value": "w", "description": "d"}`},
			{c.manages, "DELETE", "/secrets/new", ""},
			{c.resolves, "POST", "/compute:resolve", `{"envVars": {"A": "${secrets.db_password}"}}`},
		} {
			r := s.REST(token, call.method, path+call.path, call.body)
			if (r.Status == http.StatusOK) != call.allowed || !call.allowed && r.Status != http.StatusForbidden {
				t.Errorf("%s: %s %s: %d %s, want it allowed: %v", c.role, call.method, call.path, r.Status, r.Body, call.allowed)
			}
		}
	}
}

// A resource bundle is a label, and a grant whose condition asks for it: of what is there, and of what joins it later.
func TestResourceBundle(t *testing.T) {
	s := stocked(t, nil)
	made := documentedGrant(t, s)
	if made.Role != "secret-user" || made.Principal != "group:analysts" {
		t.Errorf("what the package's comment says grants %+v", made)
	}
	analyst := s.Account("namespaces/secret-domain", "analyst", "", "")
	made.Role, made.Principal = "secret-reader", "serviceAccount:namespaces/secret-domain/serviceAccounts/analyst"
	body, _ := json.Marshal(made)
	if r := s.REST(s.OperatorToken, "POST", "/v1/namespaces/secret-domain/grants?grantId=bundle", string(body)); r.Status != 200 {
		t.Fatalf("granting: %s", r.Body)
	}
	const secret = "/v1/namespaces/secret-domain/secrets/db_password"
	resolves := func() bool {
		status, _ := resolve(t, s, analyst, "POST", paths[0], `{"envVars": {"A": "${secrets.db_password}"}}`)
		return status == 200
	}
	if resolves() {
		t.Error("what is in no bundle resolves")
	}
	s.REST(s.OperatorToken, "PATCH", secret+"?updateMask=labels", `{"labels": {"bundle": "finance"}}`)
	if !resolves() {
		t.Error("what is in the bundle does not resolve")
	}
	s.REST(s.OperatorToken, "PUT", "/api/v2/domains/secret-domain/secrets/db_password", `{"value": "new", "description": "d"}`)
	if !resolves() {
		t.Error("an update took the secret out of its bundle")
	}
	s.REST(s.OperatorToken, "PATCH", secret+"?updateMask=labels", `{"labels": {"bundle": "other"}}`)
	if resolves() {
		t.Error("what left the bundle resolves")
	}
}

type grant struct {
	Principal string `json:"principal"`
	Role      string `json:"role"`
	Condition string `json:"condition"`
}

// documentedGrant runs the command in the package's comment, and returns what it granted.
func documentedGrant(t *testing.T, s *servertest.Server) (made grant) {
	t.Helper()
	source, err := os.ReadFile("iomete.go")
	if err != nil {
		t.Fatal(err)
	}
	_, command, _ := strings.Cut(string(source), "//	coffer ")
	command, _, _ = strings.Cut(command, "\n//\n")
	plain, quoted, _ := strings.Cut(strings.ReplaceAll(command, "\\\n//", ""), "'")
	s.Namespace("sales")
	t.Setenv("COFFER_ADDR", s.URL())
	t.Setenv("COFFER_TOKEN", s.OperatorToken)
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	args := append(append([]string{"coffer"}, strings.Fields(plain)...), strings.TrimSuffix(quoted, "'"))
	var stdout, stderr bytes.Buffer
	if code := cli.Main(t.Context(), args, cli.Stdio{In: strings.NewReader(""), Out: &stdout, Err: &stderr}); code != 0 {
		t.Fatalf("%q: exit code %d, %s", args, code, stderr.String())
	}
	var page struct{ Grants []grant }
	r := s.REST(s.OperatorToken, "GET", "/v1/namespaces/sales/grants", "")
	if err := json.Unmarshal(r.Body, &page); err != nil || len(page.Grants) != 1 {
		t.Fatalf("%q granted %s", args, r.Body)
	}
	return page.Grants[0]
}
