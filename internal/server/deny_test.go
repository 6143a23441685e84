package server_test

import (
	"regexp"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// fixtures is a minimal request of every method, for resources that seed made; $bin is a deleted secret, and $new a name
// that nothing has. What a Create makes is the only thing that does not exist.
var fixtures = map[protoreflect.Name]string{
	"CreateNamespace":       `{"namespaceId": "below", "namespace": {"parent": "namespaces/acme"}}`,
	"GetNamespace":          `{"name": "namespaces/acme"}`,
	"ListNamespaces":        `{"parent": "namespaces/acme"}`,
	"UpdateNamespace":       `{"namespace": {"name": "namespaces/acme", "description": "d"}}`,
	"DeleteNamespace":       `{"name": "namespaces/acme"}`,
	"UndeleteNamespace":     `{"name": "namespaces/gone"}`,
	"CreateSecret":          `{"parent": "namespaces/acme", "secretId": "new", "secret": {}}`,
	"GetSecret":             `{"name": "namespaces/acme/secrets/db"}`,
	"ListSecrets":           `{"parent": "namespaces/acme"}`,
	"UpdateSecret":          `{"secret": {"name": "namespaces/acme/secrets/db", "description": "d"}}`,
	"DeleteSecret":          `{"name": "namespaces/acme/secrets/db"}`,
	"UndeleteSecret":        `{"name": "namespaces/acme/deletedSecrets/$bin"}`,
	"PurgeSecret":           `{"name": "namespaces/acme/deletedSecrets/$bin"}`,
	"AddSecretVersion":      `{"parent": "namespaces/acme/secrets/db", "payload": {"data": {"k": "v"}}}`,
	"GetSecretVersion":      `{"name": "namespaces/acme/secrets/db/versions/1"}`,
	"ListSecretVersions":    `{"parent": "namespaces/acme/secrets/db"}`,
	"AccessSecretVersion":   `{"name": "namespaces/acme/secrets/db/versions/active"}`,
	"EnableSecretVersion":   `{"name": "namespaces/acme/secrets/db/versions/1"}`,
	"DisableSecretVersion":  `{"name": "namespaces/acme/secrets/db/versions/1"}`,
	"ActivateSecretVersion": `{"name": "namespaces/acme/secrets/db/versions/1"}`,
	"DestroySecretVersion":  `{"name": "namespaces/acme/secrets/db/versions/1"}`,
	"ListDependents":        `{"name": "namespaces/acme/secrets/db"}`,
	"SearchSecrets":         `{"parent": "namespaces/acme", "query": "db"}`,
	"MoveSecret":            `{"name": "namespaces/acme/secrets/db", "destination": "namespaces/acme/secrets/moved"}`,
	"CopySecret":            `{"name": "namespaces/acme/secrets/db", "destination": "namespaces/acme/secrets/copied"}`,
	"CreateProjection":      `{"parent": "namespaces/acme", "projectionId": "new", "projection": {"items": [{"secret": "db", "key": "k", "env": "K"}]}}`,
	"GetProjection":         `{"name": "namespaces/acme/projections/etl"}`,
	"ListProjections":       `{"parent": "namespaces/acme"}`,
	"UpdateProjection":      `{"projection": {"name": "namespaces/acme/projections/etl", "description": "d"}}`,
	"DeleteProjection":      `{"name": "namespaces/acme/projections/etl"}`,
	"RenderProjection":      `{"name": "namespaces/acme/projections/etl"}`,
	"ResolveWorkload":       `{"parent": "namespaces/acme", "payload": "password: ${secret.db.password}"}`,
	"WatchProjection":       `{"name": "namespaces/acme/projections/etl"}`,
	"CreateServiceAccount":  `{"parent": "namespaces/acme", "serviceAccountId": "new"}`,
	"GetServiceAccount":     `{"name": "namespaces/acme/serviceAccounts/nobody"}`,
	"ListServiceAccounts":   `{"parent": "namespaces/acme"}`,
	"UpdateServiceAccount":  `{"serviceAccount": {"name": "namespaces/acme/serviceAccounts/nobody", "description": "d"}}`,
	"DeleteServiceAccount":  `{"name": "namespaces/acme/serviceAccounts/nobody"}`,
	"CreateToken":           `{"parent": "namespaces/acme/serviceAccounts/other", "tokenId": "t2"}`,
	"GetToken":              `{"name": "namespaces/acme/serviceAccounts/other/tokens/t1"}`,
	"ListTokens":            `{"parent": "namespaces/acme/serviceAccounts/other"}`,
	"DeleteToken":           `{"name": "namespaces/acme/serviceAccounts/other/tokens/t1"}`,
	"RenewToken":            `{"name": "namespaces/acme/serviceAccounts/other/tokens/t1"}`,
	"CreateRole":            `{"parent": "namespaces/acme", "roleId": "new", "role": {"actions": ["secret:get"]}}`,
	"GetRole":               `{"name": "namespaces/acme/roles/lookout"}`,
	"ListRoles":             `{"parent": "namespaces/acme"}`,
	"UpdateRole":            `{"role": {"name": "namespaces/acme/roles/lookout", "description": "d"}}`,
	"DeleteRole":            `{"name": "namespaces/acme/roles/lookout"}`,
	"CreatePolicy":          `{"parent": "namespaces/acme", "policyId": "new", "policy": {"text": "forbid (principal, action == Action::\"secret:get\", resource) when { context.delegated };"}}`,
	"GetPolicy":             `{"name": "namespaces/acme/policies/rule"}`,
	"ListPolicies":          `{"parent": "namespaces/acme"}`,
	"UpdatePolicy":          `{"policy": {"name": "namespaces/acme/policies/rule", "description": "d"}}`,
	"DeletePolicy":          `{"name": "namespaces/acme/policies/rule"}`,
	"CheckAccess":           `{"action": "secret:get", "resource": "namespaces/acme/secrets/db", "principal": "user:alice"}`,
	"ListAccessors":         `{"resource": "namespaces/acme/secrets/db"}`,
	"CreateGrant":           `{"parent": "namespaces/acme", "grantId": "g", "grant": {"principal": "user:alice", "role": "viewer"}}`,
	"GetGrant":              `{"name": "namespaces/acme/grants/there"}`,
	"ListGrants":            `{"parent": "namespaces/acme"}`,
	"DeleteGrant":           `{"name": "namespaces/acme/grants/there"}`,
	"WhoAmI":                `{}`,
	"ListAuditEvents":       `{}`,
	"WatchAuditEvents":      `{}`,
	"VerifyAuditLog":        `{}`,
	"GetStatus":             `{}`,
	"ListSourceTypes":       `{}`,
	"GetSourceType":         `{"name": "sourceTypes/postgres"}`,

	"coffer.dataos.v1/GetHeimdallSecret":     `{"id": "acme:db"}`,
	"coffer.dataos.v1/ListDepotSecrets":      `{"depot": "ordersdb"}`,
	"coffer.dataos.v1/GetDepotServiceSecret": `{"id": "acme:db"}`,
	"coffer.dataos.v1/ResolveAddress":        `{"address": "dataos://ordersdb:sales/orders?acl=r"}`,
	"coffer.dataos.v1/GetWorkspaceSecret":    `{"workspace": "acme", "name": "db"}`,
	"coffer.dataos.v1/GetInstanceSecret":     `{"name": "shared"}`,
	"coffer.dataos.v1/GetWorkspaceResource":  `{"workspace": "acme", "type": "service", "name": "orders"}`,
	"coffer.dataos.v1/GetInstanceResource":   `{"type": "depot", "name": "ordersdb"}`,
	"coffer.dataos.v1/GetResourceStatus":     `{"id": "secret:v1:db:acme"}`,
	"coffer.dataos.v1/LocateNamespace":       `{"scope": "WORKSPACE", "name": "public"}`,

	"core.mgmt.v1beta/Liveness":          `{}`,
	"core.mgmt.v1beta/Readiness":         `{}`,
	"pipeline.pipeline.v1beta/Liveness":  `{}`,
	"pipeline.pipeline.v1beta/Readiness": `{}`,
	"vdp.pipeline.v1beta/Liveness":       `{}`,
	"vdp.pipeline.v1beta/Readiness":      `{}`,
	"pipeline.v1beta/Liveness":           `{}`,
	"pipeline.v1beta/Readiness":          `{}`,

	// Without validate_only: what they would write is there, or refused.
	"core.mgmt.v1beta/CheckNamespace":                   `{"id": "acme"}`,
	"core.mgmt.v1beta/GetUser":                          `{"userId": "acme"}`,
	"core.mgmt.v1beta/GetOrganization":                  `{"organizationId": "acme"}`,
	"pipeline.pipeline.v1beta/CreateNamespaceSecret":    `{"namespaceId": "acme", "secret": {"id": "db", "value": "v"}}`,
	"pipeline.pipeline.v1beta/ListNamespaceSecrets":     `{"namespaceId": "acme"}`,
	"pipeline.pipeline.v1beta/GetNamespaceSecret":       `{"namespaceId": "acme", "secretId": "db"}`,
	"pipeline.pipeline.v1beta/UpdateNamespaceSecret":    `{"namespaceId": "acme", "secretId": "db", "secret": {"description": "d", "value": "v"}}`,
	"pipeline.pipeline.v1beta/DeleteNamespaceSecret":    `{"namespaceId": "acme", "secretId": "db"}`,
	"pipeline.pipeline.v1beta/CreateUserSecret":         `{"parent": "users/acme", "secret": {"id": "db", "value": "v"}}`,
	"pipeline.pipeline.v1beta/ListUserSecrets":          `{"parent": "users/acme"}`,
	"pipeline.pipeline.v1beta/GetUserSecret":            `{"name": "users/acme/secrets/db"}`,
	"pipeline.pipeline.v1beta/UpdateUserSecret":         `{"secret": {"name": "users/acme/secrets/db", "description": "d", "value": "v"}}`,
	"pipeline.pipeline.v1beta/DeleteUserSecret":         `{"name": "users/acme/secrets/db"}`,
	"pipeline.pipeline.v1beta/CreateOrganizationSecret": `{"parent": "organizations/acme", "secret": {"id": "db", "value": "v"}}`,
	"pipeline.pipeline.v1beta/ListOrganizationSecrets":  `{"parent": "organizations/acme"}`,
	"pipeline.pipeline.v1beta/GetOrganizationSecret":    `{"name": "organizations/acme/secrets/db"}`,
	"pipeline.pipeline.v1beta/UpdateOrganizationSecret": `{"secret": {"name": "organizations/acme/secrets/db", "description": "d", "value": "v"}}`,
	"pipeline.pipeline.v1beta/DeleteOrganizationSecret": `{"name": "organizations/acme/secrets/db"}`,
	"vdp.pipeline.v1beta/CreateNamespaceSecret":         `{"namespaceId": "acme", "secret": {"id": "db", "value": "v"}}`,
	"vdp.pipeline.v1beta/ListNamespaceSecrets":          `{"namespaceId": "acme"}`,
	"vdp.pipeline.v1beta/GetNamespaceSecret":            `{"namespaceId": "acme", "secretId": "db"}`,
	"vdp.pipeline.v1beta/UpdateNamespaceSecret":         `{"namespaceId": "acme", "secretId": "db", "secret": {"description": "d", "value": "v"}}`,
	"vdp.pipeline.v1beta/DeleteNamespaceSecret":         `{"namespaceId": "acme", "secretId": "db"}`,
	"vdp.pipeline.v1beta/CreateUserSecret":              `{"parent": "users/acme", "secret": {"id": "db", "value": "v"}}`,
	"vdp.pipeline.v1beta/ListUserSecrets":               `{"parent": "users/acme"}`,
	"vdp.pipeline.v1beta/GetUserSecret":                 `{"name": "users/acme/secrets/db"}`,
	"vdp.pipeline.v1beta/UpdateUserSecret":              `{"secret": {"name": "users/acme/secrets/db", "description": "d", "value": "v"}}`,
	"vdp.pipeline.v1beta/DeleteUserSecret":              `{"name": "users/acme/secrets/db"}`,
	"vdp.pipeline.v1beta/CreateOrganizationSecret":      `{"parent": "organizations/acme", "secret": {"id": "db", "value": "v"}}`,
	"vdp.pipeline.v1beta/ListOrganizationSecrets":       `{"parent": "organizations/acme"}`,
	"vdp.pipeline.v1beta/GetOrganizationSecret":         `{"name": "organizations/acme/secrets/db"}`,
	"vdp.pipeline.v1beta/UpdateOrganizationSecret":      `{"secret": {"name": "organizations/acme/secrets/db", "description": "d", "value": "v"}}`,
	"vdp.pipeline.v1beta/DeleteOrganizationSecret":      `{"name": "organizations/acme/secrets/db"}`,
	"pipeline.v1beta/CreateNamespaceSecret":             `{"parent": "namespaces/acme", "secret": {"slug": "db", "value": "v"}}`,
	"pipeline.v1beta/ListNamespaceSecrets":              `{"parent": "namespaces/acme"}`,
	"pipeline.v1beta/GetNamespaceSecret":                `{"name": "namespaces/acme/secrets/db"}`,
	"pipeline.v1beta/UpdateNamespaceSecret":             `{"secret": {"name": "namespaces/acme/secrets/db", "description": "d", "value": "v"}}`,
	"pipeline.v1beta/DeleteNamespaceSecret":             `{"name": "namespaces/acme/secrets/db"}`,

	"coffer.iomete.v1/ListSecrets":              `{"domain": "acme"}`,
	"coffer.iomete.v1/CreateSecret":             `{"domain": "acme", "secret": {"key": "db", "value": "v"}}`,
	"coffer.iomete.v1/UpdateSecret":             `{"domain": "acme", "key": "db", "secret": {"description": "d"}}`,
	"coffer.iomete.v1/DeleteSecret":             `{"domain": "acme", "key": "db"}`,
	"coffer.iomete.v1/ResolveWorkload":          `{"domain": "acme", "payload": "{\"envVars\": {\"A\": \"${secrets.db.k}\"}}"}`,
	"coffer.iomete.v1/RegisterCompute":          `{"domain": "acme", "payload": "{\"name\": \"$new\", \"envVars\": {\"A\": \"${secrets.db.k}\"}}"}`,
	"coffer.iomete.v1/RegisterSparkJob":         `{"domain": "acme", "payload": "{\"name\": \"$new\", \"envVars\": {\"A\": \"${secrets.db.k}\"}}"}`,
	"coffer.iomete.v1/RegisterStreamingJob":     `{"domain": "acme", "payload": "{\"name\": \"$new\", \"envVars\": {\"A\": \"${secrets.db.k}\"}}"}`,
	"coffer.iomete.v1/RegisterSdkJob":           `{"domain": "acme", "payload": "{\"name\": \"$new\", \"envVars\": {\"A\": \"${secrets.db.k}\"}}"}`,
	"coffer.iomete.v1/RegisterJupyterContainer": `{"domain": "acme", "payload": "{\"name\": \"$new\", \"envVars\": {\"A\": \"${secrets.db.k}\"}}"}`,
	"coffer.iomete.v1/RegisterStorageConfig":    `{"domain": "acme", "payload": "{\"name\": \"$new\", \"storageSecret\": {\"key\": \"db.k\"}}"}`,
}

// What the instance has that fixtures of DataOS name, and a workload of a workspace.
const (
	sharedSecret  = `{"parent": "namespaces/instance", "secretId": "shared", "secret": {"payload": {"data": {"k": "v"}}}}`
	ordersDepot   = `{"parent": "namespaces/instance", "projectionId": "depot.ordersdb", "projection": {"workload": {"payload": "depot: {type: postgres, secrets: [{name: db, workspace: acme, allKeys: true}]}"}}}`
	ordersService = `{"parent": "namespaces/acme", "projectionId": "service.orders", "projection": {"workload": {"payload": "dataosSecrets: [{name: db, allKeys: true}]"}}}`
)

// seeded is a server with what the fixtures name.
type seeded struct {
	*servertest.Server
	nobody string // token of an account without grants
	bin    string // UID of a deleted secret
}

func seed(t testing.TB, s *servertest.Server) seeded {
	t.Helper()
	s.Namespace("acme")
	s.Namespace("gone")
	out := seeded{Server: s, nobody: s.Account("namespaces/acme", "nobody", "", "")}
	s.Account("namespaces/acme", "other", "", "") // whose tokens are not nobody's own
	for _, step := range []struct{ method, request string }{
		{"DeleteNamespace", `{"name": "namespaces/gone"}`},
		{"CreateSecret", `{"parent": "namespaces/acme", "secretId": "deleted", "secret": {"payload": {"data": {"k": "v"}}}}`},
		{"DeleteSecret", `{"name": "namespaces/acme/secrets/deleted"}`},
		{"CreateSecret", `{"parent": "namespaces/acme", "secretId": "db", "secret": {"payload": {"data": {"k": "v"}}}}`},
		{"CreateProjection", `{"parent": "namespaces/acme", "projectionId": "etl", "projection": {"items": [{"secret": "db", "key": "k", "env": "K"}]}}`},
		{"CreateRole", `{"parent": "namespaces/acme", "roleId": "lookout", "role": {"actions": ["secret:get"]}}`},
		{"CreatePolicy", `{"parent": "namespaces/acme", "policyId": "rule", "policy": {"text": "forbid (principal, action == Action::\"secret:purge\", resource) when { context.delegated };"}}`},
		{"CreateGrant", `{"parent": "namespaces/acme", "grantId": "there", "grant": {"principal": "user:alice", "role": "viewer"}}`},
		{"CreateSecret", sharedSecret},
		{"CreateProjection", ordersDepot},
		{"CreateProjection", ordersService},
	} {
		method := methodNamed(t, step.method)
		r := restDoor{s}.call(t, s.OperatorToken, method, requestFrom(t, method, step.request))
		if r.code() != codes.OK {
			t.Fatalf("%s: %v", step.method, r.status)
		}
		if deleted, ok := r.answer.(*cofferv1.Secret); ok && out.bin == "" {
			out.bin = deleted.GetUid()
		}
	}
	return out
}

// fixture is the request of a method.
func (s seeded) fixture(method protoreflect.Name) string {
	return strings.NewReplacer("$bin", s.bin, "$new", "new").Replace(fixtures[method])
}

func TestEveryMethodDeniesByDefault(t *testing.T) {
	eachDoor(t, func(t *testing.T, server *servertest.Server, d door) {
		s := seed(t, server)
		for _, method := range allMethods() {
			if fixtures[nameOf(method)] == "" {
				t.Errorf("%s has no fixture", method.FullName())
				continue
			}
			got := d.call(t, s.nobody, method, requestFrom(t, method, s.fixture(nameOf(method))))
			if policyOf(method).GetOpen() {
				if got.code() != codes.OK {
					t.Errorf("open %s: %v, want an answer", nameOf(method), got.status)
				}
				continue // it is recorded as little as a health check
			}
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
			want := 1
			if nameOf(method) == "coffer.dataos.v1/ListDepotSecrets" {
				want = 2 // on what the depot refers to, and then on what is called like it: whether there is a depot is not told
			}
			if got.code() != codes.PermissionDenied || got.reason() != "ACCESS_DENIED" && !ofInstill(method) || denials != want {
				t.Errorf("%s without grants: %v with %d decisions, want PermissionDenied with %d", method.Name(), got.status, denials, want)
			}
			if last := events[len(events)-1]; last.Kind != "OUTCOME" || last.Code != "PERMISSION_DENIED" || last.Action != policyOf(method).GetAction() {
				t.Errorf("%s without grants: last event %+v, want the outcome PERMISSION_DENIED", method.Name(), last)
			}
		}
		s.checkFixtures(t)
	})
}

// checkFixtures proves that the denied requests were for resources that exist: the operator is not told otherwise.
func (s seeded) checkFixtures(t *testing.T) {
	t.Helper()
	for _, method := range allMethods() {
		request := requestFrom(t, method, s.fixture(nameOf(method)))
		if field := request.ProtoReflect().Descriptor().Fields().ByName("validate_only"); field != nil {
			request.ProtoReflect().Set(field, protoreflect.ValueOfBool(true))
		}
		if nameOf(method) == "core.mgmt.v1beta/GetOrganization" {
			continue // acme is none, as the operator may know
		}
		if r := (restDoor{s.Server}).call(t, s.OperatorToken, method, request); r.code() == codes.NotFound || r.code() == codes.InvalidArgument {
			t.Errorf("%s by the operator: %v: its fixture names nothing that exists", method.Name(), r.status)
		}
	}
}

// Whatever the method, a caller without grants is told the same of what exists and of what does not.
func TestEveryMethodDeniesAbsentResources(t *testing.T) {
	s := seed(t, servertest.Start(t, servertest.Config{}))
	absent := strings.NewReplacer("namespaces/gone", "namespaces/g0ne", "secrets/db", "secrets/d8", "projections/etl", "projections/e7l",
		"grants/there", "grants/th3re", "serviceAccounts/nobody", "serviceAccounts/n0body", "serviceAccounts/other", "serviceAccounts/0ther", "roles/lookout", "roles/l00kout", "policies/rule", "policies/ru1e", s.bin, strings.Repeat("a", len(s.bin)),
		`"namespaces/acme"`, `"namespaces/acm3"`, `"namespaceId": "acme"`, `"namespaceId": "acm3"`,
		`"users/acme"`, `"users/acm3"`, `"organizations/acme"`, `"organizations/acm3"`, `"domain": "acme"`, `"domain": "acm3"`, `Id": "acme"`, `Id": "acm3"`, `"id": "acme"`, `"id": "acm3"`)
	d := restDoor{s.Server}
	for _, method := range allMethods() {
		fixture := s.fixture(nameOf(method))
		if absent.Replace(fixture) == fixture {
			continue // it names nothing
		}
		there := d.call(t, s.nobody, method, requestFrom(t, method, fixture))
		gone := d.call(t, s.nobody, method, requestFrom(t, method, absent.Replace(fixture)))
		if gone.code() != codes.PermissionDenied || !sameBut(there.raw, gone.raw) {
			t.Errorf("%s: %s for what exists, %s for what does not, want the same denial", method.Name(), there.raw, gone.raw)
		}
	}
}

// sameBut tells whether two errors differ in the names of what was asked for alone.
func sameBut(a, b string) bool {
	name := regexp.MustCompile(`namespaces/[-\w/.]+`)
	return name.ReplaceAllString(a, "*") == name.ReplaceAllString(b, "*")
}
