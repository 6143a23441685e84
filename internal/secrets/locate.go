package secrets

import (
	"context"
	"fmt"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
)

// place is where a name points: the namespace, as far as it exists, and the IDs below it.
type place struct {
	name  string    // as it was sent
	nsID  string    // of the namespace, whether it exists or not
	ns    namespace // zero when it does not exist
	ids   []string  // below the namespace
	fault error     // why the name is ill-formed or leads nowhere; told only after the decision
}

// locate parses a name of the given collections, the first of which is namespaces. It never fails: what is wrong with
// the name is told after the gate was asked.
func (s *Service) locate(fieldName, name string, collections ...string) place {
	ids, ok := split(name, collections...)
	p := place{name: name}
	if len(ids) > 0 {
		p.nsID, p.ids = ids[0], ids[1:]
		p.ns, _ = s.directory.namespace(ids[0])
	}
	switch {
	case !ok:
		p.ids = nil
		p.name = clip(name)
		p.fault = Invalid(fieldName, "want %s, with IDs as the reference says", pattern(collections...))
	case p.ns.uid == "":
		p.fault = fmt.Errorf("%w: %s", ErrNotFound, join(namespaces, p.nsID))
	case p.ns.deleted:
		p.fault = ErrNamespaceDeleted
	}
	return p
}

// absent says that there is nothing at the place.
func (p place) absent() error { return fmt.Errorf("%w: %s", ErrNotFound, p.name) }

// resource is what is asked about at the place; uid is empty when there is no such thing.
func (s *Service) resource(p place, kind authz.Kind, uid string) authz.Resource {
	r := authz.Resource{Kind: kind, UID: uid, NamespaceUID: p.ns.uid, Name: p.name}
	if r.NamespaceUID == "" {
		r.NamespaceUID = s.directory.root().uid
	}
	return r
}

// in is the resource of something that does not exist yet in the namespace at the place.
func (s *Service) in(p place, kind authz.Kind, collection, id string) authz.Resource {
	r := s.resource(p, kind, "")
	if !validID(collection, id) {
		id = clip(id)
	}
	r.Name = join(p.name, collection, id)
	return r
}

// namespaceAt is the resource of the namespace at the place.
func (s *Service) namespaceAt(p place) authz.Resource {
	r := s.resource(p, authz.KindNamespace, p.ns.uid)
	r.Labels = p.ns.labels
	return r
}

// checkID reports an ID that breaks the rule of its collection.
func checkID(p *problems, fieldName, collection, id string) {
	rule := resourceID
	if collection == namespaces {
		rule = namespaceID
	}
	if !rule.MatchString(id) {
		p.addf(fieldName, "%q does not match %s", clip(id), rule)
	}
}

// listIn asks the gate for a list in, or below, the namespace that a name points to, and returns what is visible there.
func (s *Service) listIn(ctx context.Context, caller authn.Caller, action authz.Action, parent string) (place, func(authz.Resource) bool, error) {
	at := s.locate("parent", parent, namespaces)
	visible, err := s.gate.Filter(ctx, caller, action, s.namespaceAt(at))
	return at, visible, firstError(err, at.fault)
}
