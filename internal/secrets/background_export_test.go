package secrets

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
