package secrets

import (
	"fmt"
	"slices"
	"strings"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/catalog"
	"github.com/coffer-dev/coffer/internal/plaintext"
)

// What a typed secret may hold is said by the catalog. It is checked where a version comes to be or into force, and
// nowhere else, so that what is stored stays readable whatever the catalog says later. A secret of a type that the catalog
// does not know (another Coffer stored it) takes any keys, and one that has long been at fault may stay so: a new version
// is refused for what the active one is not at fault with already.

// SourceTypes are the types that secrets can have. They are the same for everybody.
func (s *Service) SourceTypes() []catalog.SourceType { return s.catalog.Types() }

// SourceType returns the type of an ID or alias, or ErrNotFound.
func (s *Service) SourceType(id string) (catalog.SourceType, error) {
	t, ok := s.catalog.Get(id)
	if !ok || id == "" {
		return catalog.SourceType{}, fmt.Errorf("%w: %s", ErrNotFound, s.unknownType(id))
	}
	return t, nil
}

func (s *Service) unknownType(id string) string {
	text := fmt.Sprintf("%q is no source type", clip(id))
	if near := s.catalog.Nearest(id); near != "" {
		text += ": did you mean " + near + "?"
	}
	return text + " (coffer source-types lists them)"
}

// checkNewType is for a secret that is created; without a payload its first version is still to come.
func (s *Service) checkNewType(p *problems, secretType string, payload plaintext.Payload) {
	if secretType != "" && !sourceType.MatchString(secretType) {
		return // told already
	}
	t, ok := s.catalog.Get(secretType)
	switch {
	case !ok:
		p.addf("secret.type", "%s", s.unknownType(secretType))
	case len(payload) > 0:
		addFaults(p, "secret.payload", t.Check(wellFormed(payload)))
	}
}

// checkTyped refuses keys of the next active version.
func (s *Service) checkTyped(secret *storev1.Secret, keys []string) error {
	t, ok := s.catalog.Get(secret.GetType())
	if !ok {
		return nil
	}
	faults := t.Check(keys)
	if secret.GetActiveVersion() != 0 && len(faults) > 0 {
		old := t.Check(storedNames(secret.GetKeys()))
		faults = slices.DeleteFunc(faults, func(f catalog.Problem) bool {
			return slices.ContainsFunc(old, func(o catalog.Problem) bool { return o.Key == f.Key && o.Fault == f.Fault })
		})
	}
	var p problems
	addFaults(&p, "payload", faults)
	return p.err()
}

// addFaults names all keys, those that there is no room for in one violation.
func addFaults(p *problems, field string, faults []catalog.Problem) {
	for i, f := range faults {
		if len(*p) == maxViolations-1 && len(faults)-i > 1 {
			var keys []string
			for _, more := range faults[i:] {
				keys = append(keys, clip(more.Key))
			}
			p.addf(field+".data", "these keys are at fault too: %s", strings.Join(keys, ", "))
			return
		}
		p.addf(field+".data["+f.Key+"]", "%s", f.Text)
	}
}

// wellFormed are the keys that can be keys; what else is there is told already.
func wellFormed(payload plaintext.Payload) []string {
	keys := make([]string, 0, len(payload))
	for key := range payload {
		if payloadKey.MatchString(key) {
			keys = append(keys, key)
		}
	}
	return keys
}

func storedNames(keys []*storev1.Key) []string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.GetName()
	}
	return names
}
