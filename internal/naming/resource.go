package naming

import (
	"slices"
	"strings"
)

// Resource is what DataOS calls a resource by.
type Resource struct{ Type, Version, Name, Workspace string }

// ParseResource reads TYPE:VERSION:NAME or TYPE:VERSION:NAME:WORKSPACE, with spaces around the parts or not; false: the text
// is neither. For colons it may have vertical bars, as the platform's tables do.
func ParseResource(id string) (r Resource, ok bool) {
	by := ":"
	if strings.Contains(id, "|") {
		by = "|"
	}
	parts := strings.Split(id, by)
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	if len(parts) < 3 || len(parts) > 4 || slices.Contains(parts[:3], "") {
		return Resource{}, false
	}
	r = Resource{Type: parts[0], Version: parts[1], Name: parts[2]}
	if len(parts) > 3 {
		r.Workspace = parts[3]
	}
	return r, true
}
