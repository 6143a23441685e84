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
		return authn.Caller{}, authn.RefusedError("algorithm not allowed")
	}
	key, err := i.keys.find(ctx, token.Headers[0].KeyID, algorithm)
	if err != nil {
		return authn.Caller{}, err
	}
	var standard jwt.Claims
	var all claims
	if err := token.Claims(key, &standard, &all); err != nil {
		return authn.Caller{}, authn.RefusedError("bad signature")
	}
	if err := i.holds(standard); err != nil {
		return authn.Caller{}, err
	}
	if err := i.fits(all); err != nil {
		return authn.Caller{}, err
	}
	principal, err := i.principal.Principal(all.name, i.accounts)
	if err != nil {
		return authn.Caller{}, err
	}
	// The groups of a service account are those that we give it, which are none.
	if i.principal.Kind() == authn.KindUser {
		if principal.Groups, err = i.groups(all); err != nil {
			return authn.Caller{}, err
		}
	}
	if principal.Claims, err = all.selected(i.Issuer.Claims); err != nil {
		return authn.Caller{}, err
	}
	caller := authn.Caller{Principal: principal, Method: Method, TokenExpire: standard.Expiry.Time()}
	if printable(standard.ID, maxTokenID) {
		caller.TokenUID = standard.ID
	}
	return caller, nil
}

// holds says why a token is not the issuer's, for us and for now. One without an end is refused.
func (i *issuer) holds(c jwt.Claims) error {
	expected := jwt.Expected{Issuer: i.URL, AnyAudience: i.Audiences, Time: i.now()}
	if c.Expiry == nil || *c.Expiry > maxExpiry {
		return authn.RefusedError("without an expiry")
	}
	switch err := c.ValidateWithLeeway(expected, i.skew); {
	case errors.Is(err, jwt.ErrInvalidAudience):
		return authn.RefusedError("wrong audience")
	case errors.Is(err, jwt.ErrExpired):
		return authn.RefusedError("expired")
	case errors.Is(err, jwt.ErrNotValidYet):
		return authn.RefusedError("not yet valid")
	case errors.Is(err, jwt.ErrIssuedInTheFuture):
		return authn.RefusedError("issued in the future")
	case err != nil:
		return authn.RefusedError("not of this issuer")
	case i.maxLifetime != 0 && (c.IssuedAt == nil || c.Expiry.Time().Sub(c.IssuedAt.Time()) > i.maxLifetime):
		return authn.RefusedError("lives for too long")
	}
	return nil
}

// fits says which claim a token needs and does not have, or has that makes it something else than a bearer token.
func (i *issuer) fits(all claims) error {
	if _, bound := all["cnf"]; bound { // to a key whose possession would have to be proved
		return authn.RefusedError("bound to a key")
	}
	// A notice of what has happened to its subject, such as that it was logged out (RFC 8417). Not every issuer says so
	// in the header.
	if _, told := all["events"]; told {
		return authn.RefusedError("a notice and no authorization")
	}
	for name, want := range i.RequiredClaims {
		if got, err := all.text(name); err != nil || got != want {
			return authn.RefusedError("claim " + name + " is not as required")
		}
	}
	byEmail := func(claim string) bool { return strings.TrimPrefix(claim, "/") == "email" }
	if slices.ContainsFunc(i.principal.Placeholders(), byEmail) && all["email_verified"] != true {
		return authn.RefusedError("claim email is not verified")
	}
	// An issuer with too many groups to tell says where to ask for them instead. To go on without would be to leave out
	// those that something is forbidden to.
	elsewhere, _ := all["_claim_names"].(map[string]any)
	if _, missing := elsewhere[strings.TrimPrefix(i.GroupsClaim, "/")]; missing {
		return authn.RefusedError("the groups are elsewhere")
	}
	return nil
}

// groups returns the principal's groups by their names. Its error is authn.RefusedError.
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
		return nil, authn.RefusedError("the groups are no list, or too many")
	}
	prefix := string(authn.KindGroup) + ":"
	if i.Prefix != "" {
		prefix += i.Prefix + "/"
	}
	groups := make([]string, len(list))
	for n, value := range list {
		name, ok := value.(string)
		if !ok || !strings.HasPrefix(name, i.GroupsTrimPrefix) {
			return nil, authn.RefusedError("a group is not text, or without the prefix that is trimmed")
		}
		name = strings.TrimPrefix(name, i.GroupsTrimPrefix)
		if authn.CheckName(name) != nil {
			return nil, authn.RefusedError("a group is not a fit name")
		}
		groups[n] = prefix + name
	}
	return groups, nil
}
