package platformimport

import (
	"context"
	"slices"
	"strconv"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
)

// compare decides about what is there already.
func (p *Plan) compare(ctx context.Context, row *Row) {
	switch wanted := row.item.Resource.(type) {
	case *cofferv1.Secret:
		p.compareSecret(ctx, row, wanted, row.existing.(*cofferv1.Secret))
	case *cofferv1.Projection:
		existing := row.existing.(*cofferv1.Projection)
		switch made := existing.GetAnnotations()[SourceAnnotation]; {
		case made != row.Source:
			p.conflict(row, madeBy(made))
		case len(projectionMask(wanted, existing)) == 0:
			row.Action = Unchanged
		default:
			row.Action = Update
		}
	case *cofferv1.Grant:
		existing := row.existing.(*cofferv1.Grant)
		row.Action = Unchanged
		if existing.GetPrincipal() != wanted.GetPrincipal() || existing.GetRole() != wanted.GetRole() ||
			existing.GetDangling() || wanted.GetResource() != "" && existing.GetResource() != wanted.GetResource() {
			row.Action, row.Note = Refused, "another grant has that name: delete it first, grants cannot be changed"
		}
	}
}

func (p *Plan) compareSecret(ctx context.Context, row *Row, wanted, existing *cofferv1.Secret) {
	made, version := existing.GetAnnotations()[SourceAnnotation], existing.GetAnnotations()[VersionAnnotation]
	active := strconv.FormatInt(existing.GetActiveVersion(), 10)
	var keys []string
	for _, key := range existing.GetKeys() {
		keys = append(keys, key.GetName())
	}
	switch {
	case made != row.Source:
		p.conflict(row, madeBy(made))
	case version != active && !p.wrote(ctx, row, wanted, existing):
		p.conflict(row, "version "+active+" is in force, and the import wrote version "+version)
	case wanted.GetPayload() == nil:
		row.Action, row.Note = Unchanged, "it is there, and no value was given"
	case !slices.Equal(keys, row.Keys):
		row.Action = NewVersion
	default:
		row.Action = NewVersionOrUnchanged
	}
}

func madeBy(source string) string {
	if source == "" {
		return "it is there, and no import made it"
	}
	return "it is there, imported from " + source
}

// conflict decides about what this import did not make.
func (p *Plan) conflict(row *Row, why string) {
	row.Note = why
	_, isGrant := row.item.Resource.(*cofferv1.Grant)
	switch {
	case p.config.OnConflict == SkipIt:
		row.Action = Skip
	case p.config.OnConflict != AddVersion || isGrant || row.existing == nil:
		row.Action = Conflict
	default:
		row.Action = Update
		if secret, ok := row.item.Resource.(*cofferv1.Secret); ok {
			row.Action = NewVersionOrUnchanged
			if secret.GetPayload() == nil {
				row.Action = NoValue
			}
		}
	}
}
