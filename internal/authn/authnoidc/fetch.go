package authnoidc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"

	"github.com/coreos/go-oidc/v3/oidc"
	jose "github.com/go-jose/go-jose/v4"
)

// remote is an issuer that publishes its keys.
type remote struct {
	issuer *url.URL
	url    string // as it was configured, to be compared
	client *http.Client
}

// fetchFrom makes the set follow what an issuer publishes.
func (s *keySet) fetchFrom(r remote) {
	s.fetch, s.pause, s.age, s.stale = r.fetch, fetchPause, fetchAge, fetchStale
}

// fetch asks for the discovery document, each time since it may have changed, and then for the keys.
func (r remote) fetch(ctx context.Context) ([]jose.JSONWebKey, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, r.client), r.url)
	if err != nil {
		return nil, fmt.Errorf("discovery: %w", err)
	}
	var document struct {
		Keys string `json:"jwks_uri"`
	}
	if err := provider.Claims(&document); err != nil {
		return nil, fmt.Errorf("discovery: %w", err)
	}
	at, err := parseURL(document.Keys)
	if err != nil || (at.Scheme != "https" && r.issuer.Scheme == "https") {
		return nil, errors.New("discovery: jwks_uri is not an https address")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, document.Keys, nil)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	answer, err := r.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("keys: %s", answer.Status)
	}
	return readKeys(answer.Body)
}

// readFrom makes the set follow a file, which must hold keys now.
func (s *keySet) readFrom(path string) (err error) {
	s.fetch = func(context.Context) ([]jose.JSONWebKey, error) { return readFile(path) }
	s.pause, s.age, s.stale = filePause, filePause, filePause
	s.tried = s.now()
	s.fetched = s.tried
	s.keys, err = readFile(path)
	return err
}

func readFile(path string) ([]jose.JSONWebKey, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("jwks_file: %w", err)
	}
	defer file.Close()
	return readKeys(io.LimitReader(file, maxAnswerSize+1))
}

func readKeys(r io.Reader) ([]jose.JSONWebKey, error) {
	set, err := io.ReadAll(r)
	switch {
	case err != nil:
		return nil, fmt.Errorf("keys: %w", err)
	case len(set) > maxAnswerSize:
		return nil, fmt.Errorf("keys: more than %d bytes", maxAnswerSize)
	}
	keys, err := parseKeys(set)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	return keys, nil
}
