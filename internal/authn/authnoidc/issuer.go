package authnoidc

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/coffer-dev/coffer/internal/authn"
)

const (
	maxGroups = 256
	maxExpiry = 253402300799 // the end of the year 9999: later times cannot be written down
)

// issuer judges the tokens of one issuer.
type issuer struct {
	Issuer

	algorithms  []jose.SignatureAlgorithm
	skew        time.Duration
	maxLifetime time.Duration // 0: any
	principal   *authn.Template
	accounts    authn.Accounts
	now         func() time.Time
	keys        keySet
}

// authenticate judges a token of which nothing is certain yet.
func (i *issuer) authenticate(ctx context.Context, token *jwt.JSONWebToken) (authn.Caller, error) {
	algorithm := jose.SignatureAlgorithm(token.Headers[0].Algorithm)
	if !slices.Contains(i.algorithms, algorithm) {
		return authn.Caller{}, authn.ErrUnauthenticated
	}
	key, err := i.keys.find(ctx, token.Headers[0].KeyID, algorithm)
	if err != nil {
		return authn.Caller{}, err
	}
	var standard jwt.Claims
	var all claims
	if err := token.Claims(key, &standard, &all); err != nil {
		return authn.Caller{}, authn.ErrUnauthenticated
	}
	if !i.holds(standard) || !i.fits(all) {
		return authn.Caller{}, authn.ErrUnauthenticated
	}
	principal, err := i.principal.Principal(all.name, i.accounts)
	if err != nil {
		return authn.Caller{}, err
	}
	// The groups of a service account are those that we give it, which are none.
	if i.principal.Kind() == authn.KindUser {
		if principal.Groups, err = i.groups(all); err != nil {
			return authn.Caller{}, authn.ErrUnauthenticated
		}
	}
	if principal.Claims, err = all.selected(i.Issuer.Claims); err != nil {
		return authn.Caller{}, authn.ErrUnauthenticated
	}
	caller := authn.Caller{Principal: principal, Method: Method, TokenExpire: standard.Expiry.Time()}
	if printable(standard.ID, maxTokenID) {
		caller.TokenUID = standard.ID
	}
	return caller, nil
}

// holds says whether a token is the issuer's, for us and for now. One without an end is refused.
func (i *issuer) holds(c jwt.Claims) bool {
	expected := jwt.Expected{Issuer: i.URL, AnyAudience: i.Audiences, Time: i.now()}
	if c.Expiry == nil || *c.Expiry > maxExpiry || c.ValidateWithLeeway(expected, i.skew) != nil {
		return false
	}
	return i.maxLifetime == 0 || (c.IssuedAt != nil && c.Expiry.Time().Sub(c.IssuedAt.Time()) <= i.maxLifetime)
}

// fits says whether a token has the claims it needs, and none that makes it something else than a bearer token.
func (i *issuer) fits(all claims) bool {
	if _, bound := all["cnf"]; bound { // to a key whose possession would have to be proved
		return false
	}
	// A notice of what has happened to its subject, such as that it was logged out (RFC 8417). Not every issuer says so
	// in the header.
	if _, told := all["events"]; told {
		return false
	}
	for name, want := range i.RequiredClaims {
		if got, err := all.text(name); err != nil || got != want {
			return false
		}
	}
	byEmail := func(claim string) bool { return strings.TrimPrefix(claim, "/") == "email" }
	if slices.ContainsFunc(i.principal.Placeholders(), byEmail) && all["email_verified"] != true {
		return false
	}
	// An issuer with too many groups to tell says where to ask for them instead. To go on without would be to leave out
	// those that something is forbidden to.
	elsewhere, _ := all["_claim_names"].(map[string]any)
	_, missing := elsewhere[strings.TrimPrefix(i.GroupsClaim, "/")]
	return !missing
}

var errClaim = errors.New("a claim is not what it should be")

// groups returns the principal's groups by their names.
func (i *issuer) groups(all claims) ([]string, error) {
	if i.GroupsClaim == "" {
		return nil, nil
	}
	value, ok := all.lookup(i.GroupsClaim)
	if !ok {
		return nil, nil
	}
	list, ok := value.([]any)
	if !ok || len(list) > maxGroups {
		return nil, errClaim
	}
	prefix := string(authn.KindGroup) + ":"
	if i.Prefix != "" {
		prefix += i.Prefix + "/"
	}
	groups := make([]string, len(list))
	for n, value := range list {
		name, ok := value.(string)
		if !ok || !strings.HasPrefix(name, i.GroupsTrimPrefix) {
			return nil, errClaim
		}
		name = strings.TrimPrefix(name, i.GroupsTrimPrefix)
		if err := authn.CheckName(name); err != nil {
			return nil, err
		}
		groups[n] = prefix + name
	}
	return groups, nil
}
