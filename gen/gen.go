// Package gen holds what is generated from proto/: see the Makefile's target generate. Nothing in its folders is edited.
package gen

import _ "embed"

// OpenAPI is the description of the REST API, OpenAPI 2 in JSON. It must not be changed.
//
//go:embed openapi/coffer.swagger.json
var OpenAPI []byte

// OpenAPIDialects describes the REST reads of DataOS and the REST API of IOMETE. It must not be changed.
//
//go:embed openapi/dialects.swagger.json
var OpenAPIDialects []byte

// OpenAPIInstill describes the REST API of Instill. It must not be changed.
//
//go:embed openapi/instill.swagger.json
var OpenAPIInstill []byte
