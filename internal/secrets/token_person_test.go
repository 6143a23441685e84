package secrets_test

import (
	"strings"
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
)

const alice = "users/alice"

func TestPersonalToken(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	f.grant(user("alice"), authz.RoleSecretReader, db)
	operator := f.root
	operator.RequestID = "minting"
	token, err := f.CreateToken(f.ctx(), operator, secrets.CreateToken{Parent: alice, ID: "laptop", RenewableUntil: start.Add(time.Hour)})
	f.must(err)
	caller := f.login(token.Secret)
	if caller.Name != "user:alice" || caller.UID != "" || len(caller.Groups) > 0 || caller.TokenName != "users/alice/tokens/laptop" || token.Name != caller.TokenName {
		t.Errorf("it stands for %+v", caller)
	}
	_, err = f.AccessSecretVersion(f.ctx(), caller, at(db, 1))
	f.check(err, nil)
	events, lines := f.decisions("minting")
	if strings.Join(lines, ", ") != "token:create ALLOW, user:impersonate ALLOW" || events[0].Detail != "token laptop, which reaches what user:alice reaches" ||
		events[0].Resource != "namespaces/instance" {
		t.Errorf("the log has %v %+v", lines, events[0])
	}
	// Everything again in a store that is opened anew, and nothing after it was revoked.
	again := f.reopen()
	again.login(token.Secret)
	f.must(erred(f.DeleteToken(f.ctx(), f.root, token.Name, "", false)))
	_, err = f.tries(token.Secret, "")
	f.check(err, authn.ErrUnauthenticated)
}

// To mint a person's token is to be that person: it takes the operator's right, whoever else may mint tokens.
func TestPersonalToken_escalation(t *testing.T) {
	f := newFixture(t)
	f.grant(user("alice"), authz.RoleOperator, "namespaces/instance")
	token := f.mint(secrets.CreateToken{Parent: alice, ID: "laptop"})
	person := f.login(f.mint(secrets.CreateToken{Parent: "users/bob"}).Secret)
	admin := f.with(authz.RoleNamespaceAdmin, "namespaces/instance")
	admin.RequestID = "escalation"
	for _, caller := range []authn.Caller{admin, f.with(authz.RoleNamespaceAdmin, "namespaces/acme"), person, user("x"), {}} {
		_, err := f.CreateToken(f.ctx(), caller, secrets.CreateToken{Parent: alice})
		f.check(err, gate.ErrDenied)
	}
	if _, lines := f.decisions("escalation"); strings.Join(lines, ", ") != "token:create ALLOW, user:impersonate DENY" {
		t.Errorf("the log has %v", lines)
	}
	// Nor for oneself.
	bob := "users/bob"
	_, err := f.CreateToken(f.ctx(), person, secrets.CreateToken{Parent: bob})
	f.check(err, gate.ErrDenied)
	// What is not one's own takes a right to it, on the instance.
	for _, caller := range []authn.Caller{person, f.with(authz.RoleNamespaceAdmin, "namespaces/acme")} {
		_, err = f.GetToken(f.ctx(), caller, token.Name)
		f.check(err, gate.ErrDenied)
		_, _, err = f.ListTokens(f.ctx(), caller, alice, secrets.Page{})
		f.check(err, gate.ErrDenied)
		_, err = f.RenewToken(f.ctx(), caller, secrets.RenewToken{Name: token.Name})
		f.check(err, gate.ErrDenied)
		f.check(erred(f.DeleteToken(f.ctx(), caller, token.Name, "", false)), gate.ErrDenied)
	}
	_, err = f.GetToken(f.ctx(), admin, token.Name)
	f.check(err, nil)
	_, err = f.RenewToken(f.ctx(), admin, secrets.RenewToken{Name: token.Name})
	f.check(err, nil)
}

// A person needs no right for its own tokens: it sees them and throws them away, but renews only the one it shows.
func TestPersonalToken_own(t *testing.T) {
	f := newFixture(t)
	until := start.Add(time.Hour)
	first := f.mint(secrets.CreateToken{Parent: alice, ID: "first", RenewableUntil: until, ExpireTime: start.Add(time.Minute)})
	second := f.mint(secrets.CreateToken{Parent: alice, ID: "second", RenewableUntil: until})
	f.mint(secrets.CreateToken{Parent: "users/alicia", ID: "third"})
	caller := f.login(first.Secret)
	listed, _, err := f.ListTokens(f.ctx(), caller, alice, secrets.Page{})
	f.must(err)
	if len(listed) != 2 || listed[0].Name != first.Name || listed[1].Name != second.Name || listed[0].Secret != "" {
		t.Errorf("listed are %+v", listed)
	}
	_, err = f.GetToken(f.ctx(), caller, second.Name)
	f.check(err, nil)
	_, err = f.GetToken(f.ctx(), caller, alice+"/tokens/none")
	f.check(err, secrets.ErrNotFound)
	_, err = f.RenewToken(f.ctx(), caller, secrets.RenewToken{Name: first.Name, ExpireTime: until})
	f.check(err, nil)
	_, err = f.RenewToken(f.ctx(), caller, secrets.RenewToken{Name: second.Name, ExpireTime: until})
	f.check(err, gate.ErrDenied)
	f.check(erred(f.DeleteToken(f.ctx(), caller, second.Name, "", false)), nil)
}

// Names that could be another's are nobody's.
func TestPersonalToken_names(t *testing.T) {
	f := newFixture(t)
	for _, name := range []string{"", ".", "..", "corp/alice", "-x", "a*", "ali ce", "a\\b", "älice", strings.Repeat("a", 129), "alice/tokens/t"} {
		_, err := f.CreateToken(f.ctx(), f.root, secrets.CreateToken{Parent: "users/" + name})
		f.invalid(err, "parent")
	}
	for _, name := range []string{"alice", "Alice", "alice@example.com", "_", strings.Repeat("a", 128)} {
		caller := f.login(f.mint(secrets.CreateToken{Parent: "users/" + name}).Secret)
		if caller.Name != "user:"+name {
			t.Errorf("the token of %q stands for %q", name, caller.Name)
		}
	}
	// A namespace may be called users: its records are no person's.
	f.namespace("users", "acme")
	f.account("namespaces/users/serviceAccounts/alice")
	if _, _, err := f.ListTokens(f.ctx(), user("alice"), "namespaces/users/serviceAccounts/alice", secrets.Page{}); err == nil {
		t.Error("a person sees the tokens of an account of the same name")
	}
}

// Where people have bare names from an issuer, nobody gets in by a token that was minted for such a name.
func TestPersonalToken_off(t *testing.T) {
	f := newFixture(t)
	token := f.mint(secrets.CreateToken{Parent: alice, ID: "laptop"})
	f.config.PersonalTokensOff = true
	off := f.reopen()
	_, err := off.tries(token.Secret, "")
	f.check(err, authn.ErrUnauthenticated)
	_, err = off.CreateToken(f.ctx(), f.root, secrets.CreateToken{Parent: alice})
	f.check(err, secrets.ErrPrecondition)
	// The issuer's alice is not she who has them.
	issued := user("alice")
	issued.Method = "oidc"
	_, _, err = off.ListTokens(f.ctx(), issued, alice, secrets.Page{})
	f.check(err, gate.ErrDenied)
	listed, _, err := off.ListTokens(f.ctx(), f.root, alice, secrets.Page{})
	f.must(err)
	if len(listed) != 1 {
		t.Errorf("an operator sees %+v", listed)
	}
}
