package secrets

import (
	"fmt"
	"testing"

	"github.com/coffer-dev/coffer/internal/storage"
)

// What a page costs is bounded where there is nothing for the caller, too, and the next page goes on after it.
func TestListing_skip(t *testing.T) {
	asked := map[int]int{}
	l := listing[int]{skip: func(prefix int) bool { asked[prefix]++; return true }}
	for i := range maxExamined + 1000 {
		l.prefixes = append(l.prefixes, storage.Key(fmt.Sprint(i, "/")))
	}
	_, next, err := l.scan(t.Context(), nil, nil, cursor{}, 10, maxExamined)
	if err != nil || next == nil || next.Prefix != maxExamined || len(asked) != maxExamined {
		t.Fatalf("a page ends at %+v, %v, after %d prefixes, want it after %d", next, err, len(asked), maxExamined)
	}
	_, last, err := l.scan(t.Context(), nil, nil, *next, 10, maxExamined)
	if err != nil || last != nil || len(asked) != len(l.prefixes) {
		t.Errorf("the last page ends at %+v, %v, after %d prefixes", last, err, len(asked))
	}
	for prefix, times := range asked {
		if times != 1 {
			t.Errorf("prefix %d was asked about %d times", prefix, times)
		}
	}
}
