package storagebolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"runtime/debug"

	bolt "go.etcd.io/bbolt"

	"github.com/coffer-dev/coffer/internal/storage"
)

const (
	checksumSize = 4
	revisionSize = 8
	headerSize   = checksumSize + revisionSize
)

// Seeds of the checksums: what lies in one bucket must not pass for what lies in the other.
const (
	recordSeed = iota + 1
	changesSeed
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// reader is the storage.Reader of one bbolt transaction.
type reader struct {
	records *bolt.Bucket // nil once the transaction has ended
}

var _ storage.Reader = (*reader)(nil)

func newReader(tx *bolt.Tx) (_ *reader, err error) {
	defer contain(debug.SetPanicOnFault(true), &err)
	records := tx.Bucket(recordsBucket)
	if records == nil {
		return nil, fmt.Errorf("%w: no records", storage.ErrCorrupt)
	}
	return &reader{records: records}, nil
}

func (r *reader) end() { r.records = nil }

// Revision implements storage.Reader.
func (r *reader) Revision() storage.Revision {
	if r.records == nil {
		return 0
	}
	return storage.Revision(r.records.Sequence())
}

// Get implements storage.Reader.
func (r *reader) Get(key storage.Key) (_ storage.Record, err error) {
	if err := storage.CheckKey(key); err != nil {
		return storage.Record{}, err
	}
	if r.records == nil {
		return storage.Record{}, storage.ErrClosed
	}
	defer contain(debug.SetPanicOnFault(true), &err)
	stored := r.records.Get([]byte(key))
	if stored == nil {
		return storage.Record{}, storage.ErrNotFound
	}
	return decodeRecord(key, stored)
}

// Range implements storage.Reader.
func (r *reader) Range(prefix, after storage.Key, limit int) (_ []storage.Record, err error) {
	if err := storage.CheckRange(prefix, after, limit); err != nil {
		return nil, err
	}
	if r.records == nil {
		return nil, storage.ErrClosed
	}
	defer contain(debug.SetPanicOnFault(true), &err)
	start := []byte(prefix)
	if after != "" && after >= prefix {
		start = append([]byte(after), 0)
	}
	var records []storage.Record
	cursor := r.records.Cursor()
	for key, stored := cursor.Seek(start); key != nil && len(records) < limit; key, stored = cursor.Next() {
		if !bytes.HasPrefix(key, []byte(prefix)) {
			break
		}
		if len(key) > storage.MaxKeySize {
			return nil, fmt.Errorf("%w: key of %d bytes", storage.ErrCorrupt, len(key))
		}
		record, err := decodeRecord(storage.Key(key), stored)
		if err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, nil
}

func encodeRecord(record storage.Record) []byte {
	stored := make([]byte, headerSize+len(record.Value))
	binary.BigEndian.PutUint64(stored[checksumSize:], uint64(record.Revision))
	copy(stored[headerSize:], record.Value)
	binary.BigEndian.PutUint32(stored, checksum(recordSeed, string(record.Key), stored))
	return stored
}

// decodeRecord copies what is stored: bbolt's memory is gone with the transaction.
func decodeRecord(key storage.Key, stored []byte) (storage.Record, error) {
	if len(stored) > headerSize+storage.MaxValueSize || !intact(recordSeed, string(key), stored) {
		return storage.Record{}, fmt.Errorf("%w: wrong checksum of a record", storage.ErrCorrupt)
	}
	return storage.Record{
		Key:      key,
		Value:    append([]byte{}, stored[headerSize:]...),
		Revision: decodeRevision(stored[checksumSize:]),
	}, nil
}

func intact(seed uint32, key string, stored []byte) bool {
	return len(stored) >= headerSize && binary.BigEndian.Uint32(stored) == checksum(seed, key, stored)
}

func checksum(seed uint32, key string, stored []byte) uint32 {
	sum := crc32.Update(seed, castagnoli, []byte(key))
	return crc32.Update(sum, castagnoli, stored[checksumSize:])
}

func encodeRevision(rev storage.Revision) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(rev))
}

func decodeRevision(b []byte) storage.Revision {
	return storage.Revision(binary.BigEndian.Uint64(b))
}
