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

// pollInterval is the time between two messages: a plan of many connections makes many changes a second.
const pollInterval = 200 * time.Millisecond

// serveEvents sends the browser the names of the parts that change, as long as it listens.
func (p *Page) serveEvents(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	client := http.NewResponseController(w)
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	seen := parseDigests(r.URL.Query().Get("seen"))
	message := ": hello\n\n"
	for {
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
		select {
		case <-ticker.C:
		case <-p.closed:
			return
		case <-r.Context().Done():
			return
		}
	}
}
