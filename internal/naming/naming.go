// Package naming says how the names of other platforms and those of Coffer correspond, and what the annotations are called
// that keep what a platform says of a resource and Coffer has no field for. Server and CLI both go by it.
//
// It guarantees that a domain of IOMETE and its namespace name each other, one to one, and that no domain is the root
// namespace. What threatens it are names chosen to come out as those of others, which is why whatever could be read in two
// ways is escaped.
package naming

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
)

// Instance is the ID of the root namespace.
const Instance = "instance"

// Annotations of secrets and projections that keep what a manifest of DataOS says.
const (
	// DataOSType is the type of a secret: key-value, key-value-properties, certificate, cloud-kernel or
	// cloud-kernel-image-pull.
	DataOSType = "dataos.coffer.dev/type"
	// DataOSVersion is the version of the manifest, such as v1.
	DataOSVersion = "dataos.coffer.dev/version"
	// DataOSLayer is user or system.
	DataOSLayer = "dataos.coffer.dev/layer"
	// DataOSTags is a JSON list.
	DataOSTags = "dataos.coffer.dev/tags"
	// DataOSOwner is the ID of a user.
	DataOSOwner = "dataos.coffer.dev/owner"
	// DataOSFiles is a JSON object: the key of a payload's entry that was a file, and the base name of that file.
	DataOSFiles = "dataos.coffer.dev/files"
	// DataOSResource is TYPE:VERSION:NAME or TYPE:VERSION:NAME:WORKSPACE of the resource that a projection is.
	DataOSResource = "dataos.coffer.dev/resource"
)

// Types of secrets of DataOS that change how they are delivered.
const (
	// KeyValueProperties is one text of properties, and the files beside it.
	KeyValueProperties = "key-value-properties"
	// ImagePull is the login to a registry, in DockerConfig.
	ImagePull = "cloud-kernel-image-pull"
	// DockerConfig is the one key of an ImagePull.
	DockerConfig = ".dockerconfigjson"
)

// Mask stands for a value that is not shown. Its length tells nothing.
const Mask = "********"

// InstillOwner is the annotation of a namespace that says what Instill's classic names of it begin with: users, which is
// the default, or organizations.
const InstillOwner = "instill.coffer.dev/owner"

// WorkloadID is the ID of the projection that a resource of DataOS is: depot.ordersdb.
func WorkloadID(kind, name string) string { return kind + "." + name }

// DataOS says which namespaces the instance, the workspaces and the tenants of DataOS are. The zero value: the instance is
// the root namespace, and all others are called the same on both sides.
type DataOS struct {
	// Instance is the ID of the namespace of instance-secrets and depots. Empty: instance.
	Instance string `json:"instance" flag:"dataos-instance" usage:"ID of the namespace of what belongs to DataOS's whole instance; empty: instance"`
	// Workspaces gives the IDs of the namespaces of workspaces, where they are called otherwise.
	Workspaces map[string]string `json:"workspaces" usage:"workspaces of DataOS whose namespaces are called otherwise"`
	// Tenants gives the IDs of the namespaces of tenants, where they are called otherwise.
	Tenants map[string]string `json:"tenants" usage:"tenants of DataOS whose namespaces are called otherwise"`
}

// InstanceNamespace is the ID of the namespace of what belongs to the whole instance.
func (d DataOS) InstanceNamespace() string {
	if d.Instance == "" {
		return Instance
	}
	return d.Instance
}

// Workspace is the ID of the namespace of a workspace. It is not checked: what is no ID names nothing.
func (d DataOS) Workspace(name string) string { return mapped(d.Workspaces, name) }

// Tenant is the ID of the namespace of a tenant. It is not checked: what is no ID names nothing.
func (d DataOS) Tenant(name string) string { return mapped(d.Tenants, name) }

func mapped(ids map[string]string, name string) string {
	if id, ok := ids[name]; ok {
		return id
	}
	return name
}

var (
	namespaceID = regexp.MustCompile(NamespaceRule)
	secretID    = regexp.MustCompile(SecretRule)
)

// What IDs match, as the API takes them.
const (
	NamespaceRule = `^[a-z0-9_][-_a-z0-9]{0,62}$`
	// SecretRule is that of projections, too.
	SecretRule = `^[A-Za-z0-9_][-._A-Za-z0-9]{0,127}$`
)

// IsNamespace tells whether a text can be the ID of a namespace.
func IsNamespace(id string) bool { return namespaceID.MatchString(id) }

// IsSecret tells whether a text can be the ID of a secret or a projection.
func IsSecret(id string) bool { return secretID.MatchString(id) }

// Check refuses what is no ID of a namespace.
func (d DataOS) Check() error {
	if d.Instance != "" && !namespaceID.MatchString(d.Instance) {
		return fmt.Errorf("instance: %q is not the ID of a namespace: it has to match %s", d.Instance, namespaceID)
	}
	for kind, ids := range map[string]map[string]string{"workspaces": d.Workspaces, "tenants": d.Tenants} {
		for _, name := range slices.Sorted(maps.Keys(ids)) {
			if name == "" {
				return errors.New(kind + ": a name is empty")
			}
			if !namespaceID.MatchString(ids[name]) {
				return fmt.Errorf("%s.%s: %q is not the ID of a namespace: it has to match %s", kind, name, ids[name], namespaceID)
			}
		}
	}
	return nil
}
