package audit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Loss is what AcceptLoss went on without.
type Loss struct {
	// First and Last are the numbers of the records that are no longer in the log; Last is 0 if none was ever
	// checkpointed. What was recorded after Last and not checkpointed is lost too, and its numbers are given again.
	First, Last uint64
	// Aside is where the files that were left are now; empty if there were none.
	Aside string
}

// AcceptLoss gives up a log that Open refuses or Verify finds tampered with, which nothing else does: it moves what is
// left of it aside and begins another, whose chain goes on after the last record of the checkpoint and whose first record
// tells what is missing. A log that is whole is refused with ErrWhole. The log must not be open.
//
// Nothing is deleted, and the checkpoint is moved last: until then Open refuses what is there, and AcceptLoss begins anew.
func AcceptLoss(ctx context.Context, cfg Config) (Loss, error) {
	reason := whole(ctx, cfg)
	if reason == nil {
		return Loss{}, ErrWhole
	}
	if !errors.Is(reason, ErrTampered) {
		return Loss{}, reason
	}
	saved, err := cfg.Checkpoint.Load(ctx)
	if err != nil {
		return Loss{}, fmt.Errorf("loading the checkpoint: %w", err)
	}
	loss := Loss{First: saved.Anchor.Seq + 1, Last: saved.Head.Seq}
	if loss.Aside, err = setAside(cfg.Dir); err != nil {
		return Loss{}, fmt.Errorf("moving the audit log aside: %w", err)
	}
	l, err := prepare(cfg)
	if err != nil {
		return Loss{}, fmt.Errorf("beginning the audit log anew: %w", err)
	}
	l.chain = chain{mac: cfg.MAC, head: saved.Head}
	l.saved, l.written, l.synced = saved, saved.Head, saved.Head
	if l.segment, err = l.createSegment(saved.Head.Seq + 1); err != nil {
		return Loss{}, errors.Join(fmt.Errorf("beginning the audit log anew: %w", err), l.dirLock.Close())
	}
	if err = l.Record(ctx, loss.event(reason), Synced); err == nil {
		err = l.save(ctx, saved.Head)
	}
	if err != nil {
		return Loss{}, errors.Join(fmt.Errorf("beginning the audit log anew: %w", err), l.segment.file.Close(), l.dirLock.Close())
	}
	return loss, l.Close(ctx)
}

// whole returns what is wrong with the log, or nil. What a crash left is put in order as by every Open.
func whole(ctx context.Context, cfg Config) error {
	l, err := Open(ctx, cfg)
	if err != nil {
		return err
	}
	_, err = l.Verify(ctx)
	if closing := l.Close(ctx); closing != nil {
		return closing
	}
	return err
}

func (l Loss) event(reason error) *Event {
	e := &Event{Kind: KindSystem, Detail: "all records are missing"}
	if l.Last > 0 {
		e.Count = l.Last - l.First + 1
		e.Detail = fmt.Sprintf("records %d to %d and any after them are missing", l.First, l.Last)
	}
	e.Detail += ": their loss was accepted by cofferd recover, "
	if l.Aside == "" {
		e.Detail += "no file was left"
	} else {
		e.Detail += "what was left is in " + filepath.Base(l.Aside)
	}
	e.Detail += fmt.Sprintf(" (%v)", reason)
	return e
}

// setAside renames dir, durably, and returns its new name; none if there is nothing in it.
func setAside(dir string) (string, error) {
	left, err := os.ReadDir(dir)
	if err != nil || len(left) == 0 {
		return "", err
	}
	dir = filepath.Clean(dir)
	base := dir + ".lost-" + time.Now().UTC().Format("20060102-150405")
	aside := base
	for n := 2; ; n++ {
		if _, err := os.Lstat(aside); errors.Is(err, fs.ErrNotExist) {
			break
		} else if err != nil {
			return "", err
		}
		aside = fmt.Sprintf("%s-%d", base, n)
	}
	if err := os.Rename(dir, aside); err != nil {
		return "", err
	}
	parent, err := os.Open(filepath.Dir(dir))
	if err != nil {
		return "", err
	}
	return aside, errors.Join(parent.Sync(), parent.Close())
}
