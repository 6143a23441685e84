package rpc

import (
	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// bundleTo opens a bundle.
func bundleTo(bundle *secrets.Bundle) *cofferv1.RenderProjectionResponse {
	to := &cofferv1.RenderProjectionResponse{
		Revision: int64(bundle.Revision), Etag: bundle.Etag, NotModified: bundle.NotModified, SparkConf: propertiesTo(bundle.SparkConf),
		Files: each(bundle.Files, renderedTo), Payload: string(bundle.Payload.Reveal()), Shape: shapeTo(bundle.Shape),
	}
	if len(bundle.Env) > 0 {
		to.Env = make(map[string]string, len(bundle.Env))
	}
	for _, v := range bundle.Env {
		to.Env[v.Name] = string(v.Value.Reveal())
	}
	for _, argument := range bundle.Arguments {
		to.Arguments = append(to.Arguments, string(argument.Reveal()))
	}
	if len(bundle.Dictionaries) > 0 {
		to.Dictionaries = make(map[string]*cofferv1.RenderProjectionResponse_Dictionary, len(bundle.Dictionaries))
	}
	for _, d := range bundle.Dictionaries {
		to.Dictionaries[d.Name] = &cofferv1.RenderProjectionResponse_Dictionary{Entries: propertiesTo(d.Entries)}
	}
	return to
}

func renderedTo(f render.File) *cofferv1.RenderProjectionResponse_RenderedFile {
	return &cofferv1.RenderProjectionResponse_RenderedFile{Path: f.Path, Mode: f.Mode, Owner: f.Owner, Content: f.Content.Reveal()}
}

func propertiesTo(properties []render.Property) map[string]string {
	if len(properties) == 0 {
		return nil
	}
	to := make(map[string]string, len(properties))
	for _, p := range properties {
		to[p.Name] = string(p.Value.Reveal())
	}
	return to
}

func shapeTo(shape *render.Shape) *cofferv1.BundleShape {
	if shape == nil {
		return nil
	}
	to := &cofferv1.BundleShape{Env: shape.Env, Arguments: shape.Arguments, SparkConf: shape.SparkConf, Payload: shape.Payload}
	for _, f := range shape.Files {
		to.Files = append(to.Files, &cofferv1.BundleShape_FileShape{
			Path: f.Path, Format: nameOf[cofferv1.Projection_Format](f.Format), Mode: f.Mode, Owner: f.Owner, Entries: f.Entries,
		})
	}
	for _, d := range shape.Dictionaries {
		to.Dictionaries = append(to.Dictionaries, &cofferv1.BundleShape_DictionaryShape{Name: d.Name, Entries: d.Entries})
	}
	return to
}
