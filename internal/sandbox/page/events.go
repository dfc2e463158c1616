package page

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"strings"
	"time"
)

// parts are the changing parts of the page, in the order of digests.
var parts = [...]string{"recruitee", "wintro", "requests", "faults", "next"}

// digests has a digest of each part.
type digests [len(parts)]string

// String returns the digests as one word.
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
	_ = json.NewEncoder(hash).Encode(values) // data can be encoded
	return fmt.Sprintf("%x", hash.Sum64())
}

const (
	// pace is the shortest time between two messages: a plan of many connections makes many changes a second.
	pace = 100 * time.Millisecond
	// refresh is the time after which to look for a rate limit whose window has ended.
	refresh = 2 * time.Second
)

// serveEvents sends the browser the names of the parts that change, as long as it listens.
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
		if !p.pause(r, nil, pace) || !p.pause(r, changed, refresh) {
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
