package agent

import (
	"context"

	"github.com/cenkalti/backoff/v5"
)

// tend sees to it that the files stay in place until ctx ends, whatever others do to the directory and also while nothing
// changes.
func (f *follower) tend(ctx context.Context) {
	if f.dir == nil {
		return
	}
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = firstWait, lastWait
	for pause(ctx, f.agent.config.Tend); ctx.Err() == nil; {
		f.work.Lock()
		inPlace := f.restore()
		f.work.Unlock()
		if inPlace {
			wait.Reset()
			pause(ctx, f.agent.config.Tend)
			continue
		}
		pause(ctx, wait.NextBackOff())
	}
}

// restore puts what is in force in its place again, with work held, and tells whether it is there.
func (f *follower) restore() bool {
	bundle := f.inForce()
	if f.dir == nil || bundle == nil {
		return true
	}
	changed, err := f.dir.Write(bundle.GetFiles())
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case err != nil && f.misplaced == nil:
		f.log.Error("the files are not in place", "directory", f.Dir, "error", err)
	case err == nil && (f.misplaced != nil || changed):
		f.log.Warn("the files were not as they were delivered; they are in place again", "directory", f.Dir)
	}
	f.misplaced = err
	return err == nil
}
