package platformimport

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

// Action is what is to become of an item.
type Action string

// What an import does. Whether a payload is that of the version in force only a real write tells: a preview that told
// would tell anybody who guesses.
const (
	// Create makes what is not there.
	Create Action = "create"
	// NewVersion adds a version, which has other keys.
	NewVersion Action = "new-version"
	// NewVersionOrUnchanged adds a version if a value differs.
	NewVersionOrUnchanged Action = "new-version-or-unchanged"
	// Update changes what is no secret.
	Update Action = "update"
	// Unchanged does nothing, since nothing differs.
	Unchanged Action = "unchanged"
	// Conflict does nothing, since something else is there. Nothing at all is written while there is one.
	Conflict Action = "conflict"
	// NoValue does nothing, since the value is not known.
	NoValue Action = "no-value"
	// Skip leaves out.
	Skip Action = "skip"
	// Refused does nothing, since it cannot be stored.
	Refused Action = "refused"
)

// Writes tells whether something is to be written.
func (a Action) Writes() bool {
	return a == Create || a == NewVersion || a == NewVersionOrUnchanged || a == Update
}

// OnConflict is what to do where there is something that this import did not make.
type OnConflict string

// Ways to deal with conflicts.
const (
	// Fail writes nothing.
	Fail OnConflict = "fail"
	// SkipIt leaves the item out.
	SkipIt OnConflict = "skip"
	// AddVersion adds a version to what is there, and takes it over.
	AddVersion OnConflict = "new-version"
)

// Config says how to import.
type Config struct {
	// Client is whom to ask. Required.
	Client *client.Client
	// OnConflict is required.
	OnConflict OnConflict
	// CreateNamespaces creates those that are missing, below Parent.
	CreateNamespaces bool
	// Parent is the full name of the namespace above those to create. Empty: the root.
	Parent string
	// Ask is asked for the value of a secret that is to be created and has none. nil: nobody is.
	Ask func(ctx context.Context, secret string) (value string, err error)
	// Progress is told how far it is. Required.
	Progress func(doing string, done, total int)
}

// Row is what becomes of one item. It holds names of keys, and no value.
type Row struct {
	Action   Action   `json:"action"`
	Resource string   `json:"resource"`
	Keys     []string `json:"keys,omitempty"`
	Source   string   `json:"source,omitempty"`
	Note     string   `json:"note,omitempty"`
	Result   Result   `json:"result,omitempty"`
	// Err is why it could not be checked or written.
	Err error `json:"-"`

	item     Item
	existing Resource // nil: there is none that the caller may see
}

// Plan is what an import will do.
type Plan struct {
	// Rows are namespaces, secrets, projections and grants, in the order in which they are written.
	Rows []*Row

	config Config
}

// Prepare compares items with what is there and writes nothing.
func Prepare(ctx context.Context, config Config, items []Item) (*Plan, error) {
	if err := distinct(items); err != nil {
		return nil, err
	}
	p := &Plan{config: config}
	missing, err := p.namespaces(ctx, items)
	if err != nil {
		return nil, err
	}
	items = slices.Clone(items)
	slices.SortStableFunc(items, func(a, b Item) int { return rank(a) - rank(b) })
	for i, item := range items {
		config.Progress("looking", i, len(items))
		row := &Row{Resource: item.Resource.GetName(), Source: item.Source, item: item}
		if secret, ok := item.Resource.(*cofferv1.Secret); ok {
			row.Keys = keysOf(secret.GetPayload())
		}
		switch {
		case item.Skip != "":
			row.Action, row.Note = Skip, item.Skip
		case item.Err != nil:
			row.fail(item.Err)
		case item.Refusal != "":
			row.Action, row.Note = Refused, item.Refusal
		default:
			if err := p.decide(ctx, row, missing[namespaceOf(row.Resource)]); err != nil {
				return nil, err
			}
		}
		p.Rows = append(p.Rows, row)
	}
	return p, nil
}

// rank orders items so that what others refer to comes first.
func rank(item Item) int {
	switch item.Resource.(type) {
	case *cofferv1.Secret:
		return 0
	case *cofferv1.Projection:
		return 1
	}
	return 2
}

// Count tells how many rows have an action.
func (p *Plan) Count(actions ...Action) int {
	n := 0
	for _, row := range p.Rows {
		if slices.Contains(actions, row.Action) {
			n++
		}
	}
	return n
}

// Writes tells how many rows write.
func (p *Plan) Writes() int {
	n := 0
	for _, row := range p.Rows {
		if row.Action.Writes() {
			n++
		}
	}
	return n
}

// namespaces adds rows of those that are missing, or refuses them.
func (p *Plan) namespaces(ctx context.Context, items []Item) (missing map[string]bool, err error) {
	wanted := map[string]*cofferv1.Namespace{}
	for _, item := range items {
		if item.left() {
			continue
		}
		name := namespaceOf(item.Resource.GetName())
		if wanted[name] == nil {
			wanted[name] = item.namespace
		}
	}
	missing = map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		existing, err := p.config.Client.GetNamespace(ctx, &cofferv1.GetNamespaceRequest{Name: name})
		switch {
		case err == nil && existing.GetDeleteTime() != nil:
			return nil, fmt.Errorf("%w: %s is deleted: undelete it first", ErrNoNamespace, name)
		case err == nil, errors.Is(err, client.ErrDenied):
			continue // who may write there need not see it
		case !errors.Is(err, client.ErrNotFound):
			return nil, err
		}
		missing[name] = true
		namespace := &cofferv1.Namespace{}
		if wanted[name] != nil {
			namespace = wanted[name]
		}
		namespace.Name, namespace.Parent = name, p.config.Parent
		p.Rows = append(p.Rows, &Row{Action: Create, Resource: name, item: Item{Resource: namespace}})
	}
	if len(missing) > 0 && !p.config.CreateNamespaces {
		return nil, fmt.Errorf("%w: %s", ErrNoNamespace, strings.Join(slices.Sorted(maps.Keys(missing)), ", "))
	}
	return missing, nil
}

// decide tells what is to become of an item. Errors are those that would meet every item; others are the row's.
func (p *Plan) decide(ctx context.Context, row *Row, homeless bool) error {
	err := client.ErrNotFound
	if !homeless {
		row.existing, err = p.existing(ctx, row.item.Resource)
	}
	switch {
	case err == nil:
		p.compare(ctx, row)
	case errors.Is(err, client.ErrNotFound), errors.Is(err, client.ErrDenied): // who may create need not see
		row.Action, row.existing = Create, nil
	case hopeless(err):
		return err
	default:
		row.fail(err)
		return nil
	}
	secret, ok := row.item.Resource.(*cofferv1.Secret)
	if !ok {
		p.spare(ctx, row, homeless)
		return nil
	}
	if secret.GetPayload() == nil && row.Action.Writes() {
		if err := p.ask(ctx, row, secret); err != nil || row.Action == NoValue {
			return err
		}
	}
	if err = nil; row.Action.Writes() && !homeless {
		err = p.check(ctx, row, secret)
	}
	switch {
	case err == nil:
	case hopeless(err):
		return err
	case errors.Is(err, client.ErrExists):
		p.conflict(row, "there is one that you may not see")
	default:
		row.fail(err)
	}
	return nil
}

// spare leaves a workload out that would keep nothing.
func (p *Plan) spare(ctx context.Context, row *Row, homeless bool) {
	wanted, ok := row.item.Resource.(*cofferv1.Projection)
	if ok && row.Action == Create && !homeless && KeepsNothing(ctx, p.config.Client, createProjection(row, wanted)) {
		row.Action, row.Note = Skip, "it refers to no secret"
	}
}

// KeepsNothing tells whether a workload that is to be created refers to no secret: it would guard and deliver nothing. What
// else is wrong with it, creating it tells: what it refers to need not be there yet.
func KeepsNothing(ctx context.Context, c *client.Client, request *cofferv1.CreateProjectionRequest) bool {
	request = proto.CloneOf(request)
	request.ValidateOnly = true
	projection, err := c.CreateProjection(ctx, request)
	return err == nil && len(projection.GetWorkload().GetReferences()) == 0
}

// hopeless tells whether an error would meet everything else, too.
func hopeless(err error) bool {
	return errors.Is(err, client.ErrUnauthenticated) || errors.Is(err, client.ErrUnavailable) || errors.Is(err, context.Canceled)
}

func (r *Row) fail(err error) {
	r.Action, r.Note, r.Err = Refused, err.Error(), err
}

func (p *Plan) existing(ctx context.Context, wanted Resource) (Resource, error) {
	name := wanted.GetName()
	switch wanted.(type) {
	case *cofferv1.Secret:
		return p.config.Client.GetSecret(ctx, &cofferv1.GetSecretRequest{Name: name})
	case *cofferv1.Projection:
		return p.config.Client.GetProjection(ctx, &cofferv1.GetProjectionRequest{Name: name})
	}
	return p.config.Client.GetGrant(ctx, &cofferv1.GetGrantRequest{Name: name})
}

// ask completes a secret without a value.
func (p *Plan) ask(ctx context.Context, row *Row, secret *cofferv1.Secret) error {
	value := ""
	if p.config.Ask != nil {
		var err error
		if value, err = p.config.Ask(ctx, row.Resource); err != nil {
			return err
		}
	}
	if value == "" {
		row.Action, row.Note = NoValue, "its value was not given"
		return nil
	}
	secret.Payload = newPayload(map[string][]byte{ValueKey: []byte(value)})
	row.Keys = keysOf(secret.GetPayload())
	if fault := payloadFault(map[string][]byte{ValueKey: []byte(value)}); fault != "" {
		row.Action, row.Note = Refused, fault
	}
	return nil
}

// check lets the server check a write. It tells nothing of the values that are there.
func (p *Plan) check(ctx context.Context, row *Row, secret *cofferv1.Secret) error {
	if row.Action == Create {
		request := createSecret(row, secret)
		request.ValidateOnly = true
		_, err := p.config.Client.CreateSecret(ctx, request)
		return err
	}
	_, err := p.config.Client.AddSecretVersion(ctx, &cofferv1.AddSecretVersionRequest{
		Parent: row.Resource, Payload: secret.GetPayload(), ValidateOnly: true,
	})
	return err
}

// createSecret asks for a secret that tells that this import made it.
func createSecret(row *Row, secret *cofferv1.Secret) *cofferv1.CreateSecretRequest {
	secret = proto.CloneOf(secret)
	secret.Name = ""
	secret.Annotations = marked(secret.GetAnnotations(), row.Source, 1)
	return &cofferv1.CreateSecretRequest{Parent: namespaceOf(row.Resource), SecretId: idOf(row.Resource), Secret: secret}
}

func createProjection(row *Row, wanted *cofferv1.Projection) *cofferv1.CreateProjectionRequest {
	wanted = proto.CloneOf(wanted)
	wanted.Name = ""
	wanted.Annotations = marked(wanted.GetAnnotations(), row.Source, 0)
	return &cofferv1.CreateProjectionRequest{Parent: namespaceOf(row.Resource), ProjectionId: idOf(row.Resource), Projection: wanted}
}

// marked adds to annotations what an import made. version 0: it has none.
func marked(annotations map[string]string, source string, version int64) map[string]string {
	all := map[string]string{}
	maps.Copy(all, annotations)
	all[SourceAnnotation] = source
	if version > 0 {
		all[VersionAnnotation] = strconv.FormatInt(version, 10)
	}
	return all
}
