package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	defaultPageSize = 50
	maxPageSize     = 1000
	// maxExamined bounds the records that one page may cost.
	maxExamined = 10_000
	// clockSlack is how far the times of records that were recorded one after the other are expected to be out of
	// order. Listing stops at the first record that is older than asked for by more.
	clockSlack = time.Minute
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

// List returns the events that q selects, newest first. It does not verify them. A page token that belongs to another
// query is ErrPageToken.
func (l *Log) List(ctx context.Context, q Query) (Page, error) {
	_ = l.writes.flush() // a broken log can still be read
	below, err := q.position(l.Head().Seq + 1)
	if err != nil {
		return Page{}, err
	}
	all, err := segments(l.cfg.Dir)
	if err != nil {
		return Page{}, err
	}
	p := pager{q: q, below: below, size: q.PageSize}
	if p.size <= 0 {
		p.size = defaultPageSize
	}
	p.size = min(p.size, maxPageSize)
	for i := holding(all, below-1); i >= 0 && p.below > 1 && !p.full && !p.last; i-- {
		if err := p.segment(ctx, filepath.Join(l.cfg.Dir, all[i].name()), all[i]); err != nil {
			return Page{}, fmt.Errorf("listing the audit log: %s: %w", all[i].name(), err)
		}
	}
	if p.full && p.below > 1 {
		p.page.NextPageToken = q.token(p.below)
	}
	return p.page, nil
}

// pager fills one page.
type pager struct {
	q        Query
	size     int
	below    uint64 // the number of the last record examined; what is below comes next
	examined int
	page     Page
	full     bool // the page or its budget is used up
	last     bool // what comes next is too old
}

// segment examines the records of s that are below, from the last.
func (p *pager) segment(ctx context.Context, path string, s segment) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if late, err := p.late(f, s); late || err != nil {
		p.below = s.first
		return err
	}
	end, err := complete(f, s.size) // the last record may be half written at this moment
	if err != nil {
		return err
	}
	if end, err = search(f, end, p.below); err != nil {
		return err
	}
	for line, err := range backward(f, end) {
		if err != nil {
			return err
		}
		e, err := parseEvent(line)
		if err != nil {
			return fmt.Errorf("%w: the record before %d cannot be read", ErrTampered, p.below)
		}
		p.examine(&e)
		if p.full || p.last {
			return nil
		}
	}
	return nil
}

// late reports whether all of s is later than the query wants.
func (p *pager) late(f io.Reader, s segment) (bool, error) {
	if p.q.Before.IsZero() {
		return false, nil
	}
	for line, err := range forward(io.LimitReader(f, s.size)) {
		if err != nil {
			return false, err
		}
		e, err := parseEvent(line)
		return err == nil && e.Time.After(p.q.Before.Add(clockSlack)), nil
	}
	return false, nil
}

func (p *pager) examine(e *Event) {
	if !p.q.After.IsZero() && e.Time.Before(p.q.After.Add(-clockSlack)) {
		p.last = true
		return
	}
	p.below = e.Seq
	if p.examined++; p.q.selects(e) {
		p.page.Events = append(p.page.Events, *e)
	}
	p.full = len(p.page.Events) >= p.size || p.examined >= maxExamined
}

func (q *Query) selects(e *Event) bool {
	return (q.After.IsZero() || !e.Time.Before(q.After)) &&
		(q.Before.IsZero() || e.Time.Before(q.Before)) &&
		(q.Principal == "" || q.Principal == e.Principal) &&
		(q.Resource == "" || within(e.Resource, q.Resource)) &&
		(q.Action == "" || q.Action == e.Action) &&
		(q.Kind == "" || q.Kind == e.Kind) &&
		(q.Decision == "" || q.Decision == e.Decision) &&
		(q.Match == nil || q.Match(e))
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
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %q %q %q %q %q", q.After.UnixNano(), q.Before.UnixNano(),
		q.Principal, q.Resource, q.Action, q.Kind, q.Decision))
	return sum[:8]
}
