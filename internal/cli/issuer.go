package cli

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
)

// issuer is an OpenID provider, and how to log in with it.
type issuer struct {
	Name     string   `json:"name,omitempty"` // how the server calls it
	URL      string   `json:"url"`
	ClientID string   `json:"clientId"`
	Scopes   []string `json:"scopes,omitempty"`
}

// serverIssuers are what a server tells of itself as a protected resource (RFC 9728).
type serverIssuers struct {
	Issuers []struct {
		Name     string   `json:"name"`
		Issuer   string   `json:"issuer"`
		ClientID string   `json:"client_id"`
		Scopes   []string `json:"scopes"`
	} `json:"coffer_issuers"`
}

const (
	wellKnown = "/.well-known/oauth-protected-resource"
	// webTimeout and maxWebAnswer bound what servers and issuers answer over HTTP.
	webTimeout   = 30 * time.Second
	maxWebAnswer = 1 << 20
)

// complete fills what was not given from what the server tells.
func (i issuer) complete(ctx context.Context, s settings) (issuer, error) {
	if strings.Contains(i.URL, "://") && i.ClientID != "" {
		return i, nil
	}
	known, err := fetchIssuers(ctx, s)
	if err != nil {
		return issuer{}, fmt.Errorf("asking %s for its OpenID providers: %w", s.Address, err)
	}
	var found []issuer
	var names []string
	for _, k := range known.Issuers {
		names = append(names, k.Name)
		if i.URL == "" || i.URL == k.Name || strings.TrimRight(i.URL, "/") == strings.TrimRight(k.Issuer, "/") {
			found = append(found, issuer{Name: k.Name, URL: k.Issuer, ClientID: k.ClientID, Scopes: k.Scopes})
		}
	}
	switch {
	case len(names) == 0:
		return issuer{}, usage(s.Address + " names no OpenID provider: give --issuer URL and --client-id, or log in with a token")
	case len(found) == 0:
		return issuer{}, usage(fmt.Sprintf("%s knows no OpenID provider %q: want one of %s", s.Address, i.URL, strings.Join(names, ", ")))
	case len(found) > 1:
		return issuer{}, usage("which OpenID provider? Give --issuer, one of " + strings.Join(names, ", "))
	}
	found[0].ClientID = cmp.Or(i.ClientID, found[0].ClientID)
	if len(i.Scopes) > 0 {
		found[0].Scopes = i.Scopes
	}
	if found[0].ClientID == "" {
		return issuer{}, usage("the server does not tell the client to log in with: give --client-id")
	}
	return found[0], nil
}

func fetchIssuers(ctx context.Context, s settings) (serverIssuers, error) {
	if !strings.HasPrefix(s.Address, "http://") && !strings.HasPrefix(s.Address, "https://") {
		return serverIssuers{}, usage("only its http or https address tells: give that, or --issuer URL and --client-id")
	}
	conf, err := s.tls()
	if err != nil {
		return serverIssuers{}, err
	}
	web := newWeb(conf, s.insecure)
	web.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Address+wellKnown, nil)
	if err != nil {
		return serverIssuers{}, err
	}
	resp, err := web.Do(req)
	if err != nil {
		return serverIssuers{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return serverIssuers{}, fmt.Errorf("it answers %s: give --issuer URL and --client-id, or log in with a token", resp.Status)
	}
	var known serverIssuers
	if err := json.NewDecoder(resp.Body).Decode(&known); err != nil {
		return serverIssuers{}, errors.New("its answer is not the JSON of " + wellKnown)
	}
	return known, nil
}

// tls is how the server is reached, as the client does.
func (s settings) tls() (*tls.Config, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.CACert != "" {
		pem, err := os.ReadFile(s.CACert)
		if err != nil {
			return nil, fmt.Errorf("reading the CA certificate: %w", err)
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("reading the CA certificate: %s holds no PEM certificate", s.CACert)
		}
	}
	if s.ClientCert != "" {
		pair, err := tls.LoadX509KeyPair(s.ClientCert, s.ClientKey)
		if err != nil {
			return nil, fmt.Errorf("reading the client certificate: %w", err)
		}
		conf.Certificates = []tls.Certificate{pair}
	}
	return conf, nil
}

// web is an HTTP transport that sends nothing in the clear beyond this machine and reads answers of bounded size.
type web struct {
	transport http.RoundTripper
	insecure  bool
}

func newWeb(conf *tls.Config, insecure bool) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = conf
	return &http.Client{Timeout: webTimeout, Transport: &web{transport, insecure}}
}

// RoundTrip implements http.RoundTripper.
func (w *web) RoundTrip(req *http.Request) (*http.Response, error) {
	if !w.insecure && !secure(req.URL) {
		return nil, fmt.Errorf("%s://%s: want https", req.URL.Scheme, req.URL.Host)
	}
	resp, err := w.transport.RoundTrip(req)
	if err == nil {
		resp.Body = http.MaxBytesReader(nil, resp.Body, maxWebAnswer)
	}
	return resp, err
}

// secure tells whether nobody on the way can read what is sent to an address.
func secure(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// withOpenID makes sure that an ID token is asked for.
func withOpenID(scopes []string) []string {
	if slices.Contains(scopes, "openid") {
		return scopes
	}
	return append([]string{"openid"}, scopes...)
}
