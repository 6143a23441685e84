package server_test

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
)

// Guards against handles that work across tenants (CVE-2026-45808, CVE-2026-40264, GHSA-c36x-h252-g9x2): whatever the
// server hands out to come back with serves the principal, the namespace and the method that it was made for. The
// admins of two namespaces try each other's.
func TestRegression06_handlesAreBound(t *testing.T) {
	eachStory(t, func(t *testing.T, s *story) {
		mine := s.Account("namespaces/acme", "mine", "namespace-admin", "")
		theirs := s.Account("namespaces/other", "theirs", "namespace-admin", "")
		for _, namespace := range []string{"acme", "other"} {
			in := func(request string) string { return strings.ReplaceAll(request, "acme", namespace) }
			for _, id := range []string{"a", "b", "deleted"} {
				s.does("CreateSecret", in(`{"parent": "namespaces/acme", "secretId": "`+id+`", "secret": {"payload": {"data": {"k": "v"}}}}`))
				s.does("CreateRole", in(`{"parent": "namespaces/acme", "roleId": "`+id+`", "role": {"actions": ["secret:get"]}}`))
				s.does("CreateServiceAccount", in(`{"parent": "namespaces/acme", "serviceAccountId": "`+id+`"}`))
				s.does("CreateToken", in(`{"parent": "namespaces/acme/serviceAccounts/a", "tokenId": "`+id+`"}`))
				s.does("CreateProjection", in(`{"parent": "namespaces/acme", "projectionId": "`+id+`", "projection": {"items": [{"secret": "a", "key": "k", "env": "K"}]}}`))
				s.does("CreateGrant", in(`{"parent": "namespaces/acme", "grantId": "`+id+`", "grant": {"principal": "user:alice", "role": "viewer"}}`))
				s.does("CreatePolicy", in(`{"parent": "namespaces/acme", "policyId": "`+id+`", "policy": {"text": "forbid (principal, action == Action::\"secret:get\", resource) when { context.delegated };"}}`))
				s.does("CreateNamespace", in(`{"namespaceId": "acme-`+id+`", "namespace": {"parent": "namespaces/acme"}}`))
				s.does("AddSecretVersion", in(`{"parent": "namespaces/acme/secrets/a", "payload": {"data": {"k": "`+id+`"}}}`))
			}
		}
		pageTokens(t, s, mine, theirs)
		requestIDsOfOthers(t, s, mine, theirs)
		t.Run("names", func(t *testing.T) { namesOfOthers(t, s, mine) })
		t.Run("UIDs", func(t *testing.T) { uidsOfOthers(t, s, mine) })
	})
}

// pageTokens go to another principal, another namespace, another method and another question.
func pageTokens(t *testing.T, s *story, mine, theirs string) {
	t.Helper()
	tokens := map[string]string{}
	lists := map[string]string{
		"ListSecrets": "namespaces/acme", "ListRoles": "namespaces/acme", "ListServiceAccounts": "namespaces/acme", "ListProjections": "namespaces/acme",
		"ListGrants": "namespaces/acme", "ListPolicies": "namespaces/acme", "ListNamespaces": "namespaces/acme",
		"ListTokens": "namespaces/acme/serviceAccounts/a", "ListSecretVersions": "namespaces/acme/secrets/a",
	}
	request := func(method, parent, token, more string) string {
		return fmt.Sprintf(`{"parent": %q, "pageSize": 1, "pageToken": %q%s}`, parent, token, more)
	}
	for method, parent := range lists {
		answer := s.ok(mine, method, request(method, parent, "", ""))
		tokens[method] = answer.ProtoReflect().Get(answer.ProtoReflect().Descriptor().Fields().ByName("next_page_token")).String()
		s.ok(mine, method, request(method, parent, tokens[method], ""))
	}
	tokens["ListAccessors"] = s.ok(mine, "ListAccessors", `{"resource": "namespaces/acme/secrets/a", "pageSize": 1}`).(*cofferv1.ListAccessorsResponse).GetNextPageToken()
	s.ok(mine, "ListAccessors", `{"resource": "namespaces/acme/secrets/a", "pageSize": 1, "pageToken": "`+tokens["ListAccessors"]+`"}`)
	tokens["ListAuditEvents"] = s.does("ListAuditEvents", `{"pageSize": 1}`).(*cofferv1.ListAuditEventsResponse).GetNextPageToken()
	for method, parent := range lists {
		s.fails(codes.InvalidArgument, s.OperatorToken, method, request(method, parent, tokens[method], ""))
		s.denied(theirs, method, request(method, parent, tokens[method], ""))
		s.fails(codes.InvalidArgument, theirs, method, request(method, strings.Replace(parent, "acme", "other", 1), tokens[method], ""))
		s.denied(mine, method, request(method, strings.Replace(parent, "acme", "other", 1), tokens[method], ""))
		for from, token := range tokens {
			if token == "" {
				t.Fatalf("%s has given no page token", from)
			}
			if from != method {
				s.fails(codes.InvalidArgument, mine, method, request(method, parent, token, ""))
			}
		}
		if field := methodNamed(t, method).Input().Fields().ByName("filter"); field != nil {
			s.fails(codes.InvalidArgument, mine, method, request(method, parent, tokens[method], `, "filter": "name:a"`))
		}
	}
	s.fails(codes.InvalidArgument, mine, "ListAccessors", `{"resource": "namespaces/acme/secrets/b", "pageToken": "`+tokens["ListAccessors"]+`"}`)
	s.fails(codes.InvalidArgument, s.OperatorToken, "ListAccessors", `{"resource": "namespaces/acme/secrets/a", "pageToken": "`+tokens["ListAccessors"]+`"}`)
	s.fails(codes.InvalidArgument, s.OperatorToken, "ListAuditEvents", `{"action": "secret:get", "pageToken": "`+tokens["ListAuditEvents"]+`"}`)
	// That of the audit log is a place in it, of which all that may read it see the whole: it gives no right to do so.
	s.denied(mine, "ListAuditEvents", `{"pageSize": 1, "pageToken": "`+tokens["ListAuditEvents"]+`"}`)
	// What resumes a watch is an etag that means nothing to another projection, or no handle at all, but a number.
	etag := s.does("RenderProjection", `{"name": "namespaces/acme/projections/a"}`).(*cofferv1.RenderProjectionResponse).GetEtag()
	for _, name := range []string{"namespaces/acme/projections/b", "namespaces/other/projections/a"} {
		if s.does("RenderProjection", `{"name": "`+name+`", "ifNoneMatch": `+quote(etag)+`}`).(*cofferv1.RenderProjectionResponse).GetNotModified() {
			t.Errorf("the etag of a bundle of another projection says that %s was not modified", name)
		}
	}
	s.denied(theirs, "WatchProjection", `{"name": "namespaces/acme/projections/a", "ifNoneMatch": `+quote(etag)+`}`)
	s.denied(theirs, "WatchAuditEvents", `{"afterSequence": "1"}`)
}

// requestIDsOfOthers: the answer of one's request is not for whoever sends its ID.
func requestIDsOfOthers(t *testing.T, s *story, mine, theirs string) {
	t.Helper()
	const id = "7d1f0c1e-0a0b-4c3d-9e8f-2b6a51c0ffee"
	first := s.ok(mine, "CreateServiceAccount", `{"parent": "namespaces/acme", "serviceAccountId": "once", "requestId": "`+id+`"}`)
	again := s.ok(mine, "CreateServiceAccount", `{"parent": "namespaces/acme", "serviceAccountId": "once", "requestId": "`+id+`"}`)
	if !proto.Equal(first, again) {
		t.Errorf("a retry answers %v, want %v", again, first)
	}
	s.denied(theirs, "CreateServiceAccount", `{"parent": "namespaces/acme", "serviceAccountId": "once", "requestId": "`+id+`"}`)
	s.fails(codes.AlreadyExists, s.OperatorToken, "CreateServiceAccount", `{"parent": "namespaces/acme", "serviceAccountId": "once", "requestId": "`+id+`"}`)
	if r := s.fails(codes.AlreadyExists, mine, "CreateServiceAccount", `{"parent": "namespaces/acme", "serviceAccountId": "twice", "requestId": "`+id+`"}`); r.reason() != "REQUEST_ID_REUSED" {
		t.Errorf("another request under the same ID: %s", r.reason())
	}
	s.fails(codes.AlreadyExists, mine, "CreateRole", `{"parent": "namespaces/acme", "roleId": "r9", "role": {"actions": ["secret:get"]}, "requestId": "`+id+`"}`)
	// Somebody else's ID is no oracle: it is as free as any.
	s.ok(theirs, "CreateServiceAccount", `{"parent": "namespaces/other", "serviceAccountId": "once", "requestId": "`+id+`"}`)
}

// namesOfOthers are full names of what is in the other namespace, where a namespace's own belong, and the other way round.
func namesOfOthers(t *testing.T, s *story, mine string) {
	story := *s
	story.t = t
	own := map[protoreflect.FullName]bool{}
	for name, request := range fixtures {
		if !strings.Contains(request, "namespaces/acme") || strings.Contains(request, "$bin") || name == "UndeleteNamespace" {
			continue
		}
		// The fixtures name what is theirs: db, etl, nobody, there, lookout and rule are all called a here.
		text := strings.NewReplacer("namespaces/acme", "namespaces/other", "secrets/db", "secrets/a", "projections/etl", "projections/a", "serviceAccounts/other", "serviceAccounts/a", "serviceAccounts/nobody", "serviceAccounts/a",
			"tokens/t1", "tokens/a", "grants/there", "grants/a", "roles/lookout", "roles/a", "policies/rule", "policies/a").Replace(request)
		if name == "CheckAccess" {
			text = `{"action": "secret:get", "resource": "namespaces/other/secrets/a", "principal": "user:alice"}`
		}
		there := story.denied(mine, string(name), text)
		absent := story.denied(mine, string(name), strings.ReplaceAll(text, "namespaces/other", "namespaces/nowhere"))
		if got, want := told(there, "namespaces/other"), told(absent, "namespaces/nowhere"); got != want {
			t.Errorf("%s tells\n%s\nof another's namespace, and of one that is not there\n%s", name, got, want)
		}
		own[methodNamed(t, string(name)).FullName()] = true
	}
	if len(own) < 40 {
		t.Errorf("%d methods were tried: the fixtures have changed", len(own))
	}
	// References across namespaces.
	for _, request := range []string{
		`{"parent": "namespaces/acme", "grant": {"principal": "user:x", "role": "namespaces/other/roles/a"}}`,
		`{"parent": "namespaces/acme", "grant": {"principal": "user:x", "role": "viewer", "resource": "namespaces/other/secrets/a"}}`,
		`{"parent": "namespaces/acme", "grant": {"principal": "user:x", "role": "viewer", "resource": "namespaces/other"}}`,
		`{"parent": "namespaces/acme", "grant": {"principal": "user:x", "role": "viewer", "resource": "namespaces/instance"}}`,
		`{"parent": "namespaces/acme", "grant": {"principal": "serviceAccount:namespaces/other/serviceAccounts/a", "role": "viewer"}}`,
	} {
		r := story.call(mine, "CreateGrant", request)
		gone := story.call(mine, "CreateGrant", strings.ReplaceAll(request, "/a\"", "/gone\""))
		if r.code() != codes.InvalidArgument && r.code() != codes.PermissionDenied || told(r, "/a") != told(gone, "/gone") {
			t.Errorf("CreateGrant %s: %v, and of what is not there %v", request, r.status, gone.status)
		}
	}
	story.denied(mine, "CreateProjection", `{"parent": "namespaces/acme", "projectionId": "x", "projection": {"items": [{"secret": "namespaces/other/secrets/a", "key": "k", "env": "K"}]}}`)
}

// uidsOfOthers: a UID or an etag of what is elsewhere names nothing here.
func uidsOfOthers(t *testing.T, s *story, mine string) {
	story := *s
	story.t = t
	theirs := story.does("GetSecret", `{"name": "namespaces/other/secrets/deleted"}`).(*cofferv1.Secret)
	story.does("DeleteSecret", `{"name": "namespaces/other/secrets/deleted"}`)
	for _, method := range []string{"GetSecret", "UndeleteSecret", "PurgeSecret"} {
		story.fails(codes.NotFound, mine, method, `{"name": "namespaces/acme/deletedSecrets/`+theirs.GetUid()+`"}`)
		story.fails(codes.NotFound, story.OperatorToken, method, `{"name": "namespaces/acme/deletedSecrets/`+theirs.GetUid()+`"}`)
		story.denied(mine, method, `{"name": "namespaces/other/deletedSecrets/`+theirs.GetUid()+`"}`)
	}
	// A UID is not a name either.
	mineToo := story.does("GetSecret", `{"name": "namespaces/acme/secrets/a"}`).(*cofferv1.Secret)
	story.fails(codes.NotFound, story.OperatorToken, "GetSecret", `{"name": "namespaces/acme/secrets/`+mineToo.GetUid()+`"}`)
	story.fails(codes.NotFound, story.OperatorToken, "GetSecret", `{"name": "namespaces/acme/deletedSecrets/`+mineToo.GetUid()+`"}`)
	other := story.does("GetSecret", `{"name": "namespaces/other/secrets/a"}`).(*cofferv1.Secret)
	story.fails(codes.Aborted, mine, "DeleteSecret", `{"name": "namespaces/acme/secrets/a", "etag": `+quote(other.GetEtag())+`}`)
	story.fails(codes.Aborted, mine, "UpdateSecret", `{"secret": {"name": "namespaces/acme/secrets/b", "description": "d", "etag": `+quote(mineToo.GetEtag())+`}}`)
	story.denied(mine, "DeleteSecret", `{"name": "namespaces/other/secrets/a", "etag": `+quote(other.GetEtag())+`}`)
}

// Guards against what is left over when a namespace is deleted and made anew (GHSA-vv66-6rp4-wr4f). Names are not free
// before the namespace is gone for good, so what was bound to the first comes to life with it alone: deleted it gives
// nothing, and what was deleted in it stays so.
func TestRegression13_nothingIsLeftOver(t *testing.T) {
	eachStory(t, func(t *testing.T, s *story) {
		s.does("CreateNamespace", `{"namespaceId": "team", "namespace": {"parent": "namespaces/acme"}}`)
		inside := s.Account("namespaces/team", "inside", "namespace-admin", "")
		outside := s.Account("namespaces/acme", "outside", "", "")
		for _, step := range []struct{ method, request string }{
			{"CreateSecret", `{"parent": "namespaces/team", "secretId": "db", "secret": {"payload": {"data": {"k": "0ld-value"}}}}`},
			{"CreateProjection", `{"parent": "namespaces/team", "projectionId": "etl", "projection": {"items": [{"secret": "db", "key": "k", "env": "K"}]}}`},
			{"CreateRole", `{"parent": "namespaces/team", "roleId": "all", "role": {"actions": ["secret:get", "secret:access", "secret:list", "projection:render"]}}`},
			{"CreatePolicy", `{"parent": "namespaces/team", "policyId": "open", "policy": {"text": "permit (principal, action == Action::\"secret:get\", resource);"}}`},
			{"CreateGrant", `{"parent": "namespaces/team", "grantId": "on-namespace", "grant": {"principal": "` + account("outside") + `", "role": "secret-reader"}}`},
			{"CreateGrant", `{"parent": "namespaces/team", "grantId": "on-secret", "grant": {"principal": "` + account("outside") + `", "role": "secret-reader", "resource": "namespaces/team/secrets/db"}}`},
			{"CreateGrant", `{"parent": "namespaces/team", "grantId": "of-role", "grant": {"principal": "` + account("outside") + `", "role": "namespaces/team/roles/all"}}`},
			{"CreateGrant", `{"parent": "namespaces/acme", "grantId": "to-account", "grant": {"principal": "serviceAccount:namespaces/team/serviceAccounts/inside", "role": "namespace-admin"}}`},
		} {
			s.does(step.method, step.request)
		}
		const access = `{"name": "namespaces/team/secrets/db/versions/active"}`
		s.ok(outside, "AccessSecretVersion", access)
		s.emptyAndDelete("team")

		s.fails(codes.Unauthenticated, inside, "WhoAmI", `{}`)
		s.fails(codes.FailedPrecondition, outside, "GetSecret", `{"name": "namespaces/team/secrets/db"}`)
		s.fails(codes.FailedPrecondition, outside, "ListSecrets", `{"parent": "namespaces/team", "showDeleted": true}`)
		s.fails(codes.AlreadyExists, s.OperatorToken, "CreateNamespace", `{"namespaceId": "team", "namespace": {"parent": "namespaces/acme"}}`)
		s.fails(codes.AlreadyExists, s.OperatorToken, "CreateNamespace", `{"namespaceId": "team", "namespace": {"parent": "namespaces/other"}}`)
		s.does("UndeleteNamespace", `{"name": "namespaces/team"}`)
		s.does("CreateSecret", `{"parent": "namespaces/team", "secretId": "db", "secret": {"payload": {"data": {"k": "n3w-value"}}}}`)
		s.sameNamesAnew(inside, outside)
	})
}

// emptyAndDelete takes all out of a namespace that it must be empty of, and deletes it. What keeps the rest, grants,
// roles and policies, is gone with it.
func (s *story) emptyAndDelete(namespace string) {
	s.t.Helper()
	name := "namespaces/" + namespace
	s.fails(codes.FailedPrecondition, s.OperatorToken, "DeleteNamespace", `{"name": "`+name+`"}`)
	s.does("DeleteProjection", `{"name": "`+name+`/projections/etl"}`)
	deleted := s.does("DeleteSecret", `{"name": "`+name+`/secrets/db"}`).(*cofferv1.Secret)
	s.fails(codes.FailedPrecondition, s.OperatorToken, "DeleteNamespace", `{"name": "`+name+`"}`)
	s.does("PurgeSecret", `{"name": "`+name+`/deletedSecrets/`+deleted.GetUid()+`", "force": true}`)
	s.fails(codes.FailedPrecondition, s.OperatorToken, "DeleteNamespace", `{"name": "`+name+`"}`)
	s.does("DeleteServiceAccount", `{"name": "`+name+`/serviceAccounts/inside"}`)
	s.does("DeleteNamespace", `{"name": "`+name+`"}`)
}

// sameNamesAnew makes everything in the namespace team anew under its old name, one after the other: what was granted
// on, or to, the old ones is not granted on the new.
func (s *story) sameNamesAnew(inside, outside string) {
	s.t.Helper()
	access, render := `{"name": "namespaces/team/secrets/db/versions/active"}`, `{"name": "namespaces/team/projections/etl"}`
	s.does("DeleteGrant", `{"name": "namespaces/team/grants/on-namespace"}`) // which was on the namespace, and is back with it
	s.does("DeleteRole", `{"name": "namespaces/team/roles/all"}`)
	s.does("CreateRole", `{"parent": "namespaces/team", "roleId": "all", "role": {"actions": ["secret:get", "secret:access", "secret:list", "projection:render"]}}`)
	s.does("DeletePolicy", `{"name": "namespaces/team/policies/open"}`)
	s.does("CreatePolicy", `{"parent": "namespaces/team", "policyId": "open", "policy": {"text": "permit (principal, action == Action::\"secret:list\", resource) when { false };"}}`)
	s.does("CreateProjection", `{"parent": "namespaces/team", "projectionId": "etl", "projection": {"items": [{"secret": "db", "key": "k", "env": "K"}]}}`)
	s.denied(outside, "AccessSecretVersion", access) // the grant on the purged secret of that name gives nothing
	s.denied(outside, "GetSecret", `{"name": "namespaces/team/secrets/db"}`)
	s.denied(outside, "RenderProjection", render)
	s.fails(codes.Unauthenticated, inside, "WhoAmI", `{}`)
	s.does("CreateServiceAccount", `{"parent": "namespaces/team", "serviceAccountId": "inside"}`)
	s.fails(codes.Unauthenticated, inside, "WhoAmI", `{}`)
	anew := s.does("CreateToken", `{"parent": "namespaces/team/serviceAccounts/inside", "tokenId": "t1"}`).(*cofferv1.Token).GetSecret()
	s.denied(anew, "GetNamespace", `{"name": "namespaces/team"}`)
	s.denied(anew, "GetNamespace", `{"name": "namespaces/acme"}`)
	for name, dangling := range map[string]bool{"team/grants/on-secret": true, "team/grants/of-role": true, "acme/grants/to-account": true, "team/grants/inside-namespace-admin": true} {
		if got := s.does("GetGrant", `{"name": "namespaces/`+name+`"}`).(*cofferv1.Grant); got.GetDangling() != dangling {
			s.t.Errorf("the grant %s: dangling %v, want %v", name, got.GetDangling(), dangling)
		}
	}
}
