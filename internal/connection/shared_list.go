package connection

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// sharedList is a Wintro client that shares reads of the connection list between concurrent operations. Wintro
// allows 100 requests a minute, and a page of the list has up to 100 connections.
//
// Refresh, Poll and LookUp decide whether to use a snapshot of the list, to read its next page, or to send a
// request for the one connection. All other reads send their own requests.
//
// How old a snapshot may be depends on the operation:
//
//   - Refresh uses the current snapshot if it began at most maxSnapshotAge ago.
//   - Poll uses only a snapshot that began after the previous poll ended.
//   - LookUp uses a snapshot of any age. After a miss, Wintro still rejects a second connection for the
//     company. After a hit, LookUp reads the connection again.
//
// Every write, even a failed one, invalidates the current snapshot: only LookUp may use it later. An operation
// that is already waiting for a page keeps its snapshot, even if it becomes older.
//
// A snapshot reads one page after another, but only while fewer pages remain than connections were requested.
// Otherwise one request per connection is cheaper.
//
// Wintro's 404 Not Found for a connection becomes a *GoneError only if the list agrees: a router responds alike
// for a path that it doesn't know.
type sharedList struct {
	client  *wintro.Client
	history *history
	// pollPause is the first pause before another attempt to find a connection that was just created.
	pollPause time.Duration

	mu      sync.Mutex
	current *snapshot
	// invalidated is the last invalidated snapshot. Look-ups may still use it.
	invalidated *snapshot
	// pages is the number of pages that the list had when it was last read, 0 before.
	pages int
	// pollers is the number of operations that wait for Wintro's first check.
	pollers atomic.Int32
}

const (
	maxSnapshotAge = 10 * time.Second
	// maxUnseen limits how long Wintro may not find a connection after this process created it.
	maxUnseen = time.Minute
)

// snapshot is one reading of the list, up to some page.
type snapshot struct {
	// began is the time at which the first page was requested.
	began time.Time
	// list contains the pages that were read.
	list wintro.List
	// unlinked has the companies that have no connection, according to requests of their own.
	unlinked map[string]bool
	// requested counts the connections that operations have requested.
	requested int
	err       error
	// next is the request for the next page, nil if none is in flight.
	next *sharedCall[wintro.Page]
}

// Organisation returns the ID of the Wintro organisation of the API token, or "" if Wintro hasn't reported it.
func (l *sharedList) Organisation() string { return l.client.Organisation() }

// List reads the connections to Recruitee, of one company or, if companyID is empty, of all: the oldest first.
// It may stop after limit connections, unless limit is 0. The error is a *NoEndpointsError if Wintro has no list.
func (l *sharedList) List(ctx context.Context, companyID string, limit int) ([]wintro.Connection, error) {
	list, err := l.client.List(ctx, companyID, limit)
	if err != nil {
		return nil, newListError(err)
	}
	if item, _ := list.ByCompany(companyID); item.Invalid != "" {
		return nil, item.Err()
	}
	return list.Connections(), nil
}

// Get reads the connection with the ID of last.
func (l *sharedList) Get(ctx context.Context, last Connection) (wintro.Connection, error) {
	found, err := l.client.Get(ctx, last.ID)
	return l.check(ctx, last, found, err)
}

// Create creates a connection.
func (l *sharedList) Create(ctx context.Context, key string, connection wintro.NewConnection) (wintro.Connection, error) {
	defer l.invalidate()
	return l.client.Create(ctx, key, connection)
}

// Update changes the connection with the ID of last.
func (l *sharedList) Update(ctx context.Context, last Connection, change wintro.ConnectionChange) (updated wintro.Connection, err error) {
	defer l.invalidate()
	err = l.untilFound(ctx, last, func() error {
		response, err := l.client.Update(ctx, last.ID, change)
		updated, err = l.check(ctx, last, response, err)
		return err
	})
	return updated, err
}

// Delete removes the connection with the ID of last.
func (l *sharedList) Delete(ctx context.Context, last Connection) error {
	defer l.invalidate()
	return l.untilFound(ctx, last, func() error { return l.confirmGone(ctx, last, l.client.Delete(ctx, last.ID)) })
}

// StartSync starts a vacancy sync of the connection with the ID of last.
func (l *sharedList) StartSync(ctx context.Context, last Connection) (started wintro.Sync, err error) {
	defer l.invalidate()
	err = l.untilFound(ctx, last, func() error {
		var err error
		started, err = l.client.StartSync(ctx, last.ID)
		return l.confirmGone(ctx, last, err)
	})
	return started, err
}

// GetSync reads the progress of a sync.
func (l *sharedList) GetSync(ctx context.Context, connectionID, id string) (wintro.Sync, error) {
	return l.client.GetSync(ctx, connectionID, id)
}

// Refresh reads a connection for a plan.
func (l *sharedList) Refresh(ctx context.Context, last Connection) (read wintro.Connection, err error) {
	err = l.untilFound(ctx, last, func() error {
		found, isComplete, err := l.find(ctx, query{id: last.ID, accepts: l.isRecent})
		if err == nil {
			err = l.checkOrganisation(last)
		}
		switch {
		case err != nil:
			return newListError(err)
		case found != nil:
			read, err = l.check(ctx, last, *found, nil)
			return err
		}
		response, err := l.client.Get(ctx, last.ID)
		if isComplete && isNotFound(err) {
			return l.newGoneError(last)
		}
		read, err = l.check(ctx, last, response, err)
		return err
	})
	return read, err
}

// LookUp returns the connection of a company, or nil if the company has none.
func (l *sharedList) LookUp(ctx context.Context, companyID string) (*wintro.Connection, error) {
	found, isComplete, err := l.find(ctx, query{companyID: companyID, accepts: l.isFitForLookUp})
	switch {
	case err != nil:
		return nil, newListError(err)
	case found == nil && isComplete:
		return nil, nil
	case found == nil:
		existing, err := l.Newest(ctx, companyID)
		if err == nil && existing == nil {
			l.recordMiss(companyID)
		}
		return existing, err
	}
	// The snapshot may be stale: a replacement deletes the connection just before.
	existing, err := l.client.Get(ctx, found.ID)
	switch {
	case isNotFound(err), err == nil && (existing.AtsCompanyID != companyID || l.history.pastOf(existing.ID) == WasDeleted):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &existing, nil
}

// Newest requests the newest connection of a company. It returns nil if the company has none.
func (l *sharedList) Newest(ctx context.Context, companyID string) (*wintro.Connection, error) {
	all, err := l.List(ctx, companyID, 0)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[len(all)-1], nil
}

// poller polls a connection. Stop it at the end: the number of pollers decides whether the list is worth reading.
type poller struct {
	list *sharedList
	// ended is the time at which the previous poll or the write before it ended.
	ended time.Time
}

// NewPoller returns a poller for a connection that was just written.
func (l *sharedList) NewPoller() *poller {
	l.pollers.Add(1)
	return &poller{list: l, ended: time.Now()}
}

// Stop ends the polling.
func (p *poller) Stop() { p.list.pollers.Add(-1) }

// Poll reads a connection: from the list, if that takes fewer requests for all pollers.
func (p *poller) Poll(ctx context.Context, last Connection) (wintro.Connection, error) {
	l, previous := p.list, p.ended
	defer func() { p.ended = time.Now() }()
	found, _, err := l.find(ctx, query{
		id:       last.ID,
		accepts:  func(snap *snapshot) bool { return snap == l.current && snap.began.After(previous) },
		isPolled: true,
	})
	switch {
	case err != nil:
		return wintro.Connection{}, newListError(err)
	case found != nil:
		return l.check(ctx, last, *found, nil)
	}
	return l.Get(ctx, last)
}

// listsForOther reports whether a snapshot contains the connection, for another company.
func (l *sharedList) listsForOther(id, companyID string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc([]*snapshot{l.current, l.invalidated}, func(snap *snapshot) bool {
		if snap == nil {
			return false
		}
		item, isListed := snap.list.ByID(id)
		return isListed && item.AtsCompanyID != companyID
	})
}

// check checks a response that contains the connection with the ID of last, or the error instead.
func (l *sharedList) check(ctx context.Context, last Connection, response wintro.Connection, err error) (wintro.Connection, error) {
	switch {
	case err != nil:
		return wintro.Connection{}, l.confirmGone(ctx, last, err)
	case response.Ats != wintro.Recruitee:
		return wintro.Connection{}, &OtherSystemError{ID: last.ID, System: response.Ats}
	}
	l.history.see(response.ID)
	return response, nil
}

// confirmGone returns a *GoneError if err is Wintro's 404 Not Found and the list doesn't contain the connection
// either. It returns any other err unchanged.
func (l *sharedList) confirmGone(ctx context.Context, last Connection, err error) error {
	if !isNotFound(err) {
		return err
	}
	list, err := l.client.List(ctx, last.CompanyID, 0)
	if err == nil {
		err = l.checkOrganisation(last)
	}
	if err != nil {
		return newListError(err)
	}
	// An invalid record without an ID may belong to the connection.
	_, isListed := list.ByID(last.ID)
	ofCompany, hasCompany := list.ByCompany(last.CompanyID)
	if isListed || hasCompany && ofCompany.ID == "" {
		return listedError{&UnavailableError{System: WintroName, Reason: "it lists the connection " + last.ID + ", and returns 404 Not Found for it"}}
	}
	return l.newGoneError(last)
}

// listedError is the error if Wintro lists a connection and returns 404 Not Found for it.
type listedError struct{ *UnavailableError }

func (e listedError) Unwrap() error { return e.UnavailableError }

// isUnseen reports whether err means that Wintro doesn't find a connection yet which this process created at the
// returned time.
func (l *sharedList) isUnseen(id string, err error) (created time.Time, isUnseen bool) {
	_, isGone := errors.AsType[*GoneError](err)
	_, isListed := errors.AsType[listedError](err)
	created, isUnseen = l.history.unseenSince(id)
	return created, isUnseen && (isGone || isListed)
}

func (l *sharedList) newGoneError(last Connection) error {
	return &GoneError{ID: last.ID, CompanyID: last.CompanyID, IsOrganisationKnown: last.OrganisationID != "" && l.Organisation() != ""}
}

// checkOrganisation returns an *OtherOrganisationError if Wintro's API token belongs to another organisation than
// the connection. To such a token, all connections would look deleted.
func (l *sharedList) checkOrganisation(last Connection) error {
	organisation := l.Organisation()
	if last.OrganisationID == "" || organisation == "" || organisation == last.OrganisationID {
		return nil
	}
	return &OtherOrganisationError{ID: last.ID, Organisation: last.OrganisationID, TokenOrganisation: organisation}
}

// untilFound repeats a call while Wintro doesn't find a connection that this process has created less than maxUnseen
// ago.
func (l *sharedList) untilFound(ctx context.Context, last Connection, call func() error) error {
	for pause := l.pollPause; ; pause = nextPause(pause) {
		err := call()
		created, isUnseen := l.isUnseen(last.ID, err)
		if !isUnseen || time.Since(created) > maxUnseen || !sleep(ctx, pause) {
			return err
		}
	}
}

// query selects a connection by its ID or, if that is empty, by its company.
type query struct {
	id, companyID string
	// accepts reports whether a snapshot isn't too old.
	accepts func(*snapshot) bool
	// isPolled reports whether the query is a poll, as those of other pollers.
	isPolled bool
}

// find returns the item of a query, if a page that was read contains it.
func (s *snapshot) find(q query) (wintro.Item, bool) {
	if q.id != "" {
		return s.list.ByID(q.id)
	}
	return s.list.ByCompany(q.companyID)
}

// find finds a connection in a snapshot, and reads pages if they are worth it. It returns nil if there is none:
// if isComplete, the list doesn't contain the connection; otherwise a request for it is cheaper.
func (l *sharedList) find(ctx context.Context, q query) (found *wintro.Connection, isComplete bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	snap := l.pick(q)
	if snap == nil {
		if !l.isWorthReading(nil, q) {
			return nil, false, nil
		}
		snap = &snapshot{unlinked: map[string]bool{}}
		l.current = snap
	}
	snap.requested++
	for {
		item, isListed := snap.find(q)
		switch {
		case isListed && item.Invalid != "":
			return nil, false, nil
		case isListed:
			return &item.Connection, false, nil
		case snap.err != nil:
			return nil, false, snap.err
		case snap.list.IsComplete, snap.unlinked[q.companyID]:
			return nil, true, nil
		}
		wait, ok := snap.next.join(ctx)
		if !ok {
			if !l.isWorthReading(snap, q) {
				return nil, false, nil
			}
			wait = l.readPage(ctx, snap)
		}
		l.mu.Unlock()
		_, err := wait()
		l.mu.Lock()
		if err != nil && snap.err == nil {
			// This operation ended before the page arrived.
			return nil, false, err
		}
	}
}

// isWorthReading reports whether the next page takes fewer requests than one for each connection. Before the
// first page, only pollers know their number.
func (l *sharedList) isWorthReading(snap *snapshot, q query) bool {
	isUnread := snap == nil || snap.list.PagesRead == 0
	pollers := int(l.pollers.Load())
	switch {
	case q.isPolled && isUnread:
		return pollers > max(1, l.pages)
	case isUnread:
		return true
	case q.isPolled:
		return pollers > snap.list.TotalPages-snap.list.PagesRead
	}
	return snap.requested > snap.list.TotalPages-snap.list.PagesRead
}

// pick returns the snapshot for a query, or nil if the query accepts none.
func (l *sharedList) pick(q query) *snapshot {
	for _, snap := range []*snapshot{l.current, l.invalidated} {
		if snap != nil && q.accepts(snap) {
			return snap
		}
	}
	return nil
}

// readPage requests the next page. The caller holds the lock.
func (l *sharedList) readPage(ctx context.Context, snap *snapshot) (wait func() (wintro.Page, error)) {
	if snap.list.PagesRead == 0 {
		snap.began = time.Now()
	}
	number := snap.list.PagesRead + 1
	var call *sharedCall[wintro.Page]
	call, wait = startCall(ctx, WintroName, func(ctx context.Context) (wintro.Page, error) {
		page, err := l.client.ListPage(ctx, "", number)
		l.mu.Lock()
		defer l.mu.Unlock()
		// If all operations have stopped waiting, another one may have requested the page again.
		if snap.next != call {
			return page, err
		}
		snap.next = nil
		switch {
		case err == nil:
			snap.err = snap.list.Add(page)
			l.pages = snap.list.TotalPages
			for _, item := range page.Items {
				l.history.see(item.ID)
			}
		case ctx.Err() == nil:
			snap.err = err
		}
		return page, err
	})
	snap.next = call
	return wait
}

// recordMiss records that a company has no connection, for further look-ups.
func (l *sharedList) recordMiss(companyID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, snap := range []*snapshot{l.current, l.invalidated} {
		if snap != nil {
			snap.unlinked[companyID] = true
		}
	}
}

// invalidate invalidates the current snapshot: Wintro has changed, or may have.
func (l *sharedList) invalidate() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.current != nil && l.current.err == nil {
		l.invalidated = l.current
	}
	l.current = nil
}

// isRecent reports whether a refresh may use a snapshot.
func (l *sharedList) isRecent(snap *snapshot) bool {
	return snap == l.current && time.Since(snap.began) <= maxSnapshotAge
}

// isFitForLookUp reports whether a look-up may use a snapshot.
func (l *sharedList) isFitForLookUp(snap *snapshot) bool {
	return snap.err == nil || l.isRecent(snap)
}

// isNotFound reports whether err is Wintro's 404 Not Found.
func isNotFound(err error) bool {
	rejected, ok := errors.AsType[*APIError](err)
	return ok && rejected.Status == http.StatusNotFound
}

// newListError returns the error of a list request. Wintro has no list only if it doesn't have these endpoints.
func newListError(err error) error {
	if rejected, ok := errors.AsType[*APIError](err); ok && isNotFound(err) {
		return &NoEndpointsError{Message: rejected.Message}
	}
	return err
}
