package transport

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// gate holds requests back while a server wants none: where one of many concurrent calls was told to
// wait, the others wouldn't fare better. Rates are limited by token (design.md, section 3).
type gate struct {
	mu    sync.Mutex
	opens map[string]time.Time
}

// close keeps the gate closed, for requests with the same token as the answered one, as long as the
// answer asks.
func (g *gate) close(resp *http.Response) {
	wait, asked := waitAskedFor(resp)
	if !asked || wait == 0 || resp.Request == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.opens == nil {
		g.opens = map[string]time.Time{}
	}
	token := resp.Request.Header.Get("Authorization")
	if opens := time.Now().Add(wait); opens.After(g.opens[token]) {
		g.opens[token] = opens
	}
}

// pass waits until the gate is open, unless that would take longer than the operation may: then the
// server gets to say so itself.
func (g *gate) pass(ctx context.Context, req *http.Request) {
	g.mu.Lock()
	wait := time.Until(g.opens[req.Header.Get("Authorization")])
	g.mu.Unlock()
	if wait <= 0 || wait > patience(ctx) {
		return
	}
	select {
	case <-time.After(wait):
	case <-ctx.Done():
	}
}
