package server

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/audit/auditsink"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// Duration is a time.Duration that is written as "10s".
type Duration = auditsink.Duration

// Audit says how the audit log is kept.
type Audit struct {
	// Fsync is "group", which syncs reads within 100 ms and changes at once, or "always".
	Fsync string `json:"fsync" flag:"audit-fsync" usage:"when audit records of reads are on disk: group (within 100 ms) or always (before the answer)"`
	// SegmentSize is the size of a file of the log, of which each also begins a day. Whole files are removed and searched.
	SegmentSize int64 `json:"segment_size" flag:"audit-segment-size" usage:"size in bytes after which the log begins another file"`
	// RetainFor and RetainBytes remove the oldest files. Nothing is removed unless somebody says so: how long a trail must be
	// kept is law in places.
	RetainFor   Duration `json:"retain_for" flag:"audit-retain-for" usage:"how long events are kept, like 8760h; 0s: for ever"`
	RetainBytes int64    `json:"retain_bytes" flag:"audit-retain-bytes" usage:"size in bytes beyond which the oldest events are removed; 0: without bound"`
	// MinFree leaves time to make room: half a million events.
	MinFree int64 `json:"min_free" flag:"audit-min-free" usage:"free bytes on the disk of the log below which the server is not ready; -1: do not look"`
	// Sinks are where the log goes beside its files.
	Sinks []auditsink.Settings `json:"sinks" usage:"where else audit events go: stdout, syslog, otlp or webhook"`
}

func defaultAudit() Audit {
	return Audit{Fsync: "group", SegmentSize: 64 << 20, MinFree: 256 << 20}
}

func (a Audit) validate() error {
	switch {
	case a.Fsync != "group" && a.Fsync != "always":
		return fmt.Errorf("audit fsync %q is neither group nor always", a.Fsync)
	case a.SegmentSize < 1 || a.RetainFor < 0 || a.RetainBytes < 0 || a.MinFree < -1:
		return errors.New("audit: a size or a time is negative, or segment_size is 0")
	}
	return auditsink.Validate(a.Sinks)
}

// openLog opens the audit log.
func (s *Server) openLog(ctx context.Context, config Config) error {
	c, err := s.data.auditConfig(config)
	if err != nil {
		return err
	}
	s.audit, err = audit.Open(ctx, c)
	if errors.Is(err, audit.ErrTampered) {
		return fmt.Errorf("%w; put the folder %s back as it was, from a copy of it: no start is safe without the records that are missing; "+
			"if there is no copy, cofferd recover --accept-audit-loss goes on without them and records that", err, c.Dir)
	}
	return err
}

func (d *dataDir) auditConfig(config Config) (audit.Config, error) {
	mac, err := d.keyring.MAC("audit-chain")
	minFree := config.Audit.MinFree
	if minFree == 0 {
		minFree = -1 // the log takes 0 for a default
	}
	return audit.Config{
		Dir: d.file(auditDir), MAC: mac, Checkpoint: secrets.AuditHead{Store: d.store}, FsyncAlways: config.Audit.Fsync == "always",
		SegmentSize: config.Audit.SegmentSize, RetainFor: time.Duration(config.Audit.RetainFor), RetainBytes: config.Audit.RetainBytes,
		MinFree: minFree, Logger: config.Logger,
	}, err
}

// openAudit opens the audit log, and what carries it elsewhere.
func (s *Server) openAudit(ctx context.Context, config Config) (err error) {
	if err := s.openLog(ctx, config); err != nil {
		return err
	}
	// Also the proof that the log can be written.
	started := audit.Event{Kind: audit.KindSystem, Detail: "server started"}
	if err := s.audit.Record(ctx, &started, audit.Synced); err != nil {
		return fmt.Errorf("the audit log cannot be written: %w", err)
	}
	s.sinks, err = auditsink.New(auditsink.Config{
		Sinks: config.Audit.Sinks, Log: s.audit, Dir: s.data.file(sinkDir), Stdout: config.Stdout, Logger: s.log,
	})
	return err
}

// readiness returns why the server cannot serve, in words fit for anybody, or nil.
func (s *Server) readiness() error {
	err := s.audit.Ready()
	switch {
	case s.stopping.Load():
		return errStopping
	case s.data.engine.Err() != nil:
		return errNoStore
	case isFull(err):
		return errAuditFull
	case errors.Is(err, audit.ErrLowSpace):
		return errAuditLow
	case err != nil:
		return errNoAudit
	case s.domain.Fresh() != nil:
		return errStale
	}
	return nil
}

// broken returns why the server must be started anew, or nil. A full disk is no reason: there may be space again.
func (s *Server) broken() error {
	err := s.audit.Err()
	if isFull(err) {
		err = nil
	}
	return errors.Join(err, s.data.engine.Err())
}

func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }

// What readiness says.
var (
	errStopping  = errors.New("the server is stopping")
	errNoStore   = errors.New("the store cannot be used")
	errNoAudit   = errors.New("the audit log cannot be written")
	errAuditFull = errors.New("the disk of the audit log is full: nothing is served until there is space")
	errAuditLow  = errors.New("the disk of the audit log has little space left")
	errStale     = errors.New("access control does not know of the latest grants")
)
