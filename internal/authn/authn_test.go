package authn_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/authn"
)

var etl = authn.Principal{
	Name:         "serviceAccount:namespaces/acme/serviceAccounts/etl",
	UID:          "sa-etl",
	NamespaceUID: "ns-acme",
}

var compareAddrs = cmp.Comparer(func(a, b netip.Addr) bool { return a == b })

func newRecord(t *testing.T, uid string) (string, authn.TokenRecord) {
	t.Helper()
	secret, hash, err := authn.NewToken()
	if err != nil {
		t.Fatalf("NewToken: %v", err)
	}
	return secret, authn.TokenRecord{UID: uid, Name: "tokens/" + uid, Hash: hash, Principal: etl}
}

func TestTokenIndex(t *testing.T) {
	now := time.Unix(1000, 0)
	index := authn.NewTokenIndex(authn.TokenIndexConfig{Now: func() time.Time { return now }})
	chain := authn.Chain{index}
	check := func(secret string, want error, when string) {
		t.Helper()
		if _, err := chain.Authenticate(t.Context(), authn.Credentials{Bearer: secret}); !errors.Is(err, want) {
			t.Errorf("Authenticate %s: %v, want %v", when, err, want)
		}
	}
	secret, record := newRecord(t, "t1")
	check(secret, authn.ErrUnauthenticated, "before Put")

	record.ExpireTime = now.Add(time.Second)
	index.Put(record)
	got, err := chain.Authenticate(t.Context(), authn.Credentials{Bearer: secret, Source: "192.0.2.1:7"})
	want := authn.Caller{
		Principal: etl, Method: authn.MethodToken, TokenName: record.Name, TokenUID: "t1", TokenExpire: record.ExpireTime,
		Source: "192.0.2.1:7", Address: netip.MustParseAddr("192.0.2.1"),
	}
	if diff := cmp.Diff(want, got, compareAddrs); err != nil || diff != "" {
		t.Errorf("Authenticate: %v (-want +got):\n%s", err, diff)
	}
	now = record.ExpireTime
	check(secret, authn.ErrUnauthenticated, "at the expiry")
	record.ExpireTime = time.Time{}
	index.Put(record)
	check(secret, nil, "after the expiry was taken away")

	other, replaced := newRecord(t, "t1")
	index.Put(replaced)
	check(secret, authn.ErrUnauthenticated, "after another token took the UID")
	check(other, nil, "by the other token")
	index.Delete("t2")
	check(other, nil, "after an unknown token was revoked")
	index.Delete("t1")
	check(other, authn.ErrUnauthenticated, "after it was revoked")
}

func TestTokenIndex_sameHashTwice(t *testing.T) {
	index := authn.NewTokenIndex(authn.TokenIndexConfig{})
	secret, record := newRecord(t, "t1")
	index.Put(record)
	record.UID = "t2"
	index.Put(record)
	index.Delete("t1")
	if _, err := index.Authenticate(t.Context(), authn.Credentials{Bearer: secret}); err != nil {
		t.Errorf("Authenticate after the older record was deleted: %v", err)
	}
	index.Delete("t2")
	if _, err := index.Authenticate(t.Context(), authn.Credentials{Bearer: secret}); !errors.Is(err, authn.ErrUnauthenticated) {
		t.Errorf("Authenticate after both were deleted: %v, want ErrUnauthenticated", err)
	}
}

// TestTokenIndex_sourceRanges: a token works from where it may be used, and from nowhere that is not known.
func TestTokenIndex_sourceRanges(t *testing.T) {
	index := authn.NewTokenIndex(authn.TokenIndexConfig{})
	secret, record := newRecord(t, "t1")
	record.SourceRanges = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")}
	index.Put(record)
	unbound, other := newRecord(t, "t2")
	index.Put(other)
	for source, want := range map[string]error{
		"192.0.2.1:5": nil, "192.0.2.1": nil, "[::ffff:192.0.2.1]:5": nil, "[2001:db8::1]:5": nil, "[2001:db8::1%eth0]:5": nil,
		"192.0.3.1:5": authn.ErrUnauthenticated, "[2001:db9::1]:5": authn.ErrUnauthenticated, "": authn.ErrUnauthenticated,
		"bufconn": authn.ErrUnauthenticated, "192.0.2.1:port": authn.ErrUnauthenticated, "@": authn.ErrUnauthenticated,
	} {
		if _, err := index.Authenticate(t.Context(), authn.Credentials{Bearer: secret, Source: source}); !errors.Is(err, want) {
			t.Errorf("Authenticate from %q: %v, want %v", source, err, want)
		}
		if _, err := index.Authenticate(t.Context(), authn.Credentials{Bearer: unbound, Source: source}); err != nil {
			t.Errorf("Authenticate from %q without ranges: %v", source, err)
		}
	}
}

// TestTokenIndex_useLimit: a use is spent by what succeeds, and by nothing else.
func TestTokenIndex_useLimit(t *testing.T) {
	now := time.Unix(1000, 0)
	left, failure := 2, error(nil)
	index := authn.NewTokenIndex(authn.TokenIndexConfig{
		Now: func() time.Time { return now },
		Spend: func(_ context.Context, record authn.TokenRecord) error {
			if failure != nil {
				return failure
			}
			if left--; left < 0 || record.UID != "t1" {
				return errors.New("spent")
			}
			return nil
		},
	})
	secret, record := newRecord(t, "t1")
	record.UseLimit, record.ExpireTime = 2, now.Add(time.Minute)
	record.SourceRanges = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	index.Put(record)
	check := func(source string, want error) {
		t.Helper()
		got, err := index.Authenticate(t.Context(), authn.Credentials{Bearer: secret, Source: source})
		if !errors.Is(err, want) || (err != nil) != (got.Name == "") {
			t.Errorf("Authenticate from %s = %q, %v, want %v", source, got.Name, err, want)
		}
	}
	check("192.0.3.1", authn.ErrUnauthenticated)
	failure = fmt.Errorf("store: %w", authn.ErrUnavailable)
	check("192.0.2.1", authn.ErrUnavailable)
	failure = authn.ErrNoCredentials // would let the next of a chain decide
	check("192.0.2.1", authn.ErrUnauthenticated)
	failure = nil
	check("192.0.2.1", nil)
	check("192.0.2.1", nil)
	check("192.0.2.1", authn.ErrUnauthenticated)
	if !index.Alive("t1") {
		t.Error("Alive after the last use: no; what it began may go on")
	}
	now = record.ExpireTime
	left = 1
	check("192.0.2.1", authn.ErrUnauthenticated)
	if left != 1 || index.Alive("t1") {
		t.Errorf("after the expiry %d uses are left of 1, alive: %v", left, index.Alive("t1"))
	}

	without := authn.NewTokenIndex(authn.TokenIndexConfig{Now: func() time.Time { return time.Unix(1000, 0) }})
	without.Put(record)
	if _, err := without.Authenticate(t.Context(), authn.Credentials{Bearer: secret, Source: "192.0.2.1"}); !errors.Is(err, authn.ErrUnauthenticated) {
		t.Errorf("Authenticate where uses cannot be spent: %v, want ErrUnauthenticated", err)
	}
}

// TestRefused: operators are told why a credential is not good.
func TestRefused(t *testing.T) {
	now := time.Unix(1000, 0)
	index := authn.NewTokenIndex(authn.TokenIndexConfig{
		Now:   func() time.Time { return now },
		Spend: func(context.Context, authn.TokenRecord) error { return errors.New("spent") },
	})
	token := func(change func(*authn.TokenRecord)) string {
		secret, record := newRecord(t, rand.Text())
		change(&record)
		index.Put(record)
		return secret
	}
	for bearer, want := range map[string]authn.RefusedError{
		"":         "no credential",
		"x":        "authorization of no known kind",
		"cfr_x":    "token ill-formed",
		validToken: "token unknown",
		token(func(r *authn.TokenRecord) { r.ExpireTime = now }):                                             "token expired",
		token(func(r *authn.TokenRecord) { r.SourceRanges = []netip.Prefix{netip.MustParsePrefix("::/0")} }): "token used outside its source ranges",
		token(func(r *authn.TokenRecord) { r.UseLimit = 1 }):                                                 "token used up, or its use could not be counted",
	} {
		if _, err := (authn.Chain{index}).Authenticate(t.Context(), authn.Credentials{Bearer: bearer, Source: "192.0.2.1:5"}); err != want {
			t.Errorf("Authenticate: %v, want %v", err, want)
		}
	}
}

func TestTokenIndex_alive(t *testing.T) {
	index := authn.NewTokenIndex(authn.TokenIndexConfig{})
	_, record := newRecord(t, "t1")
	index.Put(record)
	if !index.Alive("t1") || index.Alive("t2") || index.Alive("") {
		t.Error("Alive is not what was put")
	}
	index.Delete("t1")
	if index.Alive("t1") {
		t.Error("Alive after it was revoked")
	}
}

func TestPrincipal_OwnerID(t *testing.T) {
	for want, p := range map[string]authn.Principal{
		"user:alice":            {Name: "user:alice"},
		"user:corp/alice":       {Name: "user:corp/alice", UID: "ignored"},
		"serviceAccount:sa-etl": etl,
	} {
		if got := p.OwnerID(); got != want {
			t.Errorf("OwnerID of %+v = %q, want %q", p, got, want)
		}
	}
}

func TestCheckName(t *testing.T) {
	for _, name := range []string{"alice", "Alice", "alice@example.com", "system:serviceaccount:a:b", "Zoë", "a b", "...", ".a", strings.Repeat("a", 256)} {
		if err := authn.CheckName(name); err != nil {
			t.Errorf("CheckName(%q): %v", name, err)
		}
	}
	for _, name := range []string{
		"", ".", "..", "*", "a*", "a/b", "/", `a\b`, "a\nb", "a\x00", "\x7f", "\u0085", "\u202e", "\u200b", "\u00a0", "\ufeff", "\xff", "\ufffd", strings.Repeat("a", 257),
		" ", "alice ", " alice", "alice\t", "alice\u3000",
	} {
		if err := authn.CheckName(name); !errors.Is(err, authn.ErrPrincipal) {
			t.Errorf("CheckName(%q): %v, want ErrPrincipal", name, err)
		}
	}
}

type answer struct{ err error }

func (a answer) Authenticate(context.Context, authn.Credentials) (authn.Caller, error) {
	return authn.Caller{Principal: etl, Method: "answer"}, a.err
}

func TestChain(t *testing.T) {
	broken := errors.New("identity provider is down")
	index := authn.NewTokenIndex(authn.TokenIndexConfig{})
	pass, accept := answer{authn.ErrNoCredentials}, answer{}
	tests := []struct {
		name   string
		chain  authn.Chain
		bearer string
		want   error
	}{
		{"empty chain", authn.Chain{}, validToken, authn.ErrUnauthenticated},
		{"nobody knows", authn.Chain{pass, pass}, "", authn.ErrUnauthenticated},
		{"second knows", authn.Chain{pass, accept}, "", nil},
		{"first refuses", authn.Chain{answer{authn.ErrUnauthenticated}, accept}, "", authn.ErrUnauthenticated},
		{"first cannot tell", authn.Chain{answer{broken}, accept}, "", broken},
		{"no token", authn.Chain{index, accept}, "", nil},
		{"another's token", authn.Chain{index, accept}, "eyJhbGciOi", nil},
		{"ill-formed token of ours", authn.Chain{index, accept}, "cfr_x", authn.ErrUnauthenticated},
		{"unknown token of ours", authn.Chain{index, accept}, validToken, authn.ErrUnauthenticated},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.chain.Authenticate(t.Context(), authn.Credentials{Bearer: test.bearer})
			if !errors.Is(err, test.want) {
				t.Errorf("Authenticate = %v, want %v", err, test.want)
			}
			if err != nil && !cmp.Equal(got, authn.Caller{}, compareAddrs) {
				t.Errorf("Authenticate = %+v with error %v", got, err)
			}
		})
	}
}

func TestSplitPrincipal(t *testing.T) {
	tests := []struct {
		name string
		kind authn.Kind
		bare string
	}{
		{"user:alice", authn.KindUser, "alice"},
		{"user:corp/alice@example.com", authn.KindUser, "corp/alice@example.com"},
		{"user:a:b", authn.KindUser, "a:b"},
		{"group:data-eng", authn.KindGroup, "data-eng"},
		{etl.Name, authn.KindServiceAccount, "namespaces/acme/serviceAccounts/etl"},
		{"", "", ""},
		{"alice", "", ""},
		{"user:", "", ""},
		{"user", "", ""},
		{"User:alice", "", ""},
		{"robot:r2", "", ""},
		{"user:system:serviceaccount:acme:etl", authn.KindUser, "system:serviceaccount:acme:etl"},
		{"group:corp/a b", authn.KindGroup, "corp/a b"},
		{"user:*", "", ""},
		{"user:al*ce", "", ""},
		{"user:corp/*", "", ""},
		{"user:*/alice", "", ""},
		{"user:.", "", ""},
		{"user:..", "", ""},
		{"user:../alice", "", ""},
		{"user:corp/../alice", "", ""},
		{"user:corp/alice/x", "", ""},
		{"user:x/", "", ""},
		{"user:/x", "", ""},
		{"user:a\\b", "", ""},
		{"user:alice ", "", ""},
		{"user: alice", "", ""},
		{"user:corp /alice", "", ""},
		{"user:" + strings.Repeat("a", 257), "", ""},
		{"group:*", "", ""},
		{"group:corp/*", "", ""},
		{"group:a/b/c", "", ""},
		{"user:a\nb", "", ""},
		{"user:\xff", "", ""},
		{"group:\u202e", "", ""},
		{"user:" + strings.Repeat("a", 512), "", ""},
		{"serviceAccount:etl", "", ""},
		{"serviceAccount:namespaces//serviceAccounts/etl", "", ""},
		{"serviceAccount:namespaces/acme/serviceAccounts/", "", ""},
		{"serviceAccount:namespaces/a/b/serviceAccounts/etl", "", ""},
		{"serviceAccount:namespaces/acme/serviceAccounts/etl/tokens/t", "", ""},
		{"serviceAccount:tenants/acme/serviceAccounts/etl", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			kind, bare, err := authn.SplitPrincipal(test.name)
			if kind != test.kind || bare != test.bare || (test.kind == "") != errors.Is(err, authn.ErrPrincipal) {
				t.Errorf("SplitPrincipal(%q) = %q, %q, %v; want %q, %q", test.name, kind, bare, err, test.kind, test.bare)
			}
		})
	}
}
