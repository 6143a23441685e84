package secrets

import (
	"context"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/sealed"
)

// ShapeProjection returns what RenderProjection would deliver, without values: no payload is read. The names of keys are
// shown where the caller may get the metadata of their secret.
func (s *Service) ShapeProjection(ctx context.Context, caller authn.Caller, name string) (Bundle, error) {
	d, err := s.open(ctx, caller, authz.ProjectionGet, name, func(snapshot *sealed.Snapshot, d *delivery) error {
		for k, b := range d.bound {
			known := b.record != nil && s.gate.Holds(caller, authz.SecretGet, secretIn(b.ns, b.record))
			for _, v := range b.versions {
				if v.problem != nil {
					v.names = []string{} // there is nothing to deliver
				}
				if v.problem != nil || !known {
					continue
				}
				record := &storev1.SecretVersion{}
				if _, err := snapshot.Get(kindVersion, k.nsUID, k.version(versionPrefix, v.number), record); err != nil {
					return err
				}
				v.names = keyNames(keysFrom(record.GetKeys()))
			}
		}
		return nil
	})
	if err != nil {
		return Bundle{}, err
	}
	var shape render.Shape
	if d.at.record.GetWorkload() != "" {
		shape, err = s.shapeOfWorkload(&d)
	} else {
		shape, err = render.ShapeOf(d.recipe())
	}
	if err != nil {
		return Bundle{}, renderError(err, "", ErrNotRepresentable)
	}
	d.bundle.Shape = &shape
	return d.bundle, nil
}
