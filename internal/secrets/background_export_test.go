package secrets

import "context"

// OutOfTime is what a transfer does of which the time is over, for each that is half done.
func OutOfTime(ctx context.Context, s *Service) error {
	due, err := s.halfDone(ctx)
	ended, end := context.WithCancel(ctx)
	end()
	for _, t := range due {
		_, _, _ = s.conclude(ended, t, ended.Err())
	}
	return err
}

// Where dependents are kept, for tests that fill it.
const (
	DependentsShards = dependentsShards
	MaxShardSize     = maxShardSize
)

// Namespaced are the prefixes of what is in a namespace.
var Namespaced = namespaced

// DependentsKey is the key of a shard of what uses a secret.
func DependentsKey(nsUID, secretUID string, shard int) string {
	return string(shardKey(secretKey{nsUID, secretUID}, shard))
}

// What runs in the background, at a time that tests choose.
var (
	SweepLeftovers = (*Service).sweepLeftovers
	StoreAccesses  = (*Service).storeAccesses
	ForgetRequests = (*Service).forgetRequests
	ForgetLogins   = (*Service).forgetLogins
	PurgeDue       = (*Service).purgeDue
)
