package secrets

import (
	"context"
	"errors"
	"fmt"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
)

// maxSends is how often a secret is copied that changes meanwhile, or sent on that a sweep takes back meanwhile.
const maxSends = 5

// CopySecret is what CopySecret copies.
type CopySecret struct {
	Name         string
	Destination  string // full name
	RequestID    string
	ValidateOnly bool
}

// CopySecret makes a new secret of the versions of another, as they all are at one time. It returns ErrChanged if the
// secret changes again and again meanwhile.
func (s *Service) CopySecret(ctx context.Context, caller authn.Caller, req CopySecret) (Secret, error) {
	for range maxSends {
		// What has changed may be what was decided on.
		p, err := s.allowPassage(ctx, caller, req.Name, req.Destination, authz.SecretCopy, authz.SecretAccess)
		if err != nil {
			return Secret{}, err
		}
		once, first := s.once(caller, req.RequestID, "CopySecret", req.Name, req.Destination), &storev1.Secret{}
		if done, err := s.answered(ctx, once, first); err != nil || done {
			return s.secretFor(caller, p.to.ns, first, once.replayed), err
		}
		if err := p.told(); err != nil {
			return Secret{}, err
		}
		t := p.transit(caller)
		t.record.Copy, t.once = true, once
		secret, err := s.send(ctx, caller, p, t, "", req.ValidateOnly)
		if !errors.Is(err, ErrChanged) {
			return secret, err
		}
	}
	return Secret{}, fmt.Errorf("%w, each of %d times that it was copied", ErrChanged, maxSends)
}
