package audit

import (
	"context"
	"fmt"
)

// Report is what Verify found to be whole.
type Report struct {
	Records           uint64
	FirstSeq, LastSeq uint64
	Segments          int
}

// Verify reads the whole log, from the anchor up to its head, while it goes on being written, and checks every record,
// the checkpoint and the head. The error is ErrTampered if something was changed, removed, reordered or truncated, and
// names the segment and the record. Retention waits meanwhile.
func (l *Log) Verify(ctx context.Context) (Report, error) {
	_ = l.writes.flush() // a broken log can still be verified
	l.retaining.RLock()
	defer l.retaining.RUnlock()
	saved, err := l.cfg.Checkpoint.Load(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("verifying the audit log: loading the checkpoint: %w", err)
	}
	head := l.Head() // after the checkpoint, which it is never behind
	all, _, err := l.segments()
	if err != nil {
		return Report{}, fmt.Errorf("verifying the audit log: %w", err)
	}
	all = all[removed(all, saved.Anchor):] // what could not be removed yet is no longer part of the log
	w := walker{dir: l.cfg.Dir, segments: all, chain: chain{mac: l.cfg.MAC, head: saved.Anchor}, expect: saved.Head, stop: head}
	if saved.Head.Seq > head.Seq {
		err = w.wrong(len(all)-1, fmt.Errorf("truncated: record %d, the checkpoint, is missing", saved.Head.Seq))
	} else if head.Seq > 0 {
		err = w.walk(ctx, 0, 0)
	}
	if err != nil {
		return Report{}, fmt.Errorf("verifying the audit log: %w", err)
	}
	report := Report{Records: head.Seq - saved.Anchor.Seq, LastSeq: head.Seq, Segments: w.seen}
	if head.Seq > 0 {
		report.FirstSeq = saved.Anchor.Seq + 1
	}
	return report, nil
}
