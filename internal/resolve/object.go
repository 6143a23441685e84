package resolve

import "strings"

// object reads a secretObject.
func object(place string, n *node) Reference {
	key, source := n.text("key"), n.get("source")
	r := Reference{Place: place, Text: clip(key), Kind: Object}
	var namespace string
	if source != nil && source.tag != null {
		namespace = source.text("id")
		switch kind := source.text("type"); {
		case source.kind != mapping || kind != "KUBERNETES" && kind != "VAULT":
			r.Problem = "source.type is neither KUBERNETES nor VAULT"
		case kind == "VAULT":
			r.Problem = "its source is VAULT, and no such backend is configured"
		case !namespaceID.MatchString(namespace):
			r.Problem = "source.id is not the ID of a namespace"
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

// isObject tells whether the value of storageSecret is a secretObject.
func isObject(n *node) bool { return n != nil && n.kind == mapping }

// objects reads envSecrets or sparkConfSecrets.
func (f *finder) objects(place string, n *node) error {
	for i, item := range n.items {
		here := atIndex(place, i)
		u := use{Reference: Reference{Place: here, Text: clip(item.text("key")), Kind: Object}}
		if o := item.get(secretObject); o == nil || o.kind != mapping {
			u.Problem = "has no secretObject"
		} else {
			u.Reference = object(at(here, secretObject), o)
		}
		name := item.text("key")
		if strings.HasSuffix(place, "/"+envSecrets) {
			u.env = name
		} else {
			u.spark = name
		}
		if name == "" && u.Problem == "" {
			u.Problem = "the key that says what the value is called is missing"
		}
		f.use(u)
		f.strays(here, item)
	}
	return nil
}

// storage reads a storageSecret. Its value becomes the secretKey beside it.
func (f *finder) storage(place string, n *node, m member) error {
	if err := n.get(storageSecret).fixed(); err != nil {
		return err
	}
	value := []segment{{use: f.use(use{Reference: object(place, m.value)})}}
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
