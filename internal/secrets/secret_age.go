package secrets

import (
	"maps"
	"sync"
	"time"

	"github.com/coffer-dev/coffer/internal/storage"
)

// maxAges bounds the secrets whose age is kept, at about 200 bytes each.
const maxAges = 100_000

// age is what a list of secrets, the newest first, is sorted by.
type age struct {
	rev     storage.Revision // of the record that says so
	created time.Time
	uid     string
}

// aged is a secret in such a list.
type aged struct {
	age
	rec storage.Record
}

// knownAges are those of the secrets of a namespace, while a list is made. Nil knows none, and learns none.
type knownAges struct {
	before  map[storage.Key]age // by the key of the record; shared by lists, and never changed
	learned map[storage.Key]age
	read    int
}

func (k *knownAges) find(rec storage.Record) (age, bool) {
	if k == nil {
		return age{}, false
	}
	k.read++
	is, ok := k.before[rec.Key]
	return is, ok && is.rev == rec.Revision
}

func (k *knownAges) learn(of storage.Key, is age) {
	if k != nil {
		k.learned[of] = is
	}
}

// agesKept keeps the ages of secrets, and nothing else of them, so that a list opens no more of them than it shows. One
// counts only while the record in the store is of the revision that it was read from, so it is never stale.
type agesKept struct {
	mu   sync.Mutex
	in   map[string]map[storage.Key]age // by UID of the namespace
	size int
}

func newAgesKept() *agesKept { return &agesKept{in: map[string]map[storage.Key]age{}} }

// of is what is known of a namespace.
func (a *agesKept) of(nsUID string) *knownAges {
	a.mu.Lock()
	defer a.mu.Unlock()
	return &knownAges{before: a.in[nsUID], learned: map[storage.Key]age{}}
}

// keep keeps what a list of a namespace has learned.
func (a *agesKept) keep(nsUID string, known *knownAges) {
	if len(known.learned) == 0 {
		return
	}
	now := known.learned
	if len(known.before)+len(now) <= 2*known.read { // else most of what was known before is gone
		now = make(map[storage.Key]age, len(known.before)+len(known.learned))
		maps.Copy(now, known.before)
		maps.Copy(now, known.learned)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.size += len(now) - len(a.in[nsUID]); a.size > maxAges {
		clear(a.in)
		a.size = 0
		return
	}
	a.in[nsUID] = now
}
