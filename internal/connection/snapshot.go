package connection

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// snapshots shares readings of Wintro's list between all that happens at the same time: a page has a hundred
// connections, and Wintro takes a hundred requests a minute. Its rules are those of what may be old:
//
//   - Every write ends the current snapshot, also one that failed: what begins later never uses a reading
//     that began before the write ended.
//   - A refresh uses a snapshot that began at most maxSnapshotAge ago. Whoever has waited for one may use it
//     once, however long that took.
//   - Waiting for Wintro's first check uses one that began after the last look.
//   - A look-up before a creation may use one of any age: a miss is only a hint, since Wintro refuses a second
//     connection for a company, and the caller confirms a hit.
//
// Pages are read one after the other, and only while fewer remain than connections were asked for in vain.
// Otherwise a request for each of these is cheaper.
type snapshots struct {
	mu      sync.Mutex
	current *snapshot
	// ended is the last one that a write has ended, for look-ups.
	ended *snapshot
	// pages is how many pages the list had when it was last read, 0 before.
	pages int
	// waiting is how many wait for Wintro's first check.
	waiting int

	readPage func(ctx context.Context, page int) (wintro.Page, error)
}

const maxSnapshotAge = 10 * time.Second

// snapshot is one reading of the list, as far as it has come.
type snapshot struct {
	began time.Time
	// byID are the connections on the pages that were read, byCompany their IDs.
	byID      map[string]wintro.Connection
	byCompany map[string]string
	// pagesRead and pages are how many were read, and how many there are.
	pagesRead, pages int
	// misses is how many connections were asked for that no page read so far holds.
	misses int
	err    error
	// reading is closed once the page that is being read has arrived. It is nil while none is.
	reading chan struct{}
	// readers are those who wait for it, and cancel ends the reading.
	readers map[*query]struct{}
	cancel  context.CancelFunc
}

func (s *snapshot) isComplete() bool { return s.pagesRead > 0 && s.pagesRead >= s.pages }

// query is what is looked for in a snapshot: a connection by its ID or, where that is empty, by its company.
type query struct {
	id, companyID string
	// accepts reports whether a snapshot isn't too old.
	accepts func(*snapshot) bool
	// readAll reports whether all pages are worth reading.
	readAll bool
	// missed reports whether it was counted as a miss.
	missed bool
}

func (snap *snapshot) find(q *query) (wintro.Connection, bool) {
	id := q.id
	if id == "" {
		id = snap.byCompany[q.companyID]
	}
	c, ok := snap.byID[id]
	return c, ok
}

// countMiss counts what no page read so far holds, once.
func (snap *snapshot) countMiss(q *query) {
	if _, ok := snap.find(q); !ok && !q.missed {
		snap.misses++
		q.missed = true
	}
}

// found is what a snapshot says.
type found struct {
	connection wintro.Connection
	// ok reports whether there is one.
	ok bool
	// complete reports whether all pages were read, so that there is none where ok is false.
	complete bool
}

// find looks for a connection, and reads pages where that is worth it. Others who look for something share
// the reading. It goes on as long as one of them waits.
func (s *snapshots) find(ctx context.Context, q query) (found, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	snap := s.pick(q)
	for {
		if c, ok := snap.find(&q); ok {
			return found{connection: c, ok: true}, nil
		}
		switch {
		case snap.err != nil:
			return found{}, snap.err
		case snap.isComplete():
			return found{complete: true}, nil
		}
		if snap.pagesRead > 0 {
			snap.countMiss(&q)
		}
		if snap.reading == nil {
			if snap.pagesRead > 0 && !q.readAll && snap.pages-snap.pagesRead >= snap.misses {
				return found{}, nil
			}
			s.read(ctx, snap)
		}
		if err := s.wait(ctx, snap, &q); err != nil {
			return found{}, err
		}
	}
}

// pick is the snapshot that a query uses. It is a new one where none is accepted.
func (s *snapshots) pick(q query) *snapshot {
	for _, snap := range []*snapshot{s.current, s.ended} {
		if snap != nil && q.accepts(snap) {
			return snap
		}
	}
	s.current = &snapshot{
		began: time.Now(), byID: map[string]wintro.Connection{}, byCompany: map[string]string{}, readers: map[*query]struct{}{},
	}
	return s.current
}

// read begins to read the next page, whoever's time is up meanwhile.
func (s *snapshots) read(ctx context.Context, snap *snapshot) {
	ctx, snap.cancel = context.WithCancel(context.WithoutCancel(ctx))
	snap.reading = make(chan struct{})
	go func() {
		page, err := s.readPage(ctx, snap.pagesRead+1)
		s.mu.Lock()
		defer s.mu.Unlock()
		snap.cancel()
		for _, c := range page.Connections {
			snap.byID[c.ID] = c
			snap.byCompany[c.AtsCompanyID] = c.ID
		}
		if err == nil {
			snap.pagesRead++
			snap.pages = page.TotalPages
			s.pages = page.TotalPages
		}
		// All misses count before anybody decides whether another page is worth reading.
		for q := range snap.readers {
			snap.countMiss(q)
		}
		snap.err = err
		close(snap.reading)
		snap.reading = nil
	}()
}

// wait waits for the page that is being read. The caller holds the lock.
func (s *snapshots) wait(ctx context.Context, snap *snapshot, q *query) error {
	reading := snap.reading
	snap.readers[q] = struct{}{}
	s.mu.Unlock()
	var err error
	select {
	case <-reading:
	case <-ctx.Done():
		err = ended(ctx, WintroName)
	}
	s.mu.Lock()
	delete(snap.readers, q)
	if len(snap.readers) == 0 && snap.reading == reading {
		// Nobody wants it any longer: nobody may take its end for Wintro's.
		snap.cancel()
		if s.current == snap {
			s.current = nil
		}
	}
	return err
}

// end ends the current snapshot: something was written, or may have been.
func (s *snapshots) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil && s.current.err == nil {
		s.ended = s.current
	}
	s.current = nil
}

// forRefresh accepts what a refresh may use.
func (s *snapshots) forRefresh(snap *snapshot) bool {
	return snap == s.current && time.Since(snap.began) <= maxSnapshotAge
}

// forLookUp accepts what a look-up before a creation may use: one of any age, unless it failed.
func (s *snapshots) forLookUp(snap *snapshot) bool {
	return snap.err == nil || s.forRefresh(snap)
}

// since accepts what somebody may use whose last look was at this time.
func (s *snapshots) since(last time.Time) func(*snapshot) bool {
	return func(snap *snapshot) bool { return snap == s.current && snap.began.After(last) }
}

// startWaiting counts somebody who waits for Wintro's first check, until stop is called.
func (s *snapshots) startWaiting() (stop func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.waiting--
	}
}

// isCheaper reports whether reading the list takes fewer requests than one for each who waits.
func (s *snapshots) isCheaper() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waiting > max(1, s.pages)
}

// ended is the error of an operation that ended before a system answered.
func ended(ctx context.Context, system string) error {
	reason := "the operation's time was up"
	if errors.Is(ctx.Err(), context.Canceled) {
		reason = "the operation was interrupted"
	}
	return &NoAnswerError{System: system, Reason: reason}
}
