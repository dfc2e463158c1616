package connection

import (
	"context"
	"time"
)

// maxPollPause is the longest interval between polls.
const maxPollPause = 15 * time.Second

// nextPause returns the pause after the next poll.
func nextPause(pause time.Duration) time.Duration { return min(pause*3/2, maxPollPause) }

// sleep waits for a pause. It returns false if ctx ends first.
func sleep(ctx context.Context, pause time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
		return true
	}
}

// repeat calls attempt until it returns false, with growing pauses. It ends early at the limit or if ctx ends.
func repeat(ctx context.Context, pause, limit time.Duration, attempt func() (again bool)) {
	for began := time.Now(); attempt(); pause = nextPause(pause) {
		if time.Since(began)+pause > limit || !sleep(ctx, pause) {
			return
		}
	}
}

// gracePeriod limits a write after Ctrl-C, and a look-up after the operation has ended. Terraform waits for the provider
// after the first Ctrl-C, but users don't like to.
const gracePeriod = 700 * time.Millisecond

// outlive returns a context that ends the grace period after ctx.
func outlive(ctx context.Context) (context.Context, context.CancelFunc) {
	outliving, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(gracePeriod, cancel) })
	return outliving, func() { stop(); cancel() }
}

// withGrace returns a context for a write. It outlives an interruption of ctx by the grace period, so that a
// connection that Wintro is just creating gets into state. It still ends at ctx's deadline.
func withGrace(ctx context.Context) (context.Context, context.CancelFunc) {
	outliving, cancel := outlive(ctx)
	deadline, set := ctx.Deadline()
	if !set {
		return outliving, cancel
	}
	limited, release := context.WithDeadline(outliving, deadline)
	return limited, func() { release(); cancel() }
}
