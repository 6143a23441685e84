package secrets_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage"
	"github.com/coffer-dev/coffer/internal/storage/storagetest"
)

const robot = "namespaces/acme/serviceAccounts/robot"

// mint makes a token as the operator.
func (f *fixture) mint(req secrets.CreateToken) secrets.Token {
	f.t.Helper()
	token, err := f.CreateToken(f.ctx(), f.root, req)
	f.must(err)
	return token
}

// tries authenticates from an address.
func (f *fixture) tries(token, source string) (authn.Caller, error) {
	return f.Authenticator().Authenticate(f.ctx(), authn.Credentials{Bearer: token, Source: source})
}

func TestToken_sourceRanges(t *testing.T) {
	f := newFixture(t)
	f.account(robot)
	ranges := []string{"10.0.0.0/8", "2001:db8::/32"}
	token := f.mint(secrets.CreateToken{Parent: robot, ID: "bound", SourceRanges: ranges})
	for _, test := range []struct {
		source string
		want   error
	}{
		{"10.1.2.3:4711", nil},
		{"[::ffff:10.1.2.3]:4711", nil},
		{"[2001:db8::1]:1", nil},
		{"11.1.2.3:4711", authn.ErrUnauthenticated},
		{"[2001:db9::1]:1", authn.ErrUnauthenticated},
		{"", authn.ErrUnauthenticated},
		{"somewhere", authn.ErrUnauthenticated},
	} {
		if _, err := f.tries(token.Secret, test.source); !errors.Is(err, test.want) {
			t.Errorf("from %q: %v, want %v", test.source, err, test.want)
		}
	}
	got, err := f.GetToken(f.ctx(), f.root, token.Name)
	f.must(err)
	if strings.Join(got.SourceRanges, " ") != strings.Join(ranges, " ") {
		t.Errorf("the ranges are %q", got.SourceRanges)
	}
}

func TestCreateToken_invalidLimits(t *testing.T) {
	f := newFixture(t)
	f.account(robot)
	many := make([]string, 33)
	for i := range many {
		many[i] = fmt.Sprintf("10.0.0.%d/32", i)
	}
	for _, test := range []struct {
		name, field string
		req         secrets.CreateToken
	}{
		{"an address", "token.source_ranges[0]", secrets.CreateToken{SourceRanges: []string{"10.0.0.1"}}},
		{"bits beyond the mask", "token.source_ranges[1]", secrets.CreateToken{SourceRanges: []string{"10.0.0.0/8", "10.0.0.1/8"}}},
		{"another spelling", "token.source_ranges[0]", secrets.CreateToken{SourceRanges: []string{"2001:DB8:0::/32"}}},
		{"a mapped address", "token.source_ranges[0]", secrets.CreateToken{SourceRanges: []string{"::ffff:10.0.0.0/104"}}},
		{"a zone", "token.source_ranges[0]", secrets.CreateToken{SourceRanges: []string{"fe80::%eth0/64"}}},
		{"nothing", "token.source_ranges[0]", secrets.CreateToken{SourceRanges: []string{""}}},
		{"many", "token.source_ranges", secrets.CreateToken{SourceRanges: many}},
		{"negative", "token.use_limit", secrets.CreateToken{UseLimit: -1}},
		{"before its end", "token.renewable_until", secrets.CreateToken{ExpireTime: start.Add(2 * time.Hour), RenewableUntil: start.Add(time.Hour)}},
		{"past", "token.renewable_until", secrets.CreateToken{RenewableUntil: start.Add(-time.Hour)}},
		{"too far", "token.renewable_until", secrets.CreateToken{RenewableUntil: start.AddDate(11, 0, 0)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.req.Parent = robot
			_, err := f.CreateToken(f.ctx(), f.root, test.req)
			f.invalid(err, test.field)
		})
	}
	// What may be renewed does not begin with a life beyond that.
	token := f.mint(secrets.CreateToken{Parent: robot, RenewableUntil: start.Add(time.Hour)})
	if !token.ExpireTime.Equal(start.Add(time.Hour)) {
		t.Errorf("it expires at %v", token.ExpireTime)
	}
}

// A token with a limit is let in as often as that and not once more, however many ask at once.
func TestToken_useLimit(t *testing.T) {
	f := newFixture(t)
	f.account(robot)
	const limit, calls = 20, 50
	token := f.mint(secrets.CreateToken{Parent: robot, ID: "counted", UseLimit: limit})
	var let atomic.Int64
	var calling sync.WaitGroup
	for range calls {
		calling.Go(func() {
			switch caller, err := f.tries(token.Secret, ""); {
			case err == nil:
				let.Add(1)
				if caller.TokenUID != token.UID {
					t.Errorf("the caller's token is %q, want %q", caller.TokenUID, token.UID)
				}
			case !errors.Is(err, authn.ErrUnauthenticated):
				t.Errorf("Authenticate: %v", err)
			}
		})
	}
	calling.Wait()
	if let.Load() != limit {
		t.Errorf("%d calls were let in, want %d", let.Load(), limit)
	}
	got, err := f.GetToken(f.ctx(), f.root, token.Name)
	f.must(err)
	listed, _, err := f.ListTokens(f.ctx(), f.root, robot, secrets.Page{})
	f.must(err)
	if got.UseCount != limit || got.UseLimit != limit || listed[0].UseCount != limit || got.Etag != token.Etag {
		t.Errorf("the token is told as %+v and %+v", got, listed)
	}
}

// Uses are counted where a crash does not lose them: whoever opens the store anew goes on counting.
func TestToken_useLimitOutlivesProcess(t *testing.T) {
	f := newFixture(t)
	f.account(robot)
	token := f.mint(secrets.CreateToken{Parent: robot, ID: "counted", UseLimit: 3})
	for _, process := range []*fixture{f, f.reopen(), f.reopen()} {
		_, err := process.tries(token.Secret, "")
		f.check(err, nil)
	}
	for _, process := range []*fixture{f, f.reopen()} {
		_, err := process.tries(token.Secret, "")
		f.check(err, authn.ErrUnauthenticated)
	}
}

// A use that cannot be counted is none: the caller is not let in.
func TestToken_useNotCounted(t *testing.T) {
	f := newFixture(t)
	f.account(robot)
	token := f.mint(secrets.CreateToken{Parent: robot, ID: "counted", UseLimit: 1})
	f.engine.Set(storagetest.Faults{Update: func() error { return storage.ErrUnavailable }})
	_, err := f.tries(token.Secret, "")
	f.check(err, authn.ErrUnavailable)
	f.engine.Set(storagetest.Faults{})
	_, err = f.tries(token.Secret, "")
	f.check(err, nil)
}

// What is revoked, or dies with its account, leaves no count behind.
func TestToken_useCountGoes(t *testing.T) {
	f := newFixture(t)
	f.account(robot)
	for _, id := range []string{"revoked", "orphaned"} {
		_, err := f.tries(f.mint(secrets.CreateToken{Parent: robot, ID: id, UseLimit: 5}).Secret, "")
		f.must(err)
	}
	if n := f.stored("data/token-use/"); n != 2 {
		t.Fatalf("%d counts are stored, want 2", n)
	}
	f.must(erred(f.DeleteToken(f.ctx(), f.root, robot+"/tokens/revoked", "", false)))
	if n := f.stored("data/token-use/"); n != 1 {
		t.Errorf("%d counts are stored after one token was revoked", n)
	}
	f.must(erred(f.DeleteServiceAccount(f.ctx(), f.root, robot, "", false)))
	if n := f.stored("data/token-use/"); n != 0 {
		t.Errorf("%d counts are stored after the account was deleted", n)
	}
}

func TestRenewToken_byHolder(t *testing.T) {
	f := newFixture(t)
	f.account(robot)
	token := f.mint(secrets.CreateToken{
		Parent: robot, ID: "renewed", ExpireTime: start.Add(time.Hour), RenewableUntil: start.Add(150 * time.Minute),
	})
	holder := f.login(token.Secret)
	renew := func(req secrets.RenewToken) (secrets.Token, error) {
		req.Name = token.Name
		return f.RenewToken(f.ctx(), holder, req)
	}
	f.pass(30 * time.Minute)
	holder.RequestID = "renewal"
	got, err := renew(secrets.RenewToken{Etag: token.Etag})
	f.must(err)
	if want := start.Add(90 * time.Minute); !got.ExpireTime.Equal(want) || got.UpdatedBy != holder.Name || got.Secret != "" || got.UID != token.UID {
		t.Errorf("it is %+v, want one that expires at %v", got, want)
	}
	events, lines := f.decisions("renewal")
	if strings.Join(lines, " ") != "token:renew ALLOW" || strings.Join(events[0].Reasons, " ") != "self" || events[0].Detail != "token renewed" {
		t.Errorf("the log has %v %+v", lines, events)
	}
	_, err = renew(secrets.RenewToken{Etag: token.Etag})
	f.check(err, secrets.ErrEtag)
	// It is in force: the token outlives its first end.
	f.pass(45 * time.Minute)
	f.login(token.Secret)
	// Never beyond what it was made for, asked for or not.
	_, err = renew(secrets.RenewToken{ExpireTime: start.Add(151 * time.Minute)})
	f.invalid(err, "expire_time")
	f.clock.Store(int64(89 * time.Minute))
	_, err = renew(secrets.RenewToken{})
	f.must(err)
	f.pass(50 * time.Minute)
	if got, err = renew(secrets.RenewToken{}); err != nil || !got.ExpireTime.Equal(start.Add(150*time.Minute)) {
		t.Errorf("renewed last it is %v, %v", got.ExpireTime, err)
	}
	f.pass(11 * time.Minute)
	_, err = f.tries(token.Secret, "")
	f.check(err, authn.ErrUnauthenticated)
	// What has expired is not brought back, by nobody.
	_, err = f.RenewToken(f.ctx(), f.root, secrets.RenewToken{Name: token.Name})
	f.check(err, secrets.ErrPrecondition)
}

// Only the very token that a caller has shown is its own to renew: no other of the same account, nor of another one, and
// none that an issuer calls by the same ID.
func TestRenewToken_ofAnother(t *testing.T) {
	f := newFixture(t)
	_, first := f.account(robot)
	other, _ := f.account("namespaces/acme/serviceAccounts/other")
	until := start.Add(1000 * time.Hour)
	token := f.mint(secrets.CreateToken{Parent: robot, ID: "second", ExpireTime: start.Add(time.Hour), RenewableUntil: until})
	sibling := f.login(first)
	foreign := authn.Caller{Principal: sibling.Principal, Method: "oidc", TokenUID: token.UID}
	for _, caller := range []authn.Caller{sibling, other, foreign, {}, user("x")} {
		_, err := f.RenewToken(f.ctx(), caller, secrets.RenewToken{Name: token.Name})
		f.check(err, gate.ErrDenied)
	}
	// One that its holder may not renew it may not, though it has every right to others.
	f.grant(other, authz.RoleOperator, "namespaces/instance")
	_, err := f.RenewToken(f.ctx(), other, secrets.RenewToken{Name: other.TokenName})
	f.check(err, secrets.ErrPrecondition)
	admin := f.with(authz.RoleNamespaceAdmin, "namespaces/acme")
	got, err := f.RenewToken(f.ctx(), admin, secrets.RenewToken{Name: token.Name, ExpireTime: until.Add(time.Hour)})
	f.must(err)
	if !got.ExpireTime.Equal(until.Add(time.Hour)) {
		t.Errorf("an admin renews it until %v", got.ExpireTime)
	}
	_, err = f.RenewToken(f.ctx(), admin, secrets.RenewToken{Name: token.Name, ExpireTime: start.Add(-1)})
	f.invalid(err, "expire_time")
}

// The holder of a token may throw it away, and no other.
func TestDeleteToken_byHolder(t *testing.T) {
	f := newFixture(t)
	_, first := f.account(robot)
	second := f.mint(secrets.CreateToken{Parent: robot, ID: "second"})
	caller := f.login(first)
	_, err := f.DeleteToken(f.ctx(), caller, second.Name, "", false)
	f.check(err, gate.ErrDenied)
	_, err = f.DeleteToken(f.ctx(), caller, caller.TokenName, "", false)
	f.check(err, nil)
	_, err = f.tries(first, "")
	f.check(err, authn.ErrUnauthenticated)
	f.login(second.Secret)
}

// A service account with the right to mint tokens in its namespace mints none for itself, and those it mints for another
// are recorded as what reaches what that one reaches.
func TestCreateToken_forItself(t *testing.T) {
	f := newFixture(t)
	caller, _ := f.account(robot)
	f.account("namespaces/acme/serviceAccounts/other")
	f.grant(caller, authz.RoleNamespaceAdmin, "namespaces/acme")
	_, err := f.CreateToken(f.ctx(), caller, secrets.CreateToken{Parent: robot, ID: "mine"})
	f.check(err, gate.ErrDenied)
	caller.RequestID = "minting"
	_, err = f.CreateToken(f.ctx(), caller, secrets.CreateToken{Parent: "namespaces/acme/serviceAccounts/other", ID: "theirs"})
	f.check(err, nil)
	events, _ := f.decisions("minting")
	if want := "token theirs, which reaches what serviceAccount:namespaces/acme/serviceAccounts/other reaches"; events[0].Detail != want {
		t.Errorf("the log has %q, want %q", events[0].Detail, want)
	}
}
