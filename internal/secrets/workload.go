package secrets

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/resolve"
	"github.com/coffer-dev/coffer/internal/sealed"
)

// Bounds of what takes the place of secrets in one call.
const (
	maxOverrides     = 64
	maxOverridesSize = 512 << 10
)

// ResolveWorkload is a payload to be resolved.
type ResolveWorkload struct {
	Parent  string
	Payload string
	// Overrides take the place of secrets in `${secret.NAME}`, by NAME.
	Overrides map[string]plaintext.Value
	// OneDomain refuses references that name other namespaces than Parent and the instance.
	OneDomain bool
}

// UnresolvedError names the references of a payload that cannot be resolved. One that is missing and one that may not be
// accessed read the same.
type UnresolvedError struct {
	References []Violation // the first of them; fields are JSON pointers into the payload
	More       int         // how many others there are
}

// Error implements error.
func (e *UnresolvedError) Error() string {
	parts := make([]string, 0, len(e.References)+1)
	for _, v := range e.References {
		parts = append(parts, v.Field+": "+v.Description)
	}
	if e.More > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", e.More))
	}
	return "references cannot be resolved: " + strings.Join(parts, "; ")
}

// ResolveWorkload resolves the references in a payload: all of one revision, or none.
func (s *Service) ResolveWorkload(ctx context.Context, caller authn.Caller, req ResolveWorkload) (Bundle, error) {
	at, _, err := s.listIn(ctx, caller, authz.SecretAccess, req.Parent)
	if err != nil {
		return Bundle{}, err
	}
	document, err := s.parseRequest(at.ns, req)
	if err != nil {
		return Bundle{}, err
	}
	w := seeker{service: s, caller: caller, action: authz.SecretAccess, from: at.ns, decided: map[string]error{}}
	l := lookedUp{found: map[string]resolve.Found{}, read: map[secretKey]plaintext.Payload{}, keys: map[string]backendKey{}}
	var bundle Bundle
	err = s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		bundle.Revision = snapshot.Revision()
		for _, r := range document.References() {
			if _, overridden := req.override(r); overridden || r.Problem != "" {
				continue
			}
			if err := l.look(ctx, &w, snapshot, r); err != nil {
				return err
			}
			if len(l.read)+len(l.keys) > render.MaxSecrets {
				return Invalid("payload", "refers to more than %d secrets", render.MaxSecrets)
			}
		}
		return nil
	})
	if err != nil {
		return Bundle{}, err
	}
	answers, err := s.fetch(ctx, slices.Collect(maps.Values(l.keys)))
	if err != nil {
		return Bundle{}, err
	}
	result, err := document.Resolve(ctx, func(r resolve.Reference) (resolve.Found, error) {
		if f, ok := req.override(r); ok {
			return f, nil
		}
		if r.Backend != "" {
			return answers.found(r, l.keys[askedFor(r)])
		}
		if f := l.found[askedFor(r)]; f.Payload != nil {
			return f, nil
		}
		return resolve.Found{}, resolve.ErrUnresolved
	})
	if err != nil {
		return Bundle{}, resolveError(err)
	}
	for k := range l.read {
		s.noteAccess(k)
	}
	bundle.Bundle, bundle.Payload = result.Bundle, result.Payload
	return bundle, nil
}

// lookedUp is what references were found to mean.
type lookedUp struct {
	found map[string]resolve.Found // by what is asked for
	read  map[secretKey]plaintext.Payload
	keys  map[string]backendKey // of backends, by what is asked for; those that the gate allows to ask for
}

// look finds what a reference means, unless that is known. What there is none of, or not for the caller, has no payload.
func (l *lookedUp) look(ctx context.Context, w *seeker, snapshot *sealed.Snapshot, r resolve.Reference) error {
	asked := askedFor(r)
	if _, known := l.found[asked]; known {
		return nil
	}
	l.found[asked] = resolve.Found{}
	if r.Backend != "" {
		k, err := w.allowBackend(ctx, r)
		if err == nil {
			l.keys[asked] = k
		}
		return unlessUnresolved(err)
	}
	t, name, err := w.seek(ctx, snapshot, r)
	if err != nil {
		return unlessUnresolved(err)
	}
	found, err := w.service.readFound(snapshot, t, name, l.read)
	if err == nil {
		l.found[asked] = found
	}
	return unlessUnresolved(err)
}

// unlessUnresolved is an error that ends the whole.
func unlessUnresolved(err error) error {
	if err == nil || unresolved(err) {
		return nil
	}
	return err
}

func (s *Service) parseRequest(n namespace, req ResolveWorkload) (*resolve.Document, error) {
	size := 0
	for name, value := range req.Overrides {
		size += len(name) + value.Len()
	}
	if len(req.Overrides) > maxOverrides || size > maxOverridesSize {
		return nil, Invalid("overrides", "at most %d, %d KiB together", maxOverrides, maxOverridesSize>>10)
	}
	return s.parseWorkload(n, "payload", req.Payload, req.OneDomain)
}

func (s *Service) parseWorkload(n namespace, field, payload string, oneDomain bool) (*resolve.Document, error) {
	if payload == "" {
		return nil, Invalid(field, "is required")
	}
	config := s.dialects
	if oneDomain {
		config.Domain = n.id
	}
	document, err := resolve.Parse(payload, config)
	if err != nil {
		return nil, Invalid(field, "%v", err)
	}
	return document, nil
}

// override is the value that takes the place of a secret, if there is one.
func (req ResolveWorkload) override(r resolve.Reference) (resolve.Found, bool) {
	if r.Kind != resolve.Secret || len(r.Names) == 0 || r.Names[0].Key != "" {
		return resolve.Found{}, false
	}
	value, ok := req.Overrides[r.Names[0].Secret]
	return resolve.Found{Name: r.Names[0], Payload: plaintext.Payload{"value": {Value: value}}}, ok
}

// askedFor tells references that ask for different things apart: those of one name may differ in what else it can mean.
func askedFor(r resolve.Reference) string { return fmt.Sprintf("%q %q", r.Backend, r.Names) }

// readFound reads the active version of a secret, once.
func (s *Service) readFound(snapshot *sealed.Snapshot, t secretAt, name resolve.Name, read map[secretKey]plaintext.Payload) (resolve.Found, error) {
	if err := t.told(); err != nil {
		return resolve.Found{}, err
	}
	annotations := t.record.GetMeta().GetAnnotations()
	if payload, done := read[t.key()]; done {
		return resolve.Found{Name: name, Payload: payload, Annotations: annotations}, nil
	}
	number, err := versionNumber(t.record, versionActive)
	if err == nil {
		err = readable(t.record, number, s.now())
	}
	if err != nil {
		return resolve.Found{}, err
	}
	payload, err := snapshot.GetPayload(kindPayload, t.ns.uid, t.key().version(payloadPrefix, number))
	if err != nil {
		return resolve.Found{}, err
	}
	read[t.key()] = payload
	return resolve.Found{Name: name, Payload: payload, Annotations: annotations}, nil
}

// unresolved tells whether an error means that there is nothing for the caller, for whatever reason.
func unresolved(err error) bool {
	return slices.ContainsFunc([]error{
		gate.ErrDenied, ErrNotFound, ErrNamespaceDeleted, ErrPayloadMissing, ErrVersionState, ErrExpired,
	}, func(kind error) bool { return errors.Is(err, kind) })
}

// resolveError turns what cannot be resolved into an error of the domain.
func resolveError(err error) error {
	if errors.Is(err, resolve.ErrTooMuch) {
		return Invalid("payload", "%v", err)
	}
	if errors.Is(err, resolve.ErrTooLarge) {
		return fmt.Errorf("%w: %w", ErrNotRepresentable, err)
	}
	found, ok := errors.AsType[*resolve.UnresolvedError](err)
	if !ok {
		return err
	}
	told := &UnresolvedError{More: max(0, len(found.Problems)-maxViolations)}
	for _, p := range found.Problems[:len(found.Problems)-told.More] {
		told.References = append(told.References, Violation{clip(p.Reference.Place), p.Description})
	}
	return told
}

// seeker looks up what references mean.
type seeker struct {
	service *Service
	caller  authn.Caller
	action  authz.Action
	from    namespace        // where names are looked up first
	decided map[string]error // what the gate said, by name of the secret
}

// seek finds what a reference means and asks the gate: the first of its readings that exists in its namespace, or the
// nearest that has one. One that the caller may not have is to it as if it did not exist, wherever it is: what comes after
// it would tell. Where there is none, the gate is asked about the first reading, and the secret has no record or is denied.
func (w *seeker) seek(ctx context.Context, r reader, reference resolve.Reference) (secretAt, resolve.Name, error) {
	var places []place
	var names []resolve.Name
	for _, id := range w.namespaces(reference) {
		for _, name := range reference.Names {
			places = append(places, w.service.locate("payload", join(namespaces, id, secretsOf, name.Secret), namespaces, secretsOf))
			names = append(names, name)
		}
	}
	t, i, err := w.nearest(ctx, places, func(i int, t *secretAt) error {
		err := t.read(r)
		if !ReadingOf(naming.HeimdallSecret{Name: names[i].Secret, ACL: names[i].ACL}).takes(t.record) {
			t.record = nil // another one is meant
		}
		return err
	})
	return t, names[i], err
}

// namespaces are the IDs of those that a reference is looked up in: the one it names, or the payload's and those above it.
// What DataOS has for its whole instance may be in another still.
func (w *seeker) namespaces(r resolve.Reference) []string {
	if in := r.Names[0].Namespace; in != "" {
		return []string{in}
	}
	var ids []string
	for _, up := range w.service.directory.line(w.from) {
		ids = append(ids, up.id)
	}
	if of := w.service.dialects.DataOS.InstanceNamespace(); r.Kind == resolve.DataOS && !slices.Contains(ids, of) {
		ids = append(ids, of)
	}
	return ids
}

// allow asks the gate about each secret once.
func (w *seeker) allow(ctx context.Context, t secretAt) error {
	resource := w.service.secretResource(t)
	err, known := w.decided[resource.Name]
	if !known {
		err = w.service.gate.AllowAll(ctx, w.caller, resource, activeNote(t.record), w.action)
		w.decided[resource.Name] = err
	}
	return err
}

// activeNote says which version is in force, for the audit log.
func activeNote(record *storev1.Secret) string {
	if number, err := versionNumber(record, versionActive); err == nil {
		return "version " + strconv.FormatInt(number, 10)
	}
	return ""
}
