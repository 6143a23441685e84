package platformimport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// Bounds of an answer of the platform.
const (
	maxAnswer     = 16 << 20
	answerTimeout = 30 * time.Second
)

// RemoteConfig says where the platform's API is and who asks.
type RemoteConfig struct {
	// URL is where it begins, without the paths of the API. Required; https, or http on this machine.
	URL string
	// Header is that which carries the credential, such as apikey. Required.
	Header string
	// Credential is what the header says. Required.
	Credential string
	// CACert is the path of a PEM file of the authorities that may vouch for the platform. Empty: the system's.
	CACert string
	// Insecure allows http beyond this machine: the credential and values then cross the network readable.
	Insecure bool
	// UserAgent names the program.
	UserAgent string
}

// Remote reads from a platform's API. It follows no redirect, so that the credential stays with the host that was named.
type Remote struct {
	base   *url.URL
	config RemoteConfig
	client *http.Client
}

// RemoteError is why the platform did not answer, or with something else than what was asked for.
type RemoteError struct {
	// URL is what was asked for.
	URL string
	// Status is that of HTTP; 0: it could not be reached.
	Status int
	// Cause is for people. It quotes nothing of an answer.
	Cause string
}

// Error tells what was asked for and what came of it.
func (e *RemoteError) Error() string { return "GET " + e.URL + ": " + e.Cause }

// NewRemote checks where the platform is. It does not connect.
func NewRemote(config RemoteConfig) (*Remote, error) {
	base, err := url.Parse(config.URL)
	if err != nil || base.Hostname() == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" ||
		base.Scheme != "http" && base.Scheme != "https" {
		return nil, errors.New("the platform's address: want a URL such as https://platform.example.org") // it may hold a password
	}
	ip := net.ParseIP(base.Hostname())
	local := base.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	if base.Scheme == "http" && !local && !config.Insecure {
		return nil, fmt.Errorf("%s: refusing to send a credential without TLS beyond this machine", base)
	}
	if config.Credential == "" || strings.ContainsFunc(config.Credential, func(r rune) bool { return r < ' ' || r > '~' }) {
		return nil, errors.New("the platform's credential is empty, or has characters that a header cannot carry")
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if config.CACert != "" {
		pem, err := os.ReadFile(config.CACert)
		if err != nil {
			return nil, fmt.Errorf("reading the platform's CA certificate: %w", err)
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("reading the platform's CA certificate: %s holds no PEM certificate", config.CACert)
		}
	}
	return &Remote{base: base, config: config, client: &http.Client{
		Timeout:   answerTimeout,
		Transport: &http.Transport{TLSClientConfig: conf, Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}}, nil
}

// String is where the platform is.
func (r *Remote) String() string { return r.base.String() }

// get reads what is at a path, whose segments are escaped, into a value.
func (r *Remote) get(ctx context.Context, path []string, query url.Values, into any) error {
	for i, segment := range path {
		if segment == "" || segment == "." || segment == ".." {
			return fmt.Errorf("%q cannot be a name on the platform", segment)
		}
		path[i] = url.PathEscape(segment)
	}
	at := r.base.JoinPath(path...)
	at.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return &RemoteError{URL: at.String(), Cause: "it is no address"}
	}
	req.Header.Set(r.config.Header, r.config.Credential)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", r.config.UserAgent)
	answer, err := r.client.Do(req)
	if err != nil {
		if doing, ok := errors.AsType[*url.Error](err); ok {
			err = doing.Err
		}
		cause := err.Error()
		if strings.Contains(cause, "malformed") {
			cause = "it does not answer as HTTP does" // the error quotes what it answers
		}
		return &RemoteError{URL: at.String(), Cause: cause}
	}
	defer answer.Body.Close()
	refused := &RemoteError{URL: at.String(), Status: answer.StatusCode}
	// Not as the platform words it.
	told := strings.TrimSpace(fmt.Sprintf("%d %s", answer.StatusCode, http.StatusText(answer.StatusCode)))
	switch {
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		refused.Cause = told + ": it sends elsewhere, where the credential must not go: name that address if you trust it"
		return refused
	case answer.StatusCode != http.StatusOK:
		refused.Cause = told
		return refused
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	switch {
	case err != nil:
		refused.Cause = "the answer breaks off"
	case len(body) > maxAnswer:
		refused.Cause = fmt.Sprintf("the answer is larger than %d bytes", maxAnswer)
	case json.Unmarshal(body, into) != nil:
		refused.Cause = "the answer " + ErrShape.Error() // the parser's own words may quote it
	default:
		return nil
	}
	return refused
}

// pages asks for page after page until there is no token of a next one.
func pages[P any](query url.Values, ask func(url.Values) (page P, next string, err error)) iter.Seq2[P, error] {
	return func(yield func(P, error) bool) {
		seen := map[string]bool{}
		for {
			page, next, err := ask(query)
			if err == nil && (seen[next] || len(seen) > MaxItems) {
				err = fmt.Errorf("the list has no end: it %w", ErrShape)
			}
			if !yield(page, err) || err != nil || next == "" {
				return
			}
			seen[next] = true
			query.Set("pageToken", next)
		}
	}
}
