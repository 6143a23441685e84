package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/dialect/dataosmanifest"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/pkg/client"
)

// finding is a resource of DataOS as Coffer has it.
type finding struct {
	resource dataosmanifest.Resource
	kind     kind
	name     string // full
	message  annotated
	deleted  bool // it is in the bin
}

// annotated is what resources have that manifests can describe.
type annotated interface {
	resourceMessage
	GetAnnotations() map[string]string
	GetDescription() string
	GetCreatedBy() string
}

// owner is who owns it, as DataOS calls users.
func (f finding) owner() string {
	if owner := f.message.GetAnnotations()[naming.DataOSOwner]; owner != "" {
		return owner
	}
	return userID(f.message.GetCreatedBy())
}

// userID is a principal without what it is.
func userID(principal string) string {
	_, id, _ := strings.Cut(principal, ":")
	return shortName(id)
}

func (f finding) tags() []string {
	var tags []string
	_ = json.Unmarshal([]byte(f.message.GetAnnotations()[naming.DataOSTags]), &tags) // what is none is not shown
	return tags
}

// seeker finds resources of DataOS.
type seeker struct {
	*placer
}

// address is what a command names: a resource of a version, of any where it says none, and where it is, where that is known.
type address struct {
	dataosmanifest.Resource
	place *dataosmanifest.Place
}

// String is what was said of it.
func (r address) String() string {
	return strings.Join(slices.DeleteFunc([]string{r.Name, r.Version, r.Type}, func(part string) bool { return part == "" }), ":")
}

// is tells whether a finding is of the version that is meant.
func (r address) is(f finding) bool { return r.Version == "" || r.Version == f.resource.Version }

// found runs a function for each of the resources, which have to be there. only has it refused that a name is in several places.
func (a *app) found(ctx context.Context, addresses []address, only bool, do func(context.Context, finding) error) error {
	return a.connected(func(c *client.Client) error {
		s := seeker{a.placesBy(c)}
		for _, r := range addresses {
			if r.Name == "" {
				return usage("which one? Give -n NAME")
			}
			findings, err := s.named(ctx, r)
			if err == nil && only {
				err = oneOf(r, findings)
			}
			if err != nil {
				return err
			}
			for _, f := range likeliest(r, findings) {
				if err := do(ctx, f); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// likeliest is what a name stands for where it may be one resource or another.
func likeliest(r address, findings []finding) []finding {
	if r.Type == dataosmanifest.TypeGrant {
		return findings
	}
	return findings[:min(1, len(findings))]
}

// oneOf refuses a name that could be one resource or another. A grant is many of them by itself.
func oneOf(r address, findings []finding) error {
	if r.Type == dataosmanifest.TypeGrant || len(findings) < 2 {
		return nil
	}
	var names []string
	for _, f := range findings {
		names = append(names, reference(f.name)+" ("+f.resource.Version+")")
	}
	return usage(fmt.Sprintf("%s is %s: say which one with -v VERSION or -w WORKSPACE, or delete it by its name in Coffer",
		r.Name, strings.Join(names, " and ")))
}

// named finds the resource of a name, in every place where it may be, or the grants that it stands for.
func (s seeker) named(ctx context.Context, r address) ([]finding, error) {
	if r.Type == dataosmanifest.TypeGrant {
		findings, err := s.grants(ctx, r)
		if err == nil && len(findings) == 0 {
			err = fmt.Errorf("there is no %s %s", r.Type, r.Name)
		}
		return findings, err
	}
	return s.inPlaces(ctx, r, func(parent string, r dataosmanifest.Resource) ([]finding, error) {
		k, id := kindOf(kindProjection), naming.WorkloadID(r.Type, r.Name)
		if r.IsSecret() {
			k, id = kindOf(kindSecret), r.Name
		}
		m, err := k.get.call(ctx, s.client, fields{"name": parent + "/" + k.collection + "/" + id})
		if err != nil {
			return nil, err
		}
		return []finding{s.finding(k, m, r)}, nil
	})
}

// inPlaces collects what is found where a resource may be, of the version that is meant. That there is nothing in one place
// counts only where there is nothing in any.
func (s seeker) inPlaces(
	ctx context.Context, r address, find func(parent string, r dataosmanifest.Resource) ([]finding, error),
) ([]finding, error) {
	places, err := s.places(r)
	if err != nil {
		return nil, err
	}
	var all []finding
	var searched, others []string
	var absent error
	answered := false
	for _, place := range places {
		parent, err := s.namespace(ctx, place)
		if err != nil {
			return nil, err
		}
		here := r.Resource
		here.Workspace, here.Version = "", "v1"
		switch place.Scope {
		case dataosmanifest.Workspace:
			here.Workspace = place.Name
		case dataosmanifest.Tenant:
			here.Version = "v2alpha"
		}
		findings, err := find(parent, here)
		if err != nil && !errors.Is(err, client.ErrNotFound) && !errors.Is(err, client.ErrDenied) {
			return nil, err
		}
		absent, answered = cmp.Or(absent, err), answered || err == nil
		searched = append(searched, s.placeName(place))
		for _, f := range findings {
			if r.is(f) {
				all = append(all, f)
			} else {
				others = append(others, f.resource.String())
			}
		}
	}
	switch {
	case len(all) > 0 || r.Name == "" && answered:
		return all, nil
	case len(others) > 0:
		told := fmt.Sprintf("%s is not in %s, but %s is", r, strings.Join(searched, ", "), strings.Join(others, ", "))
		return nil, fmt.Errorf("%w: %w", refusedError(told), client.ErrNotFound)
	case len(places) > 1:
		return nil, fmt.Errorf("looking for %s in %s: %w", r, strings.Join(searched, ", "), absent)
	}
	return nil, absent
}

// finding is what a message of the API is to DataOS.
func (s seeker) finding(k kind, m proto.Message, r dataosmanifest.Resource) finding {
	f := finding{resource: r, kind: k, message: m.(annotated)}
	f.name = f.message.GetName()
	annotations := f.message.GetAnnotations()
	if version := annotations[naming.DataOSVersion]; version != "" {
		f.resource.Version = version
	}
	if of, err := dataosmanifest.ParseID(annotations[naming.DataOSResource]); err == nil {
		f.resource = of
	}
	if secret, ok := m.(*cofferv1.Secret); ok {
		f.resource.Name, f.deleted = shortName(f.name), secret.GetDeleteTime() != nil
		if f.deleted {
			f.resource.Name = secret.GetDeletedId()
		}
	}
	if f.resource.Version == "" {
		f.resource.Version = "v1"
	}
	return f
}

// listed are the resources of a type, where they may be.
func (s seeker) listed(ctx context.Context, r address) ([]finding, error) {
	if r.Type == dataosmanifest.TypeGrant {
		return s.grants(ctx, r)
	}
	return s.inPlaces(ctx, r, func(parent string, r dataosmanifest.Resource) ([]finding, error) { return s.list(ctx, parent, r) })
}

// list are the resources of a type in a namespace, and of a name if there is one.
func (s seeker) list(ctx context.Context, parent string, r dataosmanifest.Resource) ([]finding, error) {
	k := kindOf(kindProjection)
	if r.IsSecret() {
		k = kindOf(kindSecret)
	}
	messages, err := k.list.list(ctx, s.client, fields{"parent": parent}, 0)
	if err != nil {
		return nil, err
	}
	var findings []finding
	for _, m := range messages {
		f := s.finding(k, m, r)
		of := f.message.GetAnnotations()[naming.DataOSResource]
		if !r.IsSecret() && (of == "" || f.resource.Type != r.Type) || r.Name != "" && f.resource.Name != r.Name {
			continue
		}
		findings = append(findings, f)
	}
	return findings, nil
}

// grants are those that manifests stand for, of a name if there is one, wherever the caller may see them: one manifest may
// give on several workspaces, and have given on others when it was applied before. No namespace tells of that but its own
// grants, so all are asked.
func (s seeker) grants(ctx context.Context, r address) ([]finding, error) {
	namespaces, err := kindOf(kindNamespace).list.list(ctx, s.client, nil, 0)
	if err != nil {
		return nil, err
	}
	of := ""
	if r.Name != "" {
		of = "name:" + strconv.Quote("*/grants/"+r.Name+".*") // as their IDs begin
	}
	var findings []finding
	for _, namespace := range namespaces {
		parent := namespace.(*cofferv1.Namespace).GetName()
		grants, err := kindOf(kindGrant).list.list(ctx, s.client, fields{"parent": parent, "filter": of}, 0)
		if err != nil && !errors.Is(err, client.ErrNotFound) && !errors.Is(err, client.ErrDenied) {
			return nil, err
		}
		for _, m := range grants {
			f := s.finding(kindOf(kindGrant), m, r.Resource)
			of := f.message.GetAnnotations()[naming.DataOSResource]
			if of != "" && f.resource.Type == r.Type && (r.Name == "" || f.resource.Name == r.Name) && r.is(f) {
				findings = append(findings, f)
			}
		}
	}
	return findings, nil
}

// binned is the secret of a name that was deleted last; none if there is none.
func (s seeker) binned(ctx context.Context, r address) ([]finding, error) {
	if !r.IsSecret() {
		return nil, nil
	}
	return s.inPlaces(ctx, r, func(parent string, here dataosmanifest.Resource) ([]finding, error) {
		messages, err := kindOf(kindSecret).list.list(ctx, s.client, fields{
			"parent": parent, "show_deleted": true, "filter": `name:"*/deletedSecrets/*"`,
		}, 0)
		if err != nil {
			return nil, err
		}
		var last []finding
		for _, m := range messages {
			f := s.finding(kindOf(kindSecret), m, here)
			if f.resource.Name == r.Name && r.is(f) && (len(last) == 0 || f.deletedAt().After(last[0].deletedAt())) {
				last = []finding{f}
			}
		}
		if len(last) == 0 {
			return nil, client.ErrNotFound
		}
		return last, nil
	})
}

func (f finding) deletedAt() time.Time { return f.message.(*cofferv1.Secret).GetDeleteTime().AsTime() }

// byName sorts as tables are read.
func byName(findings []finding) {
	slices.SortStableFunc(findings, func(a, b finding) int {
		return strings.Compare(a.resource.Workspace+"/"+a.resource.Name, b.resource.Workspace+"/"+b.resource.Name)
	})
}
