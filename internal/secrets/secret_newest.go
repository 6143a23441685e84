package secrets

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/filter"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// Newest is a page of secrets, the newest first.
type Newest struct {
	Secrets []Secret // without the sizes of keys, and when they were last accessed
	Next    string   // token of the next page; empty: this is the last one
	// Total is how many the caller may see on all pages. Of more than can be sorted it is as many as were counted on the
	// first page: there are at least so many.
	Total int
}

// newestAt is where the next page starts: behind a secret, so that those created meanwhile move no other to a page it was
// on already. Clients get it encrypted.
type newestAt struct {
	Time   time.Time   `json:"t,omitzero"`
	UID    string      `json:"u,omitempty"`
	ByName bool        `json:"b,omitempty"` // there are too many to sort
	After  storage.Key `json:"a,omitempty"`
	Total  int         `json:"n,omitempty"`
	Query  []byte      `json:"q"` // digest of the question: a token serves only the one it was given for
}

// NewestSecrets returns the secrets of a namespace that the caller may see, the newest first, and how many there are. Of
// the page its Size, Token and Fault count. Where there are too many to sort, they come by name, and pages may be short.
func (s *Service) NewestSecrets(ctx context.Context, caller authn.Caller, parent string, page Page) (Newest, error) {
	at, visible, err := s.listIn(ctx, caller, authz.SecretList, parent)
	if err != nil {
		return Newest{}, err
	}
	size, err := pageSize(page.Size)
	if err := firstError(err, page.Fault); err != nil {
		return Newest{}, err
	}
	query := sha256.Sum256(fmt.Appendf(nil, "%q %q", "newest secrets", parent))
	from := newestAt{Query: query[:]}
	if page.Token != "" {
		if err := s.openToken(ctx, caller, page.Token, &from); err != nil || !bytes.Equal(from.Query, query[:]) {
			return Newest{}, Invalid("page_token", "is not the token of a page of this list")
		}
	}
	var known *knownAges
	if s.gate.SeesAll(caller, authz.SecretList, authz.KindSecret, at.ns.uid) {
		known, visible = s.ages.of(at.ns.uid), func(authz.Resource) bool { return true }
	}
	l := aging(at.ns, known, visible)
	found := Newest{}
	var next *newestAt
	err = s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		var page []aged
		var err error
		if page, found.Total, next, err = newest(ctx, snapshot, l, from, size); err != nil {
			return err
		}
		for _, one := range page {
			r := &storev1.Secret{}
			if err := snapshot.Open(kindSecret, at.ns.uid, one.rec, r); err != nil {
				return err
			}
			secret := secretOf(at.ns, r, one.rec.Revision)
			hideSizes(secret.Keys)
			found.Secrets = append(found.Secrets, secret)
		}
		return nil
	})
	if known != nil && err == nil && !from.ByName {
		s.ages.keep(at.ns.uid, known)
	}
	if err == nil && next != nil {
		found.Next, err = s.sealToken(ctx, caller, next)
	}
	return found, err
}

// aging lists the secrets of a namespace by what they are sorted by. known is nil where it depends on more of a secret
// whether the caller may see it; else what is known already is not opened.
func aging(n namespace, known *knownAges, visible func(authz.Resource) bool) listing[aged] {
	return listing[aged]{
		prefixes: []storage.Key{key(secretPrefix, n.uid, "")},
		open: func(snapshot *sealed.Snapshot, rec storage.Record) (aged, bool, error) {
			if is, ok := known.find(rec); ok {
				return aged{is, rec}, true, nil
			}
			r := &storev1.Secret{}
			if err := snapshot.Open(kindSecret, n.uid, rec, r); err != nil {
				return aged{}, false, err
			}
			is := age{rec.Revision, unstamp(r.GetMeta().GetCreateTime()), r.GetUid()}
			known.learn(rec.Key, is)
			return aged{is, rec}, visible(secretIn(n, r)), nil
		},
	}
}

// newest reads the page that starts at from, and tells how many there are.
func newest(ctx context.Context, snapshot *sealed.Snapshot, l listing[aged], from newestAt, size int) ([]aged, int, *newestAt, error) {
	next := from
	if !from.ByName {
		sorted := maxSorted
		if from.UID != "" {
			sorted = maxSortExamined // a list that was sorted once may grow
		}
		items, more, err := l.scan(ctx, snapshot, &filter.Filter{}, cursor{}, sorted, maxSortExamined)
		if err != nil {
			return nil, 0, nil, err
		}
		if more == nil {
			page, following := newestOf(items, from, size)
			return page, len(items), following, nil
		}
		if from.UID != "" {
			return nil, 0, nil, Invalid("page_token", "there are too many by now to go on from it; list from the beginning")
		}
		next.ByName, next.Total = true, len(items)
	}
	items, more, err := l.scan(ctx, snapshot, &filter.Filter{}, cursor{After: from.After}, size, maxExamined)
	if err != nil || more == nil {
		return items, next.Total, nil, err
	}
	next.After = more.After
	return items, next.Total, &next, nil
}

// newestOf cuts the page that starts at from out of all there are.
func newestOf(all []aged, from newestAt, size int) ([]aged, *newestAt) {
	slices.SortFunc(all, newerFirst)
	start := 0
	if from.UID != "" {
		var there bool // it may have been deleted
		if start, there = slices.BinarySearchFunc(all, aged{age: age{uid: from.UID, created: from.Time}}, newerFirst); there {
			start++
		}
	}
	page := all[start:min(start+size, len(all))]
	if start+size >= len(all) {
		return page, nil
	}
	next := from
	next.Time, next.UID = page[size-1].created, page[size-1].uid
	return page, &next
}

func newerFirst(a, b aged) int {
	return cmp.Or(b.created.Compare(a.created), cmp.Compare(b.uid, a.uid))
}
