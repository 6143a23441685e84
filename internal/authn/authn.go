// Package authn says who is asking.
//
// A Chain of authenticators turns the credentials of a request into a Caller, or into ErrUnauthenticated, which is all
// that clients are told: not whether a token is unknown, expired, revoked or ill-formed. Operators are told why, by a
// RefusedError. Bearer tokens of our own are random 256-bit strings of which only the SHA-256 is kept, in memory and in
// the store; packages authnoidc and authnmtls recognise what others vouch for, and a Brake slows those who guess.
//
// What threatens it is a token that leaks (it works for whoever holds it until it expires or is revoked, from where and
// as often as it may be used) and a name that somebody else makes up, of a user or a group. So names taken from
// credentials pass CheckName, become parts of principals by a Template alone, and groups are names with a prefix.
package authn

import (
	"context"
	"crypto/tls"
	"errors"
	"net/netip"
	"time"
)

var (
	// ErrUnauthenticated: the credentials are missing, ill-formed, unknown, expired or revoked. Which one is not told.
	ErrUnauthenticated = errors.New("authn: unauthenticated")
	// ErrNoCredentials: the request carries nothing that this authenticator understands; the next one is asked.
	ErrNoCredentials = errors.New("authn: no credentials of this kind")
	// ErrUnavailable: whether the credentials are good cannot be told now, such as while the keys of an issuer cannot be
	// fetched. The request may be tried again. What it says is fit for the audit log like a RefusedError.
	ErrUnavailable = errors.New("authn: cannot tell now")
)

// RefusedError is an ErrUnauthenticated that says why, for the audit log and for nobody else. Its words are fixed or of the
// configuration: nothing in it is of the credential.
type RefusedError string

// Error implements error.
func (r RefusedError) Error() string { return ErrUnauthenticated.Error() + ": " + string(r) }

// Unwrap returns ErrUnauthenticated.
func (RefusedError) Unwrap() error { return ErrUnauthenticated }

// Caller is the principal of one request with what the audit log says about it. It is passed explicitly to every
// domain method. It holds no credential.
type Caller struct {
	Principal

	Method      string     // how it was authenticated, such as MethodToken
	TokenName   string     // resource name of the token, if one of ours was used
	TokenUID    string     // UID of that token, or the ID that an issuer gave to its own; may be empty
	TokenExpire time.Time  // when the token or certificate expires; zero: never
	Source      string     // network address of the peer
	Address     netip.Addr // the IP address in Source; zero: unknown
	RequestID   string     // of this request
	Client      string     // user agent
	RPC         string     // full method name
}

// Credentials is what a request shows of its sender.
type Credentials struct {
	Bearer string               // the authorization header without its scheme; empty: none
	TLS    *tls.ConnectionState // of the connection to the real peer; nil: not TLS
	Source string               // network address of the peer
}

// Address returns the IP address in Source, an IPv4 address always as such and without a zone; the zero Addr when there
// is none.
func (c Credentials) Address() netip.Addr {
	address, err := netip.ParseAddr(c.Source)
	if err != nil {
		withPort, _ := netip.ParseAddrPort(c.Source) // zero when it is neither
		address = withPort.Addr()
	}
	return address.Unmap().WithZone("")
}

// Authenticator recognises one kind of credentials. It returns ErrNoCredentials when the request has none of that kind,
// ErrUnauthenticated, as a RefusedError, when they are not good, and any other error when it cannot tell.
type Authenticator interface {
	Authenticate(ctx context.Context, credentials Credentials) (Caller, error)
}

// Chain asks its authenticators in order. The first that does not answer ErrNoCredentials decides; when none does, the
// request is not authenticated. So a bad credential is never made up for by another that the request shows as well.
type Chain []Authenticator

var _ Authenticator = Chain(nil)

// Authenticate implements Authenticator.
func (c Chain) Authenticate(ctx context.Context, credentials Credentials) (Caller, error) {
	for _, authenticator := range c {
		caller, err := authenticator.Authenticate(ctx, credentials)
		if errors.Is(err, ErrNoCredentials) {
			continue
		}
		if err != nil {
			return Caller{}, err
		}
		caller.Source, caller.Address = credentials.Source, credentials.Address()
		return caller, nil
	}
	if credentials.Bearer != "" {
		return Caller{}, RefusedError("authorization of no known kind")
	}
	return Caller{}, RefusedError("no credential")
}
