package storage

import "fmt"

// Limits of every engine. They lie below those of bbolt and of etcd (128 operations a transaction, 1.5 MiB a request).
const (
	MaxKeySize   = 1024    // bytes in a key
	MaxValueSize = 1 << 20 // bytes in a value
	MaxTxnOps    = 124     // distinct keys read or written by a transaction
	MaxTxnSize   = 5 << 18 // bytes of keys and values written by a transaction
	MaxRange     = 10_000  // records returned by a range
)

// CheckKey returns ErrLimit unless key can name a record.
func CheckKey(key Key) error {
	if len(key) == 0 {
		return fmt.Errorf("%w: empty key", ErrLimit)
	}
	return CheckPrefix(key)
}

// CheckPrefix returns ErrLimit if prefix is longer than any key. The empty prefix is that of every key.
func CheckPrefix(prefix Key) error {
	if len(prefix) > MaxKeySize {
		return fmt.Errorf("%w: key of %d bytes, at most %d", ErrLimit, len(prefix), MaxKeySize)
	}
	return nil
}

// CheckValue returns ErrLimit if value is too large for a record.
func CheckValue(value []byte) error {
	if len(value) > MaxValueSize {
		return fmt.Errorf("%w: value of %d bytes, at most %d", ErrLimit, len(value), MaxValueSize)
	}
	return nil
}

// CheckRange returns ErrLimit unless a Reader may be asked for this range.
func CheckRange(prefix, after Key, limit int) error {
	if limit < 1 || limit > MaxRange {
		return fmt.Errorf("%w: range of %d records, 1 to %d", ErrLimit, limit, MaxRange)
	}
	if err := CheckPrefix(prefix); err != nil {
		return err
	}
	return CheckPrefix(after)
}
