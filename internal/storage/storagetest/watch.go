package storagetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/storage"
)

const watchCompactedHistory = 10

func testWatchHistory(t *testing.T, e storage.Engine) {
	put(t, e, "b/1", "x")
	put(t, e, "a/1", "x")
	update(t, e, func(txn storage.Txn) error {
		return errors.Join(txn.Put("b/2", nil), txn.Delete("b/1"), txn.Delete("absent"), txn.Put("a/2", nil))
	})
	remove(t, e, "absent")
	remove(t, e, "a/1")
	all := []storage.Event{
		{Key: "b/1", Revision: 1},
		{Key: "a/1", Revision: 2},
		{Key: "a/2", Revision: 3},
		{Key: "b/1", Revision: 3, Deleted: true},
		{Key: "b/2", Revision: 3},
		{Key: "a/1", Revision: 4, Deleted: true},
	}
	for _, test := range []struct {
		prefix storage.Key
		rev    storage.Revision
		want   []storage.Event
	}{
		{"", 0, all},
		{"", 1, all[1:]},
		{"", 2, all[2:]},
		{"", 3, all[5:]},
		{"a/", 0, []storage.Event{all[1], all[2], all[5]}},
		{"b", 0, []storage.Event{all[0], all[3], all[4]}},
		{"b/2", 2, all[4:5]},
	} {
		got := watched(t, e, test.prefix, test.rev, len(test.want))
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("Watch(%q, %d) (-want +got):\n%s", test.prefix, test.rev, diff)
		}
	}
}

// testWatchFollowsWriters resumes again and again while writers write, and misses and repeats nothing.
func testWatchFollowsWriters(t *testing.T, e storage.Engine) {
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range rounds {
				key := storage.Key(fmt.Sprintf("%d/%d", w%2, i))
				_, err := e.Update(t.Context(), func(txn storage.Txn) error {
					return errors.Join(txn.Put(key, nil), txn.Put("2/"+key, nil))
				})
				if err != nil {
					t.Errorf("Update() = %v, want nil", err)
				}
			}
		})
	}
	const updates = writers * rounds
	for range 3 {
		wg.Go(func() {
			events, err := collect(t.Context(), e, "2/", 0, updates)
			if err != nil {
				t.Errorf("Watch() = %v after %d events, want %d", err, len(events), updates)
				return
			}
			for i, event := range events {
				if event.Revision != storage.Revision(i+1) {
					t.Errorf("event %d = %v, want one of each revision", i, event)
					return
				}
			}
		})
	}
	var resumed []storage.Event
	for rev := storage.Revision(0); rev < updates; rev = resumed[len(resumed)-1].Revision {
		resumed = append(resumed, watched(t, e, "", rev, 2)...)
	}
	wg.Wait()
	if diff := cmp.Diff(watched(t, e, "", 0, 2*updates), resumed); diff != "" {
		t.Errorf("events of one watch and of resumed ones (-one +resumed):\n%s", diff)
	}
}

func testWatchEndsWithContext(t *testing.T, e storage.Engine) {
	put(t, e, "a", "1")
	for _, rev := range []storage.Revision{0, 1} { // in the loop's body; while it waits
		ctx, cancel := context.WithCancel(t.Context())
		if rev == 1 {
			go cancel()
		}
		for event, err := range e.Watch(ctx, "", rev) {
			if err != nil || rev == 1 {
				t.Errorf("Watch(%d) yields %v, %v", rev, event, err)
			}
			cancel()
		}
		cancel()
	}
}

func testWatchEndsWithConsumer(t *testing.T, e storage.Engine) {
	update(t, e, func(txn storage.Txn) error { return errors.Join(txn.Put("a", nil), txn.Put("b", nil)) })
	watch := e.Watch(t.Context(), "", 0)
	for range 2 { // the sequence begins anew each time
		n := 0
		for _, err := range watch {
			if err != nil {
				t.Fatalf("watching: %v", err)
			}
			n++
			break
		}
		if n != 1 {
			t.Errorf("%d events before break, want 1", n)
		}
	}
}

func testWatchEndsWithClose(t *testing.T, e storage.Engine) {
	put(t, e, "a", "1")
	var wg sync.WaitGroup
	started := make(chan struct{}, writers)
	for range writers {
		wg.Go(func() {
			var last error
			for _, err := range e.Watch(t.Context(), "", 0) {
				if err == nil {
					started <- struct{}{}
				}
				last = err
			}
			wantError(t, "Watch() of a closed engine", last, storage.ErrClosed)
		})
	}
	for range writers {
		<-started
	}
	if err := e.Close(); err != nil {
		t.Errorf("Close() = %v, want nil", err)
	}
	wg.Wait()
}

// testWatchCompacted writes until the first changes are no longer kept.
func testWatchCompacted(t *testing.T, e storage.Engine) {
	for {
		rev := put(t, e, "a", "1")
		events, err := collect(t.Context(), e, "", 0, 1)
		if errors.Is(err, storage.ErrCompacted) && len(events) == 0 {
			break
		}
		if err != nil {
			t.Fatalf("Watch(0) at revision %d = %v, want nil or %v", rev, err, storage.ErrCompacted)
		}
	}
	_, rev := contents(t, e)
	for back := range storage.Revision(watchCompactedHistory) {
		if events := watched(t, e, "", rev-back-1, 1); events[0].Revision != rev-back {
			t.Errorf("Watch(%d) yields revision %d first", rev-back-1, events[0].Revision)
		}
	}
}

func testClosed(t *testing.T, e storage.Engine) {
	put(t, e, "a", "1")
	for range 2 {
		if err := e.Close(); err != nil {
			t.Errorf("Close() = %v, want nil", err)
		}
	}
	wantError(t, "View()", e.View(t.Context(), func(storage.Reader) error { return nil }), storage.ErrClosed)
	_, err := e.Update(t.Context(), func(storage.Txn) error { return nil })
	wantError(t, "Update()", err, storage.ErrClosed)
	_, err = collect(t.Context(), e, "", 0, 1)
	wantError(t, "Watch()", err, storage.ErrClosed)
}

func testCloseWaits(t *testing.T, e storage.Engine) {
	put(t, e, "a", "1")
	closed := make(chan error)
	view(t, e, func(r storage.Reader) error {
		go func() { closed <- e.Close() }()
		// Refusal of a new update shows that Close has begun.
		for {
			_, err := e.Update(t.Context(), func(storage.Txn) error { return nil })
			if errors.Is(err, storage.ErrClosed) {
				break
			}
		}
		_, err := r.Get("a")
		return err
	})
	if err := <-closed; err != nil {
		t.Errorf("Close() = %v, want nil", err)
	}
}
