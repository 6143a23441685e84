package audit

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"time"
)

const (
	// maxDepth bounds the parents of a resource that are indexed.
	maxDepth = 16
	// maxKnown bounds the terms of a field whose hashes are remembered while a segment is indexed.
	maxKnown = 4 << 10

	fieldResource = "resource"
)

// indexed are the fields that records can be found by.
var indexed = []string{"requestId", fieldResource, "principal", "code", "action", "decision", "kind"}

// newTermKey returns the key that terms are hashed with, so that nobody without it can make many of them collide.
func newTermKey(mac MAC) []byte { return mac.Sum([]byte("coffer audit index terms, format 1")) }

// termHash hashes terms. It is not safe for concurrent use.
type termHash struct {
	mac     hash.Hash
	scratch []byte
}

func (l *Log) termHash() *termHash { return &termHash{mac: hmac.New(sha256.New, l.termKey)} }

// of returns the hash of a field with a value as it is written.
func (h *termHash) of(field string, value []byte) uint64 {
	h.scratch = append(append(append(h.scratch[:0], field...), 0), value...)
	h.mac.Reset()
	h.mac.Write(h.scratch)
	h.scratch = h.mac.Sum(h.scratch[:0])
	return binary.BigEndian.Uint64(h.scratch)
}

// indexer gathers the terms of a segment. Its memory is a fraction of the segment.
type indexer struct {
	hash    *termHash
	head    indexHead
	stripes []stripe
	lists   map[uint64]*list
	known   []map[string][]*list // of each indexed field, by value
	records int
}

// list is the postings of one term.
type list struct {
	hash uint64
	last uint32
	raw  []byte
}

// indexAll makes the indexes that finished segments lack, newest first, and removes those without a segment.
func (l *Log) indexAll(ctx context.Context, rest int) error {
	all, current, err := l.segments()
	if err != nil {
		return err
	}
	errs := []error{l.removeStrays(all)}
	for _, s := range slices.Backward(all) {
		if s.first >= current {
			continue
		}
		if x, err := l.openIndex(s); err == nil {
			x.close()
			continue
		}
		if err := l.makeIndex(ctx, s, rest); err != nil {
			errs = append(errs, fmt.Errorf("indexing %s: %w", s.name(), err))
		}
	}
	return errors.Join(errs...)
}

// removeStrays removes indexes that have no segment, and half of one that a crash left.
func (l *Log) removeStrays(all []segment) error {
	entries, err := os.ReadDir(l.cfg.Dir)
	if err != nil {
		return err
	}
	known := make(map[string]bool)
	for _, s := range all {
		known[s.indexName()] = true
	}
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasPrefix(name, segmentPrefix) && strings.Contains(name, indexSuffix) && !known[name] {
			if err := os.Remove(l.path(name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// makeIndex writes the index of s beside it, resting rest times as long as it works. It is not synced: what a crash
// leaves of it is no index.
func (l *Log) makeIndex(ctx context.Context, s segment, rest int) error {
	f, err := os.Open(l.path(s.name()))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	x := &indexer{hash: l.termHash(), lists: make(map[uint64]*list, s.size>>10), known: make([]map[string][]*list, len(indexed))}
	for i := range x.known {
		x.known[i] = make(map[string][]*list)
	}
	x.head = indexHead{Size: s.size, First: s.first, Oldest: math.MaxInt64, Newest: math.MinInt64}
	copy(x.head.Magic[:], indexMagic)
	var offset int64
	began := time.Now()
	for line, err := range forward(io.NewSectionReader(f, 0, s.size)) {
		if err == nil {
			err = x.add(line, offset)
		}
		if err == nil && x.records%stripeLength == 0 {
			err = pause(ctx, time.Duration(rest)*time.Since(began))
			began = time.Now()
		}
		if err != nil {
			return err
		}
		offset += int64(len(line))
	}
	if x.head.Tail, err = lastBytes(f.Name(), s.size); err != nil {
		return err
	}
	name := l.path(s.indexName())
	if err := os.WriteFile(name+".new", x.encode(l.cfg.MAC), 0o600); err != nil {
		_ = os.Remove(name + ".new")
		return err
	}
	return os.Rename(name+".new", name)
}

// pause returns after d, or with the error of ctx when that ends.
func pause(ctx context.Context, d time.Duration) error {
	if d > 0 {
		select {
		case <-ctx.Done():
		case <-time.After(d):
		}
	}
	return ctx.Err()
}

// add takes the record at offset.
func (x *indexer) add(line []byte, offset int64) error {
	seq, ok := lineSeq(line)
	if !ok || seq != x.head.First+uint64(x.records) {
		return fmt.Errorf("%w: record %d is not in its place", ErrTampered, x.head.First+uint64(x.records))
	}
	at, err := lineTime(line)
	if err != nil {
		return err
	}
	if x.records%stripeLength == 0 {
		x.stripes = append(x.stripes, stripe{Offset: uint32(offset), Oldest: math.MaxInt64, Newest: math.MinInt64})
	}
	x.records++
	t, s := at.UnixMicro(), &x.stripes[len(x.stripes)-1]
	s.Oldest, s.Newest = min(s.Oldest, t), max(s.Newest, t)
	x.head.Oldest, x.head.Newest = min(x.head.Oldest, t), max(x.head.Newest, t)
	rest := line
	for {
		name, value, after, ok := nextField(rest)
		if !ok {
			return fmt.Errorf("%w: record %d cannot be read", ErrTampered, seq)
		}
		if name == nil {
			return nil
		}
		if field := slices.Index(indexed, string(name)); field >= 0 {
			x.post(field, value, uint32(offset))
		}
		rest = after
	}
}

// post notes that the record at offset has value in field, and for a resource also what that is below of.
func (x *indexer) post(field int, value []byte, offset uint32) {
	lists, ok := x.known[field][string(value)]
	if !ok {
		lists = x.listsOf(field, value)
		if len(x.known[field]) == maxKnown {
			clear(x.known[field])
		}
		x.known[field][string(value)] = lists
	}
	for _, p := range lists {
		p.raw = binary.AppendUvarint(p.raw, uint64(offset-p.last))
		p.last = offset
	}
}

// listsOf returns the postings of value in field, and of what it is below of.
func (x *indexer) listsOf(field int, value []byte) []*list {
	var lists []*list
	add := func(value []byte) {
		hash := x.hash.of(indexed[field], value)
		p := x.lists[hash]
		if p == nil {
			p = &list{hash: hash}
			x.lists[hash] = p
		}
		if !slices.Contains(lists, p) {
			lists = append(lists, p)
		}
	}
	if indexed[field] == fieldResource {
		value = prefix(value)
		for i := range value {
			if value[i] == '/' {
				add(value[:i])
			}
		}
	}
	add(value)
	return lists
}

// prefix cuts the written name of a resource to the depth that is indexed.
func prefix(value []byte) []byte {
	end := 0
	for range maxDepth {
		i := bytes.IndexByte(value[end:], '/')
		if i < 0 {
			return value
		}
		end += i + 1
	}
	return value[:end-1]
}

// encode returns the index.
func (x *indexer) encode(mac MAC) []byte {
	lists := slices.SortedFunc(maps.Values(x.lists), func(a, b *list) int { return cmp.Compare(a.hash, b.hash) })
	body := make([]byte, 0, len(lists)*postingSize)
	at := 0
	for _, p := range lists {
		body = binary.BigEndian.AppendUint64(body, p.hash)
		body = binary.BigEndian.AppendUint32(body, uint32(at))
		body = binary.BigEndian.AppendUint32(body, uint32(len(p.raw)))
		at += len(p.raw)
	}
	body = slices.Grow(body, at)
	for _, p := range lists {
		body = append(body, p.raw...)
	}
	x.head.Stripes, x.head.Terms, x.head.Body = uint32(len(x.stripes)), uint32(len(lists)), int64(len(body))
	var digests [][sha256.Size]byte
	for page := range slices.Chunk(body, indexPage) {
		digests = append(digests, sha256.Sum256(page))
	}
	var out bytes.Buffer
	for _, part := range []any{x.head, x.stripes, digests} {
		_ = binary.Write(&out, binary.BigEndian, part) // a buffer takes all, and the types have fixed sizes
	}
	out.Write(mac.Sum(out.Bytes()))
	out.Write(body)
	return out.Bytes()
}

// noIndex reports whether err means that a finished segment must do without its index. One that is not believed is
// made anew.
func (l *Log) noIndex(s segment, err error) bool {
	if !errors.Is(err, errIndex) {
		return false
	}
	if !errors.Is(err, fs.ErrNotExist) {
		l.logger.Warn("audit log: an index is not believed and is made anew", "index", s.indexName(), "error", err)
		_ = os.Remove(l.path(s.indexName()))
		signal(l.untended)
	}
	return true
}
