package connection

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// sharedCall is a request whose result several operations share. The request is cancelled once all operations have
// stopped waiting for the result.
type sharedCall[T any] struct {
	// system is the name of the system that receives the request.
	system string
	shared *sharedContext

	// finished is closed once the following fields are set.
	finished   chan struct{}
	finishedAt time.Time
	// isAbandoned reports whether all operations stopped waiting before the request finished.
	isAbandoned bool
	result      T
	err         error
	// retryAt is the time until which the system asked to wait, if the request failed because all waiting operations
	// end before that time. Otherwise it is the zero time.
	retryAt time.Time
}

// startCall starts a request for the operation with this ctx. It returns the call, and a function that waits for the
// result until ctx ends.
func startCall[T any](ctx context.Context, system string, send func(context.Context) (T, error)) (c *sharedCall[T], wait func() (T, error)) {
	c = &sharedCall[T]{
		system:   system,
		shared:   newSharedContext(),
		finished: make(chan struct{}),
	}
	wait, _ = c.join(ctx)
	go func() {
		c.result, c.err = send(c.shared)
		c.finishedAt, c.isAbandoned = time.Now(), c.shared.Err() != nil
		if wait := retryAfter(c.err); wait > 0 && endsBefore(c.shared, c.finishedAt.Add(wait)) {
			c.retryAt = c.finishedAt.Add(wait)
		}
		close(c.finished)
		c.shared.cancel()
	}()
	return c, wait
}

// join adds the operation with this ctx, which counts as waiting until wait returns. wait returns the result, or an
// error if ctx ends first. ok is false if the caller must start another call and must not call wait. There are three
// reasons: c is nil, all other operations stopped waiting before the request finished, or the request failed because
// they had too little time for a wait for which this operation has enough time.
func (c *sharedCall[T]) join(ctx context.Context) (wait func() (T, error), ok bool) {
	if c == nil {
		return nil, false
	}
	leave, ok := c.shared.join(ctx)
	if !ok && c.isFinished() {
		isRepeatable := !c.retryAt.IsZero() && !endsBefore(ctx, c.retryAt)
		return func() (T, error) { return c.result, c.err }, !c.isAbandoned && !isRepeatable
	}
	return func() (T, error) {
		defer leave()
		select {
		case <-c.finished:
			return c.result, c.err
		case <-ctx.Done():
			var none T
			return none, newEndedError(ctx, c.system)
		}
	}, ok
}

func (c *sharedCall[T]) isFinished() bool {
	select {
	case <-c.finished:
		return true
	default:
		return false
	}
}

// hasFailed reports whether the request has finished with an error, although an operation was still waiting.
func (c *sharedCall[T]) hasFailed() bool {
	return c != nil && c.isFinished() && c.err != nil && !c.isAbandoned
}

// age returns the time since the request finished, or 0 while the request is in flight.
func (c *sharedCall[T]) age() time.Duration {
	if !c.isFinished() {
		return 0
	}
	return time.Since(c.finishedAt)
}

// endsBefore reports whether the deadline of ctx is before t.
func endsBefore(ctx context.Context, t time.Time) bool {
	deadline, ok := ctx.Deadline()
	return ok && deadline.Before(t)
}

// newEndedError returns the error of an operation that ended before a system responded.
func newEndedError(ctx context.Context, system string) *UnavailableError {
	reason := "the operation timed out"
	if errors.Is(ctx.Err(), context.Canceled) {
		reason = "the operation was interrupted"
	}
	return &UnavailableError{System: system, Reason: reason, Ended: ctx.Err()}
}

// sharedContext is the context of a request that several operations share. It is done once the request has finished or
// all operations have stopped waiting. Its deadline is the latest deadline of the waiting operations, so that a wait
// for a rate limit may take as long as the most patient operation allows. It has no deadline if one of them has none.
// Its values, such as the logger, come from an operation that is still waiting, because a logger can't be used after
// its operation has ended.
type sharedContext struct {
	context.Context
	cancel  context.CancelFunc
	mu      sync.Mutex
	waiting []*context.Context
}

func newSharedContext() *sharedContext {
	ctx, cancel := context.WithCancel(context.Background())
	return &sharedContext{Context: ctx, cancel: cancel}
}

// join adds the operation with this ctx. The operation must call leave when it stops waiting. ok is false if the
// shared context is already done.
func (c *sharedContext) join(ctx context.Context) (leave func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.Err() != nil {
		return func() {}, false
	}
	joined := &ctx
	c.waiting = append(c.waiting, joined)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.waiting = slices.DeleteFunc(c.waiting, func(other *context.Context) bool { return other == joined })
		if len(c.waiting) == 0 {
			c.cancel()
		}
	}, true
}

// Deadline returns the latest deadline of the waiting operations, or false if one of them has no deadline or no
// operation is waiting.
func (c *sharedContext) Deadline() (latest time.Time, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, ctx := range c.waiting {
		deadline, set := (*ctx).Deadline()
		if !set {
			return time.Time{}, false
		}
		if deadline.After(latest) {
			latest = deadline
		}
	}
	return latest, !latest.IsZero()
}

// Value returns the value from the context of an operation that is still waiting, or nil if no operation is.
func (c *sharedContext) Value(key any) any {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting) == 0 {
		return nil
	}
	return context.WithoutCancel(*c.waiting[0]).Value(key)
}
