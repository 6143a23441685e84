package dataosmanifest

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/naming"
)

// maxValues bounds what a secret holds, in bytes, as the server does.
const maxValues = 512 << 10

// secretType is that of the catalog: it takes any keys.
const secretType = "generic"

// secretTypes are DataOS's, in all their spellings.
var secretTypes = map[string]string{
	"key-value": "key-value", "key-value-properties": naming.KeyValueProperties, "certificate": "certificate",
	"certificates": "certificate", "cloud-kernel": "cloud-kernel", "cloud-kernel-image-pull": naming.ImagePull,
}

// payloadKey is what Coffer takes for a key; DataOS's are fewer.
var payloadKey = regexp.MustCompile(`^[-._A-Za-z0-9]{1,253}$`)

// secret reads the body of a secret. path is what it stands under.
func (t *translator) secret(body *node, path string, v2 bool) (Secret, bool) {
	before := len(t.faults)
	if body == nil || body.kind != mapping {
		if body == nil {
			body, path = t.manifest.root, t.manifest.Type
		}
		t.faultf(body, path, "want a mapping with type, acl and data or files, or a list of one")
		return Secret{}, false
	}
	r := secretReader{translator: t, path: path, values: map[string][]byte{}, files: map[string]string{}}
	for _, f := range body.fields {
		r.field(f)
	}
	annotations := maps.Clone(t.annotations)
	annotations[naming.DataOSType] = secretTypes[r.kind]
	secret := &cofferv1.Secret{Type: secretType, Description: t.manifest.Description, Annotations: annotations}
	if len(t.dollars) > 0 {
		t.noticef("%s: the value %s", strings.Join(t.dollars, ", "), stays)
		t.dollars = nil
	}
	r.keyPair()
	r.checkType(body)
	secret.AccessMode = r.access(body, v2)
	if len(r.values) == 0 && len(t.faults) == before {
		t.faultf(body, path, "data or files is needed")
	}
	if len(r.files) > 0 {
		annotations[naming.DataOSFiles] = jsonText(r.files)
	}
	secret.Payload = payload(r.values)
	r.bounds(body)
	t.manifest.bodies = append(t.manifest.bodies, body)
	return Secret{Secret: secret}, len(t.faults) == before
}

// secretReader collects the fields of a secret's body.
type secretReader struct {
	*translator
	path      string
	kind, acl string
	kindAt    *node
	aclAt     *node
	values    map[string][]byte
	files     map[string]string // keys that were files, and their base names
}

func (r *secretReader) field(f field) {
	at := r.path + "." + f.key
	switch f.key {
	case "type", "acl":
		if f.value.kind != scalar {
			r.faultf(f.value, at, "want a text")
			return
		}
		if f.key == "type" {
			r.kind, r.kindAt = r.expand(f.value.text), f.value
		} else {
			r.acl, r.aclAt = r.expand(f.value.text), f.value
		}
	case "data":
		r.data(at, f.value)
	case "files", "file":
		r.fileList(at, f.value)
	case "key_json":
		switch {
		case f.value.kind == mapping:
			r.faultf(f.value, at, "want the path of a file, or JSON in quotes")
		case strings.HasPrefix(strings.TrimSpace(f.value.text), "{"):
			r.value(at, field{f.key, f.line, f.value})
		default:
			r.file(at, field{f.key, f.line, f.value})
		}
	default:
		r.faults = append(r.faults, Fault{f.line, at, "unknown field"})
	}
}

// keyPair tells of two ways to log in to Snowflake at once, by the names of the keys alone.
func (r *secretReader) keyPair() {
	has := func(key string) bool { return r.values[key] != nil }
	byKey := has("key") || strings.EqualFold(string(r.values["auth_mode"]), "key-pair")
	if strings.HasPrefix(secretTypes[r.kind], "key-value") && has("username") && has("password") && byKey {
		r.noticef("it has a password and a key or auth_mode key-pair: Snowflake takes one way to log in, and which one is not sure")
	}
}

func (r *secretReader) checkType(body *node) {
	switch {
	case r.kindAt == nil:
		r.faultf(body, r.path+".type", "is missing")
	case secretTypes[r.kind] == "":
		r.faultf(r.kindAt, r.path+".type", "want one of %s", strings.Join(slices.Sorted(maps.Keys(secretTypes)), ", "))
	}
}

func (r *secretReader) access(body *node, v2 bool) cofferv1.Secret_AccessMode {
	name := r.manifest.Name
	switch {
	case r.aclAt == nil && v2:
		return cofferv1.Secret_ACCESS_MODE_UNSPECIFIED
	case r.aclAt == nil:
		r.faultf(body, r.path+".acl", "is missing: want r or rw")
	case r.acl == "r":
		return cofferv1.Secret_READ
	case r.acl == "rw":
		if r.manifest.IsSecret() && strings.HasSuffix(name, "-r") {
			r.noticef("the name ends in -r and acl is rw: both are kept as they are")
		}
		return cofferv1.Secret_READ_WRITE
	default:
		r.faultf(r.aclAt, r.path+".acl", "want r or rw")
	}
	return cofferv1.Secret_ACCESS_MODE_UNSPECIFIED
}

func (r *secretReader) data(at string, n *node) {
	switch n.kind {
	case null:
	case mapping:
		for _, f := range n.fields {
			r.value(at+"."+f.key, f)
		}
	default:
		r.faultf(n, at, "want a mapping of keys and texts")
	}
}

func (r *secretReader) value(at string, f field) {
	switch f.value.kind {
	case scalar:
		text, err := r.expandValue(at, f.value.text)
		if err != nil {
			r.faultf(f.value, at, "%v", err)
			return
		}
		r.add(at, f, []byte(text))
	case null:
		r.faultf(f.value, at, "has no value")
	default:
		r.faultf(f.value, at, "want a text")
	}
}

func (r *secretReader) fileList(at string, n *node) {
	switch n.kind {
	case null:
	case mapping:
		for _, f := range n.fields {
			r.file(at+"."+f.key, f)
		}
	default:
		r.faultf(n, at, "want a mapping of keys and paths")
	}
}

// file reads a file that a key stands for. An error of the system names the path alone.
func (r *secretReader) file(at string, f field) {
	if f.value.kind != scalar || f.value.text == "" {
		r.faultf(f.value, at, "want the path of a file")
		return
	}
	name := r.expand(f.value.text)
	if r.options.ReadFile == nil {
		r.faultf(f.value, at, "files cannot be read here")
		return
	}
	content, err := r.options.ReadFile(name)
	if err != nil {
		r.faultf(f.value, at, "%v", err)
		return
	}
	if r.add(at, f, content) {
		r.files[f.key] = path.Base(strings.ReplaceAll(name, `\`, "/"))
	}
}

func (r *secretReader) add(at string, f field, value []byte) bool {
	_, twice := r.values[f.key]
	switch {
	case !payloadKey.MatchString(f.key):
		r.faults = append(r.faults, Fault{f.line, at, "a key has to match " + payloadKey.String()})
	case twice:
		r.faults = append(r.faults, Fault{f.line, at, "the key is given twice"})
	default:
		r.values[f.key] = value
		return true
	}
	return false
}

func (r *secretReader) bounds(body *node) {
	size := 0
	for key, value := range r.values {
		size += len(key) + len(value)
	}
	if size > maxValues {
		r.faultf(body, r.path, "its keys and values have more than %d bytes together", maxValues)
	}
}

// payload has what is no text as binary.
func payload(values map[string][]byte) *cofferv1.Payload {
	p := &cofferv1.Payload{}
	for key, value := range values {
		if utf8.Valid(value) && !bytes.Contains(value, []byte{0}) {
			if p.Data == nil {
				p.Data = map[string]string{}
			}
			p.Data[key] = string(value)
			continue
		}
		if p.BinaryData == nil {
			p.BinaryData = map[string][]byte{}
		}
		p.BinaryData[key] = value
	}
	return p
}

// connectionSecret is what depots call the secrets that stand in them, in all its spellings.
var connectionSecret = regexp.MustCompile(`(?i)^connection[-_]?secrets?$`)

// inner tells of secrets that are written into another resource, where others would see them.
func (t *translator) inner(at string, n *node) {
	kind := n.str("type")
	if kind == TypeSecret || kind == TypeInstanceSecret {
		for _, key := range []string{TypeSecret, TypeInstanceSecret, "spec"} {
			if b := n.get(key); b != nil && (b.kind == mapping || b.kind == list) {
				t.faultf(n, at, "a secret stands in another resource: apply it by itself, and refer to it here")
				return
			}
		}
	}
	for _, f := range n.fields {
		here := strings.TrimPrefix(at+"."+f.key, ".")
		if connectionSecret.MatchString(f.key) {
			t.faults = append(t.faults, Fault{f.line, here, "secrets stand here that others would see: they belong into the depot's own connectionSecret"})
			continue
		}
		t.inner(here, f.value)
	}
	for i, item := range n.items {
		t.inner(fmt.Sprintf("%s[%d]", at, i), item)
	}
}
