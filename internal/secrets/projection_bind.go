package secrets

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"google.golang.org/protobuf/proto"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/sealed"
)

// maxProjection bounds the record of a projection: it fits into a transaction with what is remembered of the request and
// a shard of the dependents of each secret (storage.MaxTxnSize).
const maxProjection = 480 << 10

// binding is what the names in a recipe are bound to, by what was written.
type binding map[string]secretAt

// bind resolves what a recipe names, asks the gate whether the caller may use each secret, and checks the recipe. An ID is
// looked up in the projection's namespace, then in those above it; where there is none, that is told only to who may use
// it.
func (s *Service) bind(ctx context.Context, caller authn.Caller, n namespace, p *Projection) (binding, error) {
	if err := checkCounts(p); err != nil {
		return nil, err
	}
	bound, err := s.bindReferences(ctx, caller, n, p)
	if err != nil {
		return nil, err
	}
	var wrong problems
	for field, reference := range p.names() {
		if reference == "" {
			wrong.addf(field, "is required")
			continue
		}
		if _, ok := bound[reference]; ok {
			continue
		}
		t, err := s.allowUse(ctx, caller, n, reference)
		if err != nil {
			return nil, err
		}
		if err := t.told(); err != nil {
			wrong.addf(field, "%v: %q", err, clip(reference))
		}
		bound[reference] = t
	}
	checkVersions(&wrong, p, bound)
	if len(wrong) > 0 {
		return nil, wrong.err() // what the recipe makes of secrets that are not there would say nothing
	}
	p.Items = slices.Clone(p.Items) // the caller's are not changed
	for i := range p.Items {
		p.Items[i].SecretType = bound[p.Items[i].SecretName].record.GetType()
	}
	return bound, p.checkRecipe()
}

// checkCounts bounds what is looked up.
func checkCounts(p *Projection) error {
	for _, part := range []struct {
		field      string
		count, max int
	}{{"items", len(p.Items), render.MaxItems}, {"templates", len(p.Templates), render.MaxItems}, {"sources", len(p.Sources), render.MaxSecrets}} {
		if part.count > part.max {
			return Invalid("projection."+part.field, "more than %d", part.max)
		}
	}
	if p.Workload == "" && len(p.Items)+len(p.Templates) == 0 {
		return Invalid("projection.items", "at least one item or template is required, or a workload")
	}
	if p.Workload != "" && (len(p.Items)+len(p.Templates)+len(p.Sources)+len(p.Values) > 0 || p.Spark != render.Spark{}) {
		return Invalid("projection.workload", "a projection has either a workload, or items, sources and templates")
	}
	return nil
}

// names yields the fields that name a secret, and what they name.
func (p *Projection) names() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for i, item := range p.Items {
			if !yield(fmt.Sprintf("projection.items[%d].secret", i), item.SecretName) {
				return
			}
			if item.File == nil || item.File.Store == nil || item.File.Store.PasswordSecret == "" {
				continue
			}
			if !yield(fmt.Sprintf("projection.items[%d].file.store.password_secret", i), item.File.Store.PasswordSecret) {
				return
			}
		}
		for i, source := range p.Sources {
			if !yield(fmt.Sprintf("projection.sources[%d].secret", i), source.SecretName) {
				return
			}
		}
		for _, r := range p.References {
			if !yield("projection.workload", r.Secret) {
				return
			}
		}
	}
}

// checkVersions reports versions that are none, or that could not be delivered.
func checkVersions(wrong *problems, p *Projection, bound binding) {
	check := func(field, version, reference string) {
		number, ok := parseVersion(version)
		secret := bound[reference].record
		switch {
		case !ok && version != "":
			wrong.addf(field, "want active, latest, or a number")
		case number > 0 && secret != nil && !slices.Contains(secret.GetRetained(), number):
			wrong.addf(field, "the secret %q has no version %d that could be delivered", clip(reference), number)
		}
	}
	for i, item := range p.Items {
		check(fmt.Sprintf("projection.items[%d].version", i), item.Version, item.SecretName)
	}
	for i, source := range p.Sources {
		check(fmt.Sprintf("projection.sources[%d].version", i), source.Version, source.SecretName)
	}
}

func (p *Projection) checkRecipe() error {
	if p.Workload != "" {
		return nil
	}
	return renderError(render.Check(p.recipe()), "projection.", nil)
}

// renderError turns what the renderer found wrong into an InvalidError, or into kind where that is given.
func renderError(err error, prefix string, kind error) error {
	var invalid *render.InvalidError
	var takeover *render.TakeoverError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &takeover):
		return fmt.Errorf("%w: %w", ErrTakeover, err)
	case !errors.As(err, &invalid):
		return err
	case kind != nil:
		return fmt.Errorf("%w: %w", kind, err)
	}
	var p problems
	for _, v := range invalid.Violations {
		p.addf(prefix+v.Field, "%s", v.Description)
	}
	return p.err()
}

// allowUse looks up what a recipe names and asks the gate whether the caller may use it. An ID is that of the nearest secret
// that it may use: another one is to it as if it did not exist, wherever it is. Where there is none, the gate's answer about
// the projection's own namespace counts.
func (s *Service) allowUse(ctx context.Context, caller authn.Caller, n namespace, reference string) (secretAt, error) {
	names := []string{reference}
	if shortName(reference) {
		names = nil
		for _, up := range s.directory.line(n) {
			names = append(names, join(namespaces, up.id, secretsOf, reference))
		}
	}
	var first secretAt
	var denied error // the first
	for i, name := range names {
		t, err := s.readSecret(ctx, s.locate("projection.items.secret", name, namespaces, secretsOf))
		if err != nil {
			return t, err
		}
		if i == 0 {
			first = t
		}
		if t.record == nil {
			continue
		}
		if err := s.gate.Allow(ctx, caller, authz.SecretUse, s.secretResource(t)); !errors.Is(err, gate.ErrDenied) {
			return t, err
		} else if i == 0 {
			denied = err
		}
	}
	if denied != nil {
		return first, denied
	}
	return first, s.gate.Allow(ctx, caller, authz.SecretUse, s.secretResource(first))
}

// setRecipe writes what a projection delivers, and that it depends on its secrets. The caller becomes the one whose right
// delivers.
func (s *Service) setRecipe(tx *sealed.Tx, caller authn.Caller, n namespace, record *storev1.Projection, recipe *Projection, bound binding) error {
	before := proto.CloneOf(record)
	clearRecipe(record)
	recipe.store(record, bound)
	if proto.Size(record) > maxProjection {
		return Invalid("projection", "takes more than %d KiB", maxProjection>>10)
	}
	record.AuthorizedBy = &storev1.Principal{Name: caller.Name, Uid: caller.UID, NamespaceUid: caller.NamespaceUID}
	return s.setDependents(tx, n, before, record)
}

// boundTo is a secret as a projection is bound to it.
type boundTo struct {
	id   string  // that it had when it was bound
	pins []int64 // versions of it that are named by their numbers, in order
}

// bindingsOf are the secrets that a projection is bound to.
func bindingsOf(p *storev1.Projection) map[secretKey]boundTo {
	of := map[secretKey]boundTo{}
	for u := range usesIn(p) {
		b := of[u.key]
		b.id = u.id
		if number, _ := parseVersion(u.version); number > 0 && !slices.Contains(b.pins, number) {
			b.pins = append(b.pins, number)
			slices.Sort(b.pins)
		}
		of[u.key] = b
	}
	return of
}

// useIn is one use that a projection makes of a secret.
type useIn struct {
	key      secretKey
	id       string // that the secret had when it was bound
	written  string // how the secret is named
	where    string // field
	version  string // active, latest, or a number
	optional bool
}

// usesIn yields the uses that a projection makes of secrets, in the order of its fields.
func usesIn(p *storev1.Projection) iter.Seq[useIn] {
	return func(yield func(useIn) bool) {
		for i, item := range p.GetItems() {
			where := fmt.Sprintf("items[%d]", i)
			u := useIn{
				secretKey{item.GetNamespaceUid(), item.GetSecretUid()},
				item.GetSecretId(), item.GetSecret(), where,
				versionOr(item.GetVersion()), item.GetOptional(),
			}
			if !yield(u) {
				return
			}
			if password := item.GetTarget().GetStore().GetPassword(); password != nil && !yield(useOf(password, where+".file.store", versionActive, item.GetOptional())) {
				return
			}
		}
		for i, source := range p.GetSources() {
			if !yield(useOf(source.GetBound(), fmt.Sprintf("sources[%d]", i), versionOr(source.GetVersion()), source.GetOptional())) {
				return
			}
		}
		for _, r := range p.GetReferences() {
			if !toBackend(r.GetBound()) && !yield(useOf(r.GetBound(), "workload", versionActive, false)) {
				return
			}
		}
	}
}

func useOf(b *storev1.Projection_Bound, where, version string, optional bool) useIn {
	return useIn{secretKey{b.GetNamespaceUid(), b.GetSecretUid()}, b.GetSecretId(), b.GetSecret(), where, version, optional}
}

func versionOr(version string) string {
	if version == "" {
		return versionActive
	}
	return version
}
