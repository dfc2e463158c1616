package connection

import (
	"context"
	"time"
)

// maxPollPause is the longest interval between polls.
const maxPollPause = 15 * time.Second

// nextPause returns a pause that is 1.5 times as long, up to maxPollPause.
func nextPause(pause time.Duration) time.Duration { return min(pause*3/2, maxPollPause) }

// sleep waits until the pause is over. It returns false if ctx ends first.
func sleep(ctx context.Context, pause time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
		return true
	}
}

// repeat calls attempt until it returns false, with growing pauses. It stops early if the next pause would exceed the
// limit, or if ctx ends.
func repeat(ctx context.Context, pause, limit time.Duration, attempt func() (again bool)) {
	for began := time.Now(); attempt(); pause = nextPause(pause) {
		if time.Since(began)+pause > limit || !sleep(ctx, pause) {
			return
		}
	}
}

// gracePeriod limits how long a write continues after Ctrl-C, and how long a look-up takes after the operation has
// ended. After the first Ctrl-C, Terraform waits for the provider, but the user may not want to wait long.
const gracePeriod = 700 * time.Millisecond

// outlive returns a context that ends a grace period later than ctx.
func outlive(ctx context.Context) (context.Context, context.CancelFunc) {
	outliving, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(gracePeriod, cancel) })
	return outliving, func() { stop(); cancel() }
}

// withGrace returns a context for a write. If ctx is cancelled, the context lasts for the grace period, so that a
// connection that Wintro is just creating gets into state. At ctx's deadline, the context ends immediately.
func withGrace(ctx context.Context) (context.Context, context.CancelFunc) {
	outliving, cancel := outlive(ctx)
	deadline, set := ctx.Deadline()
	if !set {
		return outliving, cancel
	}
	limited, release := context.WithDeadline(outliving, deadline)
	return limited, func() { release(); cancel() }
}
