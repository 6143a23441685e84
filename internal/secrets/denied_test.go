package secrets_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// method is one method of the domain, called about a resource.
type method struct {
	name   string
	action authz.Action
	kind   string // which of the names it is called with
	writes bool
	call   func(f *fixture, c authn.Caller, name string) error
}

// only drops an answer.
func only[T any](_ T, err error) error { return err }

func only2[T, U any](_ T, _ U, err error) error { return err }

// methods are all methods that ask the gate, each with a request that is valid where the name exists.
var methods = []method{
	{"GetNamespace", authz.NamespaceGet, "namespace", false, func(f *fixture, c authn.Caller, n string) error {
		return only(f.GetNamespace(f.ctx(), c, n))
	}},
	{"CreateNamespace", authz.NamespaceCreate, "namespace", true, func(f *fixture, c authn.Caller, n string) error {
		return only(f.CreateNamespace(f.ctx(), c, secrets.CreateNamespace{ID: "new", Namespace: secrets.Namespace{Parent: n}}))
	}},
	{"ListNamespaces", authz.NamespaceList, "namespace", false, func(f *fixture, c authn.Caller, n string) error {
		return only2(f.ListNamespaces(f.ctx(), c, n, secrets.Page{}))
	}},
	{"UpdateNamespace", authz.NamespaceUpdate, "namespace", true, func(f *fixture, c authn.Caller, n string) error {
		return only(f.UpdateNamespace(f.ctx(), c, secrets.Namespace{Name: n, Meta: secrets.Meta{Description: "x"}}, nil, false))
	}},
	{"CreateSecret", authz.SecretCreate, "namespace", true, func(f *fixture, c authn.Caller, n string) error {
		return only(f.CreateSecret(f.ctx(), c, secrets.CreateSecret{Parent: n, ID: "new", Payload: payload("k", "1")}))
	}},
	{"ListSecrets", authz.SecretList, "namespace", false, func(f *fixture, c authn.Caller, n string) error {
		return only2(f.ListSecrets(f.ctx(), c, n, secrets.Page{}))
	}},
	{"CreateProjection", authz.ProjectionCreate, "namespace", true, func(f *fixture, c authn.Caller, n string) error {
		return only(f.CreateProjection(f.ctx(), c, secrets.CreateProjection{Parent: n, ID: "new", Projection: secrets.Projection{Items: []secrets.Item{env("db", "k", "K")}}}))
	}},
	{"ListProjections", authz.ProjectionList, "namespace", false, func(f *fixture, c authn.Caller, n string) error {
		return only2(f.ListProjections(f.ctx(), c, n, secrets.Page{}))
	}},
	{"CreateServiceAccount", authz.ServiceAccountCreate, "namespace", true, func(f *fixture, c authn.Caller, n string) error {
		return only(f.CreateServiceAccount(f.ctx(), c, secrets.CreateServiceAccount{Parent: n, ID: "new"}))
	}},
	{"ListServiceAccounts", authz.ServiceAccountList, "namespace", false, func(f *fixture, c authn.Caller, n string) error {
		return only2(f.ListServiceAccounts(f.ctx(), c, n, secrets.Page{}))
	}},
	{"CreateGrant", authz.GrantCreate, "namespace", true, func(f *fixture, c authn.Caller, n string) error {
		return only(f.CreateGrant(f.ctx(), c, secrets.CreateGrant{Parent: n, ID: "new", Grant: secrets.Grant{Principal: "user:x", Role: "viewer"}}))
	}},
	{"ListGrants", authz.GrantList, "namespace", false, func(f *fixture, c authn.Caller, n string) error {
		return only2(f.ListGrants(f.ctx(), c, n, secrets.Page{}))
	}},
	{"SearchSecrets", authz.SecretList, "namespace", false, func(f *fixture, c authn.Caller, n string) error {
		return only2(f.SearchSecrets(f.ctx(), c, n, "db", secrets.Page{}))
	}},
	{"ResolveWorkload", authz.SecretAccess, "namespace", false, func(f *fixture, c authn.Caller, n string) error {
		return only(f.ResolveWorkload(f.ctx(), c, secrets.ResolveWorkload{Parent: n, Payload: "a: 1"}))
	}},
	{"CopySecret", authz.SecretCopy, "secret", true, func(f *fixture, c authn.Caller, n string) error {
		parent, _ := cut(n)
		return only(f.CopySecret(f.ctx(), c, secrets.CopySecret{Name: n, Destination: parent + "/secrets/copied"}))
	}},
	{"MoveSecret", authz.SecretMove, "secret", true, func(f *fixture, c authn.Caller, n string) error {
		parent, _ := cut(n)
		return only(f.MoveSecret(f.ctx(), c, secrets.MoveSecret{Name: n, Destination: parent + "/secrets/moved", ValidateOnly: true}))
	}},
	{"GetSecret", authz.SecretGet, "secret", false, func(f *fixture, c authn.Caller, n string) error {
		return only(f.GetSecret(f.ctx(), c, n))
	}},
	{"AccessNamed", authz.SecretAccess, "secret", false, func(f *fixture, c authn.Caller, n string) error {
		parent, id := cut(n)
		return only(f.AccessNamed(f.ctx(), c, secrets.AccessNamed{
			Namespace: strings.TrimPrefix(parent, "namespaces/"), Default: "acme", Readings: []secrets.Reading{{Secret: id}},
		}))
	}},
	{"FindSecret", authz.SecretGet, "secret", false, func(f *fixture, c authn.Caller, n string) error {
		return only(f.FindSecret(f.ctx(), c, n, nil))
	}},
	{"UpdateSecret", authz.SecretUpdate, "secret", true, func(f *fixture, c authn.Caller, n string) error {
		return only(f.UpdateSecret(f.ctx(), c, secrets.UpdateSecret{Secret: secrets.Secret{Name: n, Meta: secrets.Meta{Description: "x"}}}))
	}},
	{"UpdateSecret's owner", authz.SecretUpdate, "secret", true, func(f *fixture, c authn.Caller, n string) error {
		return only(f.UpdateSecret(f.ctx(), c, secrets.UpdateSecret{Secret: secrets.Secret{Name: n, Owner: "user:x"}}))
	}},
	{"ListDependents", authz.SecretGet, "secret", false, func(f *fixture, c authn.Caller, n string) error {
		return only(f.ListDependents(f.ctx(), c, n))
	}},
	{"AddSecretVersion", authz.SecretAddVersion, "secret", true, func(f *fixture, c authn.Caller, n string) error {
		return only(f.AddSecretVersion(f.ctx(), c, secrets.AddVersion{Secret: n, Payload: payload("k", "new")}))
	}},
	{"ListSecretVersions", authz.SecretGet, "secret", false, func(f *fixture, c authn.Caller, n string) error {
		return only2(f.ListSecretVersions(f.ctx(), c, n, secrets.Page{}))
	}},
	{"CreateGrant on a secret", authz.GrantCreate, "secret", true, func(f *fixture, c authn.Caller, n string) error {
		parent, _ := cut(n)
		return only(f.CreateGrant(f.ctx(), c, secrets.CreateGrant{Parent: parent, ID: "on-secret", Grant: secrets.Grant{Principal: "user:x", Role: "secret-user", Resource: n}}))
	}},
	{"GetSecretVersion", authz.SecretGet, "version", false, func(f *fixture, c authn.Caller, n string) error {
		return only(f.GetSecretVersion(f.ctx(), c, n))
	}},
	{"AccessSecretVersion", authz.SecretAccess, "version", false, func(f *fixture, c authn.Caller, n string) error {
		return only(f.AccessSecretVersion(f.ctx(), c, n))
	}},
	{"DisableSecretVersion", authz.SecretDisable, "version", true, func(f *fixture, c authn.Caller, n string) error {
		return only(f.DisableSecretVersion(f.ctx(), c, n, "", false))
	}},
	{"EnableSecretVersion", authz.SecretEnable, "version", true, func(f *fixture, c authn.Caller, n string) error {
		return only(f.EnableSecretVersion(f.ctx(), c, n, "", false))
	}},
	{"ActivateSecretVersion", authz.SecretActivate, "version", true, func(f *fixture, c authn.Caller, n string) error {
		return only(f.ActivateSecretVersion(f.ctx(), c, n, "", true))
	}},
	{"DestroySecretVersion", authz.SecretDestroy, "version", true, func(f *fixture, c authn.Caller, n string) error {
		return only(f.DestroySecretVersion(f.ctx(), c, n, "", false))
	}},
	{"GetSecret in the bin", authz.SecretGet, "deleted", false, func(f *fixture, c authn.Caller, n string) error {
		return only(f.GetSecret(f.ctx(), c, n))
	}},
	{"UndeleteSecret", authz.SecretUndelete, "deleted", true, func(f *fixture, c authn.Caller, n string) error {
		return only(f.UndeleteSecret(f.ctx(), c, n, "", true))
	}},
	{"PurgeSecret", authz.SecretPurge, "deleted", true, func(f *fixture, c authn.Caller, n string) error {
		return erred(f.PurgeSecret(f.ctx(), c, n, true, false))
	}},
	{"GetProjection", authz.ProjectionGet, "projection", false, func(f *fixture, c authn.Caller, n string) error {
		return only(f.GetProjection(f.ctx(), c, n))
	}},
	{"UpdateProjection", authz.ProjectionUpdate, "projection", true, func(f *fixture, c authn.Caller, n string) error {
		return only(f.UpdateProjection(f.ctx(), c, secrets.UpdateProjection{Projection: secrets.Projection{Name: n, Meta: secrets.Meta{Description: "x"}}}))
	}},
	{"RenderProjection", authz.ProjectionRender, "projection", false, func(f *fixture, c authn.Caller, n string) error {
		return only(f.RenderProjection(f.ctx(), c, secrets.RenderProjection{Name: n}))
	}},
	{"CreateGrant on a projection", authz.GrantCreate, "projection", true, func(f *fixture, c authn.Caller, n string) error {
		parent, _ := cut(n)
		return only(f.CreateGrant(f.ctx(), c, secrets.CreateGrant{Parent: parent, ID: "on-projection", Grant: secrets.Grant{Principal: "user:x", Role: "viewer", Resource: n}}))
	}},
	{"DeleteProjection", authz.ProjectionDelete, "projection", true, func(f *fixture, c authn.Caller, n string) error {
		return erred(f.DeleteProjection(f.ctx(), c, n, "", false))
	}},
	{"DeleteSecret", authz.SecretDelete, "secret", true, func(f *fixture, c authn.Caller, n string) error {
		return only(f.DeleteSecret(f.ctx(), c, n, "", false, false))
	}},
	{"GetServiceAccount", authz.ServiceAccountGet, "account", false, func(f *fixture, c authn.Caller, n string) error {
		return only(f.GetServiceAccount(f.ctx(), c, n))
	}},
	{"UpdateServiceAccount", authz.ServiceAccountUpdate, "account", true, func(f *fixture, c authn.Caller, n string) error {
		return only(f.UpdateServiceAccount(f.ctx(), c, secrets.ServiceAccount{Name: n, Meta: secrets.Meta{Description: "x"}}, nil, false))
	}},
	{"CreateToken", authz.TokenCreate, "account", true, func(f *fixture, c authn.Caller, n string) error {
		return only(f.CreateToken(f.ctx(), c, secrets.CreateToken{Parent: n, ID: "new"}))
	}},
	{"ListTokens", authz.TokenList, "account", false, func(f *fixture, c authn.Caller, n string) error {
		return only2(f.ListTokens(f.ctx(), c, n, secrets.Page{}))
	}},
	{"GetToken", authz.TokenGet, "token", false, func(f *fixture, c authn.Caller, n string) error {
		return only(f.GetToken(f.ctx(), c, n))
	}},
	{"RenewToken", authz.TokenRenew, "token", true, func(f *fixture, c authn.Caller, n string) error {
		return only(f.RenewToken(f.ctx(), c, secrets.RenewToken{Name: n}))
	}},
	{"DeleteToken", authz.TokenDelete, "token", true, func(f *fixture, c authn.Caller, n string) error {
		return erred(f.DeleteToken(f.ctx(), c, n, "", false))
	}},
	{"DeleteServiceAccount", authz.ServiceAccountDelete, "account", true, func(f *fixture, c authn.Caller, n string) error {
		return erred(f.DeleteServiceAccount(f.ctx(), c, n, "", false))
	}},
	{"GetGrant", authz.GrantGet, "grant", false, func(f *fixture, c authn.Caller, n string) error {
		return only(f.GetGrant(f.ctx(), c, n))
	}},
	{"DeleteGrant", authz.GrantDelete, "grant", true, func(f *fixture, c authn.Caller, n string) error {
		return erred(f.DeleteGrant(f.ctx(), c, n, "", false))
	}},
	{"CreateRole", authz.CustomRoleCreate, "namespace", true, func(f *fixture, c authn.Caller, n string) error {
		return only(f.CreateRole(f.ctx(), c, secrets.CreateRole{Parent: n, ID: "new", Role: secrets.Role{Actions: []string{"secret:get"}}}))
	}},
	{"GetRole", authz.CustomRoleGet, "role", false, func(f *fixture, c authn.Caller, n string) error {
		return only(f.GetRole(f.ctx(), c, n))
	}},
	{"ListRoles", authz.CustomRoleList, "namespace", false, func(f *fixture, c authn.Caller, n string) error {
		return only2(f.ListRoles(f.ctx(), c, n, secrets.Page{}))
	}},
	{"UpdateRole", authz.CustomRoleUpdate, "role", true, func(f *fixture, c authn.Caller, n string) error {
		return only(f.UpdateRole(f.ctx(), c, secrets.Role{Name: n, Actions: []string{"secret:list"}}, nil, false))
	}},
	{"DeleteRole", authz.CustomRoleDelete, "role", true, func(f *fixture, c authn.Caller, n string) error {
		return erred(f.DeleteRole(f.ctx(), c, n, "", false))
	}},
	{"CreatePolicy", authz.PolicyCreate, "namespace", true, func(f *fixture, c authn.Caller, n string) error {
		return only(f.CreatePolicy(f.ctx(), c, secrets.CreatePolicy{Parent: n, ID: "new", Policy: secrets.Policy{Text: looking}}))
	}},
	{"GetPolicy", authz.PolicyGet, "policy", false, func(f *fixture, c authn.Caller, n string) error {
		return only(f.GetPolicy(f.ctx(), c, n))
	}},
	{"ListPolicies", authz.PolicyList, "namespace", false, func(f *fixture, c authn.Caller, n string) error {
		return only2(f.ListPolicies(f.ctx(), c, n, secrets.Page{}))
	}},
	{"UpdatePolicy", authz.PolicyUpdate, "policy", true, func(f *fixture, c authn.Caller, n string) error {
		return only(f.UpdatePolicy(f.ctx(), c, secrets.UpdatePolicy{Policy: secrets.Policy{Name: n, Text: looking}}))
	}},
	{"DeletePolicy", authz.PolicyDelete, "policy", true, func(f *fixture, c authn.Caller, n string) error {
		return erred(f.DeletePolicy(f.ctx(), c, n, "", false))
	}},
	{"DeleteNamespace", authz.NamespaceDelete, "empty", true, func(f *fixture, c authn.Caller, n string) error {
		return only(f.DeleteNamespace(f.ctx(), c, n, "", false))
	}},
	{"UndeleteNamespace", authz.NamespaceUndelete, "empty", true, func(f *fixture, c authn.Caller, n string) error {
		return only(f.UndeleteNamespace(f.ctx(), c, n, "", false))
	}},
	{"ListAccessors", authz.AccessList, "secret", false, func(f *fixture, c authn.Caller, n string) error {
		return only(f.ListAccessors(f.ctx(), c, secrets.ListAccessors{Resource: n}))
	}},
	{"ListAccessors of an account", authz.AccessList, "account", false, func(f *fixture, c authn.Caller, n string) error {
		return only(f.ListAccessors(f.ctx(), c, secrets.ListAccessors{Resource: n, Action: "token:create"}))
	}},
	{"Status", authz.SystemStatus, "", false, func(f *fixture, c authn.Caller, _ string) error {
		return only(f.Status(f.ctx(), c))
	}},
	{"ListAuditEvents", authz.AuditList, "", false, func(f *fixture, c authn.Caller, _ string) error {
		return only(f.ListAuditEvents(f.ctx(), c, secrets.AuditQuery{}))
	}},
	{"VerifyAuditLog", authz.AuditVerify, "", false, func(f *fixture, c authn.Caller, _ string) error {
		return only(f.VerifyAuditLog(f.ctx(), c))
	}},
}

// looking is a policy that looks at every question and forbids none: a resource without its name would be denied.
const looking = `forbid (principal, action, resource) when { resource.id == "nothing is called that" };`

// everything creates one resource of each kind and returns their names. The IDs are as long as they may be.
func (f *fixture) everything() map[string]string {
	f.t.Helper()
	long := func(letter string, n int) string { return strings.Repeat(letter, n) }
	ns := "namespaces/" + long("n", 63)
	f.namespace(long("n", 63), "acme")
	f.namespace(long("e", 63), "acme")
	f.secret(ns+"/secrets/db", "k", "1")
	f.secret(ns+"/secrets/"+long("s", 128), "k", "1")
	f.add(ns+"/secrets/"+long("s", 128), "k", "2")
	f.secret(ns+"/secrets/gone", "k", "1")
	deleted, err := f.DeleteSecret(f.ctx(), f.root, ns+"/secrets/gone", "", false, false)
	f.must(err)
	projection := f.project(f.root, ns+"/projections/"+long("p", 128), env("db", "k", "K"))
	account := ns + "/serviceAccounts/" + long("a", 128)
	f.account(account)
	secret := ns + "/secrets/" + long("s", 128)
	f.role(ns+"/roles/"+long("r", 128), "secret:get")
	f.policy(ns+"/policies/"+long("y", 128), looking)
	f.policy("namespaces/instance/policies/looking", looking)
	return map[string]string{
		"namespace": ns, "empty": "namespaces/" + long("e", 63), "secret": secret, "version": secret + "/versions/1", "deleted": deleted.Name,
		"role": ns + "/roles/" + long("r", 128), "policy": ns + "/policies/" + long("y", 128),
		"projection": projection.Name, "account": account, "token": account + "/tokens/first", "grant": f.grant(user("someone"), authz.RoleViewer, secret),
	}
}

// absent returns names of things that do not exist, in the same namespace where that exists, and in one that does not.
func absent(name string) []string {
	segments := strings.Split(name, "/")
	swapped := func(i int) string {
		other := append([]string{}, segments...)
		first := "x"
		if other[i][0] == 'x' { // a UID may begin with it
			first = "y"
		}
		other[i] = first + other[i][1:]
		return strings.Join(other, "/")
	}
	names := []string{swapped(1)}
	if len(segments) >= 4 {
		names = append(names, swapped(3))
	}
	return names
}

// To callers without rights, what exists and what does not read the same, byte for byte but for the name they sent.
func TestMethods_deniedAndAbsentLookTheSame(t *testing.T) {
	f := newFixture(t)
	names := f.everything()
	nobody := user("nobody")
	elsewhere := f.with(authz.RoleNamespaceAdmin, "namespaces/other")
	for _, m := range methods {
		t.Run(m.name, func(t *testing.T) {
			for _, caller := range []authn.Caller{{}, nobody, elsewhere} {
				err := m.call(f, caller, names[m.kind])
				if !errors.Is(err, gate.ErrDenied) {
					t.Fatalf("%q calling it = %v, want denied", caller.Name, err)
				}
				if m.kind == "" {
					continue
				}
				denied := neutral(err.Error(), names[m.kind])
				for _, name := range absent(names[m.kind]) {
					err := m.call(f, caller, name)
					if !errors.Is(err, gate.ErrDenied) {
						t.Errorf("%q calling it about what is absent = %v, want denied", caller.Name, err)
					} else if got := neutral(err.Error(), name); got != denied {
						t.Errorf("about what is absent %q is told\n%s, about what exists\n%s", caller.Name, got, denied)
					}
				}
			}
		})
	}
}

// neutral replaces the IDs of a name by ones that are the same for all names.
func neutral(text, name string) string {
	for i, segment := range strings.Split(name, "/") {
		if i%2 == 1 && len(segment) > 2 {
			text = strings.ReplaceAll(text, segment, "{id}")
		}
	}
	return text
}

// To callers with the right, what does not exist is not found.
func TestMethods_absentIsNotFoundToThoseWithTheRight(t *testing.T) {
	f := newFixture(t)
	names := f.everything()
	for _, m := range methods {
		if m.kind == "" {
			continue
		}
		for _, name := range absent(names[m.kind]) {
			err := m.call(f, f.root, name)
			var invalid *secrets.InvalidError
			if !errors.Is(err, secrets.ErrNotFound) && !(strings.HasPrefix(m.name, "CreateGrant on") && errors.As(err, &invalid)) {
				t.Errorf("%s(%q) = %v, want not found", m.name, name, err)
			}
		}
	}
}

// What is wrong with a request is told only to those who may make it.
func TestMethods_deniedBeforeInvalid(t *testing.T) {
	f := newFixture(t)
	for _, m := range methods {
		if m.kind == "" {
			continue
		}
		for _, name := range []string{
			"", "/", "namespaces/", "namespaces/acme/", "namespaces/ACME", "secrets/db", strings.Repeat("namespaces/", 200),
			"namespaces/acme/secrets/db/versions/01", "namespaces/acme/bogus/x",
		} {
			if err := m.call(f, user("nobody"), name); !errors.Is(err, gate.ErrDenied) {
				t.Errorf("%s(%q) by nobody = %v, want denied", m.name, name, err)
			}
		}
	}
}
