package page

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"strings"
	"time"
)

// parts contains the names of the parts of the page that change, in the order of digests.
var parts = [...]string{"recruitee", "wintro", "requests", "faults", "next"}

// digests contains a digest of the data in each part, so that serveEvents can notice changes.
type digests [len(parts)]string

// String joins the digests with dots.
func (d digests) String() string { return strings.Join(d[:], ".") }

func parseDigests(text string) (d digests) {
	copy(d[:], strings.Split(text, "."))
	return d
}

func (p *Page) digests() digests {
	requests := p.sandbox.RequestLogVersion()
	shot := p.sandbox.Snapshot()
	recruitee := digest(shot.Companies)
	wintro := digest(shot.Organisations, shot.WintroLimit, shot.WintroWindow, shot.Connections)
	return digests{
		recruitee,
		wintro,
		// Include the organisation's random ID, because a restarted sandbox at this address counts its changes from 0
		// again.
		digest(shot.Organisations[0].ID, requests),
		digest(p.sandbox.Faults()),
		digest(recruitee, wintro),
	}
}

func digest(values ...any) string {
	hash := fnv.New64a()
	_ = json.NewEncoder(hash).Encode(values) // encoding data can't fail
	return fmt.Sprintf("%x", hash.Sum64())
}

// pollInterval is the time between two checks for changes. A plan of many connections causes many changes a second, so
// a shorter interval would update the page too often.
const pollInterval = 200 * time.Millisecond

// serveEvents sends an event whenever a part of the page changes, until the browser disconnects or Close is called.
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
