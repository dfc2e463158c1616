package connection

import (
	"context"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// maxPollPause is the length up to which the pauses between polls, or between repeated requests, grow.
const maxPollPause = 15 * time.Second

// nextPause returns a pause that is 1.5 times as long, up to maxPollPause.
func nextPause(pause time.Duration) time.Duration { return min(pause*3/2, maxPollPause) }

// repeat calls attempt until attempt returns false, with growing pauses. It calls attempt at least once, even if ctx
// has ended. It stops early if ctx ends before the next attempt, or if that attempt would begin later than limit after
// the first.
func repeat(ctx context.Context, pause, limit time.Duration, attempt func() (again bool)) {
	for began := time.Now(); attempt(); pause = nextPause(pause) {
		if time.Since(began)+pause > limit || !transport.Sleep(ctx, pause) {
			return
		}
	}
}

// gracePeriod limits how long a write continues after Ctrl-C, and how long a look-up takes after the operation has
// ended. The period is short because Terraform waits for the provider after the first Ctrl-C, but the user expects
// Terraform to stop soon.
const gracePeriod = 700 * time.Millisecond

// withGrace returns a context for a write of the operation with this ctx. After Ctrl-C, the write may continue for the
// grace period, so that a connection that Wintro is just creating gets into state. At ctx's deadline, the write ends
// immediately.
func withGrace(ctx context.Context) (context.Context, context.CancelFunc) {
	var outliving context.Context
	var cancel context.CancelFunc
	if deadline, set := ctx.Deadline(); set {
		outliving, cancel = context.WithDeadline(context.WithoutCancel(ctx), deadline)
	} else {
		outliving, cancel = context.WithCancel(context.WithoutCancel(ctx))
	}
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(gracePeriod, cancel) })
	return outliving, func() { stop(); cancel() }
}
