package link

import (
	"context"
	"time"
)

// grace is how long a request that makes something may still take once a person has interrupted the
// operation. Terraform waits for the provider after a first Ctrl-C, but nobody likes to.
const grace = time.Second

// graced is a context that outlives an interruption of ctx by the grace period, so that what was just
// made gets into state. It ends with ctx's deadline all the same.
func graced(ctx context.Context) (context.Context, context.CancelFunc) {
	parent := context.WithoutCancel(ctx)
	outliving, cancel := context.WithCancel(parent)
	if deadline, set := ctx.Deadline(); set {
		cancel()
		outliving, cancel = context.WithDeadline(parent, deadline)
	}
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return outliving, func() { stop(); cancel() }
}
