package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/dialect/dataosmanifest"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/platformimport"
	"github.com/coffer-dev/coffer/pkg/client"
)

// translated are manifests of DataOS in Coffer's terms, behind those of Coffer: the same code writes both.
func (a *app) translated(
	ctx context.Context, c *client.Client, own []manifest, platform []*dataosmanifest.Manifest, o applyOptions,
) ([]manifest, error) {
	if len(platform) == 0 {
		return own, nil
	}
	t := translation{app: a, client: c, places: a.placesBy(c), manifests: slices.Clone(own)}
	if err := t.add(ctx, platform); err != nil {
		return nil, err
	}
	for _, m := range platform {
		if err := t.checkDepot(ctx, m); err != nil {
			r := applier{app: a}
			return nil, errors.Join(err, r.progress(manifest{dataos: &m.Resource}, resultError))
		}
	}
	err := t.addNamespaces(ctx, o)
	return t.manifests, err
}

// translation collects what manifests of DataOS stand for.
type translation struct {
	*app
	client    *client.Client
	places    *placer
	manifests []manifest
}

// add adds what manifests stand for: grants last, once all secrets are known that they can be on.
func (t *translation) add(ctx context.Context, platform []*dataosmanifest.Manifest) error {
	for _, add := range []func(context.Context, *dataosmanifest.Manifest) error{t.addResources, t.addGrants} {
		for _, m := range platform {
			if err := add(ctx, m); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *translation) addResources(ctx context.Context, m *dataosmanifest.Manifest) error {
	for _, notice := range m.Notices {
		t.note("%s:%d: %s: %s", m.File, m.Line, m.Resource, notice)
	}
	var parent string
	var err error
	if len(m.Secrets) > 0 || m.Workload != nil {
		if parent, err = t.places.namespace(ctx, m.Place); err != nil {
			return err
		}
	}
	for _, s := range m.Secrets {
		resource := m.Resource
		if resource.Name != s.ID {
			resource = dataosmanifest.Resource{Type: dataosmanifest.TypeInstanceSecret, Version: m.Version, Name: s.ID}
		}
		t.put(m, kindSecret, parent, s.ID, s.Secret, resource)
	}
	if m.Workload != nil {
		t.put(m, kindProjection, parent, m.WorkloadID(), m.Workload, m.Resource)
	}
	return nil
}

func (t *translation) addGrants(ctx context.Context, m *dataosmanifest.Manifest) error {
	for _, g := range m.Grants {
		parent, err := t.places.namespace(ctx, g.Place)
		if err != nil {
			return err
		}
		switch {
		case g.Heimdall:
			if g.Grant.Resource, err = t.secretCalled(ctx, g); err != nil {
				return err
			}
			parent, _, _ = strings.Cut(g.Grant.Resource, "/secrets/")
		case g.Secret != "":
			g.Grant.Resource = parent + "/secrets/" + g.Secret
		}
		t.put(m, kindGrant, parent, g.ID, g.Grant, m.Resource)
	}
	return nil
}

// put adds a resource with the fields that its message has.
func (t *translation) put(
	of *dataosmanifest.Manifest, kindName, parent, id string, message proto.Message, resource dataosmanifest.Resource,
) {
	k := kindOf(kindName)
	m := manifest{
		where: fmt.Sprintf("%s:%d", of.File, of.Line), kind: k, name: parent + "/" + k.collection + "/" + id,
		message: message, dataos: &resource,
	}
	r := message.ProtoReflect()
	for i := range r.Descriptor().Fields().Len() {
		if field := r.Descriptor().Fields().Get(i); r.Has(field) {
			m.fields = append(m.fields, string(field.Name()))
		}
	}
	slices.Sort(m.fields)
	t.manifests = append(t.manifests, m)
}

// secretCalled is the full name of the secret that Heimdall has under an ID: in the instance, or else in the tenant that is
// selected, unless the ID names one. Where there is none, it is the ID as it is.
func (t *translation) secretCalled(ctx context.Context, g dataosmanifest.Grant) (string, error) {
	places := []dataosmanifest.Place{g.Place}
	tenant, err := t.tenant()
	if err != nil {
		return "", err
	}
	if tenant != "" && g.Place.Scope == dataosmanifest.Instance {
		places = append(places, dataosmanifest.Place{Scope: dataosmanifest.Tenant, Name: tenant})
	}
	first := ""
	for _, place := range places {
		parent, err := t.places.namespace(ctx, place)
		if err != nil {
			return "", err
		}
		for _, reading := range naming.HeimdallSecrets(g.Secret) {
			full := parent + "/secrets/" + reading.Name
			first = cmp.Or(first, full)
			secret, there, err := t.secretAt(ctx, full)
			if err != nil {
				return "", err
			}
			if there && (reading.ACL == "" || secret.GetAccessMode() == accessModes[reading.ACL]) {
				return full, nil
			}
		}
	}
	return first, nil
}

// accessModes are those of access lists.
var accessModes = map[string]cofferv1.Secret_AccessMode{
	naming.ACLRead: cofferv1.Secret_READ, naming.ACLReadWrite: cofferv1.Secret_READ_WRITE,
}

// secretAt is the secret of a name that is being applied, or is there, as far as the caller may be told.
func (t *translation) secretAt(ctx context.Context, full string) (secret *cofferv1.Secret, there bool, err error) {
	for _, m := range t.manifests {
		if secret, ok := m.message.(*cofferv1.Secret); ok && m.name == full {
			return secret, true, nil
		}
	}
	secret, err = t.client.GetSecret(ctx, &cofferv1.GetSecretRequest{Name: full})
	if errors.Is(err, client.ErrNotFound) || errors.Is(err, client.ErrDenied) {
		return nil, false, nil
	}
	return secret, err == nil, err
}

// checkDepot refuses a depot that can be written to and not read, asking what the names do not tell.
func (t *translation) checkDepot(ctx context.Context, m *dataosmanifest.Manifest) error {
	references := slices.Clone(m.Depot)
	for i, r := range references {
		if r.Access != cofferv1.Secret_ACCESS_MODE_UNSPECIFIED || r.Name == "" {
			continue
		}
		place := m.Place
		if r.Tenant != "" {
			place = dataosmanifest.Place{Scope: dataosmanifest.Tenant, Name: r.Tenant}
		}
		parent, err := t.places.namespace(ctx, place)
		if err != nil {
			return err
		}
		secret, _, err := t.secretAt(ctx, parent+"/secrets/"+r.Name)
		if err != nil {
			return err
		}
		references[i].Access = secret.GetAccessMode()
	}
	return dataosmanifest.CheckDepot(references)
}

// addNamespaces adds those that there have to be, or says how to create them.
func (t *translation) addNamespaces(ctx context.Context, o applyOptions) error {
	absent, err := t.places.absent(ctx)
	if err != nil {
		return err
	}
	for _, place := range absent {
		name := t.places.known[place]
		switch {
		case slices.ContainsFunc(t.manifests, func(m manifest) bool { return m.name == name }):
		case !o.createNamespaces:
			return fmt.Errorf("%s, as does --create-namespaces", t.places.howToCreate(place))
		default:
			t.manifests = append(t.manifests, manifest{
				where: t.places.placeName(place), kind: kindOf(kindNamespace), name: name,
				message: &cofferv1.Namespace{Description: t.places.placeName(place) + " of DataOS"},
			})
		}
	}
	return nil
}

// keepsNothing tells whether a workload refers to no secret, and is not there yet either.
func (r *applier) keepsNothing(ctx context.Context, m manifest, waits bool) bool {
	if m.dataos == nil || m.kind.name != kindProjection || waits {
		return false
	}
	parent, id := splitName(m.name)
	return platformimport.KeepsNothing(ctx, r.client, &cofferv1.CreateProjectionRequest{
		Parent: parent, ProjectionId: id, Projection: m.message.(*cofferv1.Projection),
	})
}

// withdraw deletes the grants that manifests stood for when they were applied before, and do not any more.
func (r *applier) withdraw(ctx context.Context, platform []*dataosmanifest.Manifest, manifests []manifest) error {
	if r.dryRun {
		return nil
	}
	// One look through all namespaces does for all of them.
	given := map[string]bool{}
	of := address{Resource: dataosmanifest.Resource{Type: dataosmanifest.TypeGrant}}
	for _, m := range platform {
		if m.Type == of.Type {
			given[m.Name] = true
			of.Name = m.Name
		}
	}
	switch len(given) {
	case 0:
		return nil
	case 1:
	default:
		of.Name = ""
	}
	findings, err := seeker{r.app.placesBy(r.client)}.grants(ctx, of)
	if err != nil {
		return err
	}
	for _, f := range findings {
		wanted := slices.ContainsFunc(manifests, func(m manifest) bool { return m.name == f.name })
		if wanted || !given[f.resource.Name] {
			continue
		}
		if _, err := r.client.DeleteGrant(ctx, &cofferv1.DeleteGrantRequest{Name: f.name}); err != nil {
			return fmt.Errorf("withdrawing %s, which %s does not give any more: %w", reference(f.name), f.resource, err)
		}
		r.app.note("%s: %s is not given any more: deleted", f.resource, reference(f.name))
	}
	return nil
}
