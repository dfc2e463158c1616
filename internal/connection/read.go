package connection

import (
	"context"
	"sync"
)

// Read reads a connection from Wintro. If token isn't empty and the connection was enabled, Read verifies the token
// concurrently. last is the last known connection, of which only the ID is required. The error is a *GoneError if
// Wintro has no such connection, and an *OtherOrganisationError if Wintro's API token belongs to another organisation.
//
// The verification affects the status only if Wintro has this token, and the connection is enabled and still belongs
// to the same company.
func (s *Service) Read(ctx context.Context, last Connection, token string, requireAdministrator bool) (Connection, error) {
	var verification Verification
	var verifying sync.WaitGroup
	if token != "" && last.Enabled {
		spec := Spec{CompanyID: last.CompanyID, Token: token, RequireAdministrator: requireAdministrator}
		verifying.Go(func() { verification = s.Verify(ctx, spec, Planning) })
	}
	read, err := s.wintro.Refresh(ctx, last)
	verifying.Wait()
	if err != nil {
		return Connection{}, err
	}
	s.history.record(read.ID, WasRead)
	conn := s.fromWintro(read, last)
	if conn.CompanyID == last.CompanyID && conn.TokenFingerprint == Fingerprint(token) {
		conn.Status = conn.Status.withVerification(verification, last.Status)
	}
	return conn, nil
}

// FindByID requests a connection from Wintro, without calling Recruitee. The error is a *GoneError if Wintro has no
// connection with this ID.
func (s *Service) FindByID(ctx context.Context, id string) (Connection, error) {
	read, err := s.wintro.Get(ctx, Connection{ID: id})
	if err != nil {
		return Connection{}, err
	}
	return s.fromWintro(read, Connection{}), nil
}

// FindByCompany requests the connection of a company from Wintro, without calling Recruitee. The error is a
// *NotLinkedError if the company has no connection, and a *MultipleConnectionsError if it has several connections.
func (s *Service) FindByCompany(ctx context.Context, companyID string) (Connection, error) {
	all, err := s.List(ctx, companyID, 0)
	switch {
	case err != nil:
		return Connection{}, err
	case len(all) == 0:
		return Connection{}, &NotLinkedError{CompanyID: companyID}
	case len(all) == 1:
		return all[0], nil
	}
	several := &MultipleConnectionsError{CompanyID: companyID}
	for _, conn := range all {
		several.IDs = append(several.IDs, conn.ID)
	}
	return Connection{}, several
}

// List requests connections to Recruitee from Wintro, without calling Recruitee. If companyID isn't empty, List returns
// only the connections of this company. The oldest connection comes first. If limit isn't 0, List returns at most limit
// connections.
func (s *Service) List(ctx context.Context, companyID string, limit int) ([]Connection, error) {
	read, err := s.wintro.List(ctx, companyID, limit)
	if err != nil {
		return nil, err
	}
	all := make([]Connection, 0, len(read))
	for _, c := range read {
		all = append(all, s.fromWintro(c, Connection{}))
	}
	if limit > 0 && len(all) > limit {
		all = all[:limit]
	}
	return all, nil
}
