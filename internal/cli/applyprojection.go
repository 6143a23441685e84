package cli

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
)

// projectionDefaults is withDefaults of a projection.
func projectionDefaults(p *cofferv1.Projection) {
	for _, item := range p.GetItems() {
		item.BoundSecret, item.Dangling = "", false
		if item.GetEnvCase() == cofferv1.Projection_UPPER {
			item.EnvCase = cofferv1.Projection_CASE_UNSPECIFIED
		}
		if proto.Size(item.GetConnection()) == 0 {
			item.Connection = nil
		}
		fileDefaults(item.GetFile())
	}
	for _, source := range p.GetSources() {
		source.BoundSecret, source.Dangling = "", false
		if source.GetContextAlias() == "" {
			source.ContextAlias = shortName(source.GetSecret())
		}
	}
	for _, template := range p.GetTemplates() {
		if template.GetEngine() == cofferv1.Projection_Template_ENGINE_UNSPECIFIED {
			template.Engine = cofferv1.Projection_Template_GO
		}
		fileDefaults(template.GetFile())
	}
	if proto.Size(p.GetSpark()) == 0 {
		p.Spark = nil
	}
	if p.GetWorkload().GetPayload() == "" {
		p.Workload = nil
	} else {
		p.Workload.References = nil
	}
}

func fileDefaults(file *cofferv1.Projection_File) {
	if file == nil {
		return
	}
	if file.GetMode() == 0 {
		file.Mode = 0o400
	}
	if file.GetFormat() == cofferv1.Projection_FORMAT_UNSPECIFIED {
		file.Format = cofferv1.Projection_RAW
	}
}

// binds tells whether a projection dangles, and writing the field binds it anew.
func binds(field string, m proto.Message) bool {
	_, ok := m.(*cofferv1.Projection)
	return ok && slices.Contains([]string{"items", "sources", "templates", "workload"}, field) && dangles(m)
}

// boundNote tells where a projection is bound to another secret than the one that has the name now: it was renamed.
func boundNote(p *cofferv1.Projection) string {
	var of notes
	add := func(written, bound string) {
		note := written + " is bound to " + reference(bound)
		of.add(boundElsewhere(written, bound) && !slices.Contains(of, note), "%s", note)
	}
	for _, item := range p.GetItems() {
		add(item.GetSecret(), item.GetBoundSecret())
	}
	for _, source := range p.GetSources() {
		add(source.GetSecret(), source.GetBoundSecret())
	}
	for _, r := range p.GetWorkload().GetReferences() {
		if !strings.Contains(r.GetText(), shortName(r.GetBoundSecret())) {
			add(r.GetText(), r.GetBoundSecret())
		}
	}
	return strings.Join(of, ", ")
}

// boundElsewhere tells that what is bound is not called any more as it was written. An ID may be one of a namespace above.
func boundElsewhere(written, bound string) bool {
	if !isFullName(written) {
		bound = shortName(bound)
	}
	return bound != "" && bound != written
}

// secretsOf are the secrets that a projection names. A workload may name any: what its references are, the server knows.
func secretsOf(p *cofferv1.Projection) []string {
	var secrets []string
	store := func(file *cofferv1.Projection_File) {
		if secret := file.GetStore().GetPasswordSecret(); secret != "" {
			secrets = append(secrets, secret)
		}
	}
	for _, item := range p.GetItems() {
		secrets = append(secrets, item.GetSecret())
		store(item.GetFile())
	}
	for _, source := range p.GetSources() {
		secrets = append(secrets, source.GetSecret())
	}
	for _, template := range p.GetTemplates() {
		store(template.GetFile())
	}
	if p.GetWorkload().GetPayload() != "" {
		secrets = append(secrets, anySecret)
	}
	return secrets
}

// anySecret stands for a secret of any name.
const anySecret = "*"
