package rendertemplate

import (
	"maps"
	"slices"
)

// GoFunctions are the names of functions in Go templates.
func GoFunctions() []string {
	return slices.Sorted(maps.Keys(new(run).goFunctions()))
}

// LiquidFilters are the names of filters in Liquid.
func LiquidFilters() []string {
	names := liquidFilterNames()
	slices.Sort(names)
	return names
}
