package cli

import (
	"errors"

	"github.com/coffer-dev/coffer/internal/dialect/dataosmanifest"
)

// printPlatform shows manifests of DataOS, checked, instead of applying them.
func (a *app) printPlatform(manifests []*dataosmanifest.Manifest, o applyOptions) error {
	var faults error
	for i, m := range manifests {
		for _, notice := range m.Notices {
			a.note("%s:%d: %s: %s", m.File, m.Line, m.Resource, notice)
		}
		if err := dataosmanifest.CheckDepot(m.Depot); err != nil {
			faults = errors.Join(faults, err)
			continue
		}
		shown := dataosmanifest.Hide
		switch {
		case o.reveal:
			shown = dataosmanifest.Reveal
		case o.lint:
			shown = dataosmanifest.Lint
		}
		text, err := m.Text(shown)
		if err != nil {
			return err
		}
		if i > 0 {
			text = "---\n" + text
		}
		if err := a.writeRaw([]byte(text)); err != nil {
			return err
		}
	}
	a.note("%d of DataOS read, nothing sent", len(manifests))
	return faults
}
