package secrets

import (
	"hash/maphash"
	"sync/atomic"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// recentSlots bounds the metadata kept decoded, at about a kilobyte each.
const recentSlots = 4096

// recent keeps the metadata of secrets whose values were delivered lately, decoded, which is a good part of the cost of
// an access. An entry counts only while the record in the store is of the revision that it was decoded from, so it is
// never stale. Each key has one slot, which it shares with others. Nobody changes what is in it.
type recent struct {
	seed  maphash.Seed
	slots [recentSlots]atomic.Pointer[recentSecret]
}

type recentSecret struct {
	key    storage.Key
	rev    storage.Revision
	record *storev1.Secret
}

func newRecent() *recent { return &recent{seed: maphash.MakeSeed()} }

// read is secretAt.read for those who do not change the record.
func (c *recent) read(snapshot *sealed.Snapshot, t *secretAt) error {
	if t.ns.uid == "" || len(t.ids) == 0 {
		return nil
	}
	k := key(secretPrefix, t.ns.uid, t.ids[0])
	stored, err := snapshot.Record(k)
	if ok, err := found(err); !ok {
		return err
	}
	slot := &c.slots[maphash.String(c.seed, string(k))%recentSlots]
	if kept := slot.Load(); kept != nil && kept.key == k && kept.rev == stored.Revision {
		t.record, t.rev = kept.record, kept.rev
		return nil
	}
	record := &storev1.Secret{}
	if err := snapshot.Open(kindSecret, t.ns.uid, stored, record); err != nil {
		return err
	}
	slot.Store(&recentSecret{k, stored.Revision, record})
	t.record, t.rev = record, stored.Revision
	return nil
}
