package secrets

import (
	"context"
	"strings"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
)

// asked is what a full resource name means to a decision, as far as it exists: the resource that a call about it would
// be decided on.
type asked struct {
	place
	resource authz.Resource
	get      authz.Action // the right by which it may be known
	there    bool         // there is such a thing
}

// resolve finds what a name means, of any kind of resource. It never tells what is wrong with the name before the gate
// was asked.
func (s *Service) resolve(ctx context.Context, fieldName, name string) (a asked, err error) {
	segments := strings.SplitN(name, "/", 6)
	if strings.HasPrefix(name, users+"/") {
		h := s.locateHolder(fieldName, name, collectionsOf(segments, 2)...)
		return asked{h.place, s.instance(), authz.TokenGet, true}, nil
	}
	collection := ""
	if len(segments) > 2 {
		collection = segments[2]
	}
	err = s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		a, err = s.resolveIn(snapshot, fieldName, name, collection, collectionsOf(segments, 4))
		return err
	})
	return a, err
}

// collectionsOf are the collections that stand in a name from a segment on: what belongs to a resource is decided on it.
func collectionsOf(segments []string, from int) []string {
	if len(segments) <= from {
		return nil
	}
	switch segments[from] {
	case versionsOf, tokensOf:
		return segments[from : from+1]
	}
	return nil
}

func (s *Service) resolveIn(r reader, fieldName, name, collection string, below []string) (asked, error) {
	at := func(more ...string) place { return s.locate(fieldName, name, append([]string{namespaces}, more...)...) }
	switch collection {
	case secretsOf:
		t := secretAt{place: at(append([]string{secretsOf}, below...)...)}
		err := t.read(r)
		return asked{t.place, s.secretResource(t), authz.SecretGet, t.record != nil}, err
	case deletedSecrets:
		t := secretAt{place: at(deletedSecrets)}
		err := t.readDeleted(r)
		if t.record == nil {
			return asked{t.place, s.resource(t.place, authz.KindSecret, ""), authz.SecretGet, false}, err
		}
		return asked{t.place, secretIn(t.ns, t.record), authz.SecretGet, true}, err
	case projections:
		t := projectionAt{place: at(projections)}
		err := t.read(r)
		return asked{t.place, s.projectionResource(t), authz.ProjectionGet, t.record != nil}, err
	case serviceAccounts:
		t := accountAt{place: at(append([]string{serviceAccounts}, below...)...)}
		err := t.read(r)
		return asked{t.place, s.accountResource(t), authz.ServiceAccountGet, t.record != nil}, err
	case rolesOf:
		t := definitionAt[*storev1.Role]{place: at(rolesOf)}
		err := definesRoles.read(r, &t)
		return asked{t.place, definesRoles.resource(s, t), authz.CustomRoleGet, t.record != nil}, err
	case policiesOf:
		t := definitionAt[*storev1.Policy]{place: at(policiesOf)}
		err := definesPolicies.read(r, &t)
		return asked{t.place, definesPolicies.resource(s, t), authz.PolicyGet, t.record != nil}, err
	case grantsOf:
		t := grantAt{place: at(grantsOf)}
		t.on = s.namespaceAt(t.place)
		err := t.read(r)
		if err == nil && t.record != nil {
			t.on, _, err = s.on(r, t.ns, t.record)
		}
		return asked{t.place, t.on, authz.GrantGet, t.record != nil}, err
	}
	p := at()
	return asked{p, s.namespaceAt(p), authz.NamespaceGet, p.ns.uid != ""}, nil
}

// faces are what a question about the resource looks like to who knows less and less of it: about itself, about something
// that is not there, and about such a thing in a namespace that is not there.
func (s *Service) faces(a asked) [3]authz.Resource {
	absent := authz.Resource{Kind: a.resource.Kind, NamespaceUID: a.resource.NamespaceUID, Name: a.resource.Name}
	switch {
	case a.get == authz.GrantGet: // a grant that is not there is asked about on its namespace
		absent = s.namespaceAt(a.place)
	case absent.Kind == authz.KindNamespace:
		absent.NamespaceUID = s.directory.root().uid
	}
	return [3]authz.Resource{a.resource, absent, {Kind: absent.Kind, NamespaceUID: s.directory.root().uid, Name: absent.Name}}
}

// fits tells whether calls for the action are decided on what the name means. Otherwise whoever has a right to what a
// grant was given on could find out which grants there are on it.
func (a asked) fits(action authz.Action) bool {
	noun, _, _ := strings.Cut(string(action), ":")
	return a.get != authz.GrantGet || noun == "grant" || noun == "access"
}

// known is the first of the faces that the caller may know.
func (s *Service) known(caller authn.Caller, a asked) int {
	switch {
	case s.gate.Holds(caller, a.get, a.resource):
		return 0
	case a.ns.uid != "" && s.gate.Holds(caller, authz.NamespaceGet, s.namespaceAt(a.place)):
		return 1
	}
	return 2
}
