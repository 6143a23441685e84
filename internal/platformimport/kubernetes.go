package platformimport

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
)

// Types of Kubernetes Secrets.
const (
	kubernetesDocker = "kubernetes.io/dockerconfigjson"
	kubernetesOpaque = "Opaque"
)

// notOurs are the types of Kubernetes Secrets that a cluster keeps for itself, and why they stay there. Never written.
var notOurs = map[string]string{
	"kubernetes.io/service-account-token": "a cluster's token of a service account",
	"bootstrap.kubernetes.io/token":       "a cluster's bootstrap token",
	"helm.sh/release.v1":                  "what Helm keeps of a release",
}

// KubernetesSecret is a Secret of Kubernetes, as far as an import goes.
type KubernetesSecret struct {
	Where           string
	Namespace, Name string
	Type            string
	Labels          map[string]string
	Values          map[string][]byte
	// Faults tells what is wrong with values, by key.
	Faults map[string]string
}

// IsKubernetes tells whether a document is one of Kubernetes, whatever its kind.
func IsKubernetes(doc Document) bool {
	return doc.Object["apiVersion"] != nil && doc.Object["kind"] != nil
}

// KubernetesSecrets reads a document that is a Secret of Kubernetes or a List of them.
func KubernetesSecrets(doc Document) ([]KubernetesSecret, error) {
	if doc.Object["apiVersion"] != "v1" {
		return nil, fmt.Errorf("%s: %w: apiVersion: want v1", doc.Where, ErrShape)
	}
	switch doc.Object["kind"] {
	case "Secret":
		secret, err := kubernetesSecret(doc.Where, doc.Object)
		return []KubernetesSecret{secret}, err
	case "List", "SecretList":
	default:
		return nil, fmt.Errorf("%s: %w: kind: want Secret, or a List of them", doc.Where, ErrShape)
	}
	list, ok := doc.Object["items"].([]any)
	if !ok {
		return nil, fmt.Errorf("%s: %w: items: want a list", doc.Where, ErrShape)
	}
	if len(list) > MaxItems {
		return nil, fmt.Errorf("%s: %w", doc.Where, ErrTooMany)
	}
	secrets := make([]KubernetesSecret, 0, len(list))
	for i, entry := range list {
		where := fmt.Sprintf("%s, items[%d]", doc.Where, i)
		object, ok := entry.(map[string]any)
		// The items of a SecretList need not say what they are.
		if kind := object["kind"]; !ok || kind != "Secret" && (kind != nil || doc.Object["kind"] != "SecretList") {
			return nil, fmt.Errorf("%s: %w: want a Secret", where, ErrShape)
		}
		secret, err := kubernetesSecret(where, object)
		if err != nil {
			return nil, err
		}
		secrets = append(secrets, secret)
	}
	return secrets, nil
}

func kubernetesSecret(where string, object map[string]any) (KubernetesSecret, error) {
	s := KubernetesSecret{
		Where: where, Type: kubernetesOpaque, Labels: map[string]string{}, Values: map[string][]byte{}, Faults: map[string]string{},
	}
	wrong := func(field, want string) error { return fmt.Errorf("%s: %w: %s: want %s", where, ErrShape, field, want) }
	metadata, ok := object["metadata"].(map[string]any)
	if !ok {
		return s, wrong("metadata", "a mapping")
	}
	if s.Name, ok = metadata["name"].(string); !ok || s.Name == "" {
		return s, wrong("metadata.name", "a name")
	}
	if s.Namespace, ok = optional(metadata, "namespace", ""); !ok {
		return s, wrong("metadata.namespace", "a string")
	}
	if s.Type, ok = optional(object, "type", kubernetesOpaque); !ok {
		return s, wrong("type", "a string")
	}
	// Annotations stay behind: kubectl keeps the whole Secret in one of them.
	labels, ok := texts(metadata["labels"])
	if !ok {
		return s, wrong("metadata.labels", "a mapping of strings")
	}
	maps.Copy(s.Labels, labels)
	data, ok := texts(object["data"])
	if !ok {
		return s, wrong("data", "a mapping of strings")
	}
	plain, ok := texts(object["stringData"])
	if !ok {
		return s, wrong("stringData", "a mapping of strings")
	}
	for _, key := range slices.Sorted(maps.Keys(data)) {
		value, err := base64.StdEncoding.DecodeString(data[key])
		if err != nil {
			s.Faults[key] = fmt.Sprintf("data.%s is not base64", key) // the error would tell where it stops being so
		}
		s.Values[key] = value
	}
	for key, value := range plain {
		delete(s.Faults, key)
		s.Values[key] = []byte(value) // as in Kubernetes, it counts before data
	}
	return s, nil
}

// optional is a text of an object that may be missing.
func optional(object map[string]any, field, missing string) (string, bool) {
	if object[field] == nil {
		return missing, true
	}
	text, ok := object[field].(string)
	return text, ok
}

// texts is a mapping of strings that may be missing.
func texts(value any) (map[string]string, bool) {
	if value == nil {
		return nil, true
	}
	object, ok := value.(map[string]any)
	result := make(map[string]string, len(object))
	for key, value := range object {
		text, isText := value.(string)
		if !isText && value != nil {
			return nil, false
		}
		result[key] = text
	}
	return result, ok
}
