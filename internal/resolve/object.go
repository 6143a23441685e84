package resolve

import (
	"strings"

	"github.com/coffer-dev/coffer/internal/naming"
)

// The sources of a secretObject.
const (
	ofCoffer  = "KUBERNETES"
	ofBackend = "VAULT"
)

// object reads a secretObject.
func (f *finder) object(n *node) Reference {
	key, source := n.text("key"), n.get("source")
	r := Reference{Text: clip(key), Kind: Object}
	if f.ObjectsOff {
		r.Problem = "references of this form are off: features.secretsV2.enabled is false"
		return r
	}
	var namespace string
	if source != nil && source.tag != null {
		id := source.text("id")
		var err error
		switch kind := source.text("type"); {
		case source.kind != mapping || kind != ofCoffer && kind != ofBackend:
			r.Problem = "source.type is neither " + ofCoffer + " nor " + ofBackend
		case kind == ofBackend:
			f.ofBackend(&r, id, key)
			return r
		case id == naming.Instance:
			namespace = id
		default:
			if namespace, err = naming.Domain(id); err != nil {
				r.Problem = "source.id " + err.Error()
			}
		}
	}
	if r.Problem != "" {
		return r
	}
	if r.Names = namesOf(namespace, key); r.Names == nil {
		r.Problem = "key is not the name of a secret"
	}
	return r
}

// ofBackend makes a reference to a key of a backend.
func (f *finder) ofBackend(r *Reference, id, key string) {
	switch {
	case !f.Backend:
		r.Problem = "its source is " + ofBackend + ", and no such backend is configured"
	case !naming.IsSecret(id):
		r.Problem = "source.id is not the ID of a backend"
	case !payloadKey.MatchString(key):
		r.Problem = "key is not the name of a key"
	default:
		r.Backend, r.Names = id, []Name{{Key: key}}
	}
}

// isObject tells whether the value of storageSecret is a secretObject.
func isObject(n *node) bool { return n != nil && n.kind == mapping }

// objects reads envSecrets or sparkConfSecrets.
func (f *finder) objects(place *path, n *node) error {
	for i, item := range n.items {
		here := place.index(i)
		stands := here
		u := use{Reference: Reference{Text: clip(item.text("key")), Kind: Object}}
		if o := item.get(secretObject); o == nil || o.kind != mapping {
			u.Problem = "has no secretObject"
		} else {
			stands, u.Reference = here.to(secretObject), f.object(o)
		}
		name := item.text("key")
		if place.name == envSecrets {
			u.env = name
		} else {
			u.spark = name
		}
		if name == "" && u.Problem == "" {
			u.Problem = "the key that says what the value is called is missing"
		}
		f.use(stands, u)
		f.strays(here, item)
	}
	return nil
}

// storage reads a storageSecret. Its value becomes the secretKey beside it.
func (f *finder) storage(place *path, n *node, m member) error {
	if m.value.shared != nil {
		return m.value.shared
	}
	value := []segment{{use: f.use(place, use{Reference: f.object(m.value)})}}
	f.strays(place, m.value)
	if plain := n.get(secretKey); plain != nil {
		if plain.kind != scalar {
			f.doc.uses[value[0].use].Problem = secretKey + " is not a text"
			return nil
		}
		return f.edit(plain, value)
	}
	divider := ", "
	if !n.flow {
		divider = "\n" + strings.Repeat(" ", m.indent)
	}
	f.doc.edits = append(f.doc.edits, &edit{
		extent: extent{start: m.at, end: m.at, after: divider}, before: `"` + secretKey + `": `, segments: value, node: n,
	})
	return nil
}
