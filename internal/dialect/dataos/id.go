package dataos

import (
	"maps"
	"slices"
	"strings"

	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// aclOf is the access list that a mode is; empty: neither.
func aclOf(mode secrets.AccessMode) string {
	for _, acl := range []string{naming.ACLRead, naming.ACLReadWrite} {
		if secrets.ModeOf(acl) == mode {
			return acl
		}
	}
	return ""
}

// named is what an ID of Heimdall asks for, or TENANT:ID.
func (s *server) named(id string) secrets.AccessNamed {
	req := secrets.AccessNamed{Default: s.defaultNamespace()}
	name := id
	if tenant, rest, ok := strings.Cut(id, ":"); ok {
		name, req.Namespace = rest, s.config.Names.Tenant(tenant)
		if !naming.IsNamespace(req.Namespace) {
			req.Fault = secrets.Invalid("id", "names a tenant that cannot be")
		}
	}
	for _, reading := range naming.HeimdallSecrets(name) {
		req.Readings = append(req.Readings, secrets.ReadingOf(reading))
	}
	if !naming.IsSecret(name) {
		req.Fault = secrets.Invalid("id", "want the name of a secret, as %s, or TENANT:NAME", naming.SecretRule)
	}
	return req
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
	if !naming.IsSecret(id) {
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
