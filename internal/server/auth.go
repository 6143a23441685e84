package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authn/authnmtls"
	"github.com/coffer-dev/coffer/internal/authn/authnoidc"
)

// Issuer is an OpenID Connect issuer whose tokens are taken, and how people get them.
type Issuer struct {
	authnoidc.Issuer
	// ClientID is the public client that the issuer knows the coffer command as. Empty: nobody logs in by it.
	ClientID string `json:"client_id"`
	// Scopes are those that coffer login asks for. Empty: openid.
	Scopes []string `json:"scopes"`
}

// Auth says who else than the holders of Coffer's own tokens may come in.
type Auth struct {
	// Issuers are those whose JSON Web Tokens are taken.
	Issuers []Issuer `json:"issuers" usage:"OpenID Connect issuers whose tokens are taken"`
	// Certificates are the rules that make principals of client certificates. They need TLS.ClientCA.
	Certificates []authnmtls.Rule `json:"certificates" usage:"rules that make principals of client certificates; they need --tls-client-ca"`
	// LoginMaxAge is how long the groups of a person's last login count while it is away. A week lets the projections of
	// whoever is on holiday live longer than the group that it left.
	LoginMaxAge Duration `json:"login_max_age" flag:"auth-login-max-age" usage:"how long the groups of a person's last login count for its projections"`
}

func defaultAuth() Auth { return Auth{LoginMaxAge: Duration(7 * 24 * time.Hour)} }

func (a Auth) validate(tls TLS) error {
	switch {
	case len(a.Certificates) > 0 && tls.ClientCA == "":
		return errors.New("auth.certificates needs --tls-client-ca: without it no certificate is verified")
	case a.LoginMaxAge <= 0:
		return errors.New("--auth-login-max-age must be more than 0s")
	}
	return nil
}

// unprefixed tells whether somebody may be named like a person that only Coffer knows.
func (a Auth) unprefixed() bool {
	for _, issuer := range a.Issuers {
		if issuer.Prefix == "" && (issuer.Principal == "" || isUnprefixed(issuer.Principal)) {
			return true
		}
	}
	for _, rule := range a.Certificates {
		if isUnprefixed(rule.Principal) {
			return true
		}
	}
	return false
}

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

func isUnprefixed(template string) bool {
	name, isUser := strings.CutPrefix(template, string(authn.KindUser)+":")
	return isUser && !strings.Contains(placeholder.ReplaceAllString(name, ""), "/")
}

// newAuthenticator returns who tells callers apart, and is slow to answer who guesses.
func (s *Server) newAuthenticator(config Auth) (authn.Authenticator, error) {
	issuers := make([]authnoidc.Issuer, len(config.Issuers))
	for i, issuer := range config.Issuers {
		issuers[i] = issuer.Issuer
	}
	oidc, err := authnoidc.New(authnoidc.Config{Issuers: issuers, Accounts: s.domain.AccountPrincipal, Logger: s.log})
	if err != nil {
		return nil, fmt.Errorf("auth.issuers: %w", err)
	}
	mtls, err := authnmtls.New(authnmtls.Config{Rules: config.Certificates, Accounts: s.domain.AccountPrincipal})
	if err != nil {
		return nil, fmt.Errorf("auth.certificates: %w", err)
	}
	return authn.NewBrake(authn.BrakeConfig{Authenticator: authn.Chain{s.domain.Authenticator(), oidc, mtls}})
}

// protectedResource is what RFC 9728 has a server tell of whom to log in with.
type protectedResource struct {
	Resource             string        `json:"resource"`
	Name                 string        `json:"resource_name"`
	AuthorizationServers []string      `json:"authorization_servers,omitempty"`
	BearerMethods        []string      `json:"bearer_methods_supported"`
	Issuers              []loginIssuer `json:"coffer_issuers"` // ours: what coffer login needs
}

type loginIssuer struct {
	Name     string   `json:"name"`
	Issuer   string   `json:"issuer"`
	ClientID string   `json:"client_id"`
	Scopes   []string `json:"scopes"`
}

// describeResource returns it as a function of the URL that was asked.
func describeResource(config Config) func(req *http.Request) []byte {
	about := protectedResource{Name: "Coffer", BearerMethods: []string{"header"}, Issuers: []loginIssuer{}}
	for _, issuer := range config.Auth.Issuers {
		if issuer.ClientID == "" {
			continue
		}
		scopes := issuer.Scopes
		if len(scopes) == 0 {
			scopes = []string{"openid"}
		}
		about.AuthorizationServers = append(about.AuthorizationServers, issuer.URL)
		about.Issuers = append(about.Issuers, loginIssuer{issuer.Name, issuer.URL, issuer.ClientID, scopes})
	}
	return func(req *http.Request) []byte {
		told := about
		told.Resource = config.URL
		if told.Resource == "" {
			scheme := "http://"
			if req.TLS != nil {
				scheme = "https://"
			}
			told.Resource = scheme + req.Host
		}
		text, _ := json.Marshal(told) // of strings, which cannot fail
		return text
	}
}
