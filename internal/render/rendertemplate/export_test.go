package rendertemplate

import (
	"maps"
	"slices"
)

// GoFunctions are the names of functions in Go templates.
func GoFunctions() []string {
	return slices.Sorted(maps.Keys(new(run).funcs()))
}

// LiquidFilters are the names of filters in Liquid.
func LiquidFilters() []string {
	return slices.Sorted(maps.Keys(new(run).liquidFilters()))
}
