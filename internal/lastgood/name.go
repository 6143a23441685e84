package lastgood

import (
	"slices"
	"strings"
)

// Name is that of a projection's bundle: of one server, and with the variables that take over a process and that who asks
// allows, since others must not be given them.
func Name(address, projection string, allowEnv []string) string {
	return strings.Join(append([]string{address, projection}, slices.Sorted(slices.Values(allowEnv))...), "\n")
}

// described is how errors call a name.
func described(name string) string {
	parts := strings.Split(name, "\n")
	if len(parts) < 2 {
		return name
	}
	text := parts[1] + " of " + parts[0]
	if len(parts) > 2 {
		text += " with " + strings.Join(parts[2:], ", ")
	}
	return text
}
