package iomete_test

import (
	"net/http"
	"strings"
	"testing"
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
	analyst := s.Account("namespaces/secret-domain", "analyst", "", "")
	r := s.REST(s.OperatorToken, "POST", "/v1/namespaces/secret-domain/grants?grantId=bundle", `{
		"principal": "serviceAccount:namespaces/secret-domain/serviceAccounts/analyst", "role": "secret-reader",
		"condition": "resource.hasTag(\"bundle\") && resource.getTag(\"bundle\") == \"finance\""}`)
	if r.Status != 200 {
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
