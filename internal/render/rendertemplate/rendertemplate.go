// Package rendertemplate runs templates over secrets.
package rendertemplate

// Engine is the language of a template.
type Engine int

// The engines.
const (
	// Go is text/template.
	Go Engine = iota
	// Liquid is Liquid.
	Liquid
	// None is the text as it is.
	None
)
