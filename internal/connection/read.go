package connection

import (
	"context"
	"sync"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// Read reads a connection from Wintro and, if the token is given, verifies it, both at once. last is
// what is known of the connection; only its ID is needed. The error is a *GoneError if Wintro has
// no such connection, and an *OtherOrganisationError if its API token is another organisation's.
//
// The verification counts only if it is about the token that Wintro holds, for the company that the
// connection is for, while that is enabled.
func (s *Service) Read(ctx context.Context, last Connection, token string, requireAdministrator bool) (Connection, error) {
	var verification Verification
	var verifying sync.WaitGroup
	if token != "" && last.Enabled {
		spec := Spec{CompanyID: last.CompanyID, Token: token, RequireAdministrator: requireAdministrator}
		verifying.Go(func() { verification = s.Verify(ctx, spec, Planning) })
	}
	read, err := s.get(ctx, last)
	verifying.Wait()
	if err != nil {
		return Connection{}, err
	}
	s.read.Store(read.ID, nil)
	conn := s.fromWintro(read, last)
	if conn.CompanyID == last.CompanyID && conn.TokenFingerprint == Fingerprint(token) {
		conn.Status = conn.Status.withVerification(verification, last.Status)
	}
	return conn, nil
}

// get reads a connection: from the list, if many are read at the same time. The error is a *GoneError
// only if Wintro says that there is none with this ID, and the list agrees.
func (s *Service) get(ctx context.Context, last Connection) (wintro.Connection, error) {
	listed, err := s.snapshots.find(ctx, query{id: last.ID, companyID: last.CompanyID, accepts: s.snapshots.forRefresh})
	if err == nil {
		err = s.checkOrganisation(last)
	}
	if err != nil {
		return wintro.Connection{}, listError(err)
	}
	read := listed.connection
	if !listed.ok {
		read, err = s.wintro.Get(ctx, last.ID)
	}
	switch {
	case isNotFound(err) && listed.complete:
		return wintro.Connection{}, s.gone(last)
	case err != nil:
		return wintro.Connection{}, s.confirmGone(ctx, last, err)
	case read.Ats != wintro.Recruitee:
		return wintro.Connection{}, &OtherSystemError{ID: last.ID, System: read.Ats}
	}
	return read, nil
}

// confirmGone asks the list about a connection if err is Wintro's answer that it isn't there: a router answers
// the same for a path that it doesn't know. The error is a *GoneError if the list agrees. Any other err stays.
func (s *Service) confirmGone(ctx context.Context, last Connection, err error) error {
	if !isNotFound(err) {
		return err
	}
	all, err := s.wintro.List(ctx, last.CompanyID, 0)
	if err == nil {
		err = s.checkOrganisation(last)
	}
	if err != nil {
		return listError(err)
	}
	_, isListed := all.ByID(last.ID)
	if ofCompany, ok := all.ByCompany(last.CompanyID); isListed || ok && ofCompany.ID == "" {
		return &UnavailableError{System: WintroName, Reason: "it lists the connection " + last.ID + ", and answers 404 Not Found for it"}
	}
	return s.gone(last)
}

func (s *Service) gone(last Connection) error {
	return &GoneError{ID: last.ID, CompanyID: last.CompanyID, IsOrganisationKnown: last.OrganisationID != "" && s.wintro.Organisation() != ""}
}

// checkOrganisation finds out whether Wintro's API token belongs to another organisation than the
// connection. To that one, all connections would seem gone.
func (s *Service) checkOrganisation(last Connection) error {
	now := s.wintro.Organisation()
	if last.OrganisationID == "" || now == "" || now == last.OrganisationID {
		return nil
	}
	return &OtherOrganisationError{ID: last.ID, Organisation: last.OrganisationID, TokenOrganisation: now}
}

// FindByID reads a connection as Wintro alone knows it. The error is a *GoneError if there is none.
func (s *Service) FindByID(ctx context.Context, id string) (Connection, error) {
	read, err := s.wintro.Get(ctx, id)
	switch {
	case err != nil:
		return Connection{}, s.confirmGone(ctx, Connection{ID: id}, err)
	case read.Ats != wintro.Recruitee:
		return Connection{}, &OtherSystemError{ID: id, System: read.Ats}
	}
	return s.fromWintro(read, Connection{}), nil
}

// FindByCompany reads the connection of a company as Wintro alone knows it. The error is a
// *NotLinkedError if there is none, and a *MultipleConnectionsError if there are more than one.
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

// List reads the connections to Recruitee as Wintro alone knows them, of one company or, if companyID is
// empty, of all: the oldest first, and no more than limit unless that is 0.
func (s *Service) List(ctx context.Context, companyID string, limit int) ([]Connection, error) {
	list, err := s.wintro.List(ctx, companyID, limit)
	if err != nil {
		return nil, listError(err)
	}
	if item, _ := list.ByCompany(companyID); item.Invalid != "" {
		return nil, item.Err()
	}
	read := list.Connections()
	all := make([]Connection, 0, len(read))
	for _, c := range read {
		all = append(all, s.fromWintro(c, Connection{}))
	}
	if limit > 0 && len(all) > limit {
		all = all[:limit]
	}
	return all, nil
}
