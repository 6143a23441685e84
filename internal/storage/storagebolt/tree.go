package storagebolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"

	bolt "go.etcd.io/bbolt"

	"github.com/coffer-dev/coffer/internal/storage"
)

// Pages as bbolt lays them out, in the byte order of the machine: id (8), flags (2), count (2), overflow (4), and in a
// branch for each child the distance of its key (4), the key's size (4) and the child's id (8).
const (
	pageHeaderSize = 16
	branchSize     = 16
	branchFlag     = 1
	leafFlag       = 2
	maxTreeDepth   = 32
)

// tree checks the branches of bbolt's trees. bbolt follows them without any suspicion: a damaged one that leads back to
// where it came from would exhaust the stack, which no recover can contain. Leaves are not read, their records carry
// checksums, so that a million records take some milliseconds, or a few thousand reads of a cold disk.
type tree struct {
	file     *os.File
	pageSize int64
	pages    uint64   // pages in use are below this one
	seen     []uint64 // a bit for each page: it belongs to one place of one tree
}

func verifyTrees(tx *bolt.Tx, file *os.File) error {
	pageSize := int64(tx.DB().Info().PageSize)
	pages := uint64(tx.Size() / pageSize)
	t := &tree{file: file, pageSize: pageSize, pages: pages, seen: make([]uint64, pages/64+1)}
	if err := t.verify(uint64(tx.Cursor().Bucket().RootPage())); err != nil {
		return err
	}
	for _, name := range [][]byte{recordsBucket, changesBucket} {
		bucket := tx.Bucket(name)
		if bucket == nil {
			return fmt.Errorf("%w: no store of this version", storage.ErrCorrupt)
		}
		if root := uint64(bucket.RootPage()); root != 0 { // 0: a small bucket lies within its parent's leaf
			if err := t.verify(root); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *tree) verify(root uint64) error {
	// All leaves lie equally deep: the first path tells how many levels of branches there are.
	levels := 0
	for id := root; ; levels++ {
		page, err := t.read(id)
		if err != nil {
			return err
		}
		if page.leaf {
			break
		}
		if levels == maxTreeDepth {
			return fmt.Errorf("%w: endless branches", storage.ErrCorrupt)
		}
		id = page.children[0].id
	}
	return t.walk(child{id: root}, levels, nil)
}

// walk checks the pages below c, whose keys must lie before end unless that is nil.
func (t *tree) walk(c child, levels int, end []byte) error {
	word, bit := c.id/64, uint64(1)<<(c.id%64)
	if c.id < 2 || c.id >= t.pages || t.seen[word]&bit != 0 {
		return fmt.Errorf("%w: a branch leads to page %d", storage.ErrCorrupt, c.id)
	}
	t.seen[word] |= bit
	if levels == 0 {
		return nil
	}
	page, err := t.read(c.id)
	if err != nil {
		return err
	}
	if page.leaf {
		return fmt.Errorf("%w: page %d is a leaf among branches", storage.ErrCorrupt, c.id)
	}
	before := c.key
	for i, child := range page.children {
		if order := bytes.Compare(before, child.key); order > 0 || order == 0 && i > 0 {
			return fmt.Errorf("%w: keys of page %d are out of order", storage.ErrCorrupt, c.id)
		}
		before = child.key
		next := end
		if i+1 < len(page.children) {
			next = page.children[i+1].key
		}
		if next != nil && bytes.Compare(child.key, next) >= 0 {
			return fmt.Errorf("%w: keys of page %d are out of order", storage.ErrCorrupt, c.id)
		}
		if err := t.walk(child, levels-1, next); err != nil {
			return err
		}
	}
	return nil
}

type page struct {
	leaf     bool
	children []child // of a branch: one or more
}

type child struct {
	key []byte
	id  uint64
}

func (t *tree) read(id uint64) (page, error) {
	if id < 2 || id >= t.pages {
		return page{}, damaged(id)
	}
	content := make([]byte, t.pageSize)
	if _, err := t.file.ReadAt(content, int64(id)*t.pageSize); err != nil {
		return page{}, fmt.Errorf("reading page %d: %w", id, err)
	}
	flags := binary.NativeEndian.Uint16(content[8:])
	count := int(binary.NativeEndian.Uint16(content[10:]))
	overflow := uint64(binary.NativeEndian.Uint32(content[12:]))
	switch {
	case binary.NativeEndian.Uint64(content) != id, overflow >= t.pages-id:
		return page{}, damaged(id)
	case flags == leafFlag:
		return page{leaf: true}, nil
	case flags != branchFlag, count == 0, overflow > 0xffff*storage.MaxKeySize/uint64(t.pageSize):
		return page{}, damaged(id)
	}
	if overflow > 0 {
		content = make([]byte, int64(overflow+1)*t.pageSize)
		if _, err := t.file.ReadAt(content, int64(id)*t.pageSize); err != nil {
			return page{}, fmt.Errorf("reading page %d: %w", id, err)
		}
	}
	children := make([]child, count)
	for i := range children {
		at := pageHeaderSize + i*branchSize
		if at+branchSize > len(content) {
			return page{}, damaged(id)
		}
		key := uint64(at) + uint64(binary.NativeEndian.Uint32(content[at:]))
		size := uint64(binary.NativeEndian.Uint32(content[at+4:]))
		if size == 0 || key+size > uint64(len(content)) {
			return page{}, damaged(id)
		}
		children[i] = child{key: content[key:][:size], id: binary.NativeEndian.Uint64(content[at+8:])}
	}
	return page{children: children}, nil
}

func damaged(id uint64) error {
	return fmt.Errorf("%w: page %d is no page of a tree", storage.ErrCorrupt, id)
}
