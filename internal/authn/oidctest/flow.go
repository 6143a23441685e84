package oidctest

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/op"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// Login takes a person through the authorization code flow and returns the ID token. The claims go into it.
func (p *Provider) Login(subject string, claims map[string]any) string {
	p.t.Helper()
	p.store.set(subject, claims)
	config := p.config()
	verifier := oauth2.GenerateVerifier()
	// Every redirection is looked at: the first leads to the login page, the last to the client with the code.
	agent := p.agent()
	agent.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	r, err := agent.Get(config.AuthCodeURL("state", oauth2.S256ChallengeOption(verifier)))
	if err != nil {
		p.t.Fatalf("asking for authorization: %v", err)
	}
	next := p.location(r)
	r, err = agent.PostForm(next, url.Values{"user": {subject}})
	if err != nil {
		p.t.Fatalf("logging in: %v", err)
	}
	r, err = agent.Get(p.location(r))
	if err != nil {
		p.t.Fatalf("following the callback: %v", err)
	}
	back, err := url.Parse(p.location(r))
	if err != nil || back.Query().Get("code") == "" {
		p.t.Fatalf("the provider redirected to %v, %v: want a code", back, err)
	}
	token, err := config.Exchange(p.context(), back.Query().Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		p.t.Fatalf("exchanging the code: %v", err)
	}
	return p.idToken(token)
}

// Machine takes a machine through the client credentials flow and returns the access token, a JWT. The claims go into it.
func (p *Provider) Machine(subject string, claims map[string]any) string {
	p.t.Helper()
	p.store.set(subject, claims)
	config := clientcredentials.Config{ClientID: subject, ClientSecret: Secret, TokenURL: p.URL + "/oauth/token"}
	token, err := config.Token(p.context())
	if err != nil {
		p.t.Fatalf("getting a token by client credentials: %v", err)
	}
	return token.AccessToken
}

// Device takes a device through the device authorization flow of RFC 8628, in which the person approves at once, and
// returns the ID token. The claims go into it.
func (p *Provider) Device(subject string, claims map[string]any) string {
	p.t.Helper()
	config := p.config()
	device, err := config.DeviceAuth(p.context())
	if err != nil {
		p.t.Fatalf("asking for device authorization: %v", err)
	}
	p.Approve(device.UserCode, subject, claims)
	token, err := config.DeviceAccessToken(p.context(), device)
	if err != nil {
		p.t.Fatalf("getting the device's token: %v", err)
	}
	return p.idToken(token)
}

// Approve is the person who types in the code that a device shows. It is POST /device of the provider, with the fields
// code, user and, to deny, deny=true; claims are set here alone.
func (p *Provider) Approve(code, subject string, claims map[string]any) {
	p.t.Helper()
	p.store.set(subject, claims)
	p.answer(url.Values{"code": {code}, "user": {subject}})
}

// Deny is the person who does not approve.
func (p *Provider) Deny(code string) {
	p.t.Helper()
	p.answer(url.Values{"code": {code}, "deny": {"true"}})
}

func (p *Provider) answer(form url.Values) {
	p.t.Helper()
	r, err := p.agent().PostForm(p.URL+"/device", form)
	if err != nil {
		p.t.Fatalf("answering a device: %v", err)
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		p.t.Fatalf("answering a device: %s", r.Status)
	}
}

func (p *Provider) config() *oauth2.Config {
	return &oauth2.Config{
		ClientID: Client, RedirectURL: redirectURL, Scopes: []string{"openid"},
		Endpoint: oauth2.Endpoint{
			AuthURL: p.URL + "/authorize", TokenURL: p.URL + "/oauth/token", DeviceAuthURL: p.URL + "/device_authorization",
			AuthStyle: oauth2.AuthStyleInParams,
		},
	}
}

func (p *Provider) agent() *http.Client {
	agent := *p.server.Client()
	return &agent
}

func (p *Provider) context() context.Context {
	return context.WithValue(p.t.Context(), oauth2.HTTPClient, p.agent())
}

func (p *Provider) idToken(token *oauth2.Token) string {
	p.t.Helper()
	id, ok := token.Extra("id_token").(string)
	if !ok {
		p.t.Fatal("the provider gave no ID token")
	}
	return id
}

// location is where an answer redirects to.
func (p *Provider) location(r *http.Response) string {
	p.t.Helper()
	defer r.Body.Close()
	location, err := r.Location()
	if err != nil {
		text, _ := io.ReadAll(r.Body)
		p.t.Fatalf("%s %s: %s: %s: want a redirection", r.Request.Method, r.Request.URL, r.Status, text)
	}
	return location.String()
}

// login is the login page: it believes whatever user it is told.
func (p *Provider) login(callback func(context.Context, string) string, issuer *op.IssuerInterceptor) http.HandlerFunc {
	return issuer.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.URL.Query().Get("id")
		if err := p.store.CheckUsernamePassword(r.PostFormValue("user"), "", id); err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		http.Redirect(w, r, callback(r.Context(), id), http.StatusFound)
	})
}

// decide is the page at which a person answers a device.
func (p *Provider) decide(w http.ResponseWriter, r *http.Request) {
	code, user := strings.TrimSpace(r.PostFormValue("code")), r.PostFormValue("user")
	_, err := p.store.GetDeviceAuthorizationByUserCode(r.Context(), code)
	switch {
	case err != nil: // the next would not survive it
	case r.PostFormValue("deny") == "true":
		err = p.store.DenyDeviceAuthorization(r.Context(), code)
	default:
		if p.store.GetUserByID(user) == nil {
			p.store.set(user, nil)
		}
		err = p.store.CompleteDeviceAuthorization(r.Context(), code, user)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
	}
}
