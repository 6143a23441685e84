package storagetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/storage"
)

// seeds of random tests that once failed, and a few to begin with.
var seeds = []uint64{1, 2, 3}

const randomSteps = 400

// Random compares an engine with a model over random operations, for the seeds on record and for a new one. A failure
// names its seed: add it to those on record.
func Random(t *testing.T, open Open) {
	for _, seed := range append(seeds, rand.Uint64()) {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			Differential(t, newModel(), opened(t, open, 0), seed, randomSteps)
		})
	}
}

// Differential runs the same random operations on two new engines and wants the same answers. The seed decides the
// operations; it is printed with a failure.
func Differential(t *testing.T, a, b storage.Engine, seed uint64, steps int) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 0))
	var done []string
	for step := range steps {
		op := randomOperation(random)
		done = append(done, op.name)
		gotA, gotB := op.run(t.Context(), a), op.run(t.Context(), b)
		if gotA == gotB {
			continue
		}
		t.Fatalf("Differential(seed %d), step %d: the first engine answers\n%s\nthe second one\n%s\nafter\n%s",
			seed, step, gotA, gotB, strings.Join(done[max(0, len(done)-12):], "\n"))
	}
}

// operation is a random call, which can be made on any engine and answers in words.
type operation struct {
	name string
	run  func(context.Context, storage.Engine) string
}

func randomOperation(random *rand.Rand) operation {
	switch n := random.IntN(20); {
	case n < 11:
		return randomUpdate(random)
	case n < 13:
		return cancelledUpdate(random)
	case n < 18:
		return randomView(random)
	default:
		return randomWatch(random)
	}
}

var errRandom = errors.New("fn says no")

// randomUpdate makes a few calls on its Txn, now and then one beyond a limit, and sometimes fails in the end.
func randomUpdate(random *rand.Rand) operation {
	calls := make([]func(storage.Txn) (string, error), 1+random.IntN(6))
	names := make([]string, len(calls))
	for i := range calls {
		names[i], calls[i] = randomCall(random)
	}
	fails := random.IntN(8) == 0
	careless := random.IntN(4) == 0 // drops errors
	return operation{
		name: fmt.Sprintf("Update(%s; fails: %v, careless: %v)", strings.Join(names, ", "), fails, careless),
		run: func(ctx context.Context, e storage.Engine) string {
			var out strings.Builder
			rev, err := e.Update(ctx, func(txn storage.Txn) error {
				out.Reset()
				for _, call := range calls {
					answer, err := call(txn)
					fmt.Fprintf(&out, "%s %s\n", answer, kind(err))
					if err != nil && !careless && !errors.Is(err, storage.ErrNotFound) {
						return err
					}
				}
				if fails {
					return errRandom
				}
				return nil
			})
			return fmt.Sprintf("%srevision %d %s", out.String(), rev, kind(err))
		},
	}
}

func randomCall(random *rand.Rand) (string, func(storage.Txn) (string, error)) {
	key := randomKey(random)
	switch n := random.IntN(40); {
	case n < 10:
		return fmt.Sprintf("Get(%q)", key), func(txn storage.Txn) (string, error) {
			record, err := txn.Get(key)
			return text(record), err
		}
	case n < 30:
		value := randomValue(random)
		return fmt.Sprintf("Put(%q, %d bytes)", key, len(value)), func(txn storage.Txn) (string, error) {
			return "", txn.Put(key, value)
		}
	case n < 39:
		return fmt.Sprintf("Delete(%q)", key), func(txn storage.Txn) (string, error) { return "", txn.Delete(key) }
	default:
		key := []storage.Key{"", longKey}[random.IntN(2)]
		return fmt.Sprintf("Put(key of %d bytes)", len(key)), func(txn storage.Txn) (string, error) {
			return "", txn.Put(key, nil)
		}
	}
}

func cancelledUpdate(random *rand.Rand) operation {
	key := randomKey(random)
	return operation{
		name: fmt.Sprintf("Update(Put(%q)) with an ended context", key),
		run: func(ctx context.Context, e storage.Engine) string {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			rev, err := e.Update(ctx, func(txn storage.Txn) error { return txn.Put(key, nil) })
			return fmt.Sprintf("revision %d %s", rev, kind(err))
		},
	}
}

func randomView(random *rand.Rand) operation {
	key, after, prefix := randomKey(random), randomKey(random), randomPrefix(random)
	limit := []int{0, 1, 2, 3, 5, 100, storage.MaxRange, storage.MaxRange + 1}[random.IntN(8)]
	if random.IntN(2) == 0 {
		after = ""
	}
	return operation{
		name: fmt.Sprintf("View(Get(%q), Range(%q, %q, %d))", key, prefix, after, limit),
		run: func(ctx context.Context, e storage.Engine) string {
			var out strings.Builder
			err := e.View(ctx, func(r storage.Reader) error {
				record, err := r.Get(key)
				fmt.Fprintf(&out, "revision %d\n%s %s\n", r.Revision(), text(record), kind(err))
				records, err := r.Range(prefix, after, limit)
				for _, record := range records {
					fmt.Fprintln(&out, text(record))
				}
				return err
			})
			return out.String() + kind(err)
		},
	}
}

// randomWatch marks the present by a write below the prefix and watches from a moment in the past until it sees that.
func randomWatch(random *rand.Rand) operation {
	prefix, back := randomPrefix(random), storage.Revision(random.IntN(50))
	mark := prefix + "\xff\xff"
	return operation{
		name: fmt.Sprintf("Watch(%q) of the last %d revisions", prefix, back),
		run: func(ctx context.Context, e storage.Engine) string {
			rev, err := e.Update(ctx, func(txn storage.Txn) error { return txn.Put(mark, nil) })
			if err != nil {
				return kind(err)
			}
			var out strings.Builder
			for event, err := range e.Watch(ctx, prefix, rev-min(rev, back+1)) {
				fmt.Fprintln(&out, event.Key, event.Revision, event.Deleted, kind(err))
				if err != nil || event.Revision == rev {
					break
				}
			}
			return out.String()
		},
	}
}

// randomKey is one of few, so that operations meet.
func randomKey(random *rand.Rand) storage.Key {
	return randomPrefix(random) + storage.Key([]string{"x", "x/", "y", "\x00", "\xff", strings.Repeat("long", 50)}[random.IntN(6)])
}

func randomPrefix(random *rand.Rand) storage.Key {
	return []storage.Key{"", "a", "a/", "a/b", "b", "b\xff", "\xff"}[random.IntN(7)]
}

func randomValue(random *rand.Rand) []byte {
	size := []int{0, 1, 30, 400, 5000, storage.MaxTxnSize / 2, storage.MaxValueSize + 1}
	// Large ones are rare.
	n := size[min(random.IntN(len(size)), random.IntN(len(size)), random.IntN(len(size)))]
	return bytes.Repeat([]byte{byte(random.Uint32())}, n)
}

func text(r storage.Record) string {
	sample := r.Value[:min(4, len(r.Value))]
	return fmt.Sprintf("%.40q %d bytes %x at %d", r.Key, len(r.Value), sample, r.Revision)
}

// kind names the sentinel that an error is, since texts may differ.
func kind(err error) string {
	for _, sentinel := range []error{
		errRandom, context.Canceled, storage.ErrNotFound, storage.ErrLimit, storage.ErrCompacted, storage.ErrClosed,
		storage.ErrUnavailable, storage.ErrCorrupt,
	} {
		if errors.Is(err, sentinel) {
			return sentinel.Error()
		}
	}
	return fmt.Sprint(err)
}
