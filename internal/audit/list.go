package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"
)

const (
	defaultPageSize = 50
	maxPageSize     = 1000
	// maxExamined and maxSkimmed bound the records that one page may cost: those that are parsed, and the bytes that
	// are looked through for them.
	maxExamined = 10_000
	maxSkimmed  = 64 << 20
)

// Query selects events. Zero fields select all.
type Query struct {
	// After and Before bound the time of events: at or after After, before Before.
	After, Before time.Time
	Principal     string
	// Resource selects the resource of that name and everything below it.
	Resource string
	Action   string
	Kind     Kind
	Decision Decision
	// Outcome is the gRPC code that the call ended with, e.g. "PERMISSION_DENIED".
	Outcome   string
	RequestID string
	// Match is a further condition. It is not part of what a page token is bound to.
	Match func(*Event) bool
	// PageSize is the most events a page has; 0 means 50, above 1000 means 1000.
	PageSize int
	// PageToken continues after the page that gave it.
	PageToken string
}

// Page is a part of the log, newest event first.
type Page struct {
	Events []Event
	// NextPageToken is empty on the last page. A page may have fewer events than asked for, even none, and a token:
	// what a page examines is bounded.
	NextPageToken string
}

// List returns the events that q selects, newest first: by their numbers, whatever their times. It does not verify
// them. A page token that belongs to another query is ErrPageToken.
func (l *Log) List(ctx context.Context, q Query) (Page, error) {
	_ = l.writes.flush() // a broken log can still be read
	below, err := q.position(l.Head().Seq + 1)
	if err != nil {
		return Page{}, err
	}
	all, current, err := l.segments()
	if err != nil {
		return Page{}, err
	}
	p := pager{log: l, q: q, terms: q.terms(), below: below, size: q.PageSize}
	if p.size <= 0 {
		p.size = defaultPageSize
	}
	p.size = min(p.size, maxPageSize)
	first := l.anchor().Seq + 1
	for i := holding(all, below-1); i >= 0 && p.below > first && !p.full; i-- {
		err := p.segment(ctx, all[i], all[i].first < current)
		if errors.Is(err, fs.ErrNotExist) && all[i].first <= l.anchor().Seq {
			return p.page, nil // retention was here
		}
		if err != nil {
			return Page{}, fmt.Errorf("listing the audit log: %s: %w", all[i].name(), err)
		}
	}
	if p.full && p.below > first {
		p.page.NextPageToken = q.token(p.below)
	}
	return p.page, nil
}

// Selects reports whether the query selects e.
func (q *Query) Selects(e *Event) bool {
	return q.during(e.Time) &&
		(q.Principal == "" || q.Principal == e.Principal) &&
		(q.Resource == "" || within(e.Resource, q.Resource)) &&
		(q.Action == "" || q.Action == e.Action) &&
		(q.Kind == "" || q.Kind == e.Kind) &&
		(q.Decision == "" || q.Decision == e.Decision) &&
		(q.Outcome == "" || q.Outcome == e.Code) &&
		(q.RequestID == "" || q.RequestID == e.RequestID) &&
		(q.Match == nil || q.Match(e))
}

// during reports whether at is a time that the query asks for.
func (q *Query) during(at time.Time) bool {
	return (q.After.IsZero() || !at.Before(q.After)) && (q.Before.IsZero() || at.Before(q.Before))
}

// overlaps reports whether a time from oldest to newest, in microseconds, can be one that the query asks for.
func (q *Query) overlaps(oldest, newest int64) bool {
	return (q.After.IsZero() || newest >= q.After.UnixMicro()) && (q.Before.IsZero() || oldest <= q.Before.UnixMicro())
}

// within reports whether name is parent or below it; "namespaces/a" is not below "namespaces/ab".
func within(name, parent string) bool {
	rest, ok := strings.CutPrefix(name, strings.TrimSuffix(parent, "/"))
	return ok && (rest == "" || rest[0] == '/')
}

// token continues below record seq. It is no secret and grants nothing: the query it comes with is authorized anew.
func (q *Query) token(seq uint64) string {
	return base64.RawURLEncoding.EncodeToString(append(binary.BigEndian.AppendUint64(nil, seq), q.digest()...))
}

// position returns the number that the page lies below: that of the token, or top without one.
func (q *Query) position(top uint64) (uint64, error) {
	if q.PageToken == "" {
		return top, nil
	}
	token, err := base64.RawURLEncoding.DecodeString(q.PageToken)
	if err != nil || len(token) < 8 || !bytes.Equal(token[8:], q.digest()) {
		return 0, ErrPageToken
	}
	seq := binary.BigEndian.Uint64(token)
	if seq == 0 || seq > top {
		return 0, ErrPageToken
	}
	return seq, nil
}

// digest tells queries apart.
func (q *Query) digest() []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %q %q %q %q %q %q %q", q.After.UnixNano(), q.Before.UnixNano(),
		q.Principal, q.Resource, q.Action, q.Kind, q.Decision, q.Outcome, q.RequestID))
	return sum[:8]
}
