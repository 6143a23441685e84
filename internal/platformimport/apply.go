package platformimport

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

// Result is what became of an item.
type Result string

// What became of items.
const (
	Created   Result = "created"
	Updated   Result = "updated"
	Untouched Result = "unchanged"
	Failed    Result = "failed"
	NotTried  Result = "not-tried"
)

// Apply writes what is to be written, and tells of each row as it is done. An item that fails does not keep the others from
// being written, unless it fails for what all would. When ctx ends, the item under way is completed.
func (p *Plan) Apply(ctx context.Context, done func(*Row)) error {
	if p.Count(Conflict) > 0 {
		return ErrConflict
	}
	var stopped error
	homeless := map[string]bool{}
	for i, row := range p.Rows {
		if !row.Action.Writes() {
			continue
		}
		p.config.Progress("writing", i, len(p.Rows))
		if stopped == nil {
			stopped = ctx.Err()
		}
		if stopped != nil || homeless[namespaceOf(row.Resource)] {
			row.Result = NotTried
			continue
		}
		// A version and the note that the import wrote it belong together.
		row.Result, row.Err = p.write(context.WithoutCancel(ctx), row)
		if row.Err != nil {
			row.Result = Failed
			if _, ok := row.item.Resource.(*cofferv1.Namespace); ok {
				homeless[row.Resource] = true
			}
			if hopeless(row.Err) {
				stopped = row.Err
			}
		}
		done(row)
	}
	return stopped
}

func (p *Plan) write(ctx context.Context, row *Row) (Result, error) {
	switch wanted := row.item.Resource.(type) {
	case *cofferv1.Namespace:
		name := wanted.GetName()
		wanted.Name = ""
		_, err := p.config.Client.CreateNamespace(ctx, &cofferv1.CreateNamespaceRequest{NamespaceId: idOf(name), Namespace: wanted})
		if errors.Is(err, client.ErrExists) {
			return Untouched, nil // somebody was faster
		}
		return Created, err
	case *cofferv1.Secret:
		if row.Action == Create {
			_, err := p.config.Client.CreateSecret(ctx, createSecret(row, wanted))
			return Created, err
		}
		return p.writeVersion(ctx, row, wanted, row.existing.(*cofferv1.Secret))
	case *cofferv1.Projection:
		return p.writeProjection(ctx, row, wanted)
	case *cofferv1.Grant:
		_, err := p.config.Client.CreateGrant(ctx, &cofferv1.CreateGrantRequest{
			Parent: namespaceOf(row.Resource), GrantId: idOf(row.Resource), Grant: wanted,
		})
		return Created, err
	}
	return Failed, fmt.Errorf("%s: nothing of that kind is imported", row.Resource)
}

// writeVersion adds a version, unless the payload is what is in force, and then notes that the import wrote it. After a
// process that is killed in between, wrote knows the version.
func (p *Plan) writeVersion(ctx context.Context, row *Row, wanted, existing *cofferv1.Secret) (Result, error) {
	version, err := p.addVersion(ctx, existing.GetActiveVersion(), existing.GetLatestVersion(), &cofferv1.AddSecretVersionRequest{
		Parent: row.Resource, Payload: wanted.GetPayload(), Etag: existing.GetEtag(),
	}, row.Source+" "+existing.GetUid())
	if err != nil {
		return Failed, err
	}
	number, err := strconv.ParseInt(idOf(version.GetName()), 10, 64)
	if err != nil {
		return Failed, fmt.Errorf("%s: the server names a version %q", row.Resource, version.GetName())
	}
	// What is as it was imported stays so, and so does what people wrote about it since.
	if version.GetUnchanged() && holds(existing.GetAnnotations(), marked(nil, row.Source, number)) {
		return Untouched, nil
	}
	if existing, err = p.config.Client.GetSecret(ctx, &cofferv1.GetSecretRequest{Name: row.Resource}); err != nil {
		return Failed, err
	}
	update, mask := secretChanges(row.Source, number, wanted, existing)
	_, err = p.config.Client.UpdateSecret(ctx, &cofferv1.UpdateSecretRequest{
		Secret: update, UpdateMask: &fieldmaskpb.FieldMask{Paths: mask},
	})
	return Updated, err
}

// requestSpace is that of the request IDs of imports.
var requestSpace = uuid.MustParse("5f6e0d0a-7a52-4d6b-9a0e-3d1c8f2b6e47")

// addVersion asks with a request ID that another run of the import knows, too: it is made of what is being imported and of
// the version in force and the latest one. Nothing of the payload is in it, and the server takes one for one payload
// alone: that in force may have taken the first.
func (p *Plan) addVersion(
	ctx context.Context, active, latest int64, request *cofferv1.AddSecretVersionRequest, what string,
) (version *cofferv1.SecretVersion, err error) {
	for _, try := range []string{"first", "second"} {
		request.RequestId = uuid.NewSHA1(requestSpace, fmt.Appendf(nil, "%s %d %d %s", what, active, latest, try)).String()
		version, err = p.config.Client.AddSecretVersion(ctx, request)
		if refused, ok := errors.AsType[*client.Error](err); !ok || refused.Reason != cofferv1.ErrorReason_REQUEST_ID_REUSED {
			break
		}
	}
	return version, err
}

// wrote tells whether the version in force is one that the import added after the one that it noted last, and was killed
// before it noted that: the server answers as it did then, to the same caller and for a day. It writes nothing.
func (p *Plan) wrote(ctx context.Context, row *Row, wanted, existing *cofferv1.Secret) bool {
	noted, err := strconv.ParseInt(existing.GetAnnotations()[VersionAnnotation], 10, 64)
	active := existing.GetActiveVersion()
	if err != nil || wanted.GetPayload() == nil || active != existing.GetLatestVersion() {
		return false
	}
	version, err := p.addVersion(ctx, noted, active-1, &cofferv1.AddSecretVersionRequest{
		Parent: row.Resource, Payload: wanted.GetPayload(), ValidateOnly: true,
	}, row.Source+" "+existing.GetUid())
	return err == nil && !version.GetUnchanged() && idOf(version.GetName()) == strconv.FormatInt(active, 10)
}

// secretChanges are the fields that differ. Labels and annotations that the source does not know stay.
func secretChanges(source string, version int64, wanted, existing *cofferv1.Secret) (*cofferv1.Secret, []string) {
	update := &cofferv1.Secret{Name: existing.GetName(), Etag: existing.GetEtag()}
	var mask []string
	if wanted.GetDescription() != "" && wanted.GetDescription() != existing.GetDescription() {
		update.Description = wanted.GetDescription()
		mask = append(mask, "description")
	}
	if wanted.GetAccessMode() != 0 && wanted.GetAccessMode() != existing.GetAccessMode() {
		update.AccessMode = wanted.GetAccessMode()
		mask = append(mask, "access_mode")
	}
	if !holds(existing.GetLabels(), wanted.GetLabels()) {
		update.Labels = over(existing.GetLabels(), wanted.GetLabels())
		mask = append(mask, "labels")
	}
	if annotations := marked(wanted.GetAnnotations(), source, version); !holds(existing.GetAnnotations(), annotations) {
		update.Annotations = over(existing.GetAnnotations(), annotations)
		mask = append(mask, "annotations")
	}
	return update, mask
}

func (p *Plan) writeProjection(ctx context.Context, row *Row, wanted *cofferv1.Projection) (Result, error) {
	if row.Action == Create {
		_, err := p.config.Client.CreateProjection(ctx, createProjection(row, wanted))
		return Created, err
	}
	wanted.Annotations = marked(wanted.GetAnnotations(), row.Source, 0)
	existing := row.existing.(*cofferv1.Projection)
	mask := projectionMask(wanted, existing)
	if !slices.Contains(mask, "annotations") && !holds(existing.GetAnnotations(), wanted.GetAnnotations()) {
		mask = append(mask, "annotations")
	}
	wanted.Labels, wanted.Annotations = over(existing.GetLabels(), wanted.GetLabels()), over(existing.GetAnnotations(), wanted.GetAnnotations())
	wanted.Etag = existing.GetEtag()
	_, err := p.config.Client.UpdateProjection(ctx, &cofferv1.UpdateProjectionRequest{
		Projection: wanted, UpdateMask: &fieldmaskpb.FieldMask{Paths: mask},
	})
	return Updated, err
}

// projectionMask are the fields of a workload's projection that differ, or are to be bound anew.
func projectionMask(wanted, existing *cofferv1.Projection) []string {
	var mask []string
	dangling := false
	for _, reference := range existing.GetWorkload().GetReferences() {
		dangling = dangling || reference.GetDangling()
	}
	if dangling || wanted.GetWorkload().GetPayload() != existing.GetWorkload().GetPayload() {
		mask = append(mask, "workload")
	}
	if wanted.GetDescription() != "" && wanted.GetDescription() != existing.GetDescription() {
		mask = append(mask, "description")
	}
	if !holds(existing.GetLabels(), wanted.GetLabels()) {
		mask = append(mask, "labels")
	}
	if !holds(existing.GetAnnotations(), wanted.GetAnnotations()) {
		mask = append(mask, "annotations")
	}
	return mask
}

// holds tells whether a map has all that another has.
func holds(all, some map[string]string) bool {
	for key, value := range some {
		if has, ok := all[key]; !ok || has != value {
			return false
		}
	}
	return true
}

// over lays a map over another.
func over(below, above map[string]string) map[string]string {
	all := map[string]string{}
	maps.Copy(all, below)
	maps.Copy(all, above)
	return all
}
