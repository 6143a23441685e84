package secrets

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// crowd lists n secrets, the last by name being the newest.
func crowd(n int) listing[Secret] {
	records := make([]storage.Record, n)
	for i := range records {
		records[i].Key, records[i].Revision = storage.Key(fmt.Sprintf("s/%06d", i)), storage.Revision(i)
	}
	return listing[Secret]{
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
		open: func(_ *sealed.Snapshot, r storage.Record) (Secret, bool, error) {
			return Secret{Name: string(r.Key), Meta: Meta{UID: string(r.Key), CreateTime: time.Unix(int64(r.Revision), 0)}}, true, nil
		},
	}
}

// More than can be sorted come by name, all of them, each once; at least so many are told of.
func TestNewest_tooManyToSort(t *testing.T) {
	const n = maxSorted + 5
	l, at, seen := crowd(n), newestAt{}, 0
	for {
		page, next, err := newest(t.Context(), nil, l, at, 100)
		if err != nil || page.Total != maxSorted {
			t.Fatalf("a page of %d, %v", page.Total, err)
		}
		for _, s := range page.Secrets {
			if want := fmt.Sprintf("s/%06d", seen); s.Name != want {
				t.Fatalf("after %d came %s, want %s", seen, s.Name, want)
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
	_, next, err := newest(t.Context(), nil, crowd(maxSorted), newestAt{}, 100)
	if err != nil || next == nil || next.ByName {
		t.Fatalf("the first page goes on at %+v, %v", next, err)
	}
	page, _, err := newest(t.Context(), nil, crowd(maxSorted+1000), *next, 100)
	if want := fmt.Sprintf("s/%06d", maxSorted-101); err != nil || page.Total != maxSorted+1000 || page.Secrets[0].Name != want {
		t.Errorf("the next page of %d begins with %v, %v, want %s", page.Total, page.Secrets[0].Name, err, want)
	}
	_, _, err = newest(t.Context(), nil, crowd(maxSortExamined+1), *next, 100)
	if _, invalid := errors.AsType[*InvalidError](err); !invalid {
		t.Errorf("of far too many: %v, want the token refused", err)
	}
}
