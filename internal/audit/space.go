package audit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const (
	// reserveName is the file that holds space back for the record that tells of the full disk.
	reserveName = "reserve"
	reserveSize = 1 << 20
)

// errFull tells of a record that was not written because the disk was full, and that nothing of it is in the log.
var errFull = errors.New("disk full")

// refusal is what became of the records that came while the disk was full. Leaders of writes use it.
type refusal struct {
	since time.Time
	count uint64 // events
}

func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }

// refuse returns why nothing is recorded now, if that is so.
func (l *Log) refuse() error {
	if err := l.full.Load(); err != nil {
		return *err
	}
	return nil
}

// suspend refuses all records from now on, until resume finds space, and tells so in the space of the reserve.
func (l *Log) suspend(cause error) error {
	err := fmt.Errorf("%w: %w", ErrUnavailable, cause)
	l.full.Store(&err)
	l.refusal = refusal{since: l.cfg.clock()}
	l.logger.Error("audit log: disk full: every recorded call fails until there is space again", "error", cause)
	_ = os.Remove(l.path(reserveName))
	// If even this finds no space the gap is told when it ends.
	_ = l.note("disk full: records are refused from here on", 0)
	return err
}

// resume goes on recording when there is space again for the reserve and for the record that tells what was missed.
func (l *Log) resume() {
	l.writes.turn.Lock()
	defer l.writes.turn.Unlock()
	if l.fault() != nil || l.refuse() == nil {
		return
	}
	if l.makeReserve() != nil {
		return
	}
	detail := fmt.Sprintf("the disk is no longer full; events refused since %s: %d",
		l.refusal.since.UTC().Format(time.RFC3339), l.refusal.count)
	if err := l.note(detail, l.refusal.count); err != nil {
		return
	}
	l.full.Store(nil)
	l.logger.Info("audit log: there is space again", "refused", l.refusal.count)
}

// note records and syncs a KindSystem event. Leaders of writes use it.
func (l *Log) note(detail string, count uint64) error {
	if err := l.append([]*record{l.encode(&Event{Kind: KindSystem, Detail: detail, Count: count})}); err != nil {
		return err
	}
	return l.sync(nil)
}

// makeReserve writes the reserve if it is not there.
func (l *Log) makeReserve() error {
	path := l.path(reserveName)
	if info, err := os.Stat(path); err == nil && info.Size() == reserveSize {
		return nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, reserveSize))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		_ = os.Remove(path)
	}
	return err
}

// measure looks how much space is left.
func (l *Log) measure() {
	if l.cfg.MinFree < 0 {
		return
	}
	free, err := l.cfg.space(l.cfg.Dir)
	low := err != nil || free < l.cfg.MinFree
	if low == l.low.Swap(low) {
		return
	}
	if low {
		l.logger.Error("audit log: little space left on its disk: not ready", "free", free, "wanted", l.cfg.MinFree, "error", err)
	} else {
		l.logger.Info("audit log: enough space on its disk again", "free", free)
	}
}

func (l *Log) path(name string) string { return filepath.Join(l.cfg.Dir, name) }
