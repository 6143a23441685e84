package server_test

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// fixtures is a minimal request of every method, for resources that exist.
var fixtures = map[protoreflect.Name]string{
	"CreateNamespace":       `{"namespaceId": "below", "namespace": {"parent": "namespaces/acme"}}`,
	"GetNamespace":          `{"name": "namespaces/acme"}`,
	"ListNamespaces":        `{"parent": "namespaces/acme"}`,
	"UpdateNamespace":       `{"namespace": {"name": "namespaces/acme", "description": "d"}}`,
	"DeleteNamespace":       `{"name": "namespaces/acme"}`,
	"UndeleteNamespace":     `{"name": "namespaces/acme"}`,
	"CreateSecret":          `{"parent": "namespaces/acme", "secretId": "new", "secret": {}}`,
	"GetSecret":             `{"name": "namespaces/acme/secrets/db"}`,
	"ListSecrets":           `{"parent": "namespaces/acme"}`,
	"UpdateSecret":          `{"secret": {"name": "namespaces/acme/secrets/db", "description": "d"}}`,
	"DeleteSecret":          `{"name": "namespaces/acme/secrets/db"}`,
	"UndeleteSecret":        `{"name": "namespaces/acme/deletedSecrets/x"}`,
	"PurgeSecret":           `{"name": "namespaces/acme/deletedSecrets/x"}`,
	"AddSecretVersion":      `{"parent": "namespaces/acme/secrets/db", "payload": {"data": {"k": "v"}}}`,
	"GetSecretVersion":      `{"name": "namespaces/acme/secrets/db/versions/1"}`,
	"ListSecretVersions":    `{"parent": "namespaces/acme/secrets/db"}`,
	"AccessSecretVersion":   `{"name": "namespaces/acme/secrets/db/versions/active"}`,
	"EnableSecretVersion":   `{"name": "namespaces/acme/secrets/db/versions/1"}`,
	"DisableSecretVersion":  `{"name": "namespaces/acme/secrets/db/versions/1"}`,
	"ActivateSecretVersion": `{"name": "namespaces/acme/secrets/db/versions/1"}`,
	"DestroySecretVersion":  `{"name": "namespaces/acme/secrets/db/versions/1"}`,
	"ListDependents":        `{"name": "namespaces/acme/secrets/db"}`,
	"CreateProjection":      `{"parent": "namespaces/acme", "projectionId": "new", "projection": {}}`,
	"GetProjection":         `{"name": "namespaces/acme/projections/etl"}`,
	"ListProjections":       `{"parent": "namespaces/acme"}`,
	"UpdateProjection":      `{"projection": {"name": "namespaces/acme/projections/etl", "description": "d"}}`,
	"DeleteProjection":      `{"name": "namespaces/acme/projections/etl"}`,
	"RenderProjection":      `{"name": "namespaces/acme/projections/etl"}`,
	"CreateServiceAccount":  `{"parent": "namespaces/acme", "serviceAccountId": "new"}`,
	"GetServiceAccount":     `{"name": "namespaces/acme/serviceAccounts/nobody"}`,
	"ListServiceAccounts":   `{"parent": "namespaces/acme"}`,
	"UpdateServiceAccount":  `{"serviceAccount": {"name": "namespaces/acme/serviceAccounts/nobody", "description": "d"}}`,
	"DeleteServiceAccount":  `{"name": "namespaces/acme/serviceAccounts/nobody"}`,
	"CreateToken":           `{"parent": "namespaces/acme/serviceAccounts/nobody", "tokenId": "t2"}`,
	"GetToken":              `{"name": "namespaces/acme/serviceAccounts/nobody/tokens/t1"}`,
	"ListTokens":            `{"parent": "namespaces/acme/serviceAccounts/nobody"}`,
	"DeleteToken":           `{"name": "namespaces/acme/serviceAccounts/nobody/tokens/t1"}`,
	"CreateGrant":           `{"parent": "namespaces/acme", "grantId": "g", "grant": {"principal": "user:alice", "role": "viewer"}}`,
	"GetGrant":              `{"name": "namespaces/acme/grants/g"}`,
	"ListGrants":            `{"parent": "namespaces/acme"}`,
	"DeleteGrant":           `{"name": "namespaces/acme/grants/g"}`,
	"WhoAmI":                `{}`,
	"ListAuditEvents":       `{}`,
	"VerifyAuditLog":        `{}`,
	"GetStatus":             `{}`,
}

// seed stores what the fixtures name, and returns the token of an account without grants.
func seed(t testing.TB, s *servertest.Server) string {
	t.Helper()
	s.Namespace("acme")
	operator := restDoor{s}
	for _, step := range []struct{ method, request string }{
		{"CreateSecret", `{"parent": "namespaces/acme", "secretId": "db", "secret": {"payload": {"data": {"k": "v"}}}}`},
		{"CreateProjection", `{"parent": "namespaces/acme", "projectionId": "etl", "projection": {"items": [{"secret": "db", "key": "k", "env": "K"}]}}`},
	} {
		method := methodNamed(t, step.method)
		if r := operator.call(t, s.OperatorToken, method, requestFrom(t, method, step.request)); r.code() != codes.OK {
			t.Fatalf("%s: %v", step.method, r.status)
		}
	}
	return s.Account("namespaces/acme", "nobody", "", "")
}

func TestEveryMethodDeniesByDefault(t *testing.T) {
	eachDoor(t, func(t *testing.T, s *servertest.Server, d door) {
		nobody := seed(t, s)
		for _, method := range allMethods() {
			fixture, ok := fixtures[method.Name()]
			if !ok {
				t.Errorf("%s has no fixture", method.FullName())
				continue
			}
			got := d.call(t, nobody, method, requestFrom(t, method, fixture))
			events := s.AuditOutcome(got.requestID)
			denials := 0
			for _, e := range events {
				if e.Kind == "DECISION" {
					denials++
					if e.Decision != "DENY" || e.Principal != "serviceAccount:namespaces/acme/serviceAccounts/nobody" ||
						e.Action != policyOf(method).GetAction() || e.Method != fullName(method) || e.Resource == "" {
						t.Errorf("%s without grants recorded %+v", method.Name(), e)
					}
				}
			}
			if policyOf(method).GetAudit() == cofferv1.MethodPolicy_EXEMPT {
				if got.code() != codes.OK || denials != 0 {
					t.Errorf("exempt %s: %v with %d decisions, want an answer and none", method.Name(), got.status, denials)
				}
				continue
			}
			if got.code() != codes.PermissionDenied || got.reason() != "ACCESS_DENIED" || denials != 1 {
				t.Errorf("%s without grants: %v with %d decisions, want PermissionDenied with one", method.Name(), got.status, denials)
			}
			if last := events[len(events)-1]; last.Kind != "OUTCOME" || last.Code != "PERMISSION_DENIED" {
				t.Errorf("%s without grants: last event %+v, want the outcome PERMISSION_DENIED", method.Name(), last)
			}
		}
	})
}

// An absent resource is denied as an existing one is.
func TestEveryMethodDeniesAbsentResources(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	nobody := seed(t, s)
	for _, path := range []string{
		"/v1/namespaces/acme/secrets/%s", "/v1/namespaces/acme/secrets/%s/versions/active:access", "/v1/namespaces/acme/projections/%s",
	} {
		there, absent := "db", "absent"
		if path == "/v1/namespaces/acme/projections/%s" {
			there = "etl"
		}
		a, b := s.REST(nobody, "GET", fmt.Sprintf(path, there), ""), s.REST(nobody, "GET", fmt.Sprintf(path, absent), "")
		if a.Status != 403 || b.Status != 403 || strings.ReplaceAll(string(a.Body), there, "*") != strings.ReplaceAll(string(b.Body), absent, "*") {
			t.Errorf("GET %s: %d %s for an existing one, %d %s for an absent one, want the same 403", path, a.Status, a.Body, b.Status, b.Body)
		}
	}
}
