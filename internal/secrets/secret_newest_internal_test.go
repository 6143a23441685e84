package secrets

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// crowd lists n secrets, the last by name being the newest.
func crowd(n int) listing[aged] {
	records := make([]storage.Record, n)
	for i := range records {
		records[i].Key, records[i].Revision = storage.Key(fmt.Sprintf("s/%06d", i)), storage.Revision(i)
	}
	return listing[aged]{
		prefixes: []storage.Key{"s/"},
		read: func(_ *sealed.Snapshot, _, after storage.Key, limit int) ([]storage.Record, error) {
			at, found := slices.BinarySearchFunc(records, after, func(r storage.Record, k storage.Key) int {
				if r.Key < k {
					return -1
				} else if r.Key > k {
					return 1
				}
				return 0
			})
			if found {
				at++
			}
			return records[at:min(at+limit, n)], nil
		},
		open: func(_ *sealed.Snapshot, r storage.Record) (aged, bool, error) {
			return aged{age{r.Revision, time.Unix(int64(r.Revision), 0), string(r.Key)}, r}, true, nil
		},
	}
}

// More than can be sorted come by name, all of them, each once; at least so many are told of.
func TestNewest_tooManyToSort(t *testing.T) {
	const n = maxSorted + 5
	l, at, seen := crowd(n), newestAt{}, 0
	for {
		page, total, next, err := newest(t.Context(), nil, l, at, 100)
		if err != nil || total != maxSorted {
			t.Fatalf("a page of %d, %v", total, err)
		}
		for _, s := range page {
			if want := fmt.Sprintf("s/%06d", seen); s.uid != want {
				t.Fatalf("after %d came %s, want %s", seen, s.uid, want)
			}
			seen++
		}
		if next == nil {
			break
		}
		at = *next
	}
	if seen != n {
		t.Errorf("%d were listed, want %d", seen, n)
	}
}

// A list that was begun while they could be sorted goes on, unless there are far too many by now.
func TestNewest_grows(t *testing.T) {
	_, _, next, err := newest(t.Context(), nil, crowd(maxSorted), newestAt{}, 100)
	if err != nil || next == nil || next.ByName {
		t.Fatalf("the first page goes on at %+v, %v", next, err)
	}
	page, total, _, err := newest(t.Context(), nil, crowd(maxSorted+1000), *next, 100)
	if want := fmt.Sprintf("s/%06d", maxSorted-101); err != nil || total != maxSorted+1000 || page[0].uid != want {
		t.Errorf("the next page of %d begins with %v, %v, want %s", total, page[0].uid, err, want)
	}
	_, _, _, err = newest(t.Context(), nil, crowd(maxSortExamined+1), *next, 100)
	if _, invalid := errors.AsType[*InvalidError](err); !invalid {
		t.Errorf("of far too many: %v, want the token refused", err)
	}
}

// Of what is remembered, and is of the same revision, nothing is opened; what is remembered is bounded, and forgets what is gone.
func TestAges(t *testing.T) {
	kept, n := newAgesKept(), namespace{uid: "n"}
	one := age{7, time.Unix(1, 0), "uid"}
	first := kept.of("n")
	first.learn("s/n/a", one)
	kept.keep("n", first)
	unseen := func(authz.Resource) bool { return false }
	got, seen, err := aging(n, kept.of("n"), unseen).open(nil, storage.Record{Key: "s/n/a", Revision: 7})
	if err != nil || !seen || got.age != one {
		t.Errorf("what is known is opened as %+v, %v, %v", got, seen, err)
	}
	if _, known := kept.of("n").find(storage.Record{Key: "s/n/a", Revision: 8}); known {
		t.Error("another revision of it is known")
	}
	next := kept.of("n")
	next.find(storage.Record{Key: "s/n/b"})
	next.learn("s/n/b", one)
	kept.keep("n", next)
	if kept.size != 2 {
		t.Errorf("%d are kept, want 2", kept.size)
	}
	for i := range 3 {
		next = kept.of("n")
		next.read = 1
		next.learn(storage.Key(fmt.Sprint(i)), one)
		kept.keep("n", next)
	}
	if kept.size > 2 || kept.size != len(kept.in["n"]) {
		t.Errorf("%d are kept of those that are gone", kept.size)
	}
	many := kept.of("m")
	for i := range maxAges {
		many.learn(storage.Key(fmt.Sprint(i)), one)
	}
	kept.keep("m", many)
	if kept.size > maxAges || len(kept.in) > 1 {
		t.Errorf("%d are kept", kept.size)
	}
}
