package connection

import (
	"context"
	"slices"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// snapshot is a copy of the list's first pages, or of all its pages.
type snapshot struct {
	// began is the time at which the first page was requested.
	began time.Time
	// list contains the pages that were read.
	list wintro.List
	// unlinked contains the companies for which a separate request found no connection.
	unlinked map[string]bool
	// requested is the number of times that an operation has looked for a connection in this snapshot.
	requested int
	// next is the request for the next page. It is in flight or has failed, or it is nil.
	next *sharedCall[wintro.Page]
}

// query selects a connection by its ID or, if the ID is empty, by its company. With an ID, the company is optional: it
// makes find recognise a record of the connection that has no valid ID.
type query struct {
	id, companyID string
	// accepts reports whether a snapshot is recent enough.
	accepts func(*snapshot) bool
	// isPolled reports whether the query polls for the result of Wintro's first check.
	isPolled bool
}

// find returns the item that a query selects, if one of the pages read so far contains it.
func (s *snapshot) find(q query) (wintro.Item, bool) {
	if q.id != "" {
		return s.list.Find(q.id, q.companyID)
	}
	return s.list.ByCompany(q.companyID)
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

// listsForOther reports whether a snapshot lists the connection under another company.
func (l *sharedList) listsForOther(id, companyID string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.snapshots(), func(snap *snapshot) bool {
		item, isListed := snap.list.ByID(id)
		return isListed && item.AtsCompanyID != companyID
	})
}
