package keyring

// MaxCached lets tests fill the cache.
const MaxCached = maxCached

// Cached is the number of namespaces whose keysets are in memory.
func (k *Keyring) Cached() int {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return len(k.aeads)
}
