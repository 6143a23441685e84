package server_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/authn/oidctest"
	"github.com/coffer-dev/coffer/internal/server"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// People of the same name, of two identity providers and known to Coffer alone, are three people, with three groups of the
// same name; none of them can be named like another.
func TestEscalation_collidingPrincipals(t *testing.T) {
	one, two := oidctest.Start(t), oidctest.Start(t)
	first, second := corp(one), corp(two)
	first.Name, first.Prefix, second.Name, second.Prefix = "one", "one", "two", "two"
	s := newStory(t, withIssuers(first, second))
	s.Namespace("acme")
	s.secret("db", "v")
	const get = `{"name": "namespaces/acme/secrets/db"}`
	local := s.does("CreateToken", `{"parent": "users/alice"}`).(*cofferv1.Token).GetSecret()
	groups := map[string]any{"groups": []string{"eng"}}
	callers := map[string]string{"user:alice": local, "user:one/alice": one.Login("alice", groups), "user:two/alice": two.Login("alice", groups)}
	check := func(principal string, allowed ...string) {
		t.Helper()
		s.does("CreateGrant", `{"parent": "namespaces/acme", "grantId": "g", "grant": {"principal": "`+principal+`", "role": "viewer"}}`)
		defer s.does("DeleteGrant", `{"name": "namespaces/acme/grants/g"}`)
		for name, token := range callers {
			if who := s.ok(token, "WhoAmI", `{}`).(*cofferv1.WhoAmIResponse).GetPrincipal(); who != name {
				t.Errorf("%s is %s", name, who)
			}
			want := codes.PermissionDenied
			if strings.Contains(" "+strings.Join(allowed, " ")+" ", " "+name+" ") {
				want = codes.OK
			}
			if r := s.call(token, "GetSecret", get); r.code() != want {
				t.Errorf("granted to %s, %s is answered %v", principal, name, r.status)
			}
		}
	}
	for name := range callers {
		check(name, name)
	}
	check("group:eng")
	check("group:one/eng", "user:one/alice")
	check("group:two/eng", "user:two/alice")
	check("group:alice")
	check("user:eng")
	check("user:one")
	s.policy("p", `permit (principal == User::"alice", action == Action::"secret:get", resource); permit (principal in Group::"eng", action == Action::"secret:get", resource);`)
	for name, token := range callers {
		if r := s.call(token, "GetSecret", get); (r.code() == codes.OK) != (name == "user:alice") {
			t.Errorf("permitted to the local alice, %s is answered %v", name, r.status)
		}
	}
	// Nobody names itself like another.
	for _, sub := range []string{"one/alice", "two/alice", "../two/alice", "alice/../../two/alice"} {
		s.fails(codes.Unauthenticated, one.Sign(one.Claims(sub)), "WhoAmI", `{}`)
	}
	for _, parent := range []string{"users/one/alice", "users/one%2falice", "users/user:one", "users/*", "users/"} {
		if r := s.call(s.OperatorToken, "CreateToken", `{"parent": "`+parent+`"}`); r.code() == codes.OK && !strings.HasPrefix(parent, "users/user") {
			t.Errorf("a personal token of %s: %v", parent, r.answer)
		}
	}
	// A token of one that says it is of the other is verified with the other's keys.
	forged := one.Claims("alice")
	forged["iss"] = two.URL
	s.fails(codes.Unauthenticated, one.Sign(forged), "WhoAmI", `{}`)
	issuersThatCollide(t, first, second)
}

// issuersThatCollide do not start, and where people come in under bare names nobody else makes such.
func issuersThatCollide(t *testing.T, first, second server.Issuer) {
	t.Helper()
	for name, prefixes := range map[string][2]string{"the same": {"x", "x"}, "none": {"", ""}, "one without": {"x", ""}, "a slash": {"x", "x/y"}, "a wildcard": {"x", "*"}, "a dot": {"x", ".."}} {
		first.Prefix, second.Prefix = prefixes[0], prefixes[1]
		config := testConfig(t.TempDir(), &strings.Builder{})
		config.Auth.Issuers = []server.Issuer{first, second}
		if s, err := server.Open(t.Context(), config); err == nil {
			t.Errorf("two issuers with prefixes, %s, are served: %v", name, s)
		}
	}
	first.Prefix = ""
	s := newStory(t, withIssuers(first))
	s.fails(codes.FailedPrecondition, s.OperatorToken, "CreateToken", `{"parent": "users/alice"}`)
}

// An operator, and what it permits or grants above, does nothing in an isolated namespace or below, by no method.
func TestEscalation_intoAnIsolatedNamespace(t *testing.T) {
	eachStory(t, func(t *testing.T, s *story) {
		inside := isolatedNamespace(t, s)
		admin := s.with("namespace-admin") // of acme, which is above
		s.does("CreatePolicy", `{"parent": "namespaces/instance", "policyId": "in", "policy": {"text": "permit (principal, action in [Action::\"secret:get\", Action::\"secret:access\", Action::\"namespace:update\", Action::\"projection:render\"], resource);"}}`)
		for _, token := range []string{s.OperatorToken, admin} {
			tried := 0
			for name, request := range fixtures {
				if !strings.Contains(request, "namespaces/acme") || name == "GetNamespace" || name == "ListNamespaces" {
					continue
				}
				// In the namespace itself, and in one below it.
				for _, namespace := range []string{"vault", "deep"} {
					tried++
					s.denied(token, string(name), strings.NewReplacer("namespaces/acme", "namespaces/"+namespace, "$bin", "a2pxgv2ivekgpjcj3kxlakpwxw", `"below"`, `"below-`+namespace+`"`).Replace(request))
				}
			}
			if tried < 80 {
				t.Errorf("only %d calls were tried", tried)
			}
			// The border itself, and the doors beside it.
			s.denied(token, "UpdateNamespace", `{"namespace": {"name": "namespaces/vault", "isolated": false}, "updateMask": "isolated"}`)
			s.denied(token, "UndeleteNamespace", `{"name": "namespaces/vault"}`)
			s.fails(codes.FailedPrecondition, token, "DeleteNamespace", `{"name": "namespaces/acme"}`)
			s.denied(token, "CreateProjection", `{"parent": "namespaces/acme", "projectionId": "x", "projection": {"items": [{"secret": "namespaces/vault/secrets/db", "key": "k", "env": "K"}]}}`)
			s.denied(token, "RenderProjection", `{"name": "namespaces/vault/projections/etl"}`)
			s.denied(token, "WatchProjection", `{"name": "namespaces/vault/projections/etl"}`)
			for _, action := range []string{"secret:access", "secret:get", "token:create", "grant:create", "policy:create", "namespace:update", "projection:render"} {
				if c := s.check(token, action, "namespaces/vault"); c.GetAllowed() {
					t.Errorf("CheckAccess of %s in it: %v", action, c)
				}
			}
		}
		s.lists(s.OperatorToken, "ListNamespaces", `{"parent": "namespaces/vault"}`, "vault") // it is there, and no more
		s.ok(inside, "AccessSecretVersion", `{"name": "namespaces/vault/secrets/db/versions/active"}`)
		s.ok(inside, "GetNamespace", `{"name": "namespaces/deep"}`)
		// The last ways in are not closed behind those inside.
		s.fails(codes.FailedPrecondition, inside, "DeleteGrant", `{"name": "namespaces/vault/grants/inside-namespace-admin"}`)
		s.fails(codes.FailedPrecondition, inside, "DeleteServiceAccount", `{"name": "namespaces/vault/serviceAccounts/inside"}`)
		// What holds of impersonation: who is named outside is administered outside, and that is on the record.
		s.ok(inside, "CreateGrant", `{"parent": "namespaces/vault", "grant": {"principal": "user:alice", "role": "secret-reader"}}`)
		r := s.call(s.OperatorToken, "CreateToken", `{"parent": "users/alice"}`)
		if events := s.AuditOutcome(r.requestID); r.code() != codes.OK || !strings.Contains(fmt.Sprint(events), "reaches what user:alice reaches") {
			t.Errorf("a personal token of who holds rights inside: %v, recorded %+v", r.status, events)
		}
	})
}

// What holds of recovery, which takes the KEK and the data dir: the operator that it makes is one like any, and stays out
// of isolated namespaces; to open one, it must be named, which is on the record.
func TestEscalation_recoveryIntoAnIsolatedNamespace(t *testing.T) {
	s := newStory(t, servertest.Config{})
	s.Namespace("acme")
	isolatedNamespace(t, s)
	recoverAs := func(r server.Recovery) string {
		t.Helper()
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
		_, path, err := server.Recover(t.Context(), testConfig(s.Dir, io.Discard), r)
		if err != nil {
			t.Fatal(err)
		}
		token, err := os.ReadFile(path)
		if err := errors.Join(err, os.Remove(path)); err != nil {
			t.Fatal(err)
		}
		s.Restart()
		return strings.TrimSpace(string(token))
	}
	const access = `{"name": "namespaces/vault/secrets/db/versions/active"}`
	operator := recoverAs(server.Recovery{})
	s.ok(operator, "GetStatus", `{}`)
	s.denied(operator, "AccessSecretVersion", access)
	s.denied(operator, "CreateGrant", `{"parent": "namespaces/vault", "grant": {"principal": "user:x", "role": "viewer"}}`)
	s.denied(operator, "UpdateNamespace", `{"namespace": {"name": "namespaces/vault", "isolated": false}, "updateMask": "isolated"}`)
	admin := recoverAs(server.Recovery{Namespace: "vault"})
	s.ok(admin, "GetSecret", `{"name": "namespaces/vault/secrets/db"}`)
	s.denied(admin, "AccessSecretVersion", access)
	if strings.Count(string(s.AuditLog()), "recovery by who holds") < 2 {
		t.Error("the audit log does not tell of both recoveries")
	}
}

// isolatedNamespace makes namespaces/vault, below acme, with namespaces/deep in it, and returns the token of its admin.
func isolatedNamespace(t *testing.T, s *story) string {
	t.Helper()
	s.does("CreateNamespace", `{"namespaceId": "vault", "namespace": {"parent": "namespaces/acme"}}`)
	inside := s.Account("namespaces/vault", "inside", "namespace-admin", "")
	s.does("CreateGrant", `{"parent": "namespaces/vault", "grant": {"principal": "serviceAccount:namespaces/vault/serviceAccounts/inside", "role": "secret-reader"}}`)
	s.does("CreateNamespace", `{"namespaceId": "deep", "namespace": {"parent": "namespaces/vault"}}`)
	for _, namespace := range []string{"vault", "deep"} {
		for _, step := range [][2]string{
			{"CreateSecret", `{"parent": "namespaces/acme", "secretId": "db", "secret": {"payload": {"data": {"k": "1nside"}}}}`},
			{"CreateProjection", `{"parent": "namespaces/acme", "projectionId": "etl", "projection": {"items": [{"secret": "db", "key": "k", "env": "K"}]}}`},
			{"CreateServiceAccount", `{"parent": "namespaces/acme", "serviceAccountId": "nobody"}`},
			{"CreateServiceAccount", `{"parent": "namespaces/acme", "serviceAccountId": "other"}`},
			{"CreateToken", `{"parent": "namespaces/acme/serviceAccounts/other", "tokenId": "t1"}`},
			{"CreateRole", `{"parent": "namespaces/acme", "roleId": "lookout", "role": {"actions": ["secret:get"]}}`},
			{"CreateGrant", `{"parent": "namespaces/acme", "grantId": "there", "grant": {"principal": "user:alice", "role": "viewer"}}`},
		} {
			s.does(step[0], strings.ReplaceAll(step[1], "acme", namespace))
		}
		s.does("CreatePolicy", `{"parent": "namespaces/`+namespace+`", "policyId": "rule", "policy": {"text": "forbid (principal, action == Action::\"secret:get\", resource) when { context.delegated };"}}`)
	}
	s.ok(inside, "UpdateNamespace", `{"namespace": {"name": "namespaces/vault", "isolated": true}}`)
	return inside
}

// A namespace-admin does not lift the quota that it was given from above, by no spelling, and not by way of the bin. What
// holds beside: a quota is of one namespace, and those that the admin makes below have the quotas that it gives them.
func TestEscalation_liftingAQuota(t *testing.T) {
	eachStory(t, func(t *testing.T, s *story) {
		s.does("UpdateNamespace", `{"namespace": {"name": "namespaces/acme", "quota": {"secrets": "1"}}}`)
		admin := s.with("namespace-admin")
		for _, update := range []string{
			`{"namespace": {"name": "namespaces/acme", "quota": {"secrets": "2"}}}`,
			`{"namespace": {"name": "namespaces/acme", "quota": {"secrets": "0"}}, "updateMask": "quota"}`,
			`{"namespace": {"name": "namespaces/acme"}, "updateMask": "quota"}`,
			`{"namespace": {"name": "namespaces/acme", "quota": {"bytes": "1000000"}}}`,
			`{"namespace": {"name": "namespaces/acme", "description": "d", "quota": {"secrets": "2"}}, "updateMask": "description,quota"}`,
		} {
			s.denied(admin, "UpdateNamespace", update)
		}
		s.ok(admin, "UpdateNamespace", `{"namespace": {"name": "namespaces/acme", "description": "d"}}`)
		create := func(id, more string) result {
			return s.call(admin, "CreateSecret", `{"parent": "namespaces/acme", "secretId": "`+id+`", "secret": {"payload": {"data": {"k": "v"}}}`+more+`}`)
		}
		if r := create("a", ""); r.code() != codes.OK {
			t.Fatalf("the first secret: %v", r.status)
		}
		for _, more := range []string{"", `, "validateOnly": true`, `, "requestId": "1c9d7c1e-0a0b-4c3d-9e8f-2b6a51c0ffee"`} {
			if r := create("b", more); r.code() != codes.ResourceExhausted || r.reason() != "QUOTA_EXCEEDED" {
				t.Errorf("one secret too many%s: %v", more, r.status)
			}
		}
		// The bin counts, and so does coming back from it.
		deleted := s.ok(admin, "DeleteSecret", `{"name": "namespaces/acme/secrets/a"}`).(*cofferv1.Secret)
		if r := create("b", ""); r.reason() != "QUOTA_EXCEEDED" {
			t.Errorf("a secret more, with one in the bin: %v", r.status)
		}
		s.ok(admin, "PurgeSecret", `{"name": "namespaces/acme/deletedSecrets/`+deleted.GetUid()+`", "force": true}`)
		if r := create("b", ""); r.code() != codes.OK {
			t.Errorf("a secret more, after one was purged: %v", r.status)
		}
	})
}

// What holds of labels: whoever may update a secret may change them, so a rule by labels that is to hold against its
// writers forbids the update too. Then no spelling of an update escapes it, nor does any way to make the secret anew.
func TestEscalation_labelsAgainstAForbid(t *testing.T) {
	eachStory(t, func(t *testing.T, s *story) {
		s.secret("db", "v")
		s.does("UpdateSecret", `{"secret": {"name": "namespaces/acme/secrets/db", "labels": {"tier": "gold", "team": "x"}}}`)
		admin := s.with("namespace-admin")
		s.ok(s.OperatorToken, "CreateGrant", to(account("has-namespace-admin"), "secret-reader"))
		const access = `{"name": "namespaces/acme/secrets/db/versions/active"}`
		s.policy("ban", `forbid (principal is ServiceAccount, action == Action::"secret:access", resource) when { resource.hasTag("tier") };`)
		s.denied(admin, "AccessSecretVersion", access)
		// A ban on access alone is escaped by whoever may update, which is what viewers of the policy should know.
		s.ok(admin, "UpdateSecret", `{"secret": {"name": "namespaces/acme/secrets/db", "labels": {"team": "x"}}, "updateMask": "labels"}`)
		s.ok(admin, "AccessSecretVersion", access)
		s.does("UpdateSecret", `{"secret": {"name": "namespaces/acme/secrets/db", "labels": {"tier": "gold", "team": "x"}}}`)
		s.policy("ban-update", `forbid (principal == ServiceAccount::`+strconv.Quote(s.uid("has-namespace-admin"))+`, action in [Action::"secret:update", Action::"secret:undelete"], resource) when { resource.hasTag("tier") };`)
		for _, update := range []string{
			`{"secret": {"name": "namespaces/acme/secrets/db", "labels": {"team": "x"}}}`,
			`{"secret": {"name": "namespaces/acme/secrets/db"}, "updateMask": "labels"}`,
			`{"secret": {"name": "namespaces/acme/secrets/db", "labels": {"tier": ""}}, "updateMask": "labels.tier"}`,
			`{"secret": {"name": "namespaces/acme/secrets/db"}, "updateMask": "labels.tier"}`,
			`{"secret": {"name": "namespaces/acme/secrets/db", "description": "d"}, "updateMask": "description,labels"}`,
			`{"secret": {"name": "namespaces/acme/secrets/db", "description": "d"}}`,
		} {
			s.denied(admin, "UpdateSecret", update)
		}
		deleted := s.ok(admin, "DeleteSecret", `{"name": "namespaces/acme/secrets/db"}`).(*cofferv1.Secret)
		s.denied(admin, "UndeleteSecret", `{"name": "namespaces/acme/deletedSecrets/`+deleted.GetUid()+`", "secretId": "plain"}`)
		s.does("UndeleteSecret", `{"name": "namespaces/acme/deletedSecrets/`+deleted.GetUid()+`", "secretId": "plain"}`)
		s.denied(admin, "AccessSecretVersion", strings.Replace(access, "db", "plain", 1))
	})
}

// A token works within its source range, as the connection has it and not as headers say, and as often as it may, however
// many use it at once.
func TestEscalation_tokensBeyondTheirLimits(t *testing.T) {
	s := newStory(t, servertest.Config{})
	s.Namespace("acme")
	s.does("CreateServiceAccount", `{"parent": "namespaces/acme", "serviceAccountId": "etl"}`)
	mint := func(fields string) string {
		return s.does("CreateToken", `{"parent": "namespaces/acme/serviceAccounts/etl", "token": {`+fields+`}}`).(*cofferv1.Token).GetSecret()
	}
	ranged := mint(`"sourceRanges": ["127.0.1.9/32", "10.0.0.0/8"]`)
	for from, want := range map[address]int{8: http.StatusOK, 9: http.StatusUnauthorized, 208: http.StatusUnauthorized} {
		if r := from.get(t, s.Server, "Bearer "+ranged); r.Status != want {
			t.Errorf("from address %d: %d %s, want %d", from, r.Status, r.Body, want)
		}
	}
	for _, header := range []string{"X-Forwarded-For", "X-Real-Ip", "Forwarded", "True-Client-Ip", "Cf-Connecting-Ip", "X-Client-Ip"} {
		if status := s.claimingToBe(header, ranged); status != http.StatusUnauthorized {
			t.Errorf("with %s from inside the range: %d", header, status)
		}
	}
	s.fails(codes.Unauthenticated, ranged, "WhoAmI", `{}`)
	// Three uses, by twenty callers at once, through all doors; what is refused for another reason spends none.
	limited := mint(`"useLimit": "3"`)
	both := mint(`"useLimit": "1", "sourceRanges": ["127.0.1.9/32"]`)
	s.fails(codes.Unauthenticated, both, "WhoAmI", `{}`)
	if r := address(8).get(t, s.Server, "Bearer "+both); r.Status != http.StatusOK {
		t.Errorf("a use from elsewhere spent the token: %d %s", r.Status, r.Body)
	}
	var used atomic.Int32
	var all sync.WaitGroup
	conns := []door{grpcDoor{s.Server, s.Conn}, grpcDoor{s.Server, s.HTTPConn}, restDoor{s.Server}}
	method := methodNamed(t, "WhoAmI")
	for i := range 12 {
		all.Go(func() {
			if r := conns[i%len(conns)].call(t, limited, method, requestFrom(t, method, `{}`)); r.code() == codes.OK {
				used.Add(1)
			}
		})
	}
	all.Wait()
	if used.Load() != 3 {
		t.Errorf("a token for 3 uses was used %d times", used.Load())
	}
	s.Restart()
	s.fails(codes.Unauthenticated, limited, "WhoAmI", `{}`)
	// Nor is it filled up by renewing.
	s.does("RenewToken", `{"name": "`+s.tokens("etl")[1]+`"}`)
	s.fails(codes.Unauthenticated, limited, "WhoAmI", `{}`)
}

// claimingToBe is how a request is answered that says that it comes from elsewhere.
func (s *story) claimingToBe(header, token string) int {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), "GET", s.URL()+"/v1/whoami", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set(header, "127.0.1.9")
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 7, byte(len(header)))}}
	transport := &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		s.t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// tokens are the names of an account's tokens with a use limit, first those spent.
func (s *story) tokens(id string) []string {
	s.t.Helper()
	found := []string{""}
	for _, token := range s.does("ListTokens", `{"parent": "namespaces/acme/serviceAccounts/`+id+`"}`).(*cofferv1.ListTokensResponse).GetTokens() {
		if token.GetUseLimit() == 3 && token.GetUseCount() == 3 {
			found = append(found, token.GetName())
		}
	}
	if len(found) != 2 {
		s.t.Fatalf("%d tokens have been used three times", len(found)-1)
	}
	return found
}

// What an open stream lives by is taken away in every way there is: it ends, or delivers no more, though it is idle.
func TestEscalation_openStreams(t *testing.T) {
	soon := func() string { return time.Now().Add(2 * time.Second).UTC().Format(time.RFC3339Nano) }
	const onEtl = `"resource": "namespaces/acme/projections/etl"`
	grantNow := func(s *story, more string) {
		s.does("CreateGrant", grant(`"principal": "`+account("reader")+`", "role": "workload", `+onEtl+more))
	}
	for name, test := range map[string]struct {
		give func(*story) // the right to watch
		take func(*story)
		want codes.Code
	}{
		"the account":      {func(s *story) { grantNow(s, "") }, func(s *story) { s.does("DeleteServiceAccount", `{"name": "namespaces/acme/serviceAccounts/reader"}`) }, codes.Unauthenticated},
		"the grant's time": {func(s *story) { grantNow(s, `, "expireTime": "`+soon()+`"`) }, func(*story) {}, codes.PermissionDenied},
		"the condition's time": {func(s *story) {
			grantNow(s, `, "condition": `+quote(`context.now < datetime("`+time.Now().Add(2*time.Second).UTC().Format("2006-01-02T15:04:05.000Z")+`")`))
		}, func(*story) {}, codes.PermissionDenied},
		"a forbid": {func(s *story) { grantNow(s, "") }, func(s *story) { s.policy("ban", `forbid (principal, action == Action::"projection:watch", resource);`) }, codes.PermissionDenied},
		"a forbid of its secret's use": {func(s *story) { grantNow(s, "") }, func(s *story) {
			s.policy("ban", `forbid (principal, action == Action::"secret:use", resource) when { context.delegated };`)
		}, codes.PermissionDenied},
		"the role's actions": {func(s *story) {
			s.does("CreateRole", `{"parent": "namespaces/acme", "roleId": "w", "role": {"actions": ["projection:watch", "projection:render"]}}`)
			s.does("CreateGrant", to(account("reader"), "namespaces/acme/roles/w"))
		}, func(s *story) {
			s.does("UpdateRole", `{"role": {"name": "namespaces/acme/roles/w", "actions": ["secret:get"]}}`)
		}, codes.PermissionDenied},
		"the permit": {func(s *story) { s.policy("may", `permit (principal, action == Action::"projection:watch", resource);`) }, func(s *story) { s.does("DeletePolicy", `{"name": "namespaces/acme/policies/may"}`) }, codes.PermissionDenied},
		"the author": {func(s *story) { grantNow(s, "") }, func(s *story) { s.does("DeleteServiceAccount", `{"name": "namespaces/acme/serviceAccounts/author"}`) }, codes.PermissionDenied},
		"a label, by a forbid": {func(s *story) {
			grantNow(s, "")
			s.policy("frozen", `forbid (principal, action == Action::"secret:use", resource) when { resource.hasTag("frozen") };`)
		}, func(s *story) {
			s.does("UpdateSecret", `{"secret": {"name": "namespaces/acme/secrets/db", "labels": {"frozen": ""}}}`)
			setK(s.t, s.Server, "n3w") // the next delivery does not come
		}, codes.PermissionDenied},
		"what was granted above, by a border": {func(s *story) {
			s.does("CreateGrant", `{"parent": "namespaces/instance", "grant": {"principal": "`+account("reader")+`", "role": "workload"}}`)
		}, func(s *story) {
			s.ok(s.with("namespace-admin"), "UpdateNamespace", `{"namespace": {"name": "namespaces/acme", "isolated": true}}`)
		}, codes.PermissionDenied},
		"the secret": {func(s *story) { grantNow(s, "") }, func(s *story) {
			s.does("DeleteSecret", `{"name": "namespaces/acme/secrets/db", "force": true}`)
		}, codes.FailedPrecondition},
		"the projection": {func(s *story) { grantNow(s, "") }, func(s *story) { s.does("DeleteProjection", etl) }, codes.PermissionDenied},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t, servertest.Config{})
			s.Namespace("acme")
			s.secret("db", "v")
			author := s.Account("namespaces/acme", "author", "developer", "")
			s.ok(author, "CreateProjection", `{"parent": "namespaces/acme", "projectionId": "etl", "projection": {"items": [{"secret": "db", "key": "k", "env": "K"}]}}`)
			reader := s.Account("namespaces/acme", "reader", "", "")
			test.give(s)
			var streams []stream
			for _, d := range []door{s.door, restDoor{s.Server}} {
				watch := open(t, d, reader, "WatchProjection", etl)
				nextBundle(t, watch)
				streams = append(streams, watch)
			}
			test.take(s)
			for _, watch := range streams {
				for r := watch.next(); r.code() != test.want; r = watch.next() {
					if bundle, ok := r.answer.(*cofferv1.WatchProjectionResponse); r.code() != codes.OK || ok && bundle.GetBundle() != nil {
						t.Fatalf("the stream goes on with %v %v, want %v", r.status, r.answer, test.want)
					}
				}
			}
			if r := s.call(reader, "WatchProjection", etl); r.code() == codes.OK {
				t.Errorf("a new stream: %v", r.answer)
			}
		})
	}
}

// A stream ends with the login that opened it, though the connection goes on.
func TestEscalation_openStreamOutlivesItsLogin(t *testing.T) {
	p := oidctest.Start(t)
	s := newStory(t, withIssuers(corp(p)))
	s.Namespace("acme")
	s.secret("db", "v")
	s.does("CreateProjection", `{"parent": "namespaces/acme", "projectionId": "etl", "projection": {"items": [{"secret": "db", "key": "k", "env": "K"}]}}`)
	s.does("CreateGrant", to("user:corp/alice", "workload"))
	for _, d := range []door{s.door, restDoor{s.Server}} {
		claims := p.Claims("alice")
		claims["exp"] = time.Now().Add(2 * time.Second).Unix()
		watch := open(t, d, p.Sign(claims), "WatchProjection", etl)
		nextBundle(t, watch)
		if r := end(watch); r.code() != codes.Unauthenticated {
			t.Errorf("the stream ended with %v, want Unauthenticated", r.status)
		}
	}
}
