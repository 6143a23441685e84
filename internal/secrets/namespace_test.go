package secrets_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage"
	"github.com/coffer-dev/coffer/internal/storage/storagetest"
)

func TestNamespace_tree(t *testing.T) {
	f := newFixture(t)
	admin := f.with(authz.RoleNamespaceAdmin, "namespaces/acme")
	below, err := f.CreateNamespace(f.ctx(), admin, secrets.CreateNamespace{ID: "below", Namespace: secrets.Namespace{Parent: "namespaces/team"}})
	if err != nil || below.Parent != "namespaces/team" || below.Name != "namespaces/below" || below.CreatedBy != admin.Name {
		t.Errorf("CreateNamespace = %+v, %v", below, err)
	}
	// What is granted above holds below, at once.
	_, err = f.CreateSecret(f.ctx(), admin, secrets.CreateSecret{Parent: below.Name, ID: "db"})
	f.check(err, nil)
	for _, parent := range []string{"", "namespaces/instance", "namespaces/other"} {
		_, err := f.CreateNamespace(f.ctx(), admin, secrets.CreateNamespace{ID: "x", Namespace: secrets.Namespace{Parent: parent}})
		f.check(err, gate.ErrDenied)
	}
	// IDs are unique in the whole instance.
	for _, parent := range []string{"instance", "other", "below"} {
		for _, id := range []string{"team", "instance"} {
			_, err := f.CreateNamespace(f.ctx(), f.root, secrets.CreateNamespace{ID: id, Namespace: secrets.Namespace{Parent: "namespaces/" + parent}})
			f.check(err, secrets.ErrExists)
		}
	}
	for _, id := range []string{"", "A", ".", "-x", "a.b", strings.Repeat("a", 64)} {
		_, err := f.CreateNamespace(f.ctx(), f.root, secrets.CreateNamespace{ID: id})
		f.invalid(err, "namespace_id")
	}
}

func TestNamespace_depth(t *testing.T) {
	f := newFixture(t)
	parent := "instance"
	for depth := 2; ; depth++ {
		id := fmt.Sprint("deep", depth)
		_, err := f.CreateNamespace(f.ctx(), f.root, secrets.CreateNamespace{ID: id, Namespace: secrets.Namespace{Parent: "namespaces/" + parent}})
		if err != nil {
			f.check(err, secrets.ErrPrecondition)
			if depth != authz.MaxDepth+1 {
				t.Errorf("the namespace at depth %d is refused, want %d", depth, authz.MaxDepth+1)
			}
			break
		}
		parent = id
	}
	// The lowest is decided by a grant at the top.
	_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{Parent: "namespaces/" + parent, ID: "s"})
	f.check(err, nil)
	f.check(f.Fresh(), nil)
}

func TestDeleteNamespace_refusesNonEmpty(t *testing.T) {
	f := newFixture(t)
	ns := "namespaces/other"
	deleted := func(want error) {
		t.Helper()
		for _, validateOnly := range []bool{true, false} {
			_, err := f.DeleteNamespace(f.ctx(), f.root, ns, "", validateOnly)
			f.check(err, want)
		}
	}
	f.secret(ns+"/secrets/s", "k", "v")
	deleted(secrets.ErrNamespaceNotEmpty)
	f.project(f.root, ns+"/projections/p", env("s", "k", "K"))
	f.drop(ns + "/secrets/s")
	deleted(secrets.ErrNamespaceNotEmpty)
	f.must(erred(f.DeleteProjection(f.ctx(), f.root, ns+"/projections/p", "", false)))
	f.account(ns + "/serviceAccounts/a")
	deleted(secrets.ErrNamespaceNotEmpty)
	f.must(erred(f.DeleteServiceAccount(f.ctx(), f.root, ns+"/serviceAccounts/a", "", false)))
	f.namespace("below", "other")
	deleted(secrets.ErrNamespaceNotEmpty)
	_, err := f.DeleteNamespace(f.ctx(), f.root, "namespaces/below", "", false)
	f.must(err)
	f.grant(user("x"), authz.RoleViewer, ns) // grants and what is in the bin do not count
	deleted(nil)
	_, err = f.DeleteNamespace(f.ctx(), f.root, "namespaces/instance", "", false)
	f.check(err, secrets.ErrPrecondition)
}

func TestNamespace_deleted(t *testing.T) {
	f := newFixture(t)
	ns := "namespaces/other"
	f.secret(ns+"/secrets/s", "k", "v")
	gone := f.drop(ns + "/secrets/s")
	grant := f.grant(user("x"), authz.RoleViewer, ns)
	n, err := f.DeleteNamespace(f.ctx(), f.root, ns, "", false)
	if err != nil || n.DeleteTime != start || !n.PurgeTime.After(start) {
		t.Errorf("DeleteNamespace = %+v, %v", n, err)
	}
	for _, m := range methods {
		name := ns
		switch m.kind {
		case "namespace":
			if m.name == "GetNamespace" {
				continue
			}
		case "empty", "":
			continue
		case "deleted":
			name = gone
		case "grant":
			if name = grant; m.name == "DeleteGrant" {
				continue // rights may be taken away
			}
		case "role", "policy":
			if strings.HasPrefix(m.name, "Delete") {
				continue // they too
			}
			name += "/" + map[string]string{"role": "roles", "policy": "policies"}[m.kind] + "/s"
		case "secret", "projection":
			name += "/" + m.kind + "s/s"
		case "version":
			name += "/secrets/s/versions/1"
		case "account":
			name += "/serviceAccounts/s"
		case "token":
			name += "/serviceAccounts/s/tokens/first"
		}
		if err := m.call(f, f.root, name); !errors.Is(err, secrets.ErrNamespaceDeleted) {
			t.Errorf("%s in a deleted namespace = %v, want ErrNamespaceDeleted", m.name, err)
		}
	}
	got, err := f.GetNamespace(f.ctx(), f.root, ns)
	n.Usage = got.Usage // which only this answer tells
	if diff := cmp.Diff(n, got); err != nil || diff != "" {
		t.Errorf("GetNamespace: %v (-want +got):\n%s", err, diff)
	}
	_, err = f.DeleteNamespace(f.ctx(), f.root, ns, "", false)
	f.check(err, secrets.ErrNamespaceDeleted)
	_, err = f.CreateNamespace(f.ctx(), f.root, secrets.CreateNamespace{ID: "other"})
	f.check(err, secrets.ErrExists)
	names := func(page secrets.Page) (names []string) {
		list, _, err := f.ListNamespaces(f.ctx(), f.root, "", page)
		f.must(err)
		for _, n := range list {
			names = append(names, n.Name)
		}
		return names
	}
	if got := names(secrets.Page{}); !cmp.Equal(got, []string{"namespaces/acme", "namespaces/instance", "namespaces/team"}) {
		t.Errorf("listed without deleted ones: %v", got)
	}
	if got := names(secrets.Page{ShowDeleted: true}); len(got) != 4 {
		t.Errorf("listed with deleted ones: %v", got)
	}
	back, err := f.UndeleteNamespace(f.ctx(), f.root, ns, n.Etag, false)
	if err != nil || !back.DeleteTime.IsZero() || back.UID != n.UID {
		t.Errorf("UndeleteNamespace = %+v, %v", back, err)
	}
	_, err = f.UndeleteNamespace(f.ctx(), f.root, ns, "", false)
	f.check(err, secrets.ErrPrecondition)
	_, err = f.UndeleteSecret(f.ctx(), f.root, gone, "", false)
	f.must(err)
	if got := f.value(ns+"/secrets/s/versions/1", "k"); got != "v" {
		t.Errorf("after all it delivers %q", got)
	}
}

func TestUndeleteNamespace_parentFirst(t *testing.T) {
	f := newFixture(t)
	for _, id := range []string{"team", "acme"} {
		_, err := f.DeleteNamespace(f.ctx(), f.root, "namespaces/"+id, "", false)
		f.must(err)
	}
	_, err := f.UndeleteNamespace(f.ctx(), f.root, "namespaces/team", "", false)
	f.check(err, secrets.ErrNamespaceDeleted)
	_, err = f.UndeleteNamespace(f.ctx(), f.root, "namespaces/acme", "", false)
	f.must(err)
	_, err = f.UndeleteNamespace(f.ctx(), f.root, "namespaces/team", "", false)
	f.check(err, nil)
}

// However the deletion of a namespace and the undeletion of one below it fall together, none lives below a deleted one.
func TestUndeleteNamespace_whileParentIsDeleted(t *testing.T) {
	f := newFixture(t)
	_, err := f.DeleteNamespace(f.ctx(), f.root, "namespaces/team", "", false)
	f.must(err)
	// The deletion of the parent comes in just before the undeletion commits.
	first := true
	f.engine.Set(storagetest.Faults{Update: func() error {
		if first {
			first = false
			f.engine.Set(storagetest.Faults{})
			_, err := f.DeleteNamespace(f.ctx(), f.root, "namespaces/acme", "", false)
			f.check(err, nil)
		}
		return nil
	}})
	_, err = f.UndeleteNamespace(f.ctx(), f.root, "namespaces/team", "", false)
	f.check(err, secrets.ErrNamespaceDeleted)
}

func TestUpdateNamespace(t *testing.T) {
	f := newFixture(t)
	sent := secrets.Namespace{Name: "namespaces/acme", Meta: secrets.Meta{Labels: map[string]string{"a": "1"}}}
	_, err := f.UpdateNamespace(f.ctx(), f.root, sent, nil, false)
	f.must(err)
	sent = secrets.Namespace{Name: "namespaces/acme", Meta: secrets.Meta{Description: "d", Labels: map[string]string{"b": "2"}}}
	n, err := f.UpdateNamespace(f.ctx(), f.root, sent, []string{"description", "labels.b"}, false)
	if diff := cmp.Diff(map[string]string{"a": "1", "b": "2"}, n.Labels); err != nil || diff != "" || n.Description != "d" || n.Parent != "namespaces/instance" {
		t.Errorf("UpdateNamespace = %+v, %v (-want +got):\n%s", n, err, diff)
	}
	for _, path := range []string{"parent", "name"} {
		_, err = f.UpdateNamespace(f.ctx(), f.root, sent, []string{path}, false)
		f.invalid(err, "update_mask")
	}
}

func TestServiceAccount_tokens(t *testing.T) {
	f := newFixture(t)
	name := "namespaces/other/serviceAccounts/etl"
	caller, token := f.account(name)
	want := authn.Caller{
		Principal: authn.Principal{Name: "serviceAccount:" + name, UID: caller.UID, NamespaceUID: caller.NamespaceUID}, Method: authn.MethodToken,
		TokenName: name + "/tokens/first", TokenUID: caller.TokenUID, TokenExpire: start.AddDate(0, 0, 90),
	}
	if diff := cmp.Diff(want, caller, cmpopts.EquateComparable(netip.Addr{})); diff != "" || caller.UID == "" {
		t.Errorf("whom the token stands for (-want +got):\n%s", diff)
	}
	works := func(token string, want bool) {
		t.Helper()
		_, err := f.Authenticator().Authenticate(f.ctx(), authn.Credentials{Bearer: token})
		if (err == nil) != want || err != nil && !errors.Is(err, authn.ErrUnauthenticated) {
			t.Errorf("authenticating = %v, want %v", err, want)
		}
	}
	second, err := f.CreateToken(f.ctx(), f.root, secrets.CreateToken{Parent: name, ExpireTime: start.Add(1)})
	f.must(err)
	works(second.Secret, true)
	f.pass(1)
	works(second.Secret, false)
	works(token, true)

	// Revoked, it works no more.
	third, err := f.CreateToken(f.ctx(), f.root, secrets.CreateToken{Parent: name, ID: "third"})
	f.must(err)
	works(third.Secret, true)
	f.must(erred(f.DeleteToken(f.ctx(), f.root, third.Name, "", false)))
	works(third.Secret, false)
	_, err = f.GetToken(f.ctx(), f.root, third.Name)
	f.check(err, secrets.ErrNotFound)
	f.check(erred(f.DeleteToken(f.ctx(), f.root, third.Name, "", false)), secrets.ErrNotFound)

	// With the account its tokens go.
	f.must(erred(f.DeleteServiceAccount(f.ctx(), f.root, name, "", false)))
	works(token, false)
	if left := f.keysWith(caller.UID); len(left) > 0 {
		t.Errorf("of the deleted account the store still has %q", left)
	}
}

func TestServiceAccount_recreatedInheritsNothing(t *testing.T) {
	f := newFixture(t)
	name := "namespaces/other/serviceAccounts/etl"
	caller, token := f.account(name)
	grant := f.grant(caller, authz.RoleOperator, "namespaces/instance")
	_, err := f.GetNamespace(f.ctx(), caller, "namespaces/acme")
	f.check(err, nil)
	f.must(erred(f.DeleteServiceAccount(f.ctx(), f.root, name, "", false)))
	again, _ := f.account(name)
	if again.UID == caller.UID {
		t.Error("the new account has the UID of the old one")
	}
	_, err = f.GetNamespace(f.ctx(), again, "namespaces/acme")
	f.check(err, gate.ErrDenied)
	_, err = f.Authenticator().Authenticate(f.ctx(), authn.Credentials{Bearer: token})
	f.check(err, authn.ErrUnauthenticated)
	if g, err := f.GetGrant(f.ctx(), f.root, grant); err != nil || !g.Dangling {
		t.Errorf("the old one's grant = %+v, %v; want it dangling", g, err)
	}
	// A grant to an account that does not exist is refused.
	_, err = f.CreateGrant(f.ctx(), f.root, secrets.CreateGrant{Parent: "namespaces/acme", Grant: secrets.Grant{
		Principal: "serviceAccount:namespaces/other/serviceAccounts/nobody", Role: "viewer",
	}})
	f.invalid(err, "grant.principal")
}

// The namespace of an account is deleted under it: as when the look before the closing of the door missed it.
func TestServiceAccount_tokensOfDeletedNamespace(t *testing.T) {
	f := newFixture(t)
	name := "namespaces/other/serviceAccounts/etl"
	_, token := f.account(name)
	// The engine hides the account from the look into the namespace.
	f.engine.Set(storagetest.Faults{Read: func(r storage.Record) (storage.Record, error) {
		if strings.HasPrefix(string(r.Key), "access/account/") {
			return r, storage.ErrNotFound
		}
		return r, nil
	}})
	_, err := f.DeleteNamespace(f.ctx(), f.root, "namespaces/other", "", false)
	f.must(err)
	f.engine.Set(storagetest.Faults{})
	_, err = f.Authenticator().Authenticate(f.ctx(), authn.Credentials{Bearer: token})
	f.check(err, authn.ErrUnauthenticated)
	_, err = f.UndeleteNamespace(f.ctx(), f.root, "namespaces/other", "", false)
	f.must(err)
	f.login(token)
}

func TestCreateToken(t *testing.T) {
	f := newFixture(t)
	name := "namespaces/acme/serviceAccounts/etl"
	f.account(name)
	create := secrets.CreateToken{Parent: name, Meta: secrets.Meta{Description: "d"}, RequestID: "b5a2f2a4-7f5c-4a70-9d4b-0a3f4a8fbb10"}
	first, err := f.CreateToken(f.ctx(), f.root, create)
	f.must(err)
	if first.Secret == "" || !strings.HasPrefix(first.Name, name+"/tokens/") {
		t.Errorf("CreateToken = %+v", first)
	}
	again, err := f.CreateToken(f.ctx(), f.root, create)
	if again.Secret != "" {
		t.Error("a retry shows the token again")
	}
	first.Secret = ""
	if diff := cmp.Diff(first, again); err != nil || diff != "" {
		t.Errorf("a retry: %v (-first +again):\n%s", err, diff)
	}
	got, err := f.GetToken(f.ctx(), f.root, first.Name)
	if diff := cmp.Diff(first, got); err != nil || diff != "" {
		t.Errorf("GetToken: %v (-want +got):\n%s", err, diff)
	}
	list, _, err := f.ListTokens(f.ctx(), f.root, name, secrets.Page{})
	f.must(err)
	for _, token := range list {
		if token.Secret != "" {
			t.Error("a list shows a token")
		}
	}
	tests := []struct {
		name, field string
		req         secrets.CreateToken
	}{
		{"expired", "token.expire_time", secrets.CreateToken{ExpireTime: start.Add(-1)}},
		{"too far", "token.expire_time", secrets.CreateToken{ExpireTime: start.AddDate(11, 0, 0)}},
		{"ID", "token_id", secrets.CreateToken{ID: "a/b"}},
		{"description", "token.description", secrets.CreateToken{Meta: secrets.Meta{Description: strings.Repeat("x", 1025)}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.req.Parent = name
			_, err := f.CreateToken(f.ctx(), f.root, test.req)
			f.invalid(err, test.field)
		})
	}
	_, err = f.CreateToken(f.ctx(), f.root, secrets.CreateToken{Parent: name, ID: "first"})
	f.check(err, secrets.ErrExists)
	// Minting is an admin's right, not that of the account itself.
	developer := f.with(authz.RoleDataAdmin, "namespaces/acme")
	_, err = f.CreateToken(f.ctx(), developer, secrets.CreateToken{Parent: name})
	f.check(err, gate.ErrDenied)
}
