package audit

import (
	"context"
	"fmt"
)

// Head is a position in the chain: a record and its MAC. The zero Head is the empty log.
type Head struct {
	Seq uint64
	MAC [macSize]byte
}

// State is what is known of the log without reading it.
type State struct {
	// Head is the last record known to be on stable storage.
	Head Head
	// Anchor is the last record that retention removed or whose loss was accepted: the log begins after it. Zero means
	// that none was.
	Anchor Head
}

// Checkpoint keeps the state of the log, durably, where whoever can write the log's directory cannot.
type Checkpoint interface {
	// Load returns the zero State when none was ever saved.
	Load(ctx context.Context) (State, error)
	Save(ctx context.Context, state State) error
}

// checkpoint saves the head if it moved. What fails is tried again at the next tick: until then the log is no less
// complete, only less protected against truncation.
func (l *Log) checkpoint(ctx context.Context) {
	if err := l.save(ctx, l.anchor()); err != nil && ctx.Err() == nil {
		l.logger.Warn("audit log: checkpoint not saved", "error", err)
	}
}

func (l *Log) save(ctx context.Context, anchor Head) error {
	l.saving.Lock()
	defer l.saving.Unlock()
	l.mu.Lock()
	state, saved := State{Head: l.synced, Anchor: anchor}, l.saved
	l.mu.Unlock()
	if anchor.Seq < saved.Anchor.Seq { // saved while this waited
		state.Anchor = saved.Anchor
	}
	if state == saved {
		return nil
	}
	if err := l.cfg.Checkpoint.Save(ctx, state); err != nil {
		return fmt.Errorf("saving the checkpoint: %w", err)
	}
	l.mu.Lock()
	l.saved = state
	l.mu.Unlock()
	return nil
}

func (l *Log) anchor() Head {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.saved.Anchor
}
