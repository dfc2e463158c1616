package connection

import (
	"context"
	"errors"
	"time"
)

// grace is how long a request that makes something may still take once a person has interrupted the
// operation, and how long the question may take what became of it. Terraform waits for the provider
// after a first Ctrl-C, but people don't like to.
const grace = 700 * time.Millisecond

// lastWord is a context for one question after an interruption; without one, it is ctx.
func lastWord(ctx context.Context) (context.Context, context.CancelFunc) {
	if errors.Is(ctx.Err(), context.Canceled) {
		return context.WithTimeout(context.WithoutCancel(ctx), grace)
	}
	return context.WithCancel(ctx)
}

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
