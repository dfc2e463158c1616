package transport

import (
	"context"
	"errors"
	"sync"
	"time"
)

// probeInterval is the minimum time between a failed probe and the next one. It is long enough for Terraform to finish
// the rest of a plan of 500 connections, so such a plan doesn't wait for several probes. An apply that takes longer can
// continue once the outage is over, because a later probe succeeds.
const probeInterval = 10 * time.Second

// breaker is a circuit breaker: while a system is down, calls fail immediately instead of each waiting for
// its own retries.
//
// The breaker opens when a call has used up its attempts, or has failed in a way that no retry can fix. If another call
// has succeeded since that call began, the breaker stays closed. While the breaker is open, it lets through one call at
// a time as a probe, with a single attempt. Any usable response closes the breaker, even one to a call that began
// before the outage. The first probe may begin immediately, because perhaps only one company's data made the earlier
// call fail. After a failed probe, the next one waits for probeInterval.
//
// github.com/sony/gobreaker isn't suitable, because it discards the result of a call that began before the breaker
// opened. Calls could then fail although another call has just succeeded. Also, gobreaker can't stop the retries of
// other calls.
type breaker struct {
	mu sync.Mutex
	// outage is the latest failure, from the call that opened the breaker or from a probe. It is nil while the
	// breaker is closed.
	outage *UnavailableError
	// stoppable contains all trials except probes. When the breaker opens, it stops their retries.
	stoppable map[*trial]struct{}

	lastSuccess time.Time
	nextProbe   time.Time
	isProbing   bool
}

// trial is a call that the breaker let through.
type trial struct {
	// ctx is done when the trial or its operation ends, or when the breaker opens. If the breaker opened, the cause is
	// the outage.
	ctx     context.Context
	cancel  context.CancelCauseFunc
	began   time.Time
	isProbe bool
}

// begin returns a trial, which the caller must pass to the method end. If the call must not send a request, begin
// returns the current outage instead.
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
	outage, _ := errors.AsType[*UnavailableError](context.Cause(t.ctx))
	return outage
}

// end ends a trial. isUsable reports whether the call got a usable response, which closes the breaker. failure is an
// error that may open the breaker, or keep it open after a probe; otherwise nil. If a call ends with neither, for
// example because the user interrupts it, an open breaker stays open and a closed one stays closed.
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
