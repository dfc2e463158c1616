package connection

import (
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

// query selects a connection by its ID or, if the ID is empty, by its company. If both are set, find also recognises a
// record of the company without a valid ID, because that record may belong to the connection.
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
