// Package platformimport brings what another platform holds into Coffer: it turns exports, Kubernetes Secrets and answers
// of the platform's API into items, compares them with what is there, and writes what is to be written.
//
// It guarantees that nothing is overwritten that this import did not make, unless the user says so; that what was imported
// and then changed in Coffer counts as such; that importing again writes nothing and goes on where an import was
// interrupted; that values are in memory only, on their way from the platform to the server, and in no error, note or plan;
// and that the platform's credential goes to the host that the user named and nowhere else. What threatens it are exports
// and answers made to be too large, to name what is not theirs, or to have an error quote a value.
package platformimport

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/naming"
)

// Annotations of what an import made.
const (
	// SourceAnnotation tells what it is on its platform, such as instill:namespaces/team/secrets/api-key.
	SourceAnnotation = "import.coffer.dev/source"
	// VersionAnnotation is the number of the version that the import wrote last: another one in force was not its doing.
	VersionAnnotation = "import.coffer.dev/version"
)

// MaxItems bounds what one import takes.
const MaxItems = 10_000

// ValueKey is the one key of a secret whose platform knows no keys.
const ValueKey = "value"

var (
	// ErrTooMany: there is more than one import takes.
	ErrTooMany = fmt.Errorf("there is more than the %d items that one import takes: import in parts", MaxItems)
	// ErrTwice: two items would have one name.
	ErrTwice = errors.New("two of what is to be imported would have one name")
	// ErrNoNamespace: a namespace does not exist and is not to be created.
	ErrNoNamespace = errors.New("namespaces are missing")
	// ErrConflict: there is something else by the name of an item.
	ErrConflict = errors.New("there is something else by that name")
	// ErrShape: a document or an answer is not what its platform writes.
	ErrShape = errors.New("is not what the platform writes")
)

// Resource is a *cofferv1.Secret, with its payload, a *cofferv1.Projection or a *cofferv1.Grant.
type Resource interface {
	proto.Message
	GetName() string
}

// Item is one resource to import.
type Item struct {
	// Source is what it is on its platform. Required: what was imported is known by it.
	Source string
	// Where tells the file and document, or the address, that it was in.
	Where string
	// Resource is what it becomes, with its full name. A secret without a payload lacks its value.
	Resource Resource
	// Skip tells why it is to be left out. Empty: it is not.
	Skip string
	// Refusal tells why it cannot be imported. Empty: it can.
	Refusal string
	// Err is why the platform did not hand it out. nil: it did.
	Err error

	// namespace is what its namespace is to say if it is created. nil: nothing of its own.
	namespace *cofferv1.Namespace
}

// left tells whether an item is not to be written.
func (i Item) left() bool { return i.Skip != "" || i.Refusal != "" || i.Err != nil }

// Document is a YAML or JSON document of an export. Its object holds maps, slices, strings, booleans, and numbers as
// json.Number or int64.
type Document struct {
	Where  string
	Object map[string]any
}

// IDs as the API takes them.
var (
	payloadKey = regexp.MustCompile(`^[-._A-Za-z0-9]{1,253}$`)
)

// Bounds of a payload.
const (
	maxKeys    = 256
	maxPayload = 512 << 10
)

// newSecret makes an item of a secret. values is nil where they are not known.
func newSecret(namespace, id, source, where string, values map[string][]byte) Item {
	secret := &cofferv1.Secret{Name: "namespaces/" + namespace + "/secrets/" + id}
	item := Item{Source: source, Where: where, Resource: secret}
	switch {
	case !naming.IsNamespace(namespace):
		item.Refusal = fmt.Sprintf("%q cannot be the ID of a namespace", namespace)
	case !naming.IsSecret(id):
		item.Refusal = fmt.Sprintf("%q cannot be the ID of a secret", id)
	default:
		item.Refusal = payloadFault(values)
	}
	if values != nil {
		secret.Payload = newPayload(values)
	}
	return item
}

// payloadFault tells what is wrong with the keys and sizes of a payload. It names no value and no size.
func payloadFault(values map[string][]byte) string {
	if len(values) > maxKeys {
		return fmt.Sprintf("it has more than %d keys", maxKeys)
	}
	total := 0
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if !payloadKey.MatchString(key) {
			return fmt.Sprintf("%q cannot be the key of a payload", key)
		}
		total += len(values[key])
	}
	if total > maxPayload {
		return fmt.Sprintf("its values have more than %d bytes together", maxPayload)
	}
	return ""
}

// keysOf are the names of the keys of a payload.
func keysOf(p *cofferv1.Payload) []string {
	return slices.Sorted(func(yield func(string) bool) {
		for key := range p.GetData() {
			if !yield(key) {
				return
			}
		}
		for key := range p.GetBinaryData() {
			if !yield(key) {
				return
			}
		}
	})
}

// Fill gives the secrets that lack their value those of a map, by ID, and returns the names in it that no such secret has.
func Fill(items []Item, values map[string]string) (unused []string) {
	used := map[string]bool{}
	for _, item := range items {
		secret, ok := item.Resource.(*cofferv1.Secret)
		if !ok || secret.GetPayload() != nil {
			continue
		}
		id := idOf(secret.GetName())
		if value, given := values[id]; given {
			used[id] = true
			secret.Payload = newPayload(map[string][]byte{ValueKey: []byte(value)})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !used[name] {
			unused = append(unused, name)
		}
	}
	return unused
}

// distinct refuses items that would have one name, and too many.
func distinct(items []Item) error {
	if len(items) > MaxItems {
		return ErrTooMany
	}
	first := map[string]Item{}
	for _, item := range items {
		if item.left() {
			continue
		}
		name := item.Resource.GetName()
		if other, twice := first[name]; twice {
			return fmt.Errorf("%w: %s, from %s and from %s", ErrTwice, name, told(other), told(item))
		}
		first[name] = item
	}
	return nil
}

func told(item Item) string {
	if item.Where == "" {
		return item.Source
	}
	return item.Source + " in " + item.Where
}

func idOf(name string) string { return name[1+strings.LastIndexByte(name, '/'):] }

// namespaceOf is the namespace of a resource.
func namespaceOf(name string) string {
	parts := strings.SplitN(name, "/", 3)
	if len(parts) < 2 {
		return ""
	}
	return parts[0] + "/" + parts[1]
}

// newPayload makes a payload of values. What is not UTF-8 text is binary.
func newPayload(values map[string][]byte) *cofferv1.Payload {
	p := &cofferv1.Payload{Data: map[string]string{}, BinaryData: map[string][]byte{}}
	for key, value := range values {
		if utf8.Valid(value) && !bytes.Contains(value, []byte{0}) {
			p.Data[key] = string(value)
			continue
		}
		p.BinaryData[key] = value
	}
	return p
}
