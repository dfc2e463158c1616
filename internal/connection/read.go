package connection

import (
	"context"
	"iter"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// Read reads a connection from Wintro and, where the token is given, verifies it, both at once. last is
// what is known of the connection; only its ID is needed. The error is a *GoneError where Wintro says
// that there is no such connection.
//
// A connection that was disabled, or now belongs to another company, is reported as Wintro has it: the
// token has nothing to do with either.
func (s *Service) Read(ctx context.Context, last Connection, token string, requireAdministrator bool) (Connection, Verification, error) {
	verified := make(chan Verification, 1)
	go func() {
		if token == "" || !last.Enabled {
			verified <- Verification{}
			return
		}
		verified <- s.Verify(ctx, Spec{CompanyID: last.CompanyID, Token: token, RequireAdministrator: requireAdministrator}, Planning)
	}()
	read, err := s.get(ctx, last.ID)
	verification := <-verified
	if isNotFound(err) {
		return Connection{}, Verification{}, &GoneError{ID: last.ID}
	}
	if err != nil {
		return Connection{}, Verification{}, err
	}
	if read.Ats != wintro.Recruitee {
		return Connection{}, Verification{}, &OtherSystemError{ID: last.ID, System: string(read.Ats)}
	}
	conn := fromWintro(read, last)
	if last.CompanyID != "" && conn.CompanyID != last.CompanyID {
		conn.Company, conn.Owner = nil, nil
		verification = Verification{}
	}
	if !conn.Enabled {
		verification = Verification{}
	}
	return conn.withVerification(verification, last.Status), verification, nil
}

// FindByID reads a connection as Wintro alone knows it. The error is a *GoneError where there is none.
func (s *Service) FindByID(ctx context.Context, id string) (Connection, error) {
	found, _, err := s.Read(ctx, Connection{ID: id}, "", false)
	return found, err
}

// FindByCompany reads the connection of a company as Wintro alone knows it. The error is a
// *NotLinkedError where there is none, and a *SeveralError where there are more than one.
func (s *Service) FindByCompany(ctx context.Context, companyID string) (Connection, error) {
	var all []Connection
	for found, err := range s.List(ctx, companyID) {
		if err != nil {
			return Connection{}, err
		}
		all = append(all, found)
	}
	switch len(all) {
	case 0:
		return Connection{}, &NotLinkedError{CompanyID: companyID}
	case 1:
		return all[0], nil
	}
	several := &SeveralError{CompanyID: companyID}
	for _, found := range all {
		several.IDs = append(several.IDs, found.ID)
	}
	return Connection{}, several
}

// List goes through the connections to Recruitee as Wintro alone knows them, of one company or, where
// companyID is empty, of all. It ends after the first error.
func (s *Service) List(ctx context.Context, companyID string) iter.Seq2[Connection, error] {
	return func(yield func(Connection, error) bool) {
		for found, err := range s.wintro.List(ctx, companyID) {
			if err != nil {
				yield(Connection{}, err)
				return
			}
			if !yield(fromWintro(found, Connection{}), nil) {
				return
			}
		}
	}
}
