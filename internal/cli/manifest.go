package cli

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/dialect/dataosmanifest"
)

// apiVersion of manifests.
const apiVersion = "coffer.dev/v1"

// manifest is what a document wants a resource to be:
//
//	apiVersion: coffer.dev/v1
//	kind: Secret                  # Namespace, ServiceAccount, Secret, Projection, Role, Policy, Grant
//	metadata: {namespace: acme, name: orders-db, labels: {team: orders}, annotations: {}, description: …}
//	spec: {type: postgres, payload: {data: {password: …}}}   # the resource in the API's JSON
//
// Nothing in it is expanded or substituted.
type manifest struct {
	where   string
	kind    kind
	name    string // full
	message proto.Message
	fields  []string                 // those that it sets: the others stay as they are
	notices []string                 // what may not be meant as it is written
	dataos  *dataosmanifest.Resource // that it stands for; nil: it is Coffer's own
}

// parseManifests reads all documents of a source. namespace is for those that name none.
func parseManifests(s source, namespace string) ([]manifest, error) {
	return parseDocuments(s.documents(), namespace)
}

func parseDocuments(docs []document, namespace string) ([]manifest, error) {
	var manifests []manifest
	for _, doc := range docs {
		object, err := decodeDocument(doc)
		if err == nil && object == nil {
			continue
		}
		var m manifest
		if err == nil {
			m, err = parseManifest(object, namespace)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", doc.where, err)
		}
		m.where = doc.where
		manifests = append(manifests, m)
	}
	return manifests, nil
}

// parseSpec reads a source that holds the spec of a resource alone, and tells what may not be meant as it is written.
func parseSpec(s source, into proto.Message) (notices []string, err error) {
	docs := s.documents()
	if len(docs) != 1 {
		return nil, usage(s.name + ": want one document")
	}
	object, err := decodeDocument(docs[0])
	if err == nil {
		notices, err = decodeSpec("spec", object, into)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", docs[0].where, err)
	}
	return notices, nil
}

// metadata of a manifest. The pointers tell what is not given from what is empty.
type metadata struct {
	namespace, name string
	rest            map[string]any // labels, annotations, description
}

func parseManifest(object map[string]any, namespace string) (manifest, error) {
	if object["apiVersion"] == nil && object["kind"] == nil {
		return manifest{}, errors.New("neither a manifest of Coffer (apiVersion, kind) nor of DataOS (name, version, type)")
	}
	for key := range object {
		if !slices.Contains([]string{"apiVersion", "kind", "metadata", "spec"}, key) {
			return manifest{}, fmt.Errorf("%s: unknown field", key)
		}
	}
	if object["apiVersion"] != apiVersion {
		return manifest{}, fmt.Errorf("apiVersion: want %s", apiVersion)
	}
	k, err := manifestKind(object["kind"])
	if err != nil {
		return manifest{}, err
	}
	meta, err := parseMetadata(object["metadata"])
	if err != nil {
		return manifest{}, err
	}
	spec, ok := object["spec"].(map[string]any)
	if !ok && object["spec"] != nil {
		return manifest{}, fmt.Errorf("spec: want a mapping")
	}
	m := manifest{kind: k, message: k.message()}
	if m.name, err = meta.fullName(k, namespace); err != nil {
		return manifest{}, err
	}
	if spec, err = meta.into(spec, m.message.ProtoReflect().Descriptor()); err != nil {
		return manifest{}, err
	}
	if m.notices, err = decodeSpec("spec", spec, m.message); err != nil {
		return manifest{}, err
	}
	for key, value := range spec {
		if field := findField(m.message.ProtoReflect().Descriptor(), key); value != nil {
			m.fields = append(m.fields, string(field.Name()))
		}
	}
	slices.Sort(m.fields)
	m.complete()
	return m, nil
}

func manifestKind(name any) (kind, error) {
	var names []string
	for _, k := range kinds() {
		if k.manifest == "" {
			continue
		}
		if name == k.manifest {
			return k, nil
		}
		names = append(names, k.manifest)
	}
	return kind{}, fmt.Errorf("kind: want one of %s", strings.Join(names, ", "))
}

// message returns an empty resource of the kind.
func (k kind) message() proto.Message {
	request := k.create.request.New()
	return request.NewField(request.Descriptor().Fields().ByName(protoreflect.Name(k.field))).Message().Interface()
}

func parseMetadata(value any) (metadata, error) {
	object, ok := value.(map[string]any)
	if !ok {
		return metadata{}, fmt.Errorf("metadata: want a mapping with at least a name")
	}
	meta := metadata{rest: map[string]any{}}
	for key, value := range object {
		switch key {
		case "name", "namespace":
			text, ok := value.(string)
			if value == nil {
				return metadata{}, fmt.Errorf("metadata.%s: there is no value: fill it in", key)
			}
			if !ok {
				return metadata{}, fmt.Errorf("metadata.%s: want a string: put it into quotes", key)
			}
			if key == "name" {
				meta.name = text
			} else {
				meta.namespace = text
			}
		case "labels", "annotations", "description":
			meta.rest[key] = value
		default:
			return metadata{}, fmt.Errorf("metadata.%s: unknown field", key)
		}
	}
	return meta, nil
}

func (meta metadata) fullName(k kind, namespace string) (string, error) {
	if meta.name == "" || strings.Contains(meta.name, "/") {
		return "", fmt.Errorf("metadata.name: want an ID")
	}
	if k.name == kindNamespace && meta.namespace != "" {
		return "", fmt.Errorf("metadata.namespace: a namespace is in none; spec.parent names the one above it")
	}
	if meta.namespace != "" {
		namespace = meta.namespace
	}
	if k.name != kindNamespace && namespace == "" {
		return "", fmt.Errorf("metadata.namespace: missing; -n or COFFER_NAMESPACE would give it for all documents")
	}
	return k.fullName(meta.name, namespace)
}

// into lays labels, annotations and description into the spec, as the API has them.
func (meta metadata) into(spec map[string]any, message protoreflect.MessageDescriptor) (map[string]any, error) {
	if _, ok := spec["name"]; ok {
		return nil, fmt.Errorf("spec.name: the name goes into metadata")
	}
	merged := map[string]any{}
	maps.Copy(merged, spec)
	for key, value := range meta.rest {
		field := findField(message, key)
		if field == nil {
			return nil, fmt.Errorf("metadata.%s: a %s has none", key, message.Name())
		}
		if _, twice := merged[key]; twice {
			return nil, fmt.Errorf("metadata.%s: also given in spec", key)
		}
		if value != nil {
			if err := checkField("metadata."+key, value, field); err != nil {
				return nil, err
			}
		}
		merged[key] = value
	}
	return merged, nil
}

// complete writes out the names that a manifest may shorten.
func (m *manifest) complete() {
	switch message := m.message.(type) {
	case *cofferv1.Namespace:
		if full, err := namespaceName(message.GetParent()); err == nil {
			message.Parent = full
		}
	case *cofferv1.Secret:
		parent, _ := splitName(m.name)
		message.Owner = principal(message.GetOwner(), parent)
	case *cofferv1.Grant:
		parent, _ := splitName(m.name)
		message.Principal = principal(message.GetPrincipal(), parent)
		if full, err := resourceName(message.GetResource(), parent); err == nil {
			message.Resource = full
		}
		if full, err := roleName(message.GetRole(), parent); err == nil {
			message.Role = full
		}
	}
}
