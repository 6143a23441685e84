package secrets

import (
	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/render"
)

// WorkloadReference is a place in a workload's payload that names a secret.
type WorkloadReference struct {
	Place  string // a JSON pointer
	Text   string // what stands there
	Secret string // what it names: an ID, or a full name
	Bound  string // full name of the secret it is bound to, as it is called now; empty when that was deleted. Output only.
}

// findReferences finds what the payload of a workload refers to.
func findReferences(p *Projection) error {
	if p.Workload == "" {
		return nil
	}
	return Invalid("projection.workload", "is not supported yet")
}

// referencesOf are the references of a stored workload; name gives the present name of a secret.
func referencesOf(_ *storev1.Projection, _ func(*storev1.Projection_Bound) string) []WorkloadReference {
	return nil
}

// resolveBound resolves the payload of a workload with what it is bound to.
func (s *Service) resolveBound(_ *delivery) error { return ErrPrecondition }

func shapeOfWorkload(_ *delivery) (render.Shape, error) { return render.Shape{}, ErrPrecondition }
