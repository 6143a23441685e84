package dataosmanifest

import (
	"errors"
	"slices"
	"strings"

	"github.com/coffer-dev/coffer/internal/naming"
)

// Resource is what DataOS calls a resource by.
type Resource struct{ Type, Version, Name, Workspace string }

// String is NAME:VERSION:TYPE, as the platform tells what it does to a resource.
func (r Resource) String() string { return r.Name + ":" + r.Version + ":" + r.Type }

// ID is TYPE:VERSION:NAME, and :WORKSPACE where there is one.
func (r Resource) ID() string {
	id := r.Type + ":" + r.Version + ":" + r.Name
	if r.Workspace != "" {
		id += ":" + r.Workspace
	}
	return id
}

// IsSecret tells whether the resource is a secret of one kind or the other.
func (r Resource) IsSecret() bool { return r.Type == TypeSecret || r.Type == TypeInstanceSecret }

// instanceTypes are the types that belong to no workspace.
var instanceTypes = []string{
	TypeInstanceSecret, TypeDepot, TypeGrant, "policy", "compute", "dataplane", "stack", "operator", "bundle",
}

// OfInstance tells whether resources of the type belong to the instance in v1, rather than to a workspace.
func OfInstance(resourceType string) bool { return slices.Contains(instanceTypes, resourceType) }

// IsV2 tells whether a version is one that tenants have. Some resources of v1 have it too.
func IsV2(version string) bool { return version == versionV2 }

// ParseIdentifier reads NAME:VERSION:TYPE, or a line of the platform's table, NAME | VERSION | TYPE | WORKSPACE.
func ParseIdentifier(text string) (Resource, error) {
	parts := split(text)
	if len(parts) < 3 || len(parts) > 4 && !strings.Contains(text, "|") || slices.Contains(parts[:3], "") {
		return Resource{}, errors.New("want NAME:VERSION:TYPE")
	}
	r := Resource{Name: parts[0], Version: parts[1], Type: parts[2]}
	if len(parts) > 3 {
		r.Workspace = parts[3]
	}
	return r, nil
}

// ParseID reads TYPE:VERSION:NAME or TYPE:VERSION:NAME:WORKSPACE.
func ParseID(text string) (Resource, error) {
	r, ok := naming.ParseResource(text)
	if !ok {
		return Resource{}, errors.New("want TYPE:VERSION:NAME or TYPE:VERSION:NAME:WORKSPACE")
	}
	return Resource(r), nil
}

func split(text string) []string {
	by := ":"
	if strings.Contains(text, "|") {
		by = "|"
	}
	parts := strings.Split(text, by)
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}
