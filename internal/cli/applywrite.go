package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

// write brings a resource to what its manifest says.
func (r *applier) write(ctx context.Context, m manifest) (result, note string, err error) {
	on, waits := r.waits(m)
	if waits {
		note = "not checked, since it needs " + on
	}
	if r.keepsNothing(ctx, m, waits) {
		return resultCreated, "it refers to no secret: nothing is to be kept of it", nil
	}
	if r.verb == verbCreate && !waits {
		return resultCreated, "", r.create(ctx, m)
	}
	existing, err := m.kind.get.call(ctx, r.client, fields{"name": m.name})
	switch {
	case err == nil:
		return r.change(ctx, m, existing, note)
	case !errors.Is(err, client.ErrNotFound) && !errors.Is(err, client.ErrDenied), r.verb == verbUpdate:
		return "", "", err
	case waits:
		return resultCreated, note, nil
	}
	// Who may create something may not always be told that it is absent.
	if createErr := r.create(ctx, m); createErr != nil {
		if errors.Is(err, client.ErrDenied) && errors.Is(createErr, client.ErrExists) {
			return "", "", err
		}
		return "", "", createErr
	}
	return resultCreated, "", nil
}

func (r *applier) create(ctx context.Context, m manifest) error {
	parent, id := splitName(m.name)
	f := fields{m.kind.field: m.message, m.kind.field + "_id": id, "validate_only": r.dryRun}
	if m.kind.create.takes("parent") {
		f["parent"] = parent
	}
	_, err := m.kind.create.call(ctx, r.client, f)
	return err
}

// change writes the fields that differ. note tells why a dry run cannot check them.
func (r *applier) change(ctx context.Context, m manifest, existing proto.Message, note string) (string, string, error) {
	if namespace, ok := existing.(*cofferv1.Namespace); ok && namespace.GetDeleteTime() != nil {
		return "", "", fmt.Errorf("it is deleted: undelete it first")
	}
	m.keepOthers(existing)
	mask, err := m.differences(existing)
	if err != nil {
		return "", "", err
	}
	if dangles(existing) && m.kind.name == kindGrant {
		// It gives nothing any more, so that nothing is lost between the two steps.
		if !r.dryRun {
			if _, err := m.kind.delete.call(ctx, r.client, fields{"name": m.name, "etag": etag(existing)}); err != nil {
				return "", "", err
			}
			if err := r.create(ctx, m); err != nil {
				return "", "", err
			}
		}
		return resultUpdated, "bound anew", nil
	}
	for _, field := range m.fields {
		if !slices.Contains(mask, field) && binds(field, existing) {
			mask = append(mask, field)
		}
	}
	result := resultUnchanged
	if len(mask) > 0 {
		result = resultUpdated
		if note == "" {
			if existing, err = r.update(ctx, m, existing, mask); err != nil {
				return "", "", err
			}
		}
	}
	if projection, ok := existing.(*cofferv1.Projection); ok && note == "" {
		note = boundNote(projection)
	}
	secret, ok := m.message.(*cofferv1.Secret)
	if !ok || secret.GetPayload() == nil {
		return result, note, nil
	}
	version, err := r.client.AddSecretVersion(ctx, &cofferv1.AddSecretVersionRequest{
		Parent: m.name, Payload: secret.GetPayload(), ValidateOnly: r.dryRun,
	})
	switch {
	case err != nil:
		return "", "", err
	case r.dryRun:
		return resultUpdated, "unless its payload is the same, which only a real write tells", nil
	case !version.GetUnchanged():
		return resultUpdated, "version " + shortName(version.GetName()), nil
	}
	return result, "", nil
}

func (r *applier) update(ctx context.Context, m manifest, existing proto.Message, mask []string) (proto.Message, error) {
	message := proto.Clone(m.message)
	fieldsOf := message.ProtoReflect().Descriptor().Fields()
	if etag(message) == "" {
		message.ProtoReflect().Set(fieldsOf.ByName("etag"), protoreflect.ValueOfString(etag(existing)))
	}
	message.ProtoReflect().Set(fieldsOf.ByName("name"), protoreflect.ValueOfString(m.name))
	if secret, ok := message.(*cofferv1.Secret); ok {
		secret.Payload = nil
	}
	return m.kind.update.call(ctx, r.client, fields{
		m.kind.field: message, "update_mask": &fieldmaskpb.FieldMask{Paths: mask}, "validate_only": r.dryRun,
	})
}

// differences returns the fields that the manifest sets to something else than what is there.
func (m manifest) differences(existing proto.Message) ([]string, error) {
	want, have := withDefaults(m.message), withDefaults(existing)
	var mask []string
	for _, name := range m.fields {
		field := want.Descriptor().Fields().ByName(protoreflect.Name(name))
		if name == "etag" || behaves(field, annotations.FieldBehavior_INPUT_ONLY) || have.Get(field).Equal(want.Get(field)) {
			continue
		}
		if behaves(field, annotations.FieldBehavior_IMMUTABLE) {
			return nil, fmt.Errorf("spec.%s cannot be changed: delete it first, or give this one another name", field.JSONName())
		}
		mask = append(mask, name)
	}
	return mask, nil
}

// withDefaults writes out what the server fills in, and leaves out what it adds, so that two messages can be compared.
func withDefaults(m proto.Message) protoreflect.Message {
	m = proto.Clone(m)
	switch m := m.(type) {
	case *cofferv1.Projection:
		projectionDefaults(m)
	case *cofferv1.Grant:
		if m.GetResource() == "" && m.GetName() != "" {
			m.Resource, _ = splitName(m.GetName())
		}
	}
	return m.ProtoReflect()
}

// dangles tells whether something refers to what is gone; writing it again binds it to what has that name now.
func dangles(m proto.Message) bool {
	switch m := m.(type) {
	case *cofferv1.Grant:
		return m.GetDangling()
	case *cofferv1.Projection:
		return slices.ContainsFunc(m.GetItems(), (*cofferv1.Projection_Item).GetDangling) ||
			slices.ContainsFunc(m.GetSources(), (*cofferv1.Projection_Source).GetDangling) ||
			slices.ContainsFunc(m.GetWorkload().GetReferences(), (*cofferv1.Projection_Reference).GetDangling)
	}
	return false
}

func etag(m proto.Message) string { return m.(interface{ GetEtag() string }).GetEtag() }

func namespaceParent(m proto.Message) string {
	namespace, _ := m.(*cofferv1.Namespace)
	return namespace.GetParent()
}

// refersTo names what must exist before the resource can. "*/secrets/ID" is a secret of any namespace.
func (m manifest) refersTo() []string {
	parent, _ := splitName(m.name)
	names := []string{parent}
	switch message := m.message.(type) {
	case *cofferv1.Namespace:
		names = append(names, message.GetParent())
	case *cofferv1.Projection:
		for _, secret := range secretsOf(message) {
			if !strings.Contains(secret, "/") {
				secret = "*/secrets/" + secret
			}
			names = append(names, secret)
		}
	case *cofferv1.Grant:
		names = append(names, message.GetResource(), message.GetRole(), strings.TrimPrefix(message.GetPrincipal(), "serviceAccount:"))
	}
	return names
}
