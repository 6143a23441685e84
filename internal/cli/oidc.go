package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/coffer-dev/coffer/pkg/client"
)

const (
	// maxDeviceLogin bounds how long a login waits for somebody to approve it.
	maxDeviceLogin = 30 * time.Minute
	// maxDeviceInterval bounds the pause between two questions whether they did, in seconds.
	maxDeviceInterval = 60
	// maxIssuerWords bounds what is told of an issuer's answer, in characters.
	maxIssuerWords = 200
	scopeOffline   = "offline_access"
)

// errCodeExpired: nobody entered the code in time.
var errCodeExpired = errors.New("logging in: the code has expired: run 'coffer login --oidc' again")

// loginOIDC logs in by the device flow (RFC 8628).
func (a *app) loginOIDC(ctx context.Context, s settings, wanted issuer) (*issuer, credential, error) {
	// What New refuses, such as a plaintext address, must not come to light after the user has logged in.
	c, err := client.New(client.Config{Address: s.Address, CACert: s.CACert, ClientCert: s.ClientCert, ClientKey: s.ClientKey, Insecure: s.insecure})
	if err != nil {
		return nil, credential{}, err
	}
	defer func() { _ = c.Close() }()
	i, err := wanted.complete(ctx, s)
	if err != nil {
		return nil, credential{}, err
	}
	p, err := i.discover(ctx)
	if err != nil {
		return nil, credential{}, err
	}
	if p.config.Endpoint.DeviceAuthURL == "" {
		return nil, credential{}, fmt.Errorf("the issuer %s offers no login by device", i.URL)
	}
	i.Scopes = p.config.Scopes
	ctx, cancel := context.WithTimeout(ctx, maxDeviceLogin)
	defer cancel()
	device, err := p.config.DeviceAuth(p.context(ctx))
	if err != nil {
		return nil, credential{}, p.refusal("asking for a login", err)
	}
	if device.Interval < 0 || device.Interval > maxDeviceInterval {
		return nil, credential{}, fmt.Errorf("the issuer %s wants to be asked every %d seconds", i.URL, device.Interval)
	}
	a.warn("to log in to %s through %s, open %s and enter the code %s", s.Address, i.URL, device.VerificationURI, device.UserCode)
	if device.VerificationURIComplete != "" {
		a.warn("or open %s", device.VerificationURIComplete)
	}
	token, err := p.config.DeviceAccessToken(p.context(ctx), device)
	if err != nil && (ctx.Err() != nil || !device.Expiry.IsZero() && time.Now().After(device.Expiry)) {
		return nil, credential{}, errCodeExpired
	}
	if err != nil {
		return nil, credential{}, p.refusal("logging in", err)
	}
	got, err := p.credential(ctx, token)
	return &i, got, err
}

// provider is an issuer whose endpoints are known.
type provider struct {
	issuer   issuer
	web      *http.Client
	provider *oidc.Provider
	config   oauth2.Config
}

// discover asks an issuer for its endpoints. It is vouched for by the system's authorities alone, and never shown a
// certificate of the user.
func (i issuer) discover(ctx context.Context) (*provider, error) {
	u, err := url.Parse(i.URL)
	if err != nil || u.Host == "" {
		return nil, usage(fmt.Sprintf("issuer %q: want a URL", i.URL))
	}
	if !secure(u) {
		return nil, usage(fmt.Sprintf("issuer %s: want https, so that nobody on the way can log in instead of you", i.URL))
	}
	p := &provider{issuer: i, web: newWeb(nil, false)}
	if p.provider, err = oidc.NewProvider(p.context(ctx), i.URL); err != nil {
		// The error may quote all of the page that was there instead.
		return nil, fmt.Errorf("asking the issuer %s for its endpoints: %s", i.URL, clip(err.Error(), maxIssuerWords))
	}
	p.config = oauth2.Config{ClientID: i.ClientID, Endpoint: p.provider.Endpoint(), Scopes: withOpenID(i.Scopes)}
	p.config.Endpoint.AuthStyle = oauth2.AuthStyleInParams // the client is public: it has no secret
	var offered struct {
		Scopes []string `json:"scopes_supported"`
	}
	if len(i.Scopes) == 0 && p.provider.Claims(&offered) == nil && slices.Contains(offered.Scopes, scopeOffline) {
		p.config.Scopes = append(p.config.Scopes, scopeOffline)
	}
	return p, nil
}

// context has the libraries use our HTTP client.
func (p *provider) context(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, p.web)
}

// credential checks the ID token among what an issuer gave, and keeps it.
func (p *provider) credential(ctx context.Context, token *oauth2.Token) (credential, error) {
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return credential{}, fmt.Errorf("the issuer %s gave no ID token", p.issuer.URL)
	}
	verifier := p.provider.VerifierContext(p.context(ctx), &oidc.Config{ClientID: p.issuer.ClientID})
	id, err := verifier.Verify(p.context(ctx), raw)
	if err != nil {
		return credential{}, fmt.Errorf("checking the ID token of the issuer %s: %w", p.issuer.URL, err)
	}
	return credential{Token: raw, RefreshToken: token.RefreshToken, ExpireTime: id.Expiry}, nil
}

// refresh gets a new ID token in place of one that expires.
func (i issuer) refresh(ctx context.Context, c credential) (credential, error) {
	if c.RefreshToken == "" {
		return c, errors.New("the login has expired, and its issuer does not renew it: run 'coffer login --oidc' again")
	}
	p, err := i.discover(ctx)
	if err != nil {
		return c, err
	}
	token, err := p.config.TokenSource(p.context(ctx), &oauth2.Token{RefreshToken: c.RefreshToken}).Token()
	if err != nil {
		return c, p.refusal("renewing the login", err)
	}
	renewed, err := p.credential(ctx, token)
	if err != nil {
		return c, err
	}
	return renewed, nil
}

// refusal tells why an issuer did not give what was asked for. What it answered may hold anything, and is not quoted but
// for its own words of explanation.
func (p *provider) refusal(doing string, err error) error {
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused) && refused.ErrorCode == "access_denied":
		return fmt.Errorf("%s: it was denied at the issuer %s", doing, p.issuer.URL)
	case errors.As(err, &refused) && refused.ErrorCode == "expired_token":
		return errCodeExpired
	case errors.As(err, &refused) && refused.ErrorCode == "invalid_grant":
		return fmt.Errorf("%s: the issuer %s has ended it: run 'coffer login --oidc' again", doing, p.issuer.URL)
	case errors.As(err, &refused) && refused.ErrorCode != "":
		return fmt.Errorf("%s: the issuer %s refuses: %s %s", doing, p.issuer.URL, refused.ErrorCode, refused.ErrorDescription)
	case errors.As(err, &refused):
		return fmt.Errorf("%s: the issuer %s answers %s", doing, p.issuer.URL, refused.Response.Status)
	}
	return fmt.Errorf("%s at the issuer %s: %w", doing, p.issuer.URL, err)
}
