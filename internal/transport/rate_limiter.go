package transport

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// rateLimiter holds requests back while a server wants none: where one of many concurrent requests was
// told to wait, the others wouldn't fare better. Servers limit rates by token.
type rateLimiter struct {
	// jitter is the most that is added to a wait, so that those who wait together don't come back together.
	jitter time.Duration

	mu     sync.Mutex
	resume map[string]time.Time
}

// observe holds back requests with the same token as that of the response, for as long as the response
// asks.
func (l *rateLimiter) observe(resp *Response) {
	wait, asked := waitAskedFor(resp)
	if !asked || wait == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.resume == nil {
		l.resume = map[string]time.Time{}
	}
	token := resp.Request.Header.Get("Authorization")
	if resume := time.Now().Add(wait); resume.After(l.resume[token]) {
		l.resume[token] = resume
	}
}

// wait waits until a request may be sent, unless that would take longer than the operation may: then the
// server gets to say so itself.
func (l *rateLimiter) wait(ctx context.Context, req *http.Request) {
	l.mu.Lock()
	wait := time.Until(l.resume[req.Header.Get("Authorization")])
	l.mu.Unlock()
	if wait <= 0 || wait > maxWait(ctx) {
		return
	}
	if l.jitter > 0 {
		wait += rand.N(l.jitter) //nolint:gosec // nothing secret
	}
	select {
	case <-time.After(wait):
	case <-ctx.Done():
	}
}
