// Package authnoidc authenticates the JSON Web Tokens of OpenID Connect issuers: of people, of machines and of
// Kubernetes service accounts.
//
// A token counts when a key that its issuer publishes has signed it, by one of the algorithms that are allowed for the
// issuer, for one of our audiences, for now. Which issuers there are is configured; a token names its own, and is judged
// by that one's keys alone. What it says of its subject becomes a principal by a template, and no name that could be
// mistaken for another passes: with several issuers each has its prefix, so that equal subjects are different users.
//
// What threatens it is the issuer itself, which can be whomever its template allows; a token that leaks, which works for
// whoever holds it until it expires, since it cannot be revoked; and an issuer that is away. Its keys then go on to work,
// for as long as the process runs, and a token of a key that is not known cannot be told from a forged one.
package authnoidc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/coffer-dev/coffer/internal/authn"
)

// Method is the Caller.Method of a token of an issuer.
const Method = "oidc"

const maxTokenSize = 16 << 10 // bytes

// ErrConfig: the configuration cannot work or is not safe.
var ErrConfig = errors.New("authnoidc: configuration")

// algorithms are all that any issuer may be allowed: signatures that a public key verifies. HS256 and its kind are none:
// their key would be the issuer's public one, which everybody has.
var algorithms = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
}

// Config configures an Authenticator.
type Config struct {
	Issuers  []Issuer         // may be none
	Accounts authn.Accounts   // finds service accounts; nil: there are none
	Now      func() time.Time // the clock; nil: time.Now
	Logger   *slog.Logger     // is told when keys cannot be fetched; required
}

// Authenticator authenticates bearer tokens that are JWTs. It is safe for concurrent use.
type Authenticator struct {
	issuers map[string]*issuer // by URL
}

var _ authn.Authenticator = (*Authenticator)(nil)

// New returns an authenticator for the issuers. It does not wait for them: keys are fetched when the first token comes.
func New(config Config) (*Authenticator, error) {
	if config.Logger == nil {
		return nil, fmt.Errorf("%w: Logger is required", ErrConfig)
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	a := &Authenticator{issuers: map[string]*issuer{}}
	names, prefixes := map[string]bool{}, map[string]bool{}
	for _, c := range config.Issuers {
		i, err := newIssuer(c, config)
		if err != nil {
			return nil, fmt.Errorf("%w: issuer %q: %w", ErrConfig, c.Name, err)
		}
		if names[c.Name] || a.issuers[c.URL] != nil {
			return nil, fmt.Errorf("%w: issuer %q: its name or URL is that of another", ErrConfig, c.Name)
		}
		if len(config.Issuers) > 1 && (c.Prefix == "" || prefixes[c.Prefix]) {
			return nil, fmt.Errorf("%w: issuer %q: with several issuers, each needs a prefix of its own", ErrConfig, c.Name)
		}
		names[c.Name], prefixes[c.Prefix], a.issuers[c.URL] = true, true, i
	}
	return a, nil
}

// Authenticate implements authn.Authenticator for bearer tokens of three parts. It answers authn.ErrUnavailable when the
// token may be good but the keys of its issuer cannot be fetched.
func (a *Authenticator) Authenticate(ctx context.Context, credentials authn.Credentials) (authn.Caller, error) {
	if strings.HasPrefix(credentials.Bearer, authn.TokenPrefix) || strings.Count(credentials.Bearer, ".") != 2 {
		return authn.Caller{}, authn.ErrNoCredentials
	}
	if len(credentials.Bearer) > maxTokenSize {
		return authn.Caller{}, authn.RefusedError("JWT too large")
	}
	token, err := jwt.ParseSigned(credentials.Bearer, algorithms)
	if err != nil {
		return authn.Caller{}, authn.RefusedError("JWT ill-formed or of an unknown algorithm")
	}
	if !isAuthorization(token.Headers[0]) {
		return authn.Caller{}, authn.RefusedError("JWT of another type")
	}
	// Whose token it is has to be known before it can be verified. The issuer is looked at again afterwards.
	var claims jwt.Claims
	if err := token.UnsafeClaimsWithoutVerification(&claims); err != nil {
		return authn.Caller{}, authn.RefusedError("JWT with ill-formed claims")
	}
	issuer, ok := a.issuers[claims.Issuer]
	if !ok {
		return authn.Caller{}, authn.RefusedError("issuer not configured")
	}
	caller, err := issuer.authenticate(ctx, token)
	if refused, ok := errors.AsType[authn.RefusedError](err); ok {
		return authn.Caller{}, authn.RefusedError("issuer "+issuer.Name+": ") + refused
	}
	if errors.Is(err, authn.ErrUnavailable) {
		err = fmt.Errorf("%w: the keys of issuer %s cannot be fetched", authn.ErrUnavailable, issuer.Name)
	}
	return caller, err
}

// isAuthorization says whether a token is of a type that stands for its subject. Issuers sign others with the same keys,
// such as the notice that somebody has logged out.
func isAuthorization(header jose.Header) bool {
	kind, ok := header.ExtraHeaders[jose.HeaderType].(string)
	if !ok {
		return header.ExtraHeaders[jose.HeaderType] == nil
	}
	switch strings.TrimPrefix(strings.ToLower(kind), "application/") {
	case "jwt", "at+jwt":
		return true
	}
	return false
}
