package authnoidc

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/coffer-dev/coffer/internal/authn"
)

// What holds for an issuer when its configuration does not say.
const (
	DefaultPrincipal = "user:{sub}"
	DefaultClockSkew = time.Minute

	maxClockSkew = 5 * time.Minute
	maxPrefix    = 63 // bytes
	maxSelected  = 32 // claims that are handed on or required
)

// Issuer configures one issuer. The tags name its keys in the configuration file.
//
// A claim is named as it stands in the token ("sub"), or within others by a JSON pointer ("/kubernetes.io/namespace").
type Issuer struct {
	// Name of the issuer in logs. Required.
	Name string `json:"name"`
	// URL of the issuer, exactly as its tokens have it in iss. Required; https, unless it is on this machine.
	URL string `json:"url"`
	// Audiences, one of which a token must be for. Required.
	Audiences []string `json:"audiences"`
	// JWKSFile holds the issuer's keys, a JSON Web Key Set; it is read again when it changes. Empty: the keys are
	// fetched from where the issuer's discovery document says.
	JWKSFile string `json:"jwks_file"`
	// CAFile holds the certificates that vouch for the issuer's TLS. Empty: those of the system.
	CAFile string `json:"ca_file"`
	// Prefix of the names of users and groups: user:PREFIX/alice. Required, and different for each, with several issuers.
	Prefix string `json:"prefix"`
	// Principal is the template of the principal's name, with claims in braces (see authn.Template). A claim called email
	// counts only beside an email_verified that is true. Empty: DefaultPrincipal.
	Principal string `json:"principal"`
	// GroupsClaim is the claim with the list of groups. Empty: there are none.
	GroupsClaim string `json:"groups_claim"`
	// GroupsTrimPrefix is what every group begins with, and is left out: "/" for Keycloak.
	GroupsTrimPrefix string `json:"groups_trim_prefix"`
	// Claims that are handed to policies.
	Claims []string `json:"claims"`
	// RequiredClaims are values that a token must have.
	RequiredClaims map[string]string `json:"required_claims"`
	// SigningAlgorithms that are accepted, asymmetric ones only. Empty: RS256, PS256, ES256 and EdDSA.
	SigningAlgorithms []string `json:"signing_algorithms"`
	// ClockSkew is how far the issuer's clock may be off, at most 5m. Empty: DefaultClockSkew.
	ClockSkew string `json:"clock_skew"`
	// MaxLifetime refuses tokens that live for longer than this after they were issued. Empty: however long.
	MaxLifetime string `json:"max_lifetime"`
}

func newIssuer(c Issuer, config Config) (*issuer, error) {
	i := &issuer{
		Issuer: c, accounts: config.Accounts, now: config.Now, skew: DefaultClockSkew,
		algorithms: []jose.SignatureAlgorithm{jose.RS256, jose.PS256, jose.ES256, jose.EdDSA},
	}
	base, err := parseURL(c.URL)
	switch {
	case err != nil:
		return nil, fmt.Errorf("url: %w", err)
	case c.Name == "":
		return nil, errors.New("name is required")
	case len(c.Audiences) == 0 || slices.Contains(c.Audiences, ""):
		return nil, errors.New("audiences: at least one is required, and none may be empty")
	case c.Prefix != "" && (authn.CheckName(c.Prefix) != nil || len(c.Prefix) > maxPrefix || strings.ContainsAny(c.Prefix, "{}")):
		return nil, fmt.Errorf("prefix: want at most %d printable bytes without *, / and \\", maxPrefix)
	}
	if err := i.parseClaims(); err != nil {
		return nil, err
	}
	if len(c.SigningAlgorithms) > 0 {
		i.algorithms = nil
	}
	for _, name := range c.SigningAlgorithms {
		if !slices.Contains(algorithms, jose.SignatureAlgorithm(name)) {
			return nil, fmt.Errorf("signing_algorithms: %q is not one of %v", name, algorithms)
		}
		i.algorithms = append(i.algorithms, jose.SignatureAlgorithm(name))
	}
	if err := parseDuration(c.ClockSkew, &i.skew); err != nil || i.skew > maxClockSkew {
		return nil, fmt.Errorf("clock_skew: want a duration up to %v", maxClockSkew)
	}
	if err := parseDuration(c.MaxLifetime, &i.maxLifetime); err != nil || (c.MaxLifetime != "" && i.maxLifetime == 0) {
		return nil, errors.New("max_lifetime: want a duration, such as 24h")
	}
	i.keys = keySet{now: config.Now, log: config.Logger.With("issuer", c.Name)}
	if c.JWKSFile != "" {
		return i, i.keys.readFrom(c.JWKSFile)
	}
	client, err := newClient(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("ca_file: %w", err)
	}
	i.keys.fetchFrom(remote{issuer: base, url: c.URL, client: client})
	return i, nil
}

// parseClaims reads everything in the configuration that names claims.
func (i *issuer) parseClaims() error {
	template := i.Principal
	if template == "" {
		template = DefaultPrincipal
	}
	if rest, ok := strings.CutPrefix(template, string(authn.KindUser)+":"); ok && i.Prefix != "" {
		template = string(authn.KindUser) + ":" + i.Prefix + "/" + rest
	}
	var err error
	if i.principal, err = authn.ParseTemplate(template); err != nil {
		return fmt.Errorf("principal: %w", err)
	}
	named := append(i.principal.Placeholders(), i.Issuer.Claims...)
	for name := range i.RequiredClaims {
		named = append(named, name)
	}
	if i.GroupsClaim != "" {
		named = append(named, i.GroupsClaim)
	}
	if len(named) > maxSelected {
		return fmt.Errorf("more than %d claims are named", maxSelected)
	}
	for _, name := range named {
		if err := checkClaim(name); err != nil {
			return err
		}
	}
	return nil
}

func parseDuration(text string, d *time.Duration) (err error) {
	if text == "" {
		return nil
	}
	if *d, err = time.ParseDuration(text); err == nil && *d < 0 {
		err = errors.New("negative")
	}
	return err
}

// parseURL reads the address of an issuer or of its keys: https, or http on this machine.
func parseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "":
		return nil, errors.New("want https://host/path")
	case u.Scheme == "https", u.Scheme == "http" && loopback(u):
		return u, nil
	}
	return nil, errors.New("want https, unless the host is this machine")
}

func loopback(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || (ip != nil && ip.IsLoopback())
}

// newClient returns a client that asks one issuer: bounded in time, size and redirections.
func newClient(caFile string) (*http.Client, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if caFile != "" {
		pem, err := os.ReadFile(caFile)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate", caFile)
		}
	}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSClientConfig: config, ForceAttemptHTTP2: true, TLSHandshakeTimeout: fetchTimeout,
		MaxResponseHeaderBytes: 64 << 10, MaxIdleConns: 2, IdleConnTimeout: time.Minute,
	}
	return &http.Client{
		Transport: bounded{transport}, Timeout: fetchTimeout,
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			if len(via) > 3 || req.URL.Host != via[0].URL.Host || req.URL.Scheme != via[0].URL.Scheme {
				return errors.New("redirected to another host")
			}
			return nil
		},
	}, nil
}

// bounded cuts answers that are too long.
type bounded struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	r, err := b.RoundTripper.RoundTrip(req)
	if err == nil {
		r.Body = http.MaxBytesReader(nil, r.Body, maxAnswerSize)
	}
	return r, err
}
