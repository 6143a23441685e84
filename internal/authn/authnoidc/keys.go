package authnoidc

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/coffer-dev/coffer/internal/authn"
)

const (
	fetchTimeout  = 10 * time.Second // of all that one fetch takes
	fetchPause    = 10 * time.Second // between two fetches
	fetchAge      = 5 * time.Minute  // after which keys are fetched again even if all are known
	fetchStale    = time.Hour        // after which that fetch is waited for
	filePause     = time.Second      // between two looks at a file
	maxAnswerSize = 1 << 20          // bytes of whatever an issuer answers
	maxKeys       = 100              // in a set
	minRSA        = 2048             // bits
)

// keySet is the keys of an issuer: fetched when the first is asked for, then again from time to time and when one is
// asked for that is not there, but never more often than once in a pause, whoever asks. Whoever finds its key waits for
// a fetch only when the keys are stale, as they are after a quiet night: the key may have been withdrawn since. A fetch
// that fails leaves the keys that are there, and nobody whose key is there waits for those that soon follow.
type keySet struct {
	fetch func(ctx context.Context) ([]jose.JSONWebKey, error)
	pause time.Duration // between two fetches
	age   time.Duration // after which keys are fetched again
	stale time.Duration // after which no key counts before that fetch has ended
	now   func() time.Time
	log   *slog.Logger

	mu      sync.Mutex
	keys    []jose.JSONWebKey // nil: none were fetched yet
	fetched time.Time
	tried   time.Time
	failed  time.Time     // when the last fetch began, if it failed; else zero
	flight  chan struct{} // of the fetch that is going on, closed when it ends; nil: none
}

// find returns the public key that may have signed a token. It answers an authn.RefusedError when there is none, and
// authn.ErrUnavailable when there may be one which cannot be fetched.
func (s *keySet) find(ctx context.Context, id string, algorithm jose.SignatureAlgorithm) (crypto.PublicKey, error) {
	key, flight, err := s.look(ctx, id, algorithm)
	if flight == nil {
		return key, err
	}
	select {
	case <-flight:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	key, _, err = s.look(ctx, id, algorithm)
	return key, err
}

// look returns the key, or why there is none, and the fetch that must end before that is known; nil: it is known.
func (s *keySet) look(ctx context.Context, id string, algorithm jose.SignatureAlgorithm) (key crypto.PublicKey, flight chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key = match(s.keys, id, algorithm)
	now := s.now()
	age := now.Sub(s.fetched).Abs()
	if key == nil || age >= s.age {
		flight = s.begin(ctx)
	}
	switch {
	case key != nil && (age < s.stale || now.Sub(s.failed).Abs() < s.age):
		return key, nil, nil
	case key != nil:
		return key, flight, nil
	case s.keys == nil || !s.failed.IsZero():
		return nil, flight, authn.ErrUnavailable
	}
	return nil, flight, authn.RefusedError("unknown key")
}

// begin returns the fetch that is going on, which it starts unless the last one was a moment ago. mu is held.
func (s *keySet) begin(ctx context.Context) chan struct{} {
	now := s.now()
	if s.flight != nil || (!s.tried.IsZero() && now.Sub(s.tried).Abs() < s.pause) {
		return s.flight
	}
	s.tried, s.flight = now, make(chan struct{})
	// The fetch is for all who wait, so it does not end with the request that happened to start it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout)
	go func() {
		defer cancel()
		keys, err := s.fetch(ctx)
		s.end(ctx, now, keys, err)
	}()
	return s.flight
}

func (s *keySet) end(ctx context.Context, began time.Time, keys []jose.JSONWebKey, err error) {
	if err != nil {
		s.log.WarnContext(ctx, "the keys of an issuer cannot be fetched", "error", cut(err.Error()))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.failed = began
	} else {
		s.keys, s.fetched, s.failed = keys, began, time.Time{}
	}
	close(s.flight)
	s.flight = nil
}

// cut bounds an error that may quote what an issuer answered.
func cut(text string) string {
	const most = 300
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// match returns the key of an ID that is for the algorithm. A token without the ID of its key is for the only one.
func match(keys []jose.JSONWebKey, id string, algorithm jose.SignatureAlgorithm) crypto.PublicKey {
	var found crypto.PublicKey
	for _, key := range keys {
		if (id != "" && key.KeyID != id) || (key.Algorithm != "" && key.Algorithm != string(algorithm)) || !suits(key.Key, algorithm) {
			continue
		}
		if found != nil {
			return nil
		}
		found = key.Key
	}
	return found
}

func suits(key crypto.PublicKey, algorithm jose.SignatureAlgorithm) bool {
	switch key.(type) {
	case *rsa.PublicKey:
		return strings.HasPrefix(string(algorithm), "RS") || strings.HasPrefix(string(algorithm), "PS")
	case *ecdsa.PublicKey:
		return strings.HasPrefix(string(algorithm), "ES")
	case ed25519.PublicKey:
		return algorithm == jose.EdDSA
	}
	return false
}

// parseKeys reads a JSON Web Key Set. Of its keys, those that verify no signature or are of a kind that is not known are
// left out; it is an error when none is left.
func parseKeys(set []byte) ([]jose.JSONWebKey, error) {
	var raw struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(set, &raw); err != nil {
		return nil, errors.New("not a JSON Web Key Set")
	}
	if len(raw.Keys) > maxKeys {
		return nil, fmt.Errorf("more than %d keys", maxKeys)
	}
	var keys []jose.JSONWebKey
	for _, text := range raw.Keys {
		var key jose.JSONWebKey
		if err := key.UnmarshalJSON(text); err == nil && verifies(key) {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("no key that verifies signatures")
	}
	return keys, nil
}

// verifies says whether a key is a public one for signatures, and strong enough.
func verifies(key jose.JSONWebKey) bool {
	if public, ok := key.Key.(*rsa.PublicKey); ok && public.N.BitLen() < minRSA {
		return false
	}
	return key.IsPublic() && key.Valid() && (key.Use == "" || key.Use == "sig")
}
