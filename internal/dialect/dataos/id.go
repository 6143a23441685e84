package dataos

import (
	"maps"
	"slices"
	"strings"

	"github.com/coffer-dev/coffer/internal/secrets"
)

// acls are the access lists of secrets, as they end Heimdall's IDs, the longer ending first.
var acls = []struct {
	name string
	mode secrets.AccessMode
}{
	{"rw", secrets.AccessReadWrite},
	{"r", secrets.AccessRead},
}

// aclOf is the access list that a mode is; empty: neither.
func aclOf(mode secrets.AccessMode) string {
	for _, acl := range acls {
		if acl.mode == mode {
			return acl.name
		}
	}
	return ""
}

// named is what an ID of Heimdall asks for: a secret of that name; of that name with `-` where it has `_`; and, where it
// ends in _r or _rw, one of that access list with a name that does not end so, spelt in both ways.
func (s *server) named(id string) secrets.AccessNamed {
	req := secrets.AccessNamed{Default: s.defaultNamespace()}
	name := id
	if tenant, rest, ok := strings.Cut(id, ":"); ok {
		name, req.Namespace = rest, s.config.Names.Tenant(tenant)
		if !namespaceID.MatchString(req.Namespace) {
			req.Fault = secrets.Invalid("id", "names a tenant that cannot be")
		}
	}
	req.Readings = readings(name)
	if !resourceID.MatchString(name) {
		req.Fault = secrets.Invalid("id", "want the name of a secret, as %s, or TENANT:NAME", resourceID)
	}
	return req
}

// readings are what an ID can mean, the ID as it is first.
func readings(id string) []secrets.Reading {
	all := []secrets.Reading{{Secret: id}}
	add := func(name string, modes ...secrets.AccessMode) {
		known := slices.ContainsFunc(all, func(r secrets.Reading) bool { return r.Secret == name })
		if !known && resourceID.MatchString(name) {
			all = append(all, secrets.Reading{Secret: name, Modes: modes})
		}
	}
	add(hyphens(id))
	for _, acl := range acls {
		if name, ok := strings.CutSuffix(id, "_"+acl.name); ok {
			add(name, acl.mode)
			add(hyphens(name), acl.mode)
		}
	}
	return all
}

func hyphens(id string) string { return strings.ReplaceAll(id, "_", "-") }

// idOf is an ID of Heimdall that means a secret, wherever it is asked for: its name with `_` for `-` and, unless it ends so,
// its access list. Where that could not be read back, it is the name.
func (s *server) idOf(namespace, name string, mode secrets.AccessMode) string {
	id := strings.ReplaceAll(name, "-", "_")
	if hyphens(id) != name {
		id = name
	} else if acl := aclOf(mode); acl != "" && !strings.HasSuffix(id, "_"+acl) {
		id += "_" + acl
	}
	if !resourceID.MatchString(id) {
		id = name
	}
	if namespace == s.config.Names.InstanceNamespace() {
		return id
	}
	return s.tenantOf(namespace) + ":" + id
}

// tenantOf is the tenant that a namespace stands for.
func (s *server) tenantOf(namespace string) string {
	tenants := s.config.Names.Tenants
	for _, tenant := range slices.Sorted(maps.Keys(tenants)) {
		if tenants[tenant] == namespace {
			return tenant
		}
	}
	return namespace
}

// split takes the full name of a secret apart.
func split(name string) (namespace, id string) {
	parts := strings.Split(name, "/")
	if len(parts) != 4 {
		return "", name
	}
	return parts[1], parts[3]
}
