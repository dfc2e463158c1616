package connection

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
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
//   - Waiting for Wintro's first check uses one that began after the last look had ended.
//   - A look-up before a creation may use one of any age: a miss is only a hint, since Wintro refuses a second
//     connection for a company, and the caller confirms a hit.
//
// Pages are read one after the other, and only while fewer remain than connections were asked for. Otherwise a
// request for each of these is cheaper.
type snapshots struct {
	mu      sync.Mutex
	current *snapshot
	// ended is the last one that a write has ended, for look-ups.
	ended *snapshot
	// pages is how many pages the list had when it was last read, 0 before.
	pages int
	// waiters is how many wait for Wintro's first check.
	waiters atomic.Int32

	readPage func(ctx context.Context, page int) (wintro.Page, error)
}

const maxSnapshotAge = 10 * time.Second

// snapshot is one reading of the list, as far as it has come.
type snapshot struct {
	// began is when the first page was asked for.
	began time.Time
	// list contains the pages that were read.
	list wintro.List
	// asked is how many connections were asked for.
	asked int
	err   error
	// next is the page that is being read, nil while none is.
	next *reading
}

// reading is a page that is being read.
type reading struct {
	// ended is closed once the page is there, or has failed.
	ended chan struct{}
	// readers is how many wait for it. It goes on as long as somebody does.
	readers int
	cancel  context.CancelFunc
}

func (s *snapshot) lookFor(q query) (wintro.Item, bool) {
	if q.id != "" {
		return s.list.ByID(q.id)
	}
	return s.list.ByCompany(q.companyID)
}

// query is what is looked for in a snapshot: a connection by its ID or, if that is empty, by its company.
type query struct {
	id, companyID string
	// accepts reports whether a snapshot isn't too old.
	accepts func(*snapshot) bool
	// isWaiting is set for a connection that Wintro's first check is waited for, as others may be.
	isWaiting bool
}

// found is what a snapshot says.
type found struct {
	connection wintro.Connection
	// ok reports whether there is one.
	ok bool
	// complete reports whether all pages were read, so that there is none if ok is false.
	complete bool
	// err is set if the list contains an invalid record of the connection.
	err error
}

// find looks for a connection, and reads pages if that is worth it. Others who look for something share
// the reading. It goes on as long as one of them waits.
func (s *snapshots) find(ctx context.Context, q query) (found, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	snap := s.pick(q)
	if snap == nil {
		if !s.isWorthReading(nil, q) {
			return found{}, nil
		}
		snap = &snapshot{}
		s.current = snap
	}
	snap.asked++
	for {
		if item, ok := snap.lookFor(q); ok {
			return found{connection: item.Connection, ok: item.Invalid == "", err: item.Err()}, nil
		}
		switch {
		case snap.err != nil:
			return found{}, snap.err
		case snap.list.IsComplete:
			return found{complete: true}, nil
		}
		if snap.next == nil {
			if !s.isWorthReading(snap, q) {
				return found{}, nil
			}
			s.read(ctx, snap)
		}
		if err := s.wait(ctx, snap); err != nil {
			return found{}, err
		}
	}
}

// isWorthReading reports whether reading on takes fewer requests than one for each connection. Before the
// first page that is known for those only who wait.
func (s *snapshots) isWorthReading(snap *snapshot, q query) bool {
	isUnread := snap == nil || snap.list.PagesRead == 0
	waiting := int(s.waiters.Load())
	switch {
	case q.isWaiting && isUnread:
		return waiting > max(1, s.pages)
	case isUnread:
		return true
	case q.isWaiting:
		return waiting > snap.list.TotalPages-snap.list.PagesRead
	}
	return snap.asked > snap.list.TotalPages-snap.list.PagesRead
}

// pick is the snapshot that a query uses, nil if none is accepted.
func (s *snapshots) pick(q query) *snapshot {
	for _, snap := range []*snapshot{s.current, s.ended} {
		if snap != nil && q.accepts(snap) {
			return snap
		}
	}
	return nil
}

// read begins to read the next page, whoever's time is up in the meantime.
func (s *snapshots) read(ctx context.Context, snap *snapshot) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	next := &reading{ended: make(chan struct{}), cancel: cancel}
	snap.next = next
	if snap.list.PagesRead == 0 {
		snap.began = time.Now()
	}
	number := snap.list.PagesRead + 1
	go func() {
		page, err := s.readPage(ctx, number)
		cancel()
		s.mu.Lock()
		defer s.mu.Unlock()
		if snap.next != next {
			// Nobody waited any longer: its end isn't Wintro's answer.
			return
		}
		snap.next = nil
		if err == nil {
			err = snap.list.Add(page)
			s.pages = page.TotalPages
		}
		snap.err = err
		close(next.ended)
	}()
}

// wait waits for the page that is being read. The caller holds the lock.
func (s *snapshots) wait(ctx context.Context, snap *snapshot) error {
	next := snap.next
	next.readers++
	s.mu.Unlock()
	var err error
	select {
	case <-next.ended:
	case <-ctx.Done():
		err = ended(ctx, WintroName)
	}
	s.mu.Lock()
	next.readers--
	if next.readers == 0 && snap.next == next {
		// Whoever wants this page next starts again.
		next.cancel()
		snap.next = nil
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

// latest is the snapshot that no write has ended, nil if there is none.
func (s *snapshots) latest() *snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current
}

// after accepts readings that are newer than last, which latest has returned.
func (s *snapshots) after(last *snapshot) func(*snapshot) bool {
	return func(snap *snapshot) bool { return snap == s.current && snap != last }
}

// ended is the error of an operation that ended before a system answered.
func ended(ctx context.Context, system string) error {
	reason := "the operation timed out"
	if errors.Is(ctx.Err(), context.Canceled) {
		reason = "the operation was interrupted"
	}
	return &UnavailableError{System: system, Reason: reason}
}
