package platformimport

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/dialect/dataosmanifest"
)

// DataOSManifests turns manifests of DataOS into items. place tells the ID of the namespace that stands for a workspace, a
// tenant or the instance.
func DataOSManifests(
	manifests []*dataosmanifest.Manifest, place func(dataosmanifest.Place) (namespace string, err error),
) ([]Item, error) {
	var items []Item
	for _, m := range manifests {
		namespace, err := place(m.Place)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.File, err)
		}
		of := Item{Source: "dataos:" + m.ID(), Where: fmt.Sprintf("%s:%d", m.File, m.Line)}
		for _, s := range m.Secrets {
			item := newSecret(namespace, s.ID, of.Source, of.Where, valuesOf(s.Secret.GetPayload()))
			if !m.IsSecret() {
				item.Source += "/" + s.ID // of a depot, which has several in it
			}
			name := item.Resource.GetName()
			item.Resource = s.Secret
			s.Secret.Name = name
			items = append(items, item)
		}
		if m.Workload != nil {
			m.Workload.Name = "namespaces/" + namespace + "/projections/" + m.WorkloadID()
			items = append(items, Item{Source: of.Source, Where: of.Where, Resource: m.Workload})
		}
	}
	checkDepots(manifests, items)
	for _, m := range manifests {
		grants, err := grantItems(m, items, place)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.File, err)
		}
		items = append(items, grants...)
	}
	return items, nil
}

func valuesOf(p *cofferv1.Payload) map[string][]byte {
	values := map[string][]byte{}
	for key, value := range p.GetData() {
		values[key] = []byte(value)
	}
	maps.Copy(values, p.GetBinaryData())
	return values
}

// checkDepots refuses depots that could write and not read, as far as they refer to secrets that are imported too.
func checkDepots(manifests []*dataosmanifest.Manifest, items []Item) {
	modes := map[string]cofferv1.Secret_AccessMode{}
	for _, item := range items {
		if secret, ok := item.Resource.(*cofferv1.Secret); ok {
			modes[idOf(secret.GetName())] = secret.GetAccessMode()
		}
	}
	for _, m := range manifests {
		references := slices.Clone(m.Depot)
		for i, r := range references {
			if r.Access == cofferv1.Secret_ACCESS_MODE_UNSPECIFIED {
				references[i].Access = modes[r.Name]
			}
		}
		if err := dataosmanifest.CheckDepot(references); err != nil {
			for i := range items {
				if items[i].Resource == Resource(m.Workload) {
					items[i].Refusal = err.Error()
				}
			}
		}
	}
}

// grantItems are the grants that a grant of DataOS stands for.
func grantItems(
	m *dataosmanifest.Manifest, items []Item, place func(dataosmanifest.Place) (string, error),
) ([]Item, error) {
	var grants []Item
	for _, g := range m.Grants {
		namespace, err := place(g.Place)
		if err != nil {
			return nil, err
		}
		parent := "namespaces/" + namespace
		g.Grant.Name, g.Grant.Resource = parent+"/grants/"+g.ID, parent
		if g.Secret != "" {
			g.Grant.Resource = secretCalled(items, parent, g.Secret)
		}
		grants = append(grants, Item{
			Source: "dataos:" + m.ID() + "/" + g.ID, Where: fmt.Sprintf("%s:%d", m.File, m.Line), Resource: g.Grant,
		})
	}
	return grants, nil
}

// secretCalled is the secret of the import that a grant means: what Heimdall calls it ends in its acl, or does not.
func secretCalled(items []Item, parent, id string) string {
	for _, candidate := range []string{id, strings.TrimSuffix(id, "-r"), strings.TrimSuffix(id, "-rw")} {
		name := parent + "/secrets/" + candidate
		if slices.ContainsFunc(items, func(item Item) bool { return item.Resource.GetName() == name }) {
			return name
		}
	}
	return parent + "/secrets/" + id
}
