package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// Guards against deny rules that LIST goes around (GHSA-xp3c-3jw3-4vcr): what an operator's forbid hides from get, or
// from list, is hidden in every answer that would name or count it.
func TestRegression03_forbidsHideInEveryList(t *testing.T) {
	for condition, byName := range map[string]bool{`resource.hasTag("tier")`: false, `resource.id like "h*dden"`: true} {
		for _, action := range []string{"secret:get", "secret:list"} {
			t.Run(action+" when "+condition, func(t *testing.T) {
				eachStory(t, func(t *testing.T, s *story) {
					s.secret("hidden", "v")
					s.secret("seen", "v")
					s.does("UpdateSecret", `{"secret": {"name": "namespaces/acme/secrets/hidden", "labels": {"tier": "gold"}, "description": "needle"}}`)
					admin := s.Account("namespaces/acme", "admin", "namespace-admin", "")
					s.policy("ban", `forbid (principal == ServiceAccount::"`+s.uid("admin")+`", action == Action::"`+action+`", resource) when { `+condition+` };`)
					s.hidesInLists(admin)
					// Of a forbid that looks at more than the name, whoever may read the namespace learns by being denied.
					if byName && action == "secret:get" {
						s.deniedLikeAbsent(admin)
					}
					// In the bin it is the same secret.
					s.does("DeleteSecret", `{"name": "namespaces/acme/secrets/hidden", "force": true}`)
					s.lists(admin, "ListSecrets", `{"parent": "namespaces/acme", "showDeleted": true}`, "seen")
				})
			})
		}
	}
}

// So it is of everything that is listed, by whichever action it is forbidden.
func TestRegression03_forbidsHideOfEveryKind(t *testing.T) {
	eachStory(t, func(t *testing.T, s *story) {
		admin := s.Account("namespaces/acme", "admin", "namespace-admin", "")
		s.does("CreateGrant", grant(`"principal": "user:alice", "role": "viewer"`)) // on the namespace, so that a list of grants is not empty
		for _, id := range []string{"seen", "hidden"} {
			s.secret(id, "v")
			s.does("CreateProjection", `{"parent": "namespaces/acme", "projectionId": "`+id+`", "projection": {"items": [{"secret": "seen", "key": "k", "env": "K"}]}}`)
			s.does("CreateServiceAccount", `{"parent": "namespaces/acme", "serviceAccountId": "`+id+`"}`)
			s.does("CreateRole", `{"parent": "namespaces/acme", "roleId": "`+id+`", "role": {"actions": ["secret:get"]}}`)
			s.does("CreateNamespace", `{"namespaceId": "`+id+`", "namespace": {"parent": "namespaces/acme"}}`)
			s.does("CreateGrant", `{"parent": "namespaces/acme", "grantId": "`+id+`", "grant": {"principal": "user:alice", "role": "secret-user", "resource": "namespaces/acme/secrets/`+id+`"}}`)
		}
		for method, noun := range map[string]string{
			"ListSecrets": "secret", "ListProjections": "projection", "ListServiceAccounts": "serviceAccount", "ListRoles": "role", "ListNamespaces": "namespace", "ListGrants": "grant",
		} {
			for _, verb := range []string{"get", "list"} {
				all := strings.Join(names(t, s.ok(admin, method, `{"parent": "namespaces/acme"}`)), " ")
				s.policy("ban", `forbid (principal == ServiceAccount::"`+s.uid("admin")+`", action == Action::"`+noun+`:`+verb+`", resource) when { resource.id == "hidden" };`)
				for _, more := range []string{``, `, "filter": "name:hidden OR name:seen"`, `, "orderBy": "create_time"`} {
					if got := " " + strings.Join(names(t, s.ok(admin, method, `{"parent": "namespaces/acme"`+more+`}`)), " ") + " "; strings.Contains(got, " hidden ") || !strings.Contains(got, " seen ") {
						t.Errorf("%s, with %s:%s forbidden%s, lists %s of %s", method, noun, verb, more, got, all)
					}
				}
				s.does("DeletePolicy", `{"name": "namespaces/acme/policies/ban"}`)
			}
		}
	})
}

// hidesInLists wants the secret seen, and never the secret hidden, in every list of acme.
func (s *story) hidesInLists(token string) {
	s.t.Helper()
	const list, parent = "ListSecrets", `{"parent": "namespaces/acme"`
	s.lists(token, list, parent+`}`, "seen")
	s.lists(token, list, parent+`, "orderBy": "create_time desc"}`, "seen")
	s.lists(token, list, parent+`, "showDeleted": true}`, "seen")
	for _, filter := range []string{`labels.tier:gold`, `labels.tier = \"gold\"`, `description = \"needle\"`, `name = \"namespaces/acme/secrets/hidden\"`, `NOT name:seen`} {
		s.lists(token, list, parent+`, "filter": "`+filter+`"}`)
	}
	page := s.ok(token, list, parent+`, "pageSize": 1}`).(*cofferv1.ListSecretsResponse)
	if len(page.GetSecrets()) != 1 || page.GetNextPageToken() != "" {
		s.t.Errorf("a page of one is %v: what is hidden takes a place", page)
	}
}

// What a forbid hides of a secret's users is counted, and named neither by what lists them nor by what fails over them.
func TestRegression03_forbidsHideDependents(t *testing.T) {
	eachStory(t, func(t *testing.T, s *story) {
		s.secret("db", "v")
		s.does("CreateProjection", `{"parent": "namespaces/acme", "projectionId": "hidden", "projection": {"items": [{"secret": "db", "key": "k", "env": "K"}]}}`)
		admin := s.Account("namespaces/acme", "admin", "namespace-admin", "")
		s.does("CreateGrant", `{"parent": "namespaces/acme", "grantId": "hidden-grant", "grant": {"principal": "user:alice", "role": "secret-user", "resource": "namespaces/acme/secrets/db"}}`)
		s.does("CreateGrant", `{"parent": "namespaces/acme", "grantId": "hidden-render", "grant": {"principal": "user:alice", "role": "workload", "resource": "namespaces/acme/projections/hidden"}}`)
		s.policy("rule", `permit (principal == User::"alice", action == Action::"secret:use", resource);`)
		s.policy("ban", `forbid (principal == ServiceAccount::"`+s.uid("admin")+`", action in [Action::"projection:get", Action::"grant:get"], resource) when { !(resource is Namespace) };`)
		s.lists(admin, "ListProjections", `{"parent": "namespaces/acme"}`)
		s.lists(admin, "ListGrants", `{"parent": "namespaces/acme"}`, "admin-namespace-admin") // which is one on the namespace
		for _, r := range []result{
			s.call(admin, "ListDependents", `{"name": "namespaces/acme/secrets/db"}`),
			s.call(admin, "ListAccessors", `{"resource": "namespaces/acme/secrets/db", "action": "secret:use"}`),
			s.call(admin, "CheckAccess", `{"resource": "namespaces/acme/secrets/db", "action": "secret:use", "principal": "user:alice"}`),
			s.fails(codes.FailedPrecondition, admin, "DeleteSecret", `{"name": "namespaces/acme/secrets/db"}`),
		} {
			for _, name := range []string{"projections/hidden", "grants/hidden"} {
				if strings.Contains(r.raw, name) {
					t.Errorf("what is hidden is told: %s", r.raw)
				}
			}
			if r.code() == codes.OK && !strings.Contains(strings.ToLower(r.raw), "hidden") {
				t.Errorf("what is hidden is not counted: %s", r.raw)
			}
		}
	})
}

// uid is that of an account of acme.
func (s *story) uid(account string) string {
	s.t.Helper()
	return s.does("GetServiceAccount", `{"name": "namespaces/acme/serviceAccounts/`+account+`"}`).(*cofferv1.ServiceAccount).GetUid()
}

// deniedLikeAbsent reaches for the secret hidden in all other ways, and for one that is not there: a caller who may not
// get it is told the same.
func (s *story) deniedLikeAbsent(token string) {
	s.t.Helper()
	for _, request := range []struct{ method, text string }{
		{"GetSecret", `{"name": "namespaces/acme/secrets/hidden"}`},
		{"ListDependents", `{"name": "namespaces/acme/secrets/hidden"}`},
		{"ListSecretVersions", `{"parent": "namespaces/acme/secrets/hidden"}`},
		{"GetSecretVersion", `{"name": "namespaces/acme/secrets/hidden/versions/1"}`},
		{"GetSecretVersion", `{"name": "namespaces/acme/secrets/hidden/versions/active"}`},
	} {
		there := s.denied(token, request.method, request.text)
		absent := s.denied(token, request.method, strings.ReplaceAll(request.text, "hidden", "h1dden"))
		if got, want := told(there, "hidden"), told(absent, "h1dden"); got != want {
			s.t.Errorf("%s tells\n%s\nof what a forbid hides, and of what is not there\n%s", request.method, got, want)
		}
	}
	check := func(action, id string) string {
		return strings.ReplaceAll(protojsonOf(s.check(token, action, "namespaces/acme/secrets/"+id)), id, "*")
	}
	for _, action := range []string{"secret:get", "secret:list", "secret:access", "secret:delete"} {
		there, absent := check(action, "hidden"), check(action, "h1dden")
		if there != absent {
			s.t.Errorf("CheckAccess of %s tells %s of what a forbid hides, %s of what is not there", action, there, absent)
		}
	}
}

func protojsonOf(m proto.Message) string {
	text, _ := protojson.Marshal(m)
	return strings.ReplaceAll(string(text), " ", "") // of which protojson varies the number on purpose
}

// Guards against names that are one to one part of the program and another to the next: case (CVE-2025-54996), "root"
// (GHSA-mwr2-wmgp-crj6), "." and ".." (CVE-2026-3605). Nothing is normalised: another spelling is another name, which
// does not exist or is none at all.
func TestRegression05_namesAreNotNormalised(t *testing.T) {
	s := newStory(t, servertest.Config{})
	s.Namespace("acme")
	s.Namespace("other")
	s.secret("db", "v")
	s.does("CreateRole", `{"parent": "namespaces/acme", "roleId": "lookout", "role": {"actions": ["secret:get"]}}`)
	// Whoever holds everything on acme alone, and asks for it under other spellings, or for others' by way of it.
	mine := s.Account("namespaces/acme", "mine", "namespace-admin", "")
	reader := s.Account("namespaces/acme", "reader", "secret-reader", "namespaces/acme/secrets/db")
	s.does("CreateSecret", `{"parent": "namespaces/other", "secretId": "db", "secret": {"payload": {"data": {"k": "0ther-value"}}}}`)
	for _, name := range []string{
		"namespaces/Acme/secrets/db", "namespaces/ACME/secrets/db", "namespaces/acme/secrets/DB", "namespaces/acme/Secrets/db", "Namespaces/acme/secrets/db",
		"namespaces/acme/secrets/./db", "namespaces/acme/secrets/../secrets/db", "namespaces/acme/../other/secrets/db", "namespaces/acme/secrets/..",
		"namespaces/acme/secrets/.", "namespaces/./acme/secrets/db", "namespaces//acme/secrets/db", "namespaces/acme//secrets/db", "/namespaces/acme/secrets/db",
		"namespaces/acme/secrets/db/", "namespaces/acme/secrets/%64b", "namespaces/acme/secrets/..%2f..%2fother%2fsecrets%2fdb", "namespaces/acme%2fsecrets/db",
		"namespaces/acme/secrets/db ", " namespaces/acme/secrets/db", "namespaces/acme/secrets/db\x00", "namespaces/acme/secrets/db\n", "namespaces/acme/secrets/ｄｂ",
		"namespaces/аcme/secrets/db", "namespaces/acme/secrets/d\u200bb", "namespaces/acme/secrets/*", "namespaces/*/secrets/db", "namespaces/-/secrets/db",
		"namespaces/acme/secrets/db/versions/..", "//coffer.dev/namespaces/acme/secrets/db", "namespaces/Instance/secrets/db", "namespaces/root/secrets/db", "namespaces/../secrets/db",
	} {
		for _, token := range []string{mine, reader, s.OperatorToken} {
			for method, field := range map[string]string{"GetSecret": "name", "AccessSecretVersion": "name", "DeleteSecret": "name", "ListSecretVersions": "parent", "AddSecretVersion": "parent"} {
				sent := name
				if method == "AccessSecretVersion" {
					sent += "/versions/active"
				}
				text, _ := protojson.Marshal(requestFrom(t, methodNamed(t, method), fmt.Sprintf("{%q: %s}", field, quote(sent))))
				if r := s.call(token, method, string(text)); r.code() != codes.PermissionDenied && r.code() != codes.NotFound && r.code() != codes.InvalidArgument {
					t.Errorf("%s of %q: %v, want no such name", method, sent, r.status)
				}
			}
		}
	}
	restSpellings(t, s, mine)
	otherNames(t, s, mine)
}

// restSpellings are paths that some part of an HTTP stack would clean.
func restSpellings(t *testing.T, s *story, token string) {
	t.Helper()
	if r := s.REST(token, "GET", "/v1/namespaces/acme/secrets/db", ""); r.Status != http.StatusOK {
		t.Fatalf("the plain path: %d %s", r.Status, r.Body)
	}
	// Percent-encoding is HTTP's way of writing the same name, and no normalisation; that of separators is refused.
	for _, path := range []string{
		"/v1/namespaces/acme/secrets/./db", "/v1/namespaces/acme/secrets/../secrets/db", "/v1/namespaces/acme/x/../secrets/db", "/v1//namespaces/acme/secrets/db",
		"/v1/namespaces//acme/secrets/db", "/v1/namespaces/acme/secrets//db", "/v1/namespaces/acme/secrets/db/", "/v1/namespaces/Acme/secrets/db", "/V1/namespaces/acme/secrets/db",
		"/v1/namespaces/acme/Secrets/db", "/v1/namespaces/acme/secrets/%2e%2e/secrets/db", "/v1/namespaces/acme/%2e%2e/acme/secrets/db", "/v1/namespaces/acme%2fsecrets%2fdb",
		"/v1/namespaces/acme%2Fsecrets/db", "/v1/namespaces/acme/secrets/db%2f", "/v1/namespaces/acme/secrets/db%00", "/v1/namespaces/acme/secrets/db%20",
		"/v1/namespaces/acme/secrets/%252e%252e", "/v1/namespaces/acme/secrets/d%2562", "/v1/namespaces/other%2f..%2facme/secrets/db", "/x/../v1/namespaces/acme/secrets/db",
		"/v1/namespaces/acme/secrets/db;x=y", "/v1/namespaces/acme\\secrets\\db", "/v1/namespaces/acme%5csecrets%5cdb", "/v1/namespaces/%C0%AE%C0%AE/secrets/db",
	} {
		if r := s.REST(token, "GET", path, ""); r.Status != 400 && r.Status != 403 && r.Status != 404 {
			t.Errorf("GET %s: %d %s, want no such name", path, r.Status, r.Body)
		}
	}
}

// otherNames are roles, policies, principals and namespaces whose names differ in case alone.
func otherNames(t *testing.T, s *story, token string) {
	t.Helper()
	for _, role := range []string{
		"Viewer", "VIEWER", "viewer ", "Operator", "namespaces/acme/roles/Lookout", "namespaces/Acme/roles/lookout", "namespaces/acme/roles/viewer",
		"namespaces/-/roles/viewer", "namespaces/-/roles/operator", "owner", "custom", "root", "role:viewer", "acme/roles/lookout",
	} {
		s.fails(codes.InvalidArgument, s.OperatorToken, "CreateGrant", fmt.Sprintf(`{"parent": "namespaces/acme", "grant": {"principal": "user:alice", "role": %q}}`, role))
	}
	for _, principal := range []string{
		"User:alice", "USER:alice", "serviceaccount:namespaces/acme/serviceAccounts/mine", "serviceAccount:namespaces/Acme/serviceAccounts/mine",
		"serviceAccount:namespaces/acme/serviceAccounts/Mine", "serviceAccount:namespaces/acme/serviceAccounts/../serviceAccounts/mine", "serviceAccount:mine", "root", "*", "user:", "user:a\u200b",
	} {
		s.fails(codes.InvalidArgument, s.OperatorToken, "CreateGrant", fmt.Sprintf(`{"parent": "namespaces/acme", "grant": {"principal": %s, "role": "viewer"}}`, quote(principal)))
	}
	for _, id := range []string{"Instance", "INSTANCE", "Acme", ".", "..", "a/b", "a b", "-", "*", "ａcme", "instance", "%2e%2e", ""} {
		for _, by := range []string{s.OperatorToken, token} {
			if r := s.call(by, "CreateNamespace", fmt.Sprintf(`{"namespaceId": %q, "namespace": {"parent": "namespaces/acme"}}`, id)); r.code() != codes.InvalidArgument && r.code() != codes.AlreadyExists {
				t.Errorf("a namespace %q: %v, want it refused", id, r.status)
			}
		}
	}
	for _, parent := range []string{"namespaces/Instance", "namespaces/root", "namespaces/", "namespaces", "root", "/", "namespaces/instance/", "namespaces/acme/.."} {
		if r := s.call(token, "CreateNamespace", fmt.Sprintf(`{"namespaceId": "n1", "namespace": {"parent": %q}}`, parent)); r.code() == codes.OK {
			t.Errorf("a namespace below %q: %v, want it refused", parent, r.status)
		}
	}
	// Names of other case live side by side, and what is granted on one is not granted on the other.
	s.does("CreateSecret", `{"parent": "namespaces/acme", "secretId": "DB", "secret": {"payload": {"data": {"k": "upper"}}}}`)
	s.does("CreateServiceAccount", `{"parent": "namespaces/acme", "serviceAccountId": "Reader"}`)
	upper := s.does("CreateToken", `{"parent": "namespaces/acme/serviceAccounts/Reader", "tokenId": "t"}`).(*cofferv1.Token).GetSecret()
	s.denied(upper, "AccessSecretVersion", `{"name": "namespaces/acme/secrets/db/versions/active"}`)
	s.does("CreateRole", `{"parent": "namespaces/acme", "roleId": "Lookout", "role": {"actions": ["secret:list"]}}`)
	s.does("CreateRole", `{"parent": "namespaces/acme", "roleId": "viewer", "role": {"actions": ["role:get"]}}`)
	s.does("CreateGrant", `{"parent": "namespaces/acme", "grantId": "g", "grant": {"principal": "`+account("Reader")+`", "role": "namespaces/acme/roles/viewer"}}`)
	s.policy("rule", `forbid (principal, action == Action::"secret:delete", resource);`)
	for _, method := range []string{"GetPolicy", "DeletePolicy"} {
		s.fails(codes.NotFound, s.OperatorToken, method, `{"name": "namespaces/acme/policies/Rule"}`)
	}
	s.denied(s.OperatorToken, "DeleteSecret", `{"name": "namespaces/acme/secrets/db"}`)
	s.denied(upper, "GetSecret", `{"name": "namespaces/acme/secrets/db"}`) // a role that is called like a built-in one is not it
	s.ok(upper, "GetRole", `{"name": "namespaces/acme/roles/lookout"}`)
}
