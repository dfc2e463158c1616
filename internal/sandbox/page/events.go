package page

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"strings"
	"time"
)

// parts are the parts of the page that change, in the order of digests.
var parts = [...]string{"recruitee", "wintro", "requests", "faults", "next"}

// digests tells for each part whether it has changed.
type digests [len(parts)]string

// String is one word for an address.
func (d digests) String() string { return strings.Join(d[:], ".") }

func parseDigests(text string) (d digests) {
	copy(d[:], strings.Split(text, "."))
	return d
}

func (p *Page) digests() digests {
	requests := p.sandbox.RequestLogVersion()
	shot := p.sandbox.Snapshot()
	recruitee := digest(shot.Companies, shot.People, shot.Tokens)
	wintro := digest(shot.Organisations, shot.WintroLimit, shot.WintroWindow, shot.Connections)
	return digests{
		recruitee,
		wintro,
		// Another sandbox at the same address counts from the beginning.
		digest(shot.Organisations[0].ID, requests),
		digest(p.sandbox.Faults()),
		digest(recruitee, wintro),
	}
}

func digest(values ...any) string {
	hash := fnv.New64a()
	// What doesn't encode would be a mistake in the types, which have nothing but data.
	_ = json.NewEncoder(hash).Encode(values)
	return fmt.Sprintf("%x", hash.Sum64())
}

const (
	// pace is the least time between two messages: a plan of many connections is many changes a second.
	pace = 100 * time.Millisecond
	// look is how often to look for what changes by itself, such as a rate limit whose window has ended.
	look = 2 * time.Second
)

// serveEvents tells the browser which parts have changed since it got them, as long as it listens.
func (p *Page) serveEvents(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	client := http.NewResponseController(w)
	seen := parseDigests(r.URL.Query().Get("seen"))
	message := ": hello\n\n"
	for {
		changed := p.sandbox.Changed()
		now := p.digests()
		for i, part := range parts {
			if now[i] != seen[i] {
				message += "event: " + part + "\ndata: changed\n\n"
			}
		}
		seen = now
		if message != "" {
			if _, err := w.Write([]byte(message)); err != nil || client.Flush() != nil {
				return
			}
			message = ""
		}
		if !p.pause(r, nil, pace) || !p.pause(r, changed, look) {
			return
		}
	}
}

// pause waits for a change, but no longer than d, and reports whether the browser still listens.
func (p *Page) pause(r *http.Request, changed <-chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-changed:
	case <-p.closed:
		return false
	case <-r.Context().Done():
		return false
	}
	return true
}
