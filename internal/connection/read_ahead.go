package connection

import (
	"context"
	"sync"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

const (
	// readsPerPage is for how many connections that are read one page of Wintro's list is read: a few connections
	// cost one request each, and no number of other connections in the list costs more than a tenth on top.
	readsPerPage = 10
	// freshFor is how long what stood in the list may be taken for what is.
	freshFor = 10 * time.Second
)

// get reads one connection, from Wintro's list where many are read one after the other: a page of it
// has a hundred. What isn't in the list is asked for, so that only Wintro's answer to just this question
// says that a connection is gone. While connections are applied, each is asked for.
func (s *Service) get(ctx context.Context, id string) (wintro.Connection, error) {
	if s.applying.Load() {
		return s.wintro.Get(ctx, id)
	}
	if cursor, due := s.ahead.due(); due {
		page, err := s.wintro.Page(ctx, cursor)
		s.ahead.add(page, err)
	}
	if known, found := s.ahead.take(id); found {
		return known, nil
	}
	return s.wintro.Get(ctx, id)
}

// readAhead is what stood in Wintro's list, as far as it was read.
type readAhead struct {
	mu    sync.Mutex
	began time.Time
	// reads and pages are how many there were since.
	reads, pages int
	// reading reports whether somebody reads a page just now.
	reading bool
	// cursor is that of the next page. There is none once ended is set.
	cursor string
	ended  bool
	// failed reports that the list can't be read.
	failed bool
	known  map[string]wintro.Connection
}

// due counts a read. It reports whether a page is to be read first, and which.
func (a *readAhead) due() (cursor string, due bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if time.Since(a.began) > freshFor {
		a.began = time.Now()
		a.reads, a.pages, a.cursor, a.ended, a.known = 0, 0, "", false, nil
	}
	a.reads++
	if a.reading || a.ended || a.failed || a.reads < readsPerPage*(a.pages+1) {
		return "", false
	}
	a.reading = true
	return a.cursor, true
}

// add takes over a page that was read, or that it can't be.
func (a *readAhead) add(page wintro.Page, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.reading = false
	if err != nil {
		a.failed = true
		return
	}
	a.pages++
	a.cursor, a.ended = page.Next, page.Next == ""
	if a.known == nil {
		a.known = map[string]wintro.Connection{}
	}
	for _, one := range page.Connections {
		a.known[one.ID] = one
	}
}

// take hands out what is known of a connection, once: who reads it again wants to know it anew.
func (a *readAhead) take(id string) (wintro.Connection, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	known, found := a.known[id]
	delete(a.known, id)
	return known, found
}
