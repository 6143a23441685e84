package secrets

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/filter"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// Limits of lists.
const (
	defaultPageSize = 50
	maxPageSize     = 1000
	maxExamined     = 5000   // records looked at for one page; it then comes back short, with a token
	maxSorted       = 10_000 // records that an order other than by name may have to sort
	maxSortExamined = 50_000 // records that it may have to look at for that
	rangeSize       = 200    // records read from the engine at once, at most
)

// Page says which page of a list is asked for.
type Page struct {
	Size        int    // 0: 50; above 1000: 1000; negative: refused
	Token       string // of the page before
	Filter      string // AIP-160
	OrderBy     string // "name" or "create_time", with " desc" or without
	ShowDeleted bool
	UnusedSince time.Time // of secrets: only those of which nothing was delivered since; zero: all
	// Fault is what whoever calls found wrong with the request while decoding it; it is told after the decision.
	Fault error
}

// listing says what a list lists.
type listing[T any] struct {
	method   string // what the page token is bound to, with parent
	parent   string
	prefixes []storage.Key // one after the other
	order    []string      // of prefixes that come and go between pages: what they are sorted by; nil: they stay
	fields   filter.Fields
	// skip tells whether there is nothing for the caller below a prefix; nil: of none. It is asked of those that are
	// examined, and of no others.
	skip func(prefix int) bool
	// open decrypts a record and tells whether the caller may see it, and asked to.
	open func(*sealed.Snapshot, storage.Record) (T, bool, error)
	// seek tells whether what the caller may see is searched for, and how many records finding that out counts as, beside
	// the one; nil: it is.
	seek func(item *T) (found bool, cost int)
	// get returns the value of a field of the filter.
	get func(item *T, field string) any
	// read returns the records that come after a key; nil: in the order of their keys.
	read func(snapshot *sealed.Snapshot, prefix, after storage.Key, limit int) ([]storage.Record, error)
}

// cursor is where the next page starts. Clients get it encrypted: it may name what they may not see.
type cursor struct {
	Prefix int         `json:"p"`
	In     string      `json:"i,omitempty"` // of prefixes that come and go: that one
	After  storage.Key `json:"a"`
	Offset int         `json:"o"` // of a sorted list
	Query  []byte      `json:"q"` // digest of the question: a token serves only the one it was given for
}

// list returns a page and the token of the next one.
func list[T any](ctx context.Context, s *Service, caller authn.Caller, page Page, l listing[T]) ([]T, string, error) {
	var err error
	if page.Size, err = pageSize(page.Size); err != nil {
		return nil, "", err
	}
	if page.Fault != nil {
		return nil, "", page.Fault
	}
	keep, err := filter.Parse(page.Filter, l.fields)
	if err != nil {
		return nil, "", Invalid("filter", "%v", err)
	}
	order, err := filter.ParseOrder(page.OrderBy, "name", "create_time")
	if err != nil {
		return nil, "", Invalid("order_by", "%v", err)
	}
	query := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %t %s", l.method, l.parent, page.Filter, page.OrderBy, page.ShowDeleted,
		page.UnusedSince.UTC()))
	at := cursor{Query: query[:]}
	if page.Token != "" {
		if err := s.openToken(ctx, caller, page.Token, &at); err != nil || !bytes.Equal(at.Query, query[:]) {
			return nil, "", Invalid("page_token", "is not the token of a page of this list")
		}
	}
	l.find(&at)
	var items []T
	var next *cursor
	err = s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		var err error
		if order.Field == "" || order == (filter.Order{Field: "name"}) {
			items, next, err = l.scan(ctx, snapshot, keep, at, page.Size, maxExamined)
		} else {
			items, next, err = l.sorted(ctx, snapshot, keep, at, page.Size, order)
		}
		return err
	})
	if err != nil || next == nil {
		return items, "", err
	}
	if l.order != nil {
		next.In = l.order[next.Prefix]
	}
	token, err := s.sealToken(ctx, caller, next)
	return items, token, err
}

// pageSize is how many entries a page has for which a size was asked.
func pageSize(asked int) (int, error) {
	switch {
	case asked < 0:
		return 0, Invalid("page_size", "is negative")
	case asked == 0:
		return defaultPageSize, nil
	}
	return min(asked, maxPageSize), nil
}

// scan reads on from the cursor until size items are found, or so many records are examined.
func (l listing[T]) scan(ctx context.Context, snapshot *sealed.Snapshot, keep *filter.Filter, at cursor, size, examine int) ([]T, *cursor, error) {
	var items []T
	// A prefix below which there is nothing, or nothing for the caller, is examined too.
	for ; at.Prefix < len(l.prefixes); at.Prefix, at.After, examine = at.Prefix+1, "", examine-1 {
		if examine > 0 && l.skip != nil && l.skip(at.Prefix) {
			continue
		}
		for {
			if err := ctx.Err(); err != nil {
				return nil, nil, err
			}
			if examine <= 0 {
				return items, &at, nil
			}
			want := min(rangeSize, examine, size-len(items)+1)
			records, err := l.records(snapshot, l.prefixes[at.Prefix], at.After, want)
			if err != nil {
				return nil, nil, err
			}
			for _, record := range records {
				item, ok, err := l.open(snapshot, record)
				if err != nil {
					return nil, nil, err
				}
				examine--
				if ok && l.seek != nil {
					sought, cost := l.seek(&item)
					ok, examine = sought, examine-cost
				}
				if ok && keep.Match(func(name string) any { return l.get(&item, name) }) {
					if len(items) == size {
						return items, &at, nil
					}
					items = append(items, item)
				}
				at.After = record.Key
				if examine <= 0 {
					return items, &at, nil
				}
			}
			if len(records) < want {
				break
			}
		}
	}
	return items, nil, nil
}

// find makes the cursor point to the prefix that it was in, or to the next that there is now.
func (l listing[T]) find(at *cursor) {
	if l.order == nil {
		return
	}
	i, same := slices.BinarySearch(l.order, at.In)
	if at.Prefix = i; !same {
		at.After = ""
	}
}

func (l listing[T]) records(snapshot *sealed.Snapshot, prefix, after storage.Key, limit int) ([]storage.Record, error) {
	if l.read != nil {
		return l.read(snapshot, prefix, after, limit)
	}
	return snapshot.Range(prefix, after, limit)
}

// sorted reads everything, sorts it, and cuts out the page.
func (l listing[T]) sorted(ctx context.Context, snapshot *sealed.Snapshot, keep *filter.Filter, at cursor, size int, order filter.Order) ([]T, *cursor, error) {
	items, more, err := l.scan(ctx, snapshot, keep, cursor{}, maxSorted, maxSortExamined)
	if err != nil {
		return nil, nil, err
	}
	if more != nil {
		return nil, nil, fmt.Errorf("%w: more than %d to sort; order by name, or ask for a smaller namespace", ErrLimit, maxSorted)
	}
	slices.SortStableFunc(items, func(a, b T) int {
		c := compare(l.get(&a, order.Field), l.get(&b, order.Field))
		if order.Desc {
			return -c
		}
		return c
	})
	end := min(at.Offset+size, len(items))
	if at.Offset >= end {
		return nil, nil, nil
	}
	next := &cursor{Offset: end, Query: at.Query}
	if end == len(items) {
		next = nil
	}
	return items[at.Offset:end], next, nil
}

func compare(a, b any) int {
	switch a := a.(type) {
	case time.Time:
		return a.Compare(b.(time.Time))
	case string:
		return strings.Compare(a, b.(string))
	}
	return 0
}

// get returns the value of a filter field that every resource has.
func (m *Meta) get(name, field string) any {
	switch field {
	case "name":
		return name
	case "uid":
		return m.UID
	case "description":
		return m.Description
	case "labels":
		return m.Labels
	case "create_time":
		return m.CreateTime
	case "update_time":
		return m.UpdateTime
	case "created_by":
		return m.CreatedBy
	case "updated_by":
		return m.UpdatedBy
	}
	return nil
}

// metaFilter are the filter fields of Meta, with those added.
func metaFilter(more filter.Fields) filter.Fields {
	fields := filter.Fields{
		"name": filter.String, "uid": filter.String, "description": filter.String, "labels": filter.StringMap,
		"create_time": filter.Timestamp, "update_time": filter.Timestamp, "created_by": filter.String, "updated_by": filter.String,
	}
	maps.Copy(fields, more)
	return fields
}

func (s *Service) sealToken(ctx context.Context, caller authn.Caller, at any) (string, error) {
	content, err := json.Marshal(at)
	if err != nil {
		return "", fmt.Errorf("encoding a page token: %w", err)
	}
	sealed, err := s.store.SealToken(ctx, caller.Name, content)
	return base64.RawURLEncoding.EncodeToString(sealed), err
}

func (s *Service) openToken(ctx context.Context, caller authn.Caller, token string, at any) error {
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(token) > 8<<10 {
		return ErrNotFound
	}
	content, err := s.store.OpenToken(ctx, caller.Name, sealed)
	if err != nil {
		return err
	}
	return json.Unmarshal(content, at)
}
