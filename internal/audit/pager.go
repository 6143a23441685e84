package audit

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"sort"
	"strings"
)

const (
	// windowSize is how much of a segment without index is looked through at a time.
	windowSize = 1 << 20
	// guessedLine is how much is read at first to read one record.
	guessedLine = 1 << 10
)

// term is what a record must have in a field to be selected: the value as it is written, or for a resource the
// beginning of it.
type term struct {
	field  string
	value  []byte
	needle []byte // what is found in the record
}

// terms returns what of the query can be found without parsing records, what is most likely rare first.
func (q *Query) terms() []term {
	var terms []term
	values := []string{
		q.RequestID, strings.TrimSuffix(q.Resource, "/"), q.Principal, q.Outcome, q.Action, string(q.Decision), string(q.Kind),
	}
	for i, field := range indexed {
		if values[i] == "" {
			continue
		}
		needle := appendField(nil, `,"`+field+`":`, values[i])
		value := needle[len(field)+len(`,"":"`) : len(needle)-1]
		if field == fieldResource {
			needle, value = needle[:len(needle)-1], prefix(value)
		}
		terms = append(terms, term{field, value, needle})
	}
	return terms
}

// pager fills one page.
type pager struct {
	log      *Log
	q        Query
	terms    []term
	size     int
	below    uint64 // the number of the last record examined; what is below comes next
	examined int
	skimmed  int64
	page     Page
	full     bool // the page or its budget is used up
}

// segment examines the records of s that are below, from the last.
func (p *pager) segment(ctx context.Context, s segment, finished bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	f, err := os.Open(p.log.path(s.name()))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if finished {
		err := p.indexed(ctx, f, s)
		if err == nil || !p.log.noIndex(s, err) {
			return err
		}
	}
	return p.scan(ctx, f, s, nil)
}

// indexed does what segment does with the index of s.
func (p *pager) indexed(ctx context.Context, f *os.File, s segment) error {
	x, err := p.log.openIndex(s)
	if err != nil {
		return err
	}
	defer x.close()
	p.spend(x.begin)
	switch {
	case !p.q.overlaps(x.head.Oldest, x.head.Newest):
		p.below = s.first
		return nil
	case len(p.terms) == 0:
		return p.scan(ctx, f, s, x.stripes)
	}
	offsets, err := p.candidates(x)
	if err != nil {
		return err
	}
	return p.lookUp(f, s, offsets)
}

// candidates returns the offsets of the records that may have all terms, in order.
func (p *pager) candidates(x *index) ([]uint32, error) {
	hash, hashes := p.log.termHash(), make([]uint64, len(p.terms))
	for i, t := range p.terms {
		hashes[i] = hash.of(t.field, t.value)
	}
	offsets, err := x.candidates(hashes)
	p.spend(int64(len(x.pages)) * indexPage)
	return offsets, err
}

// lookUp examines the records at offsets that are below.
func (p *pager) lookUp(f *os.File, s segment, offsets []uint32) error {
	if len(offsets) > 0 {
		end, err := search(f, s.size, p.below)
		if err != nil {
			return err
		}
		offsets = offsets[:sort.Search(len(offsets), func(i int) bool { return int64(offsets[i]) >= end })]
	}
	for _, offset := range slices.Backward(offsets) {
		line, err := recordAt(f, s.size, int64(offset))
		if err != nil {
			return err
		}
		if err := p.examine(line); err != nil || p.full {
			return err
		}
	}
	p.below = s.first
	return nil
}

// scan examines the records of s that are below by going through them all, but for those that stripes tell are of
// another time.
func (p *pager) scan(ctx context.Context, f *os.File, s segment, stripes []stripe) error {
	end, err := complete(f, s.size) // the last record may be half written at this moment
	if err != nil {
		return err
	}
	if end, err = search(f, end, p.below); err != nil {
		return err
	}
	for end > 0 && !p.full && err == nil {
		from := max(end-windowSize, 0)
		if n := sort.Search(len(stripes), func(i int) bool { return int64(stripes[i].Offset) >= end }); n > 0 {
			from = int64(stripes[n-1].Offset)
			if !p.q.overlaps(stripes[n-1].Oldest, stripes[n-1].Newest) {
				end, p.below = from, s.first+uint64(n-1)*stripeLength
				continue
			}
		}
		if end, err = p.skim(f, from, end); err == nil {
			err = ctx.Err()
		}
	}
	return err
}

// skim examines the records that begin between from and end, and returns where the first of them begins.
func (p *pager) skim(f *os.File, from, end int64) (int64, error) {
	first, from, err := lineAt(f, end, from)
	if err != nil {
		return 0, err
	}
	seq, ok := lineSeq(first)
	if !ok {
		return 0, fmt.Errorf("%w: a line is not a record", ErrTampered)
	}
	var needle []byte
	if len(p.terms) > 0 {
		needle = p.terms[0].needle
	}
	for line, err := range backward(f, from, end, needle) {
		if err != nil {
			return 0, err
		}
		if !p.promising(line) {
			continue
		}
		if err := p.examine(line); err != nil || p.full {
			return from, err
		}
	}
	p.below = seq
	p.spend(end - from)
	return from, nil
}

// promising reports whether it is worth parsing line.
func (p *pager) promising(line []byte) bool {
	for _, t := range p.terms {
		if !bytes.Contains(line, t.needle) {
			return false
		}
	}
	if p.q.After.IsZero() && p.q.Before.IsZero() {
		return true
	}
	at, err := lineTime(line)
	return err != nil || p.q.during(at) // what cannot be read is told when it is parsed
}

// examine parses a record and takes it if it is selected.
func (p *pager) examine(line []byte) error {
	e, err := parseEvent(line)
	if err != nil {
		return fmt.Errorf("%w: a record before %d cannot be read", ErrTampered, p.below)
	}
	p.below = e.Seq
	if p.examined++; p.q.Selects(&e) {
		p.page.Events = append(p.page.Events, e)
	}
	p.full = p.full || len(p.page.Events) >= p.size || p.examined >= maxExamined
	return nil
}

func (p *pager) spend(bytes int64) {
	p.skimmed += bytes
	p.full = p.full || p.skimmed >= maxSkimmed
}

// recordAt returns the record at offset.
func recordAt(r io.ReaderAt, size, offset int64) ([]byte, error) {
	for n := int64(guessedLine); ; n = maxLine {
		buf := make([]byte, min(n, max(size-offset, 0)))
		if _, err := r.ReadAt(buf, offset); err != nil {
			return nil, err
		}
		if i := bytes.IndexByte(buf, '\n'); i >= 0 {
			return buf[:i+1], nil
		}
		if n == maxLine || int64(len(buf)) < n {
			return nil, fmt.Errorf("%w: no record where the index has one", ErrTampered)
		}
	}
}
