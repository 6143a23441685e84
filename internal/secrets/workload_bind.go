package secrets

import (
	"context"
	"fmt"
	"slices"
	"strings"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/resolve"
	"github.com/coffer-dev/coffer/internal/sealed"
)

// WorkloadReference is a place in a workload's payload that names a secret.
type WorkloadReference struct {
	Place   string // a JSON pointer
	Text    string // what stands there
	Purpose string // that an item of a list of DataOS says
	Secret  string // full name of the secret that it was bound to, as it was called then
	Bound   string // as it is called now; empty when it was deleted. Output only.
}

// bindReferences finds what the payload of a workload refers to, and asks the gate whether the caller may use it.
func (s *Service) bindReferences(ctx context.Context, caller authn.Caller, n namespace, p *Projection) (binding, error) {
	bound := binding{}
	p.References = nil
	if p.Workload == "" {
		return bound, nil
	}
	const field = "projection.workload.payload"
	document, err := s.parseWorkload(n, field, p.Workload, p.OneDomain)
	if err != nil {
		return nil, err
	}
	w := seeker{service: s, caller: caller, action: authz.SecretUse, from: n, decided: map[string]error{}}
	err = s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		for _, r := range document.References() {
			if r.Problem != "" {
				return Invalid(field, "%s: %s", clip(r.Place), r.Problem)
			}
			if r.Backend != "" {
				k, err := w.allowBackend(ctx, r)
				if err != nil {
					return err
				}
				bound[k.name] = secretAt{place: place{ns: n}}
				p.References = append(p.References, WorkloadReference{Place: r.Place, Text: r.Text, Secret: k.name})
				continue
			}
			t, name, err := w.seek(ctx, snapshot, r)
			if err != nil {
				return err
			}
			if err := t.told(); err != nil {
				return Invalid(field, "%s: not found: %q", clip(r.Place), clip(r.Text))
			}
			full := join(namespaces, t.ns.id, secretsOf, name.Secret)
			bound[full] = t
			p.References = append(p.References, WorkloadReference{Place: r.Place, Text: r.Text, Purpose: r.Purpose, Secret: full})
		}
		return nil
	})
	if err == nil && len(bound) > render.MaxSecrets {
		err = Invalid(field, "refers to more than %d secrets", render.MaxSecrets)
	}
	return bound, err
}

// referencesOf are the references of a stored workload; name gives the present name of a secret. A backend has the name that
// it is bound by.
func referencesOf(p *storev1.Projection, name func(*storev1.Projection_Bound) string) []WorkloadReference {
	var references []WorkloadReference
	for _, r := range p.GetReferences() {
		now := r.GetBound().GetSecret()
		if !toBackend(r.GetBound()) {
			now = name(r.GetBound())
		}
		references = append(references, WorkloadReference{
			Place: r.GetPlace(), Text: r.GetText(), Purpose: r.GetPurpose(), Secret: r.GetBound().GetSecret(), Bound: now,
		})
	}
	return references
}

// workload is the payload that is delivered, and what each of its references is bound to.
type workload struct {
	*resolve.Document
	d     *delivery
	bound map[placed]*storev1.Projection_Bound
}

// placed tells the references of a payload apart.
type placed struct{ place, text string }

func (s *Service) workload(d *delivery) (workload, error) {
	document, err := resolve.Parse(d.at.record.GetWorkload(), s.dialects)
	if err != nil {
		return workload{}, fmt.Errorf("%w: the workload %w", ErrNotRepresentable, err)
	}
	w := workload{document, d, map[placed]*storev1.Projection_Bound{}}
	for _, r := range d.at.record.GetReferences() {
		w.bound[placed{r.GetPlace(), r.GetText()}] = r.GetBound()
	}
	return w, nil
}

// find is what a reference is bound to, and which version of it is delivered; nil: none.
func (w workload) find(r resolve.Reference) (resolve.Found, *boundVersion) {
	b := w.bound[placed{r.Place, r.Text}]
	i := slices.IndexFunc(r.Names, func(name resolve.Name) bool { return strings.HasSuffix(b.GetSecret(), "/"+name.Secret) })
	if i < 0 || toBackend(b) {
		return resolve.Found{}, nil
	}
	k := secretKey{b.GetNamespaceUid(), b.GetSecretUid()}
	v := w.d.version(k.nsUID, k.uid, versionActive)
	return resolve.Found{Name: r.Names[i], Payload: v.payload, Annotations: w.d.bound[k].record.GetMeta().GetAnnotations()}, v
}

// key is the key of a backend that a reference is to; false: it is to a secret.
func (w workload) key(r resolve.Reference) (backendKey, bool) {
	if r.Backend == "" || r.Problem != "" {
		return backendKey{}, false
	}
	b := w.bound[placed{r.Place, r.Text}]
	return backendKey{b.GetSecret(), r.Names[0].Key}, toBackend(b)
}

// resolveBound resolves the payload of a workload with what it is bound to.
func (s *Service) resolveBound(ctx context.Context, d *delivery, allowEnv []string) error {
	w, err := s.workload(d)
	if err != nil {
		return err
	}
	var keys []backendKey
	for _, r := range w.References() {
		if k, ok := w.key(r); ok {
			keys = append(keys, k)
		}
	}
	answers, err := s.fetch(ctx, keys)
	if err != nil {
		return err
	}
	result, err := w.Resolve(ctx, func(r resolve.Reference) (resolve.Found, error) {
		if k, ok := w.key(r); ok {
			return answers.found(r, k)
		}
		found, v := w.find(r)
		if v == nil || v.problem != nil {
			return found, resolve.ErrUnresolved
		}
		return found, nil
	})
	if err != nil {
		return resolveError(err)
	}
	unwanted := slices.DeleteFunc(result.Takeovers, func(name string) bool { return slices.Contains(allowEnv, name) })
	if len(unwanted) > 0 {
		return renderError(&render.TakeoverError{Names: unwanted}, "", nil)
	}
	d.bundle.Bundle, d.bundle.Payload = result.Bundle, result.Payload
	return nil
}

// shapeOfWorkload is what a workload delivers, without values.
func (s *Service) shapeOfWorkload(d *delivery) (render.Shape, error) {
	w, err := s.workload(d)
	if err != nil {
		return render.Shape{}, err
	}
	err = w.Missing(func(r resolve.Reference) (resolve.Found, []string) {
		found, v := w.find(r)
		if v == nil || v.problem != nil {
			return found, nil
		}
		return found, v.names
	})
	if err != nil {
		return render.Shape{}, resolveError(err)
	}
	shape := w.Shape(func(r resolve.Reference) (keys []string, annotations map[string]string) {
		found, v := w.find(r)
		if v == nil || v.names == nil {
			return nil, nil
		}
		return v.names, found.Annotations
	})
	shape.Payload = true
	return shape, nil
}
