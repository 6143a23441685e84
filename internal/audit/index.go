package audit

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"os"
	"sort"
)

const (
	indexSuffix = ".idx"
	indexMagic  = "coffer audit index, format 1\n\n\n\n" // 32 bytes
	// indexPage is how much of an index is read and authenticated at a time.
	indexPage = 16 << 10
	// maxIndexHead bounds what is read of an index before it is authenticated; the largest segment needs less.
	maxIndexHead = 4 << 20
	// sizePerRead is how many bytes of postings cost as much as reading a record.
	sizePerRead = 64
	// stripeLength is how many records have their times kept together.
	stripeLength = 1024
)

// errIndex tells that an index is not there, or not one that this log made of this segment.
var errIndex = errors.New("no index")

// indexHead is the beginning of an index. Stripes and the digests of pages follow it, then the MAC of all that, then
// the pages: the terms sorted by hash, and their postings.
//
//	head ‖ stripes ‖ SHA-256 of each page ‖ MAC │ page │ page │ …
//
// Only what a search needs is read, and nothing is believed that the MAC does not vouch for.
type indexHead struct {
	Magic          [32]byte
	Size           int64          // of the segment
	Tail           [tailSize]byte // the end of the segment, which is the MAC of its last record
	First          uint64         // the number of the first record
	Oldest, Newest int64          // times of records, in microseconds
	Stripes        uint32
	Terms          uint32
	Body           int64 // bytes of all pages
}

// stripe is stripeLength records: where they begin, and their times.
type stripe struct {
	Offset         uint32
	Oldest, Newest int64
}

// posting says where in the postings the offsets of the records with a term are, as the differences between them.
type posting struct {
	Hash     uint64
	At, Size uint32
}

var (
	headSize    = binary.Size(indexHead{})
	stripeSize  = binary.Size(stripe{})
	postingSize = binary.Size(posting{}) // divides indexPage
)

// index is an open index.
type index struct {
	head    indexHead
	stripes []stripe
	digests [][sha256.Size]byte
	file    *os.File
	begin   int64 // of the pages
	pages   map[int][]byte
}

func (s segment) indexName() string {
	return fmt.Sprintf("%s%020d%s", segmentPrefix, s.first, indexSuffix)
}

// openIndex opens the index of s. The error is errIndex if there is none to be believed.
func (l *Log) openIndex(s segment) (*index, error) {
	f, err := os.Open(l.path(s.indexName()))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errIndex, err)
	}
	x := &index{file: f, pages: make(map[int][]byte)}
	if err := x.load(l.cfg.MAC); err != nil {
		x.close()
		return nil, fmt.Errorf("%w: %w", errIndex, err)
	}
	if end, err := lastBytes(l.path(s.name()), s.size); err != nil || x.head.First != s.first || x.head.Size != s.size || x.head.Tail != end {
		x.close()
		return nil, fmt.Errorf("%w: made of another segment", errIndex)
	}
	return x, nil
}

func (x *index) close() { _ = x.file.Close() }

// load reads and authenticates all but the pages.
func (x *index) load(mac MAC) error {
	info, err := x.file.Stat()
	if err != nil {
		return err
	}
	raw := make([]byte, headSize)
	if _, err := x.file.ReadAt(raw, 0); err != nil {
		return err
	}
	if _, err := binary.Decode(raw, binary.BigEndian, &x.head); err != nil {
		return err
	}
	pages := (x.head.Body + indexPage - 1) / indexPage
	x.begin = int64(headSize) + int64(x.head.Stripes)*int64(stripeSize) + pages*sha256.Size + macSize
	if string(x.head.Magic[:]) != indexMagic || x.head.Body < 0 || x.begin > maxIndexHead || x.begin+x.head.Body != info.Size() ||
		int64(x.head.Terms)*int64(postingSize) > x.head.Body {
		return errors.New("its sizes do not fit")
	}
	raw = make([]byte, x.begin)
	if _, err := x.file.ReadAt(raw, 0); err != nil {
		return err
	}
	signed, sum := raw[:x.begin-macSize], raw[x.begin-macSize:]
	if subtle.ConstantTimeCompare(mac.Sum(signed), sum) != 1 {
		return errors.New("its MAC does not match")
	}
	x.stripes, x.digests = make([]stripe, x.head.Stripes), make([][sha256.Size]byte, pages)
	n, err := binary.Decode(signed[headSize:], binary.BigEndian, x.stripes)
	if err != nil {
		return err
	}
	_, err = binary.Decode(signed[headSize+n:], binary.BigEndian, x.digests)
	return err
}

// page returns page i, authenticated.
func (x *index) page(i int) ([]byte, error) {
	if page, ok := x.pages[i]; ok {
		return page, nil
	}
	at := int64(i) * indexPage
	page := make([]byte, min(indexPage, x.head.Body-at))
	if _, err := x.file.ReadAt(page, x.begin+at); err != nil {
		return nil, fmt.Errorf("%w: %w", errIndex, err)
	}
	if sha256.Sum256(page) != x.digests[i] {
		return nil, fmt.Errorf("%w: page %d was changed", errIndex, i)
	}
	x.pages[i] = page
	return page, nil
}

// find looks up a term. Hashes are spread evenly, so that the page is guessed nearly always.
func (x *index) find(hash uint64) (posting, bool, error) {
	perPage, terms := indexPage/postingSize, int(x.head.Terms)
	if terms == 0 {
		return posting{}, false, nil
	}
	last := (terms - 1) / perPage
	guess, _ := bits.Mul64(hash, uint64(last+1))
	for i, from := int(guess), -1; ; {
		page, err := x.page(i)
		if err != nil {
			return posting{}, false, err
		}
		n := min(perPage, terms-i*perPage)
		at := func(k int) uint64 { return binary.BigEndian.Uint64(page[k*postingSize:]) }
		before, after := hash < at(0), hash > at(n-1)
		switch {
		case before && i > 0 && i-1 != from:
			i, from = i-1, i
			continue
		case after && i < last && i+1 != from:
			i, from = i+1, i
			continue
		}
		k := sort.Search(n, func(k int) bool { return at(k) >= hash })
		if k == n || at(k) != hash {
			return posting{}, false, nil
		}
		var p posting
		_, err = binary.Decode(page[k*postingSize:], binary.BigEndian, &p)
		return p, true, err
	}
}

// offsets returns where the records of p are, in order.
func (x *index) offsets(p posting) ([]uint32, error) {
	at := int64(x.head.Terms)*int64(postingSize) + int64(p.At)
	raw := make([]byte, 0, p.Size)
	for len(raw) < int(p.Size) {
		page, err := x.page(int((at + int64(len(raw))) / indexPage))
		if err != nil {
			return nil, err
		}
		rest := page[(at+int64(len(raw)))%indexPage:]
		raw = append(raw, rest[:min(len(rest), int(p.Size)-len(raw))]...)
	}
	var offsets []uint32
	var offset uint64
	for len(raw) > 0 {
		delta, n := binary.Uvarint(raw)
		if n <= 0 {
			return nil, fmt.Errorf("%w: postings that cannot be read", errIndex)
		}
		raw, offset = raw[n:], offset+delta
		offsets = append(offsets, uint32(offset))
	}
	return offsets, nil
}

// candidates returns the offsets of the records that may have all terms, in order. Terms that so many records have
// that reading the few that are left costs less are not looked at.
func (x *index) candidates(hashes []uint64) ([]uint32, error) {
	var found []posting
	for _, hash := range hashes {
		p, ok, err := x.find(hash)
		if err != nil || !ok {
			return nil, err
		}
		found = append(found, p)
	}
	sort.Slice(found, func(i, k int) bool { return found[i].Size < found[k].Size })
	both, err := x.offsets(found[0])
	for _, p := range found[1:] {
		if err != nil || len(both) < int(p.Size)/sizePerRead {
			break
		}
		var more []uint32
		more, err = x.offsets(p)
		both = intersect(both, more)
	}
	return both, err
}

// intersect keeps of a what is in b; both are sorted.
func intersect(a, b []uint32) []uint32 {
	kept := a[:0]
	for _, v := range a {
		for len(b) > 0 && b[0] < v {
			b = b[1:]
		}
		if len(b) > 0 && b[0] == v {
			kept = append(kept, v)
		}
	}
	return kept
}

// lastBytes returns the end of a segment.
func lastBytes(path string, size int64) (end [tailSize]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return end, err
	}
	defer func() { _ = f.Close() }()
	if _, err := f.ReadAt(end[:], max(size-int64(tailSize), 0)); err != nil && !errors.Is(err, io.EOF) {
		return end, err
	}
	if !bytes.HasPrefix(end[:], []byte(macPrefix)) {
		return end, fmt.Errorf("%w: it does not end in a record", ErrTampered)
	}
	return end, nil
}
