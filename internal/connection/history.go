package connection

import "sync"

// Past is the last action of this process on a connection.
type Past int

// If several apply, the last one counts.
const (
	// WasUntouched: this process has neither read nor changed the connection.
	WasUntouched Past = iota
	// WasRead: Read has read it, so it is in Terraform's state.
	WasRead
	// WasCreated: Create has created it, so another resource of this run manages it.
	WasCreated
	// WasDeleted: Delete has deleted it.
	WasDeleted
)

// history records what this process has planned and done. Terraform configures a provider for each plan and
// each apply, so a Service and its history belong to one of them.
type history struct {
	mu sync.Mutex
	// past has the connections by ID.
	past map[string]Past
	// unseen has the connections that this process has created and no response has contained since. Wintro may not find
	// them for a while.
	unseen map[string]bool
	// claimed has the IDs of connections and companies that a resource manages or will create.
	claimed map[string]bool
}

func newHistory() *history {
	return &history{past: map[string]Past{}, unseen: map[string]bool{}, claimed: map[string]bool{}}
}

// record records what happened to a connection.
func (h *history) record(id string, past Past) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.past[id] = max(h.past[id], past)
	h.unseen[id] = past == WasCreated
}

// pastOf returns the last thing that happened to a connection.
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

// ClaimConnection records that a resource has read or imported a connection. The error is a *DuplicateError if
// another resource has done so before. Call it once for each resource.
func (s *Service) ClaimConnection(conn Connection) error {
	return s.history.claim("connection "+conn.ID, &DuplicateError{ID: conn.ID, CompanyID: conn.CompanyID}, true)
}

// ClaimCompany records that a resource will create a company's connection. The error is a *DuplicateError if
// another resource will, too. Call it once for each resource: Terraform plans a replacement twice, and only the
// second plan has no prior state.
func (s *Service) ClaimCompany(companyID string) error {
	return s.history.claim("company "+companyID, &DuplicateError{CompanyID: companyID}, true)
}

// CheckCompany returns the error of ClaimCompany, but records nothing. It is for the first plan of a
// replacement: Terraform shows only the warnings of that one.
func (s *Service) CheckCompany(companyID string) error {
	return s.history.claim("company "+companyID, &DuplicateError{CompanyID: companyID}, false)
}

// claim returns the error if a resource has claimed a key before. Otherwise it may record the claim.
func (h *history) claim(key string, duplicate *DuplicateError, records bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.claimed[key] {
		return duplicate
	}
	h.claimed[key] = records
	return nil
}
