package rpc

import (
	"context"
	"strings"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/catalog"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// sourceTypes is the collection of the types, which are in no namespace.
const sourceTypes = "sourceTypes/"

type catalogServer struct {
	cofferv1.UnimplementedCatalogServiceServer
	service *secrets.Service
}

func (h *catalogServer) ListSourceTypes(context.Context, *cofferv1.ListSourceTypesRequest) (*cofferv1.ListSourceTypesResponse, error) {
	to := &cofferv1.ListSourceTypesResponse{}
	for _, t := range h.service.SourceTypes() {
		to.SourceTypes = append(to.SourceTypes, sourceType(t))
	}
	return to, nil
}

func (h *catalogServer) GetSourceType(_ context.Context, req *cofferv1.GetSourceTypeRequest) (*cofferv1.SourceType, error) {
	id, ok := strings.CutPrefix(req.GetName(), sourceTypes)
	if !ok || strings.Contains(id, "/") {
		return nil, secrets.Invalid("name", "want sourceTypes/{type}")
	}
	t, err := h.service.SourceType(id)
	if err != nil {
		return nil, err
	}
	return sourceType(t), nil
}

// sourceType leaves out made-up values where a real one would be hidden: nobody is to take one for the other.
func sourceType(t catalog.SourceType) *cofferv1.SourceType {
	to := &cofferv1.SourceType{
		Name: sourceTypes + t.ID, Aliases: t.Aliases, Title: t.Title, Description: t.Documentation, AnyKey: t.AnyKeys,
		UrlStyles: t.URLs, Example: t.Example(),
	}
	for _, f := range t.Fields {
		field := &cofferv1.SourceType_Field{
			Name: f.Name, Aliases: f.Aliases, Description: f.Description, Required: f.Required, Sensitive: f.Sensitive,
			MultiLine: f.Multiline, File: f.File, Example: f.Example, Values: f.Values,
		}
		if f.Sensitive {
			field.Example = ""
		}
		to.Fields = append(to.Fields, field)
	}
	for _, a := range t.Alternatives {
		to.Alternatives = append(to.Alternatives, &cofferv1.SourceType_Alternative{
			Name: a.Name, Description: a.Description, Required: a.Required, Optional: a.Optional,
		})
	}
	return to
}
