package transport

import (
	"context"
	"errors"
	"sync"
	"time"
)

// probeInterval is the time from a probe that failed to the next probe. Terraform ends the rest of a plan of
// 500 connections in less time, and an apply that takes longer recovers.
const probeInterval = 10 * time.Second

// breaker is a circuit breaker: while a system is down, calls fail immediately instead of each waiting for
// its own retries.
//
// It opens when a call has used up all its attempts, unless another call has succeeded since that call
// began. While it is open, it lets one call at a time through as a probe, with one attempt, and any success
// closes it. The first probe needs no pause, in case only one company's data made a call fail.
//
// github.com/sony/gobreaker can't do that: it discards the result of a call that began before it
// opened, so ten calls could fail although an eleventh has just succeeded. It can't stop retries, either.
type breaker struct {
	mu sync.Mutex
	// outage is the failure that opened the breaker, nil while it is closed.
	outage *UnavailableError
	// stop ends the retries of the calls that began while the breaker was closed.
	stop context.CancelCauseFunc
	// closed ends when the breaker opens. Its cause is the outage.
	closed context.Context

	lastSuccess time.Time
	nextProbe   time.Time
	isProbing   bool
}

// trial is a call that the breaker let through.
type trial struct {
	began   time.Time
	isProbe bool
	closed  context.Context
}

// begin returns a trial, or the current outage if the call must not send a request.
func (b *breaker) begin() (trial, *UnavailableError) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if b.outage != nil {
		if b.isProbing || now.Before(b.nextProbe) {
			return trial{}, b.outage
		}
		b.isProbing = true
		return trial{began: now, isProbe: true, closed: context.Background()}, nil
	}
	if b.closed == nil {
		b.closed, b.stop = context.WithCancelCause(context.Background())
	}
	return trial{began: now, closed: b.closed}, nil
}

// retries returns a context that ends with ctx or when the breaker opens.
func (t trial) retries(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	detach := context.AfterFunc(t.closed, func() { cancel(context.Cause(t.closed)) })
	return ctx, func() {
		detach()
		cancel(nil)
	}
}

// outage returns the failure that opened the breaker during this trial, or nil.
func (t trial) outage() *UnavailableError {
	outage, _ := errors.AsType[*UnavailableError](context.Cause(t.closed))
	return outage
}

// end ends a trial. failure is the error of a call that used up all its attempts. A call that neither got a
// usable response nor failed, for example because it was interrupted, changes nothing.
func (b *breaker) end(t trial, isUsable bool, failure *UnavailableError) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if t.isProbe {
		b.isProbing = false
	}
	switch {
	case isUsable:
		b.lastSuccess = time.Now()
		if b.outage != nil {
			b.outage, b.closed = nil, nil
		}
	case failure == nil:
	case b.outage == nil && !b.lastSuccess.After(t.began):
		b.outage, b.nextProbe = failure, time.Time{}
		b.stop(failure)
	case b.outage != nil && t.isProbe:
		b.outage, b.nextProbe = failure, time.Now().Add(probeInterval)
	}
}
