package connection

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// sharedList is a Wintro client that shares reads of the connection list between concurrent operations. Sharing saves
// requests: a page of the list has up to 100 connections, and Wintro allows only 100 requests a minute.
//
// Refresh, Poll and LookUp decide whether to use a snapshot of the list, to read its next page, or to send a
// request for a single connection. All other reads send their own requests.
//
// How old a snapshot may be depends on the operation:
//
//   - Refresh uses the current snapshot if it began at most maxSnapshotAge ago.
//   - Poll uses only a snapshot that began after the previous poll ended.
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
// *NoEndpointsError if Wintro has no list, and a *UnavailableError if the last record of this company is invalid.
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

// Poll reads a pending connection, or the list if this takes fewer requests for all pollers together. A snapshot that
// is recent enough needs no request. The error is errUnseen if Wintro doesn't yet find a connection that this process
// has created. previous is the time at which the previous poll or, before the first poll, the write ended.
func (l *sharedList) Poll(ctx context.Context, last Connection, previous time.Time) (wintro.Connection, error) {
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
// If the list contains the connection, the error is a *UnavailableError. If the list can't be read or belongs to
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
