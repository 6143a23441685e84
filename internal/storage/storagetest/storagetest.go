// Package storagetest is the proof that an engine keeps the contract of package storage.
//
// Run is the conformance suite, which every engine passes whole: what an engine cannot honour does not belong in the
// contract. Random and Differential compare an engine with a model, or with another engine, over random operations.
// Faulty breaks an engine on demand, for the tests of what is built on one.
package storagetest

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/storage"
)

// Open returns a new, empty engine that keeps at least watchHistory revisions for Watch, and no more than twice as many
// once some time and some writes have passed; 0 leaves it to the engine. The suite closes it.
type Open func(t *testing.T, watchHistory int) storage.Engine

// Run runs the conformance suite, each test on an engine of its own.
func Run(t *testing.T, open Open) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, storage.Engine)
	}{
		{"EmptyStore", testEmptyStore},
		{"PutGetDelete", testPutGetDelete},
		{"RecordRevisions", testRecordRevisions},
		{"LastWriteOfKeyCounts", testLastWriteCounts},
		{"OwnWritesAreSeen", testOwnWrites},
		{"FailingFnWritesNothing", testFailingFn},
		{"TransactionWithoutWrites", testWithoutWrites},
		{"MemoryIsCopied", testMemoryIsCopied},
		{"Range", testRange},
		{"Limits", testLimits},
		{"LimitErrorCannotBeDropped", testLimitErrorSticks},
		{"LargestTransaction", testLargestTransaction},
		{"EndedReaderAndTxn", testEnded},
		{"Counter", testCounter},
		{"RevisionOfItsOwn", testRevisionOfItsOwn},
		{"WriteSkew", testWriteSkew},
		{"SnapshotIsolation", testSnapshotIsolation},
		{"FailingAmongSucceeding", testFailingAmongSucceeding},
		{"Cancellation", testCancellation},
		{"PanicReachesCaller", testPanic},
		{"WatchHistory", testWatchHistory},
		{"WatchFollowsWriters", testWatchFollowsWriters},
		{"WatchEndsWithContext", testWatchEndsWithContext},
		{"WatchEndsWithConsumer", testWatchEndsWithConsumer},
		{"WatchEndsWithClose", testWatchEndsWithClose},
		{"Closed", testClosed},
		{"CloseWaitsForView", testCloseWaits},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, opened(t, open, 0)) })
	}
	t.Run("WatchCompacted", func(t *testing.T) { testWatchCompacted(t, opened(t, open, watchCompactedHistory)) })
	t.Run("Random", func(t *testing.T) { Random(t, open) })
}

func opened(t *testing.T, open Open, watchHistory int) storage.Engine {
	t.Helper()
	e := open(t, watchHistory)
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Errorf("Close() = %v, want nil", err)
		}
	})
	return e
}

// update runs fn and wants it committed.
func update(t *testing.T, e storage.Engine, fn func(storage.Txn) error) storage.Revision {
	t.Helper()
	rev, err := e.Update(t.Context(), fn)
	if err != nil {
		t.Fatalf("Update() = %v, want nil", err)
	}
	return rev
}

func put(t *testing.T, e storage.Engine, key storage.Key, value string) storage.Revision {
	t.Helper()
	return update(t, e, func(txn storage.Txn) error { return txn.Put(key, []byte(value)) })
}

func remove(t *testing.T, e storage.Engine, key storage.Key) storage.Revision {
	t.Helper()
	return update(t, e, func(txn storage.Txn) error { return txn.Delete(key) })
}

// view runs fn on a snapshot and wants it to succeed.
func view(t *testing.T, e storage.Engine, fn func(storage.Reader) error) {
	t.Helper()
	if err := e.View(t.Context(), fn); err != nil {
		t.Fatalf("View() = %v, want nil", err)
	}
}

// contents returns every record of a store with at most storage.MaxRange of them, and its revision.
func contents(t *testing.T, e storage.Engine) (records []storage.Record, rev storage.Revision) {
	t.Helper()
	view(t, e, func(r storage.Reader) (err error) {
		rev = r.Revision()
		records, err = r.Range("", "", storage.MaxRange)
		return err
	})
	return records, rev
}

// wantContents compares the store with records.
func wantContents(t *testing.T, e storage.Engine, want ...storage.Record) {
	t.Helper()
	got, _ := contents(t, e)
	if diff := cmp.Diff(want, got, cmp.Comparer(equalRecords)); diff != "" {
		t.Errorf("records of the store (-want +got):\n%s", diff)
	}
}

func equalRecords(a, b storage.Record) bool {
	return a.Key == b.Key && string(a.Value) == string(b.Value) && a.Revision == b.Revision
}

func record(key storage.Key, value string, rev storage.Revision) storage.Record {
	return storage.Record{Key: key, Value: []byte(value), Revision: rev}
}

func wantError(t *testing.T, call string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s = %v, want %v", call, got, want)
	}
}

// watched returns the first n events with the prefix after rev. It waits for them.
func watched(t *testing.T, e storage.Engine, prefix storage.Key, rev storage.Revision, n int) []storage.Event {
	t.Helper()
	events, err := collect(t.Context(), e, prefix, rev, n)
	if err != nil {
		t.Fatalf("Watch(%q, %d) = %v after %d events, want %d", prefix, rev, err, len(events), n)
	}
	return events
}

func collect(ctx context.Context, e storage.Engine, prefix storage.Key, rev storage.Revision, n int) ([]storage.Event, error) {
	var events []storage.Event
	if n == 0 {
		return events, nil
	}
	for event, err := range e.Watch(ctx, prefix, rev) {
		if err != nil {
			return events, err
		}
		if events = append(events, event); len(events) == n {
			break
		}
	}
	return events, ctx.Err()
}
