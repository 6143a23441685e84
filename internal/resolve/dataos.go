package resolve

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/coffer-dev/coffer/internal/naming"
)

// dataOS is a secret that a manifest of DataOS names: which keys of it are delivered, and how.
type dataOS struct {
	keys        []string // none, and not all: the only one
	all         bool
	consumption consumption
}

type consumption int

const (
	asVariables consumption = iota
	asFiles
	asProperties
	asLogin  // to a registry
	asSource // of templates; by itself it delivers nothing
)

// consumptions are the values of consumptionType, in lower case since documentation writes them in several ways.
var consumptions = map[string]consumption{"envvars": asVariables, "file": asFiles, "propfile": asProperties}

var manifestVersion = regexp.MustCompile(`^v[0-9]+((alpha|beta)[0-9]*)?$`)

// isManifest tells whether a payload is a manifest of DataOS.
func isManifest(root *node) bool {
	return root.text("name") != "" && root.text("type") != "" && manifestVersion.MatchString(root.text("version"))
}

// Members that an item of a list may have besides the name of its secret.
var (
	oldMembers = []string{"name", "workspace", "acl", "key", "keys", "allKeys", "allkeys", "consumptionType"}
	newMembers = []string{"id", "purpose", "acl", "key", "keys", "allKeys", "allkeys", "consumptionType"}
)

// isDataOS tells whether an item of a list named `secrets` is that of DataOS: others use that name, too. It has nothing but
// what such an item has, and more than a name, unless the payload is known to be a manifest.
func (f *finder) isDataOS(item *node) bool {
	members := oldMembers
	switch {
	case item.text("id") != "":
		if !f.manifest && (item.get("purpose") == nil || !strings.Contains(item.text("id"), ":")) {
			return false
		}
		members = newMembers
	case item.text("name") == "" || !f.manifest && len(item.members) < 2:
		return false
	}
	return !slices.ContainsFunc(item.members, func(m member) bool { return !slices.Contains(members, m.key) })
}

// dataOS reads a list of secrets. What a depot or a storage lists is read from files, each secret from its own, since the
// names of keys are the same in all of them.
func (f *finder) dataOS(place *path, n *node) error {
	sure := place.name == dataosSecrets
	usual := asVariables
	if place.up.name == depot || place.up.name == storage {
		usual = asProperties
	}
	for i, item := range n.items {
		here := place.index(i)
		if !sure && !f.isDataOS(item) {
			if err := f.walk(here, item, false); err != nil {
				return err
			}
			continue
		}
		f.use(here, f.item(item, usual))
		f.strays(here, item)
	}
	return nil
}

// item reads an item of a list: that of the first edition, which names a secret, maybe in a workspace; that of the second,
// which gives TENANT:NAME; or nothing but a name.
func (f *finder) item(item *node, usual consumption) use {
	d := &dataOS{consumption: usual}
	if item.kind == scalar {
		return f.secret(item.value, "", d)
	}
	name, workspace := item.text("name"), item.text("workspace")
	if id := item.text("id"); name == "" && id != "" {
		name = id
		if item.text("purpose") != "" {
			d.consumption = asProperties
		}
	}
	var problem string
	if kind := item.text("consumptionType"); kind != "" {
		var known bool
		if d.consumption, known = consumptions[strings.ToLower(kind)]; !known {
			problem = "consumptionType is neither envVars, propFile nor file"
		}
	}
	for _, spelling := range []string{"allKeys", "allkeys"} {
		switch strings.ToLower(item.text(spelling)) {
		case "true":
			d.all = true
		case "", "false":
		default:
			problem = spelling + " is neither true nor false"
		}
	}
	if key := item.text("key"); key != "" {
		d.keys = append(d.keys, key)
	}
	if keys := item.get("keys"); keys != nil {
		for _, key := range keys.items {
			d.keys = append(d.keys, key.value)
		}
	}
	for _, key := range d.keys {
		if !payloadKey.MatchString(key) {
			problem = "names a key that is none"
		}
	}
	u := f.secret(name, workspace, d)
	u.Purpose = clip(cmp.Or(item.text("purpose"), item.text("acl")))
	if u.Problem == "" && problem != "" {
		u.Problem, u.Names = problem, nil
	}
	return u
}

// secret is a reference to a secret of a workspace, or to TENANT:NAME.
func (f *finder) secret(name, workspace string, d *dataOS) use {
	u := use{Reference: Reference{Text: clip(name), Kind: DataOS}, list: d}
	var namespace string
	if workspace != "" {
		namespace = f.DataOS.Workspace(workspace)
	} else if tenant, of, ok := strings.Cut(name, ":"); ok {
		namespace, name = f.DataOS.Tenant(tenant), of
		if namespace == "" {
			u.Problem = "names no tenant"
		}
	}
	switch {
	case u.Problem != "":
	case !naming.IsSecret(name):
		u.Problem = "name is not the name of a secret"
	case namespace != "" && !naming.IsNamespace(namespace):
		u.Problem = "the workspace or tenant is not the ID of a namespace"
	default:
		u.Names = []Name{{Namespace: namespace, Secret: name}}
	}
	return u
}

// named reads the members that name a secret by a text, and those that are lists in certain places alone.
func (f *finder) named(place *path, m member) (done bool, err error) {
	here := place.to(m.key)
	if where := m.value.elsewhere(); where != nil && (m.key == projection || f.manifest && (m.key == repo || m.key == storage || m.key == stackSpec)) {
		return true, where
	}
	switch {
	case m.key == projection && isProjection(m.value):
		return true, f.projection(here, m.value)
	case m.key == storageList && place.name == storage && (f.isStorageList(m.value) || f.manifest && m.value.kind == alias):
		list := m.value
		if list.shared != nil {
			return true, list.shared
		}
		if list.kind == mapping {
			f.use(here, f.item(list, asProperties))
			f.strays(here, list)
			return true, nil
		}
		return true, f.dataOS(here, list)
	}
	var u use
	name := m.value.value
	switch {
	case m.key == imagePullSecret && (f.manifest || place.name == stackSpec):
		u = f.secret(name, "", &dataOS{keys: []string{naming.DockerConfig}, consumption: asLogin})
	case place.name == repo && m.key == "secretId":
		u = f.heimdall(name)
	case place.name == repo && m.key == "secret" && strings.Contains(name, ":"):
		u = f.secret(name, "", &dataOS{all: true})
	default:
		return false, nil
	}
	if m.value.kind == alias {
		return true, m.value.shared
	}
	if m.value.kind != scalar || m.value.tag == null || name == "" {
		return false, nil
	}
	f.use(here, u)
	return true, nil
}

// isStorageList tells whether `secret` of a storage refers to secrets.
func (f *finder) isStorageList(n *node) bool {
	return n.kind == mapping && f.isDataOS(n) || n.kind == list && slices.ContainsFunc(n.items, f.isDataOS)
}

// elsewhere is why it is not seen from here what a value is.
func (n *node) elsewhere() error {
	if n.kind == alias {
		return n.shared
	}
	for _, m := range n.members {
		if m.merge != mergesNothing {
			return merged(n.line)
		}
	}
	return nil
}

// heimdall is a reference to a secret by its ID in Heimdall, or by TENANT:ID.
func (f *finder) heimdall(id string) use {
	u := f.secret(id, "", &dataOS{all: true})
	if u.Problem == "" {
		exact := u.Names[0]
		u.Names = nil
		for _, s := range naming.HeimdallSecrets(exact.Secret) {
			u.Names = append(u.Names, Name{Namespace: exact.Namespace, Secret: s.Name, ACL: s.ACL})
		}
	}
	return u
}
