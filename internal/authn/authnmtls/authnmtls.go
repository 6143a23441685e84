// Package authnmtls authenticates TLS client certificates: SPIFFE IDs and other subject alternative names.
//
// A certificate counts when the TLS server has verified it against its client CAs and it is still in date: connections
// outlive certificates, so that is looked at for each request. A list of rules makes a principal of one of its names.
//
// A request that shows a bearer token is not judged by its certificate, neither instead of the token nor after it was
// refused: whoever authenticates is one principal or none. What threatens the package is a CA that certifies names for
// which it is not trusted, since what a rule matches is believed.
package authnmtls

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/spiffe/go-spiffe/v2/spiffeid"

	"github.com/coffer-dev/coffer/internal/authn"
)

// Method is the Caller.Method of a client certificate.
const Method = "mtls"

// The kinds of subject alternative names that a rule may look at.
const (
	SANURI   = "uri" // SPIFFE IDs are such
	SANDNS   = "dns"
	SANEmail = "email"
)

const spiffeScheme = "spiffe"

// ErrConfig: the configuration cannot work or is not safe.
var ErrConfig = errors.New("authnmtls: configuration")

// Rule makes principals of certificates. The tags name its keys in the configuration file.
type Rule struct {
	// SAN is the kind of subject alternative name: uri, dns or email. Required.
	SAN string `json:"san"`
	// Match is a regular expression (RE2) for the whole name. Case counts. Required.
	Match string `json:"match"`
	// Principal is the template of the principal's name: user:NAME, user:PREFIX/NAME or
	// serviceAccount:namespaces/NAME/serviceAccounts/NAME, in which $1 or ${name} is what a group of Match has matched. At
	// most one such in each NAME. Required.
	Principal string `json:"principal"`
}

// Config configures an Authenticator.
type Config struct {
	Rules    []Rule           // in order: the first that matches decides
	Accounts authn.Accounts   // finds service accounts; nil: there are none
	Now      func() time.Time // the clock; nil: time.Now
}

// Authenticator authenticates verified client certificates. It is safe for concurrent use.
type Authenticator struct {
	rules    []rule
	accounts authn.Accounts
	now      func() time.Time
}

var _ authn.Authenticator = (*Authenticator)(nil)

type rule struct {
	san       string
	match     *regexp.Regexp
	principal *authn.Template
}

// New returns an authenticator by the rules.
func New(config Config) (*Authenticator, error) {
	a := &Authenticator{accounts: config.Accounts, now: config.Now}
	if a.now == nil {
		a.now = time.Now
	}
	for n, c := range config.Rules {
		r, err := newRule(c)
		if err != nil {
			return nil, fmt.Errorf("%w: rule %d: %w", ErrConfig, n+1, err)
		}
		a.rules = append(a.rules, r)
	}
	return a, nil
}

func newRule(c Rule) (rule, error) {
	if c.SAN != SANURI && c.SAN != SANDNS && c.SAN != SANEmail {
		return rule{}, fmt.Errorf("san: %q is none of uri, dns and email", c.SAN)
	}
	if c.Match == "" {
		return rule{}, errors.New("match is required")
	}
	// By itself first, so that a parenthesis too many cannot escape the anchors.
	if _, err := regexp.Compile(c.Match); err != nil {
		return rule{}, fmt.Errorf("match: %w", err)
	}
	match, err := regexp.Compile(`\A(?:` + c.Match + `)\z`)
	if err != nil {
		return rule{}, fmt.Errorf("match: %w", err)
	}
	principal, err := authn.ParseTemplate(os.Expand(c.Principal, func(group string) string { return "{" + group + "}" }))
	if err != nil {
		return rule{}, fmt.Errorf("principal: %w", err)
	}
	// What Expand does not understand it leaves out.
	if strings.Count(c.Principal, "$") != len(principal.Placeholders()) {
		return rule{}, errors.New("principal: what is replaced is written $1 or ${name}")
	}
	r := rule{san: c.SAN, match: match, principal: principal}
	for _, group := range principal.Placeholders() {
		if r.group(group) < 0 {
			return rule{}, fmt.Errorf("principal: match has no group %s", group)
		}
	}
	return r, nil
}

// group returns the number of a group of the expression that is named or counted; -1: there is none.
func (r rule) group(name string) int {
	if len(name) == 1 && name[0] >= '1' && name[0] <= '9' {
		if n := int(name[0] - '0'); n <= r.match.NumSubexp() {
			return n
		}
		return -1
	}
	return r.match.SubexpIndex(name)
}

// Authenticate implements authn.Authenticator for requests without a bearer token over connections with a verified client
// certificate.
func (a *Authenticator) Authenticate(_ context.Context, credentials authn.Credentials) (authn.Caller, error) {
	if credentials.Bearer != "" || credentials.TLS == nil || len(credentials.TLS.VerifiedChains) == 0 || len(credentials.TLS.VerifiedChains[0]) == 0 {
		return authn.Caller{}, authn.ErrNoCredentials
	}
	certificate, now := credentials.TLS.VerifiedChains[0][0], a.now()
	switch {
	case now.Before(certificate.NotBefore):
		return authn.Caller{}, authn.RefusedError("certificate not yet valid")
	case now.After(certificate.NotAfter):
		return authn.Caller{}, authn.RefusedError("certificate expired")
	case certificate.IsCA:
		return authn.Caller{}, authn.RefusedError("certificate of an authority")
	case !wellFormed(certificate.URIs):
		return authn.Caller{}, authn.RefusedError("certificate with a SPIFFE ID that is not valid or not its only URI")
	}
	for _, r := range a.rules {
		found, several := r.find(names(certificate, r.san))
		if several { // and which one was meant is not ours to choose
			return authn.Caller{}, authn.RefusedError("certificate matches a rule by several names")
		}
		if found == nil {
			continue
		}
		principal, err := r.principal.Principal(func(group string) (string, bool) { return found[r.group(group)], true }, a.accounts)
		if err != nil {
			return authn.Caller{}, err
		}
		return authn.Caller{Principal: principal, Method: Method, TokenExpire: certificate.NotAfter}, nil
	}
	return authn.Caller{}, authn.RefusedError("certificate matches no rule")
}

// find returns what the groups of the rule match in the one name that it matches; several: it matches more than one.
func (r rule) find(names []string) (found []string, several bool) {
	for _, name := range names {
		if groups := r.match.FindStringSubmatch(name); groups != nil {
			if found != nil {
				return nil, true
			}
			found = groups
		}
	}
	return found, false
}

// wellFormed says whether a certificate with a SPIFFE ID has one that is valid and no other URI, as the standard of SPIFFE
// wants it.
func wellFormed(uris []*url.URL) bool {
	for _, uri := range uris {
		if !strings.EqualFold(uri.Scheme, spiffeScheme) {
			continue
		}
		if _, err := spiffeid.FromURI(uri); err != nil || len(uris) != 1 {
			return false
		}
	}
	return true
}

func names(certificate *x509.Certificate, san string) []string {
	switch san {
	case SANDNS:
		return certificate.DNSNames
	case SANEmail:
		return certificate.EmailAddresses
	}
	all := make([]string, len(certificate.URIs))
	for i, uri := range certificate.URIs {
		all[i] = uri.String()
	}
	return all
}
