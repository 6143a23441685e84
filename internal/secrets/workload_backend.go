package secrets

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/resolve"
)

// Backend is where values are that Coffer does not hold itself. It is asked for nothing that the gate has not allowed.
type Backend interface {
	// Fetch returns the value of a key of the backend of that name, namespaces/NAMESPACE/backends/ID, and returns early once
	// ctx ends. Its error is resolve.ErrUnresolved where there is no such backend, or no such key; any other means that the
	// backend cannot be asked now. No error carries a value.
	Fetch(ctx context.Context, name, key string) (plaintext.Value, error)
}

const (
	backendsOf = "backends"
	// maxFetchTime bounds what all keys of backends together take in one call.
	maxFetchTime = 10 * time.Second
	// maxFetched bounds the value of a key of a backend.
	maxFetched = 512 << 10
)

// backendKey is a key of a backend.
type backendKey struct{ name, key string }

// backendResource is what is asked about. There is no record of a backend's keys, so that they are decided as secrets that
// the namespace does not hold yet: by rights on the whole of it.
func backendResource(nsUID, name string) authz.Resource {
	return authz.Resource{Kind: authz.KindSecret, NamespaceUID: nsUID, Name: name}
}

// allowBackend asks the gate, about each backend once, and returns the key that a reference is to.
func (w *seeker) allowBackend(ctx context.Context, r resolve.Reference) (backendKey, error) {
	k := backendKey{join(namespaces, w.from.id, backendsOf, r.Backend), r.Names[0].Key}
	err, known := w.decided[k.name]
	if !known {
		err = w.service.gate.Allow(ctx, w.caller, w.action, backendResource(w.from.uid, k.name))
		w.decided[k.name] = err
	}
	return k, err
}

// fetched is what backends answered.
type fetched map[backendKey]struct {
	value plaintext.Value
	err   error // resolve.ErrUnresolved or resolve.ErrBackend
}

// fetch asks backends, each key once. What it asks for is allowed already. Its error is that of ctx.
func (s *Service) fetch(ctx context.Context, keys []backendKey) (fetched, error) {
	answers := fetched{}
	bounded, cancel := context.WithTimeout(ctx, maxFetchTime)
	defer cancel()
	for _, k := range keys {
		answer, known := answers[k]
		if known {
			continue
		}
		answer.value, answer.err = s.backend.Fetch(bounded, k.name, k.key)
		switch {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case answer.err == nil && answer.value.Len() > maxFetched:
			answer.value, answer.err = plaintext.Value{}, resolve.ErrBackend
			s.log.WarnContext(ctx, "a backend answers with a value that is too large", "backend", k.name)
		case answer.err != nil && !errors.Is(answer.err, resolve.ErrUnresolved):
			s.log.WarnContext(ctx, "a backend does not answer", "backend", k.name, "error", answer.err)
			answer.err = resolve.ErrBackend
		}
		answers[k] = answer
	}
	return answers, nil
}

// found is what a backend answered about a key, for the reference to it.
func (f fetched) found(r resolve.Reference, k backendKey) (resolve.Found, error) {
	answer, asked := f[k]
	if !asked {
		return resolve.Found{}, resolve.ErrUnresolved
	}
	return resolve.Found{Name: r.Names[0], Payload: plaintext.Payload{k.key: {Value: answer.value}}}, answer.err
}

// toBackend tells whether a reference of a workload is bound to a backend, and not to a secret.
func toBackend(b *storev1.Projection_Bound) bool {
	return b.GetSecret() != "" && b.GetSecretUid() == ""
}

// backendsIn are the backends that a workload refers to: the UIDs of their namespaces by their names.
func backendsIn(p *storev1.Projection) map[string]string {
	in := map[string]string{}
	for _, r := range p.GetReferences() {
		if b := r.GetBound(); toBackend(b) {
			in[b.GetSecret()] = b.GetNamespaceUid()
		}
	}
	return in
}

// etagFor is the etag of a bundle of a projection. Nothing tells what a backend will answer next time: what comes from one
// has another etag each time.
func etagFor(p *storev1.Projection, etag string) string {
	if len(backendsIn(p)) == 0 {
		return etag
	}
	return strings.TrimSuffix(etag, `"`) + "." + rand.Text() + `"`
}
