package transport

import (
	"context"
	"sync"
	"time"
)

// probeInterval is the time from a probe that failed to the next probe. Terraform ends the rest of a plan of
// 500 connections in less time, and an apply that takes longer recovers.
const probeInterval = 10 * time.Second

// breaker is a circuit breaker: while a system is down, calls fail immediately instead of each waiting for
// its own retries.
//
// It opens when a call has used up all its attempts, or when each of them would fail the same way, unless
// another call has succeeded since that call began. While it is open, it lets one call at a time through as a
// probe, with one attempt, and any success closes it. The first probe needs no pause, in case only one
// company's data made a call fail.
//
// github.com/sony/gobreaker can't do that: it discards the result of a call that began before it opened, so
// ten calls could fail although an eleventh has just succeeded. It can't stop the retries of other calls,
// either.
type breaker struct {
	mu sync.Mutex
	// outage is the failure that opened the breaker, nil while it is closed.
	outage *UnavailableError
	// stoppable contains the trials whose retries end when the breaker opens: all except probes.
	stoppable map[*trial]struct{}

	lastSuccess time.Time
	nextProbe   time.Time
	isProbing   bool
}

// trial is a call that the breaker let through.
type trial struct {
	// ctx ends with the operation, or when the breaker opens: then its cause is the outage.
	ctx     context.Context
	cancel  context.CancelCauseFunc
	began   time.Time
	isProbe bool
}

// begin returns a trial, or the current outage if the call must not send a request.
func (b *breaker) begin(ctx context.Context) (*trial, *UnavailableError) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := &trial{began: time.Now(), isProbe: b.outage != nil}
	if t.isProbe && (b.isProbing || t.began.Before(b.nextProbe)) {
		return nil, b.outage
	}
	t.ctx, t.cancel = context.WithCancelCause(ctx)
	if t.isProbe {
		b.isProbing = true
		return t, nil
	}
	if b.stoppable == nil {
		b.stoppable = map[*trial]struct{}{}
	}
	b.stoppable[t] = struct{}{}
	return t, nil
}

// outage returns the failure that opened the breaker during this trial, or nil.
func (t *trial) outage() *UnavailableError {
	outage, _ := context.Cause(t.ctx).(*UnavailableError)
	return outage
}

// end ends a trial. failure is the error that opens the breaker. A call that neither got a usable response
// nor failed in all its attempts, for example because it was interrupted, changes nothing.
func (b *breaker) end(t *trial, isUsable bool, failure *UnavailableError) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t.cancel(nil)
	delete(b.stoppable, t)
	if t.isProbe {
		b.isProbing = false
	}
	switch {
	case isUsable:
		b.lastSuccess, b.outage = time.Now(), nil
	case failure == nil:
	case b.outage == nil && !b.lastSuccess.After(t.began):
		b.outage, b.nextProbe = failure, time.Time{}
		for other := range b.stoppable {
			other.cancel(failure)
		}
	case b.outage != nil && t.isProbe:
		b.outage, b.nextProbe = failure, time.Now().Add(probeInterval)
	}
}
