package connection

import (
	"context"
	"sync"
)

// Past tells what this process has done with a connection.
type Past int

// If several of these actions apply to a connection, the last one in this list counts.
const (
	// WasUntouched: none of the actions below applies.
	WasUntouched Past = iota
	// WasRead: Read has read the connection, so the connection is in Terraform's state.
	WasRead
	// WasCreated: Create has created the connection, so a resource of this run manages the connection.
	WasCreated
	// WasDeleted: Delete has deleted the connection, or has found that the connection no longer exists.
	WasDeleted
)

// history records what this process has planned and done. Terraform configures a provider for each plan and each
// apply, so every plan and every apply has its own Service and history.
type history struct {
	mu sync.Mutex
	// past maps a connection's ID to what this process has done with the connection.
	past map[string]Past
	// unseen contains the IDs of connections that this process has created and that no response has contained since.
	// Wintro might not find them for a while.
	unseen map[string]bool
	// claimed contains the connections that a resource manages, and the companies whose connection a resource will
	// create. It maps each of them to the claimant that the method claim got.
	claimed map[string]string
	// creates contains a channel for each company. A create of the company's connection fills the channel.
	creates map[string]chan struct{}
}

func newHistory() *history {
	return &history{past: map[string]Past{}, unseen: map[string]bool{}, claimed: map[string]string{}, creates: map[string]chan struct{}{}}
}

// record records an action on a connection. It marks a created connection as unseen, and any other connection as seen.
func (h *history) record(id string, past Past) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.past[id] = max(h.past[id], past)
	h.unseen[id] = past == WasCreated
}

// pastOf returns what this process has done with a connection.
func (h *history) pastOf(id string) Past {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.past[id]
}

// see records that a response contained a connection.
func (h *history) see(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.unseen, id)
}

// isUnseen reports whether this process has created a connection that no response has contained since.
func (h *history) isUnseen(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.unseen[id]
}

// beginCreate waits until no other operation creates a connection for the company, so that history contains the other
// operation's connection before Wintro rejects this one's. Call end after the create. The error is an
// *UnavailableError if ctx ends first.
func (h *history) beginCreate(ctx context.Context, companyID string) (end func(), err error) {
	h.mu.Lock()
	create, ok := h.creates[companyID]
	if !ok {
		create = make(chan struct{}, 1)
		h.creates[companyID] = create
	}
	h.mu.Unlock()
	select {
	case create <- struct{}{}:
		return func() { <-create }, nil
	case <-ctx.Done():
		ended := newEndedError(ctx, WintroName)
		ended.Reason += " while it waited for another create of the same company"
		return nil, ended
	}
}

// ClaimConnection records that a resource has read or imported a connection. The error is a *DuplicateError if another
// resource has already claimed the connection. Call ClaimConnection only once for each resource, because a second call
// counts as another resource.
func (s *Service) ClaimConnection(conn Connection) error {
	if s.history.claim("connection "+conn.ID, "") {
		return nil
	}
	return &DuplicateError{ID: conn.ID, CompanyID: conn.CompanyID}
}

// ClaimCompany records that a resource will create a company's connection. The error is a *DuplicateError if another
// resource has already claimed the company. replaced is the ID of the connection that the resource replaces, or "" for
// a plan without prior state.
//
// Terraform plans a replacement with the prior state and then without it, and repeats both plans if -minimal-refresh is
// set. ClaimCompany therefore accepts a repeated claim with the same replaced. It treats a repeated claim without
// replaced as the claim of another resource. If the plan belongs to a replacement, Terraform drops the resulting
// warning.
func (s *Service) ClaimCompany(companyID, replaced string) error {
	if s.history.claim("company "+companyID, replaced) {
		return nil
	}
	return &DuplicateError{CompanyID: companyID}
}

// claim records the first claim of a key, and reports whether this claim or an earlier claim by the same claimant is the
// first. claimant identifies the resource. If claimant is "", only this claim counts.
func (h *history) claim(key, claimant string) (isClaimed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	earlier, isRepeated := h.claimed[key]
	if !isRepeated {
		h.claimed[key] = claimant
	}
	return !isRepeated || claimant != "" && claimant == earlier
}
