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

// sharedList is a Wintro client that shares reads of the connection list between concurrent operations. Sharing saves
// requests: a page of the list has up to 100 connections, and Wintro allows only 100 requests a minute.
//
// Refresh, LookUp and a poller decide whether to use a snapshot of the list, to read its next page, or to send a
// request for a single connection. All other reads send their own requests.
//
// How old a snapshot may be depends on the operation:
//
//   - Refresh uses the current snapshot if it began at most maxSnapshotAge ago.
//   - A poller uses only a snapshot that began after its previous poll ended.
//   - LookUp uses a snapshot of any age. This is safe: if an outdated snapshot lacks a connection, Wintro still
//     rejects a second one for the company; if it contains a connection, LookUp reads the connection again.
//
// Every write, even a failed one, invalidates the current snapshot: only LookUp may use that snapshot later. An
// operation that is already waiting for a page keeps its snapshot, even if the snapshot is invalidated or becomes too
// old.
//
// If there is no suitable snapshot, Refresh and LookUp always read the first page. After that, the snapshot grows page
// by page, but only while fewer pages remain than connections were requested. Otherwise, one request for each
// connection is cheaper.
//
// Wintro's 404 Not Found for a connection becomes a *GoneError only if the list doesn't contain the connection
// either, because a router also returns 404 for a path that it doesn't know.
type sharedList struct {
	client  *wintro.Client
	history *history
	// pollPause is the first pause before another attempt to find a connection that was just created.
	pollPause time.Duration

	mu      sync.Mutex
	current *snapshot
	// invalidated is the last invalidated snapshot. Look-ups may still use it.
	invalidated *snapshot
	// pages is the number of pages that the list had at the last read; 0 before the first read.
	pages int
	// pollers is the number of operations that wait for Wintro's first check.
	pollers atomic.Int32
}

const (
	maxSnapshotAge = 10 * time.Second
	// maxUnseen limits how long untilFound repeats a request while Wintro doesn't find a new connection. It doesn't
	// limit polls.
	maxUnseen = time.Minute
)

// errUnseen means that Wintro doesn't find a new connection yet.
var errUnseen = errors.New("the new connection isn't in Wintro's responses yet")

// Organisation returns the ID of the Wintro organisation of the API token, or "" if Wintro hasn't reported the ID.
func (l *sharedList) Organisation() string { return l.client.Organisation() }

// List reads connections to Recruitee, the oldest first. If companyID isn't empty, List reads only the connections of
// this company. If limit isn't 0, List stops reading pages once it has limit connections. The error is a
// *NoEndpointsError if Wintro has no list, and an *UnavailableError if the last record of this company is invalid.
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

// Get reads a connection. Here and in the following methods, last is the connection's last known state.
func (l *sharedList) Get(ctx context.Context, last Connection) (wintro.Connection, error) {
	read, err := untilFound(ctx, l, last.ID, l.client.Get)
	return l.check(ctx, last, read, err)
}

func (l *sharedList) Create(ctx context.Context, key string, connection wintro.NewConnection) (wintro.Connection, error) {
	defer l.invalidate()
	return l.client.Create(ctx, key, connection)
}

func (l *sharedList) Update(ctx context.Context, last Connection, change wintro.ConnectionChange) (wintro.Connection, error) {
	defer l.invalidate()
	updated, err := untilFound(ctx, l, last.ID, func(ctx context.Context, id string) (wintro.Connection, error) {
		return l.client.Update(ctx, id, change)
	})
	return l.check(ctx, last, updated, err)
}

func (l *sharedList) Delete(ctx context.Context, last Connection) error {
	defer l.invalidate()
	_, err := untilFound(ctx, l, last.ID, func(ctx context.Context, id string) (struct{}, error) {
		return struct{}{}, l.client.Delete(ctx, id)
	})
	return l.confirmGone(ctx, last, err)
}

func (l *sharedList) StartSync(ctx context.Context, last Connection) (wintro.Sync, error) {
	defer l.invalidate()
	started, err := untilFound(ctx, l, last.ID, l.client.StartSync)
	return started, l.confirmGone(ctx, last, err)
}

func (l *sharedList) GetSync(ctx context.Context, connectionID, id string) (wintro.Sync, error) {
	return l.client.GetSync(ctx, connectionID, id)
}

// Refresh reads a connection for a plan, preferably from a recent snapshot.
func (l *sharedList) Refresh(ctx context.Context, last Connection) (wintro.Connection, error) {
	found, isComplete, err := l.find(ctx, query{id: last.ID, companyID: last.CompanyID, accepts: l.isRecent})
	if err == nil {
		err = l.checkOrganisation(last)
	}
	switch {
	case err != nil:
		return wintro.Connection{}, newListError(err)
	case found != nil:
		return l.check(ctx, last, *found, nil)
	}
	read, err := untilFound(ctx, l, last.ID, l.client.Get)
	if isComplete && isNotFound(err) {
		return wintro.Connection{}, l.newGoneError(last)
	}
	return l.check(ctx, last, read, err)
}

// LookUp returns the connection of a company, or nil if the company has none. LookUp ignores a connection that this
// process has deleted, because Wintro's responses may be outdated.
func (l *sharedList) LookUp(ctx context.Context, companyID string) (*wintro.Connection, error) {
	found, isComplete, err := l.find(ctx, query{companyID: companyID, accepts: l.isFitForLookUp})
	switch {
	case err != nil:
		return nil, newListError(err)
	case found == nil && isComplete:
		return nil, nil
	case found == nil:
		existing, err := l.Newest(ctx, companyID)
		if err == nil && (existing == nil || l.history.pastOf(existing.ID) == WasDeleted) {
			l.recordMiss(companyID)
			return nil, nil
		}
		return existing, err
	}
	// The snapshot may be outdated: a replacement deletes the old connection right before it looks up the company.
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

// poller polls a connection that was just created or updated.
type poller struct {
	list *sharedList
	// ended is the time at which the previous poll or, before the first poll, the write ended.
	ended time.Time
}

// startPolling returns a poller. Call it right after the write, and call stop after the last poll.
func (l *sharedList) startPolling() *poller {
	l.pollers.Add(1)
	return &poller{list: l, ended: time.Now()}
}

func (p *poller) stop() { p.list.pollers.Add(-1) }

// poll reads the connection, or the list if this takes fewer requests for all pollers together. A snapshot that is
// recent enough needs no request. The error is errUnseen if Wintro doesn't yet find a connection that this process has
// created.
func (p *poller) poll(ctx context.Context, last Connection) (wintro.Connection, error) {
	previous := p.ended
	defer func() { p.ended = time.Now() }()
	l := p.list
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
	read, err := l.client.Get(ctx, last.ID)
	if isNotFound(err) && l.history.isUnseen(last.ID) {
		return wintro.Connection{}, errUnseen
	}
	return l.check(ctx, last, read, err)
}

// isNew reports whether the ID in the response to a create request can belong to a new connection. It can't if this
// process has already read, created or deleted a connection with this ID, or if a snapshot lists the ID for another
// company. If Create accepted the ID, Terraform would later change or delete that other connection.
func (l *sharedList) isNew(id, companyID string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	isListedForOther := slices.ContainsFunc(l.snapshots(), func(snap *snapshot) bool {
		item, isListed := snap.list.ByID(id)
		return isListed && item.AtsCompanyID != companyID
	})
	return !isListedForOther && l.history.pastOf(id) == WasUntouched
}

// check returns the result of a request for a connection. It rejects a connection to another system, and confirms a
// 404 Not Found with confirmGone. After a success, check records that Wintro finds the connection.
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

// confirmGone returns a *GoneError if err is Wintro's 404 Not Found and the list doesn't contain the connection either.
// If the list contains the connection, the error is an *UnavailableError. If the list can't be read or belongs to
// another organisation, the error says so. If err isn't a 404, confirmGone returns err unchanged.
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
	if _, isListed := list.Find(last.ID, last.CompanyID); isListed {
		return &UnavailableError{System: WintroName, Reason: "it lists the connection " + last.ID + ", and returns 404 Not Found for it"}
	}
	return l.newGoneError(last)
}

func (l *sharedList) newGoneError(last Connection) error {
	return &GoneError{ID: last.ID, CompanyID: last.CompanyID, IsOrganisationKnown: last.OrganisationID != "" && l.Organisation() != ""}
}

// checkOrganisation returns an *OtherOrganisationError if the connection and Wintro's API token belong to different
// organisations. Without this check, an API token of the wrong organisation would make every connection look deleted.
func (l *sharedList) checkOrganisation(last Connection) error {
	organisation := l.Organisation()
	if last.OrganisationID == "" || organisation == "" || organisation == last.OrganisationID {
		return nil
	}
	return &OtherOrganisationError{ID: last.ID, Organisation: last.OrganisationID, TokenOrganisation: organisation}
}

// untilFound sends a request for a connection. For at most maxUnseen, it repeats the request while Wintro doesn't find
// a connection that this process has created.
func untilFound[T any](ctx context.Context, l *sharedList, id string, send func(context.Context, string) (T, error)) (response T, err error) {
	repeat(ctx, l.pollPause, maxUnseen, func() bool {
		response, err = send(ctx, id)
		return isNotFound(err) && l.history.isUnseen(id)
	})
	return response, err
}

// isNotFound reports whether err is Wintro's 404 Not Found.
func isNotFound(err error) bool {
	rejected, ok := errors.AsType[*APIError](err)
	return ok && rejected.Status == http.StatusNotFound
}

// newListError converts the error of a list request. A Wintro that has the endpoints returns even an empty list with
// 200 OK, so 404 Not Found means that this Wintro doesn't have the endpoints.
func newListError(err error) error {
	if rejected, ok := errors.AsType[*APIError](err); ok && isNotFound(err) {
		return &NoEndpointsError{Message: rejected.Message}
	}
	return err
}

// find looks for a connection in a snapshot, and reads more pages as long as this saves requests. If there is no error
// and found is nil, isComplete decides: if it is true, the list doesn't contain the connection; if it is false, the
// caller must send its own request for the connection.
func (l *sharedList) find(ctx context.Context, q query) (found *wintro.Connection, isComplete bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var snap *snapshot
	all := l.snapshots()
	if i := slices.IndexFunc(all, q.accepts); i >= 0 {
		snap = all[i]
	} else if l.isWorthReading(&snapshot{}, q) {
		snap = &snapshot{unlinked: map[string]bool{}}
		l.current = snap
	} else {
		return nil, false, nil
	}
	snap.requested++
	for {
		item, isListed := snap.find(q)
		switch {
		case isListed && item.Invalid != "":
			return nil, false, nil
		case isListed:
			return &item.Connection, false, nil
		case snap.list.IsComplete, q.id == "" && snap.unlinked[q.companyID]:
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
		if err != nil {
			return nil, false, err
		}
	}
}

// isWorthReading reports whether the remaining pages take fewer requests than a separate request for each connection.
// Before the first page, sharedList knows only how many connections are polled, so all other operations read the first
// page.
func (l *sharedList) isWorthReading(snap *snapshot, q query) bool {
	isUnread := snap.list.PagesRead == 0
	if isUnread && !q.isPolled {
		return true
	}
	pages, requested := snap.list.TotalPages-snap.list.PagesRead, snap.requested
	if isUnread {
		pages = max(1, l.pages)
	}
	if q.isPolled {
		requested = int(l.pollers.Load())
	}
	return requested > pages
}

// snapshots returns the current snapshot and then the last invalidated snapshot, if they exist.
func (l *sharedList) snapshots() []*snapshot {
	all := []*snapshot{l.current, l.invalidated}
	return slices.DeleteFunc(all, func(snap *snapshot) bool { return snap == nil })
}

// readPage requests the next page, and returns a function that waits for the page. When the page arrives, it becomes
// part of the snapshot. The caller must hold l.mu, and must release l.mu before it calls wait.
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
		// If all operations have stopped waiting, a later operation may have requested the page again. Ignore this
		// response then.
		if snap.next != call {
			return page, err
		}
		if err == nil {
			err = snap.list.Add(page)
			l.pages = snap.list.TotalPages
			for _, item := range page.Items {
				l.history.see(item.ID)
			}
		}
		if err == nil {
			snap.next = nil
		}
		return page, err
	})
	snap.next = call
	return wait
}

// recordMiss records that a company has no connection, so that later look-ups don't ask Wintro about the company again.
func (l *sharedList) recordMiss(companyID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, snap := range l.snapshots() {
		snap.unlinked[companyID] = true
	}
}

// invalidate invalidates the current snapshot. Call it after a write, which may have changed the list.
func (l *sharedList) invalidate() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.current != nil && !l.current.next.hasFailed() {
		l.invalidated = l.current
	}
	l.current = nil
}

// isRecent reports whether a refresh may use a snapshot.
func (l *sharedList) isRecent(snap *snapshot) bool {
	return snap == l.current && time.Since(snap.began) <= maxSnapshotAge
}

// isFitForLookUp reports whether a look-up may use a snapshot. A look-up doesn't reuse an old error, but reads the
// list again.
func (l *sharedList) isFitForLookUp(snap *snapshot) bool {
	return !snap.next.hasFailed() || l.isRecent(snap)
}
