package server_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// with is the token of a new account of acme that holds a role on acme.
func (s *story) with(role string) string {
	s.t.Helper()
	return s.Account("namespaces/acme", "has-"+role, role, "")
}

// custom is the token of a new account of acme that holds a custom role of these actions on acme.
func (s *story) custom(id string, actions ...string) string {
	s.t.Helper()
	token := s.Account("namespaces/acme", id, "", "")
	s.does("CreateRole", `{"parent": "namespaces/acme", "roleId": "`+id+`", "role": {"actions": ["`+strings.Join(actions, `","`)+`"]}}`)
	s.does("CreateGrant", `{"parent": "namespaces/acme", "grantId": "`+id+`", "grant": {"principal": "`+account(id)+`", "role": "namespaces/acme/roles/`+id+`"}}`)
	return token
}

// grant is a CreateGrant in acme.
func grant(fields string) string { return `{"parent": "namespaces/acme", "grant": {` + fields + `}}` }

func to(principal, role string) string {
	return grant(`"principal": "` + principal + `", "role": "` + role + `"`)
}

// Who writes a projection does not thereby receive what it delivers, nor can it give itself the right to.
func TestEscalation_renderByTheAuthor(t *testing.T) {
	eachStory(t, func(t *testing.T, s *story) {
		s.secret("db", "v4lue-of-db")
		for _, role := range []string{"developer", "data-admin"} {
			author := s.with(role)
			name := "namespaces/acme/projections/of-" + role
			s.ok(author, "CreateProjection", `{"parent": "namespaces/acme", "projectionId": "of-`+role+`", "projection": {"items": [{"secret": "db", "key": "k", "env": "K"}]}}`)
			for _, method := range []string{"RenderProjection", "WatchProjection"} {
				s.denied(author, method, `{"name": "`+name+`"}`)
			}
			s.denied(author, "AccessSecretVersion", `{"name": "namespaces/acme/secrets/db/versions/active"}`)
			me := account("has-" + role)
			for _, gives := range []string{"workload", "secret-reader", "operator", "namespace-admin"} {
				s.denied(author, "CreateGrant", to(me, gives))
				s.denied(author, "CreateGrant", grant(`"principal": "`+me+`", "role": "`+gives+`", "resource": "`+name+`"`))
				s.denied(author, "CreateGrant", to("group:everybody", gives))
			}
			s.denied(author, "CreateRole", `{"parent": "namespaces/acme", "roleId": "r", "role": {"actions": ["projection:render"]}}`)
			s.denied(author, "CreatePolicy", `{"parent": "namespaces/acme", "policyId": "p", "policy": {"text": "permit (principal, action == Action::\"projection:render\", resource);"}}`)
			s.denied(author, "CreateToken", `{"parent": "`+strings.TrimPrefix(me, "serviceAccount:")+`"}`)
		}
		// A namespace-admin may, to itself too; it is on the record.
		admin := s.with("namespace-admin")
		s.denied(admin, "RenderProjection", `{"name": "namespaces/acme/projections/of-developer"}`)
		r := s.call(admin, "CreateGrant", to(account("has-namespace-admin"), "workload"))
		if !slices.ContainsFunc(s.AuditOutcome(r.requestID), func(e servertest.AuditEvent) bool { return e.Action == "grant:workload" && e.Decision == "ALLOW" }) {
			t.Error("an admin's grant to itself is not on the record")
		}
	})
}

// A token reaches what its account reaches, so minting one is an admin's right over the account, and noted as such.
func TestEscalation_mintingTokens(t *testing.T) {
	eachStory(t, func(t *testing.T, s *story) {
		strong := `{"parent": "namespaces/acme/serviceAccounts/strong", "tokenId": "x"}`
		s.Account("namespaces/acme", "strong", "operator", "")
		admin := s.with("namespace-admin")
		elsewhere := s.Account("namespaces/other", "elsewhere", "namespace-admin", "")
		for name, token := range map[string]string{"a data-admin": s.with("data-admin"), "an admin of another namespace": elsewhere, "a viewer": s.with("viewer")} {
			for _, method := range []string{"CreateToken", "ListTokens"} {
				if r := s.denied(token, method, `{"parent": "namespaces/acme/serviceAccounts/strong"}`); strings.Contains(r.raw, "cfr_") {
					t.Errorf("%s by %s shows a token", method, name)
				}
			}
			for _, method := range []string{"GetToken", "RenewToken", "DeleteToken"} {
				s.denied(token, method, `{"name": "namespaces/acme/serviceAccounts/strong/tokens/t1"}`)
			}
			s.denied(token, "CreateToken", `{"parent": "users/alice"}`)
			s.denied(token, "CreateToken", `{"parent": "namespaces/instance/serviceAccounts/bootstrap"}`)
		}
		// No account mints for itself, whatever it holds: a token that leaked would outlive its end.
		s.denied(admin, "CreateToken", `{"parent": "namespaces/acme/serviceAccounts/has-namespace-admin"}`)
		operator := s.Account("namespaces/instance", "op", "operator", "")
		s.denied(operator, "CreateToken", `{"parent": "namespaces/instance/serviceAccounts/op"}`)
		s.denied(s.OperatorToken, "CreateToken", `{"parent": "namespaces/instance/serviceAccounts/bootstrap"}`)
		s.denied(admin, "CreateToken", `{"parent": "users/alice"}`)
		s.denied(admin, "ListTokens", `{"parent": "users/alice"}`)
		// Nor does it gain time by renewing.
		s.fails(codes.FailedPrecondition, admin, "RenewToken", `{"name": "namespaces/acme/serviceAccounts/has-namespace-admin/tokens/t1"}`)
		s.fails(codes.FailedPrecondition, admin, "RenewToken", `{"name": "namespaces/acme/serviceAccounts/has-namespace-admin/tokens/t1", "expireTime": "`+time.Now().Add(1000*time.Hour).UTC().Format(time.RFC3339)+`"}`)
		r := s.call(admin, "CreateToken", strong)
		if !slices.ContainsFunc(s.AuditOutcome(r.requestID), func(e servertest.AuditEvent) bool {
			return e.Action == "token:create" && e.Decision == "ALLOW" && strings.Contains(e.Detail, "reaches what "+account("strong")+" reaches")
		}) {
			t.Errorf("minting for a stronger account: %v, recorded %+v", r.status, s.AuditEvents(r.requestID))
		}
	})
}

// Nobody gives more than it holds: not by a built-in role, not by one of its own making, not to a group, not higher up.
func TestEscalation_givingMoreThanOneHolds(t *testing.T) {
	eachStory(t, func(t *testing.T, s *story) {
		dataAdmin, admin := s.with("data-admin"), s.with("namespace-admin")
		custom := s.custom("writer", "grant:create", "grant:delete", "grant:get", "role:create", "role:update", "role:get", "policy:create", "policy:update", "policy:get", "secret:get", "secret:list")
		for _, principal := range []string{"user:mallory", "group:all", account("writer"), account("has-data-admin")} {
			for _, role := range []string{"namespace-admin", "auditor", "secret-reader", "workload", "operator"} {
				s.denied(dataAdmin, "CreateGrant", to(principal, role))
				s.denied(custom, "CreateGrant", to(principal, role))
			}
			s.denied(admin, "CreateGrant", to(principal, "operator"))
			s.denied(custom, "CreateGrant", to(principal, "viewer"))
			s.denied(admin, "CreateGrant", `{"parent": "namespaces/instance", "grant": {"principal": "`+principal+`", "role": "viewer"}}`)
			s.denied(admin, "CreateGrant", `{"parent": "namespaces/other", "grant": {"principal": "`+principal+`", "role": "viewer"}}`)
		}
		// Taking a role away from its betters is giving it too.
		s.does("CreateGrant", `{"parent": "namespaces/acme", "grantId": "reader", "grant": {"principal": "user:boss", "role": "secret-reader"}}`)
		s.denied(dataAdmin, "DeleteGrant", `{"name": "namespaces/acme/grants/reader"}`)
		s.denied(custom, "DeleteGrant", `{"name": "namespaces/acme/grants/has-data-admin-data-admin"}`)
		for _, action := range []string{"secret:access", "secret:destroy", "grant:operator", "grant:viewer", "user:impersonate", "token:create", "system:status", "audit:list"} {
			s.denied(custom, "CreateRole", `{"parent": "namespaces/acme", "roleId": "more", "role": {"actions": ["secret:get", "`+action+`"]}}`)
			// Widening the very role that it holds.
			s.denied(custom, "UpdateRole", `{"role": {"name": "namespaces/acme/roles/writer", "actions": ["grant:create", "`+action+`"]}}`)
		}
		for _, action := range []string{"grant:operator", "user:impersonate", "system:status"} {
			s.denied(admin, "CreateRole", `{"parent": "namespaces/acme", "roleId": "more", "role": {"actions": ["`+action+`"]}}`)
		}
		s.denied(admin, "CreateRole", `{"parent": "namespaces/instance", "roleId": "more", "role": {"actions": ["secret:get"]}}`)
		s.ok(custom, "CreateRole", `{"parent": "namespaces/acme", "roleId": "as-much", "role": {"actions": ["secret:get", "secret:list"]}}`)
		s.denied(custom, "UpdateRole", `{"role": {"name": "namespaces/acme/roles/as-much", "actions": ["secret:get", "secret:access"]}}`)
		s.permits(custom, admin)
	})
}

// permits tries to gain by a policy.
func (s *story) permits(custom, admin string) {
	s.t.Helper()
	policy := func(text string) string {
		return `{"parent": "namespaces/acme", "policyId": "p", "validateOnly": true, "policy": {"text": ` + quote(text) + `}}`
	}
	for _, action := range []string{"secret:access", "secret:use", "projection:render", "secret:destroy", "namespace:update", "serviceAccount:create", "audit:list"} {
		s.denied(custom, "CreatePolicy", policy(`permit (principal, action == Action::"`+action+`", resource);`))
		s.denied(custom, "CreatePolicy", policy(`permit (principal, action in [Action::"secret:get", Action::"`+action+`"], resource) when { false };`))
	}
	s.denied(custom, "CreatePolicy", policy(`permit (principal, action in Action::"role:secret-reader", resource);`))
	s.denied(admin, "CreatePolicy", policy(`permit (principal, action == Action::"system:status", resource);`))
	// What gives rights on rights is granted, and never permitted, not even by an operator.
	for _, action := range []string{"grant:create", "grant:operator", "role:update", "policy:delete", "token:create", "token:renew", "user:impersonate", "access:check", "secret:setOwner"} {
		for _, token := range []string{custom, admin, s.OperatorToken} {
			s.fails(codes.InvalidArgument, token, "CreatePolicy", policy(`permit (principal, action == Action::"`+action+`", resource);`))
		}
	}
	for _, text := range []string{
		`permit (principal, action, resource);`, `permit (principal, action in Action::"role:operator", resource);`, `permit (principal, action in Action::"role:owner", resource);`,
		`permit (principal, action == Action::"secret:get", resource) when { principal has "role:operator" };`,
	} {
		s.fails(codes.InvalidArgument, s.OperatorToken, "CreatePolicy", policy(text))
	}
	s.ok(custom, "CreatePolicy", policy(`permit (principal, action == Action::"secret:get", resource);`))
	// One that was written well is not widened.
	s.policy("kept", `permit (principal == User::"alice", action == Action::"secret:get", resource);`)
	s.denied(custom, "UpdatePolicy", `{"policy": {"name": "namespaces/acme/policies/kept", "text": `+quote(`permit (principal, action == Action::"secret:access", resource);`)+`}}`)
}

// What somebody holds on a condition, or for a time, it does not give on without, or for longer.
func TestEscalation_givingOnWithoutTheCondition(t *testing.T) {
	eachStory(t, func(t *testing.T, s *story) {
		hour := time.Now().Add(time.Hour).UTC()
		at := func(d time.Duration) string { return `, "expireTime": "` + hour.Add(d).Format(time.RFC3339) + `"` }
		lent, bound := s.Account("namespaces/acme", "lent", "", ""), s.Account("namespaces/acme", "bound", "", "")
		s.does("CreateGrant", grant(`"principal": "`+account("lent")+`", "role": "namespace-admin"`+at(0)))
		s.does("CreateGrant", grant(`"principal": "`+account("bound")+`", "role": "namespace-admin", "condition": `+quote(`context has address && context.address.isLoopback()`)))
		s.policy("all", `permit (principal == ServiceAccount::`+strconv.Quote(s.uid("bound"))+`, action in [Action::"secret:get", Action::"secret:access"], resource);`)
		s.ok(bound, "ListGrants", `{"parent": "namespaces/acme"}`)
		const viewer = `"principal": "user:mallory", "role": "viewer"`
		s.denied(lent, "CreateGrant", grant(viewer))
		s.denied(lent, "CreateGrant", grant(viewer+at(time.Second)))
		s.denied(lent, "CreateGrant", grant(viewer+at(time.Second)+`, "condition": "true"`))
		s.ok(lent, "CreateGrant", grant(viewer+at(-time.Minute)))
		for _, more := range []string{"", at(-time.Minute), `, "condition": "false"`, `, "condition": ` + quote(`context has address && context.address.isLoopback()`)} {
			s.denied(bound, "CreateGrant", grant(viewer+more))
		}
		for _, token := range []string{lent, bound} {
			s.denied(token, "CreateRole", `{"parent": "namespaces/acme", "roleId": "r", "role": {"actions": ["secret:get"]}}`)
			s.denied(token, "CreatePolicy", `{"parent": "namespaces/acme", "policyId": "p", "policy": {"text": "permit (principal, action == Action::\"secret:get\", resource);"}}`)
		}
		// What follows a comment is still the condition's, and one that breaks out of its place is none.
		commented := s.with("viewer")
		s.does("CreateGrant", grant(`"principal": "`+account("has-viewer")+`", "role": "secret-reader", "condition": "false // "`))
		s.denied(commented, "AccessSecretVersion", `{"name": "namespaces/acme/secrets/db/versions/active"}`)
		for _, condition := range []string{`true }; permit (principal, action, resource);`, `true } unless { false`, `true };`, `}`, `principal has "role:operator"`, strings.Repeat("true && ", 600) + `true`} {
			s.fails(codes.InvalidArgument, s.OperatorToken, "CreateGrant", grant(viewer+`, "condition": `+quote(condition)))
		}
	})
}

// The owner of a secret gives on it what it holds itself, and being made its owner is not for the taking.
func TestEscalation_byOwning(t *testing.T) {
	eachStory(t, func(t *testing.T, s *story) {
		s.secret("theirs", "v")
		developer, admin, dataAdmin := s.with("developer"), s.with("namespace-admin"), s.with("data-admin")
		s.ok(developer, "CreateSecret", `{"parent": "namespaces/acme", "secretId": "mine", "secret": {"payload": {"data": {"k": "v"}}}}`)
		on := func(id, role string) string {
			return grant(`"principal": "user:friend", "role": "` + role + `", "resource": "namespaces/acme/secrets/` + id + `"`)
		}
		s.ok(developer, "CreateGrant", on("mine", "secret-user"))
		for _, role := range []string{"secret-reader", "data-admin", "namespace-admin", "operator", "auditor", "owner"} {
			if r := s.call(developer, "CreateGrant", on("mine", role)); r.code() != codes.PermissionDenied && r.code() != codes.InvalidArgument {
				t.Errorf("the owner gives %s: %v", role, r.status)
			}
		}
		s.denied(developer, "AccessSecretVersion", `{"name": "namespaces/acme/secrets/mine/versions/active"}`)
		s.denied(developer, "CreateGrant", on("theirs", "secret-user"))
		s.denied(developer, "CreateGrant", to("user:friend", "secret-user"))
		// Owning is set by who may, in every spelling of the request.
		for _, token := range []string{developer, dataAdmin} {
			me := account("has-developer")
			s.denied(token, "UpdateSecret", `{"secret": {"name": "namespaces/acme/secrets/theirs", "owner": "`+me+`"}}`)
			s.denied(token, "UpdateSecret", `{"secret": {"name": "namespaces/acme/secrets/theirs", "description": "d", "owner": "`+me+`"}, "updateMask": "description,owner"}`)
			s.denied(token, "UpdateSecret", `{"secret": {"name": "namespaces/acme/secrets/theirs"}, "updateMask": "owner"}`)
			s.denied(token, "UpdateSecret", `{"secret": {"name": "namespaces/acme/secrets/mine", "owner": "user:victim"}}`)
			if r := s.call(token, "CreateSecret", `{"parent": "namespaces/acme", "secretId": "x", "validateOnly": true, "secret": {"owner": "user:victim"}}`); r.code() != codes.PermissionDenied {
				t.Errorf("creating a secret of somebody else: %v", r.status)
			}
		}
		// An admin may, and gains nothing that it could not give before.
		s.ok(admin, "UpdateSecret", `{"secret": {"name": "namespaces/acme/secrets/theirs", "owner": "`+account("has-namespace-admin")+`"}}`)
		s.denied(admin, "AccessSecretVersion", `{"name": "namespaces/acme/secrets/theirs/versions/active"}`)
		s.denied(admin, "CreateGrant", on("theirs", "operator"))
		// What an owner was granted away is gone with it.
		s.does("UpdateSecret", `{"secret": {"name": "namespaces/acme/secrets/mine", "owner": "user:next"}}`)
		s.denied(developer, "CreateGrant", on("mine", "secret-user"))
		s.fails(codes.InvalidArgument, s.OperatorToken, "UpdateSecret", `{"secret": {"name": "namespaces/acme/secrets/mine", "owner": "group:all"}}`)
	})
}

// A projection delivers by the right of its author: nobody changes what it delivers and leaves it the author's, or takes
// it over without the right to.
func TestEscalation_takingOverAProjection(t *testing.T) {
	eachStory(t, func(t *testing.T, s *story) {
		s.secret("db", "v")
		s.secret("crown", "j3wels")
		s.does("CreateProjection", `{"parent": "namespaces/acme", "projectionId": "etl", "projection": {"items": [{"secret": "db", "key": "k", "env": "K"}]}}`)
		workload := s.Account("namespaces/acme", "workload", "workload", "namespaces/acme/projections/etl")
		developer := s.with("developer")
		const items = `{"projection": {"name": "namespaces/acme/projections/etl", "items": [{"secret": "crown", "key": "k", "env": "K"}]}}`
		s.denied(developer, "UpdateProjection", items)
		s.denied(developer, "UpdateProjection", `{"projection": {"name": "namespaces/acme/projections/etl", "items": [{"secret": "db", "key": "k", "env": "OTHER"}]}}`)
		// With the right to take over, but not to use what it names, or only a part of it.
		s.does("CreateRole", `{"parent": "namespaces/acme", "roleId": "taker", "role": {"actions": ["projection:get", "projection:update", "projection:takeOver", "projection:create", "secret:get"]}}`)
		taker := s.Account("namespaces/acme", "taker", "", "")
		s.does("CreateGrant", to(account("taker"), "namespaces/acme/roles/taker"))
		s.denied(taker, "UpdateProjection", items)
		s.does("CreateGrant", grant(`"principal": "`+account("taker")+`", "role": "secret-user", "resource": "namespaces/acme/secrets/db"`))
		s.denied(taker, "UpdateProjection", items)
		s.denied(taker, "UpdateProjection", `{"projection": {"name": "namespaces/acme/projections/etl", "items": [{"secret": "db", "key": "k", "env": "K"}, {"secret": "crown", "key": "k", "env": "C", "optional": true}]}}`)
		s.denied(taker, "CreateProjection", `{"parent": "namespaces/acme", "projectionId": "mine", "projection": {"items": [{"secret": "crown", "key": "k", "env": "K"}]}}`)
		// What says nothing of its items leaves author and items as they are.
		p := s.ok(developer, "UpdateProjection", `{"projection": {"name": "namespaces/acme/projections/etl", "description": "d", "authorizedBy": "user:x"}, "updateMask": "description"}`).(*cofferv1.Projection)
		if p.GetAuthorizedBy() != "serviceAccount:namespaces/instance/serviceAccounts/bootstrap" || p.GetItems()[0].GetBoundSecret() != "namespaces/acme/secrets/db" {
			t.Errorf("after an update of the description: %v", p)
		}
		s.fails(codes.InvalidArgument, developer, "UpdateProjection", `{"projection": {"name": "namespaces/acme/projections/etl", "authorizedBy": "user:x"}, "updateMask": "authorizedBy"}`)
		// Taking over by deleting and making anew takes the workload's grant along into nothing.
		s.ok(workload, "RenderProjection", etl)
		s.ok(developer, "DeleteProjection", etl)
		s.ok(developer, "CreateProjection", `{"parent": "namespaces/acme", "projectionId": "etl", "projection": {"items": [{"secret": "crown", "key": "k", "env": "K"}]}}`)
		s.denied(workload, "RenderProjection", etl)
		s.denied(developer, "RenderProjection", etl)
	})
}

// A name that is made anew inherits nothing of what was granted on, or to, or of the first.
func TestEscalation_namesMadeAnew(t *testing.T) {
	eachStory(t, func(t *testing.T, s *story) {
		s.secret("db", "v")
		reader := s.Account("namespaces/acme", "reader", "secret-reader", "namespaces/acme/secrets/db")
		s.does("CreateServiceAccount", `{"parent": "namespaces/acme", "serviceAccountId": "etl"}`)
		s.does("CreateGrant", to(account("etl"), "operator"))
		s.does("CreateRole", `{"parent": "namespaces/acme", "roleId": "r", "role": {"actions": ["secret:get"]}}`)
		s.does("CreateGrant", to(account("reader"), "namespaces/acme/roles/r"))
		s.does("CreateSecret", `{"parent": "namespaces/acme", "secretId": "owned", "secret": {"owner": "`+account("etl")+`"}}`)
		s.ok(reader, "GetSecret", `{"name": "namespaces/acme/secrets/db"}`)
		const access = `{"name": "namespaces/acme/secrets/db/versions/active"}`
		s.ok(reader, "AccessSecretVersion", access)

		admin := s.with("namespace-admin")
		s.ok(admin, "DeleteRole", `{"name": "namespaces/acme/roles/r"}`)
		s.denied(reader, "GetSecret", `{"name": "namespaces/acme/secrets/db"}`)
		s.ok(admin, "CreateRole", `{"parent": "namespaces/acme", "roleId": "r", "role": {"actions": ["secret:get", "secret:delete"]}}`)
		s.denied(reader, "GetSecret", `{"name": "namespaces/acme/secrets/db"}`)

		s.ok(admin, "DeleteSecret", `{"name": "namespaces/acme/secrets/db"}`)
		s.ok(admin, "CreateSecret", `{"parent": "namespaces/acme", "secretId": "db", "secret": {"payload": {"data": {"k": "n3w"}}}}`)
		s.denied(reader, "AccessSecretVersion", access)

		// The account of an operator's grant, made anew by an admin that could not have granted that.
		s.ok(admin, "DeleteServiceAccount", `{"name": "namespaces/acme/serviceAccounts/etl"}`)
		s.ok(admin, "CreateServiceAccount", `{"parent": "namespaces/acme", "serviceAccountId": "etl"}`)
		anew := s.ok(admin, "CreateToken", `{"parent": "namespaces/acme/serviceAccounts/etl"}`).(*cofferv1.Token).GetSecret()
		s.denied(anew, "AccessSecretVersion", access)
		s.denied(anew, "GetNamespace", `{"name": "namespaces/acme"}`)
		s.denied(anew, "CreateGrant", grant(`"principal": "user:x", "role": "secret-user", "resource": "namespaces/acme/secrets/owned"`))
		if c := s.check(anew, "secret:access", "namespaces/acme/secrets/db"); c.GetAllowed() || len(c.GetReasons()) > 0 || c.GetHiddenReasons() > 0 {
			t.Errorf("CheckAccess by an account made anew: %v", c)
		}
	})
}

// A policy that forbids everything forbids not its own removal, and is no way to keep others from removing it.
func TestEscalation_forbidAgainstItsRemoval(t *testing.T) {
	eachStory(t, func(t *testing.T, s *story) {
		s.secret("db", "v")
		admin := s.with("namespace-admin")
		texts := []string{
			`forbid (principal, action, resource);`,
			`forbid (principal, action in [Action::"policy:delete", Action::"policy:update", Action::"policy:get", Action::"policy:list", Action::"policy:create", Action::"secret:get"], resource);`,
			`forbid (principal is ServiceAccount, action, resource) when { resource.id == "ban0" || true };`,
		}
		for i, text := range texts {
			r := s.call(admin, "CreatePolicy", fmt.Sprintf(`{"parent": "namespaces/acme", "policyId": "ban%d", "policy": {"text": %s}}`, i, quote(text)))
			if r.code() == codes.InvalidArgument {
				continue // refused is as good
			}
			if r.code() != codes.OK {
				t.Errorf("CreatePolicy %s: %v", text, r.status)
				continue
			}
			s.denied(admin, "GetSecret", `{"name": "namespaces/acme/secrets/db"}`)
			s.ok(admin, "ListPolicies", `{"parent": "namespaces/acme"}`)
			name := fmt.Sprintf(`"name": "namespaces/acme/policies/ban%d"`, i)
			s.ok(admin, "GetPolicy", `{`+name+`}`)
			s.ok(admin, "UpdatePolicy", `{"policy": {`+name+`, "description": "d"}}`)
			s.ok(admin, "DeletePolicy", `{`+name+`}`)
			s.ok(admin, "GetSecret", `{"name": "namespaces/acme/secrets/db"}`)
		}
	})
}
