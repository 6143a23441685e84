package resolve

import (
	"slices"
	"strings"
)

// dataOS is an item of a list of DataOS: which keys of a secret it delivers, and how.
type dataOS struct {
	secret      string
	keys        []string // none, and not all: the only one
	all         bool
	consumption consumption
}

type consumption int

const (
	asVariables consumption = iota
	asFiles
	asProperties
)

// consumptions are the values of consumptionType, in lower case since documentation writes them in several ways.
var consumptions = map[string]consumption{
	"": asVariables, "envvars": asVariables, "file": asFiles, "propfile": asProperties,
}

// dataOSMembers are what an item may have besides its name. An item of a list named `secrets` is that of DataOS if it has
// one of them and nothing else: others use that name, too.
var dataOSMembers = []string{"workspace", "key", "keys", "allKeys", "allkeys", "consumptionType"}

func isDataOS(item *node) bool {
	if item.text("name") == "" || len(item.members) < 2 {
		return false
	}
	for _, m := range item.members {
		if m.key != "name" && !slices.Contains(dataOSMembers, m.key) {
			return false
		}
	}
	return true
}

func (f *finder) dataOS(place *path, n *node) error {
	sure := place.name == dataosSecrets
	for i, item := range n.items {
		here := place.index(i)
		if !sure && !isDataOS(item) {
			if err := f.walk(here, item, false); err != nil {
				return err
			}
			continue
		}
		f.use(here, dataOSUse(item))
		f.strays(here, item)
	}
	return nil
}

func dataOSUse(item *node) use {
	name, workspace := item.text("name"), item.text("workspace")
	d := &dataOS{secret: name}
	u := use{Reference: Reference{Text: clip(name), Kind: DataOS}, list: d}
	var known bool
	if d.consumption, known = consumptions[strings.ToLower(item.text("consumptionType"))]; !known {
		u.Problem = "consumptionType is neither envVars, propFile nor file"
	}
	for _, spelling := range []string{"allKeys", "allkeys"} {
		switch strings.ToLower(item.text(spelling)) {
		case "true":
			d.all = true
		case "", "false":
		default:
			u.Problem = spelling + " is neither true nor false"
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
			u.Problem = "names a key that is none"
		}
	}
	switch {
	case !secretID.MatchString(name):
		u.Problem = "name is not the name of a secret"
	case workspace != "" && !namespaceID.MatchString(workspace):
		u.Problem = "workspace is not the ID of a namespace"
	case u.Problem == "":
		u.Names = []Name{{Namespace: workspace, Secret: name}}
	}
	return u
}
