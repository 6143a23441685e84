package secrets

import (
	"context"
	"errors"
	"fmt"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
)

// maxCopies is how often a secret is copied that changes meanwhile.
const maxCopies = 5

// CopySecret makes a new secret of the versions of another, as they all are at one time. It returns ErrChanged if the
// secret changes again and again meanwhile.
func (s *Service) CopySecret(ctx context.Context, caller authn.Caller, name, destination string, validateOnly bool) (Secret, error) {
	for range maxCopies {
		// What has changed may be what was decided on.
		p, err := s.allowPassage(ctx, caller, name, destination, authz.SecretCopy, authz.SecretAccess)
		if err != nil {
			return Secret{}, err
		}
		t := p.transit(caller)
		t.record.Copy = true
		secret, err := s.send(ctx, caller, p, t, "", validateOnly)
		if !errors.Is(err, ErrChanged) {
			return secret, err
		}
	}
	return Secret{}, fmt.Errorf("%w, each of %d times that it was copied", ErrChanged, maxCopies)
}
