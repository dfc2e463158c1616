package connection

import (
	"context"
	"fmt"
	"iter"
)

// FindByID reads a link as Wintro alone knows it. The error is a *GoneError where there is none.
func (s *Service) FindByID(ctx context.Context, id string) (Connection, error) {
	is, _, err := s.Read(ctx, Connection{ID: id}, "", false)
	return is, err
}

// FindByCompany reads the link of a company as Wintro alone knows it. The error is a *NotLinkedError where there
// is none, and a *SeveralError where there are more than one.
func (s *Service) FindByCompany(ctx context.Context, companyID string) (Connection, error) {
	var found []Connection
	for is, err := range s.List(ctx, companyID) {
		if err != nil {
			return Connection{}, err
		}
		found = append(found, is)
	}
	switch len(found) {
	case 0:
		return Connection{}, &NotLinkedError{CompanyID: companyID}
	case 1:
		return found[0], nil
	}
	several := &SeveralError{CompanyID: companyID}
	for _, is := range found {
		several.IDs = append(several.IDs, is.ID)
	}
	return Connection{}, several
}

// List goes through the links to Recruitee as Wintro alone knows them, of one company or, where companyID
// is empty, of all. It ends after the first error.
func (s *Service) List(ctx context.Context, companyID string) iter.Seq2[Connection, error] {
	return func(yield func(Connection, error) bool) {
		for found, err := range s.wintro.List(ctx, companyID) {
			if err != nil {
				yield(Connection{}, err)
				return
			}
			if !yield(reported(found, Connection{}), nil) {
				return
			}
		}
	}
}

// NotLinkedError says that Wintro has no link for the company.
type NotLinkedError struct {
	CompanyID string
}

// Error is one sentence without a full stop.
func (e *NotLinkedError) Error() string {
	return "Wintro has no link for Recruitee company " + e.CompanyID
}

// SeveralError says that Wintro has more than one link for the company.
type SeveralError struct {
	CompanyID string
	IDs       []string
}

// Error is one sentence without a full stop.
func (e *SeveralError) Error() string {
	return fmt.Sprintf("Wintro has %d links for Recruitee company %s", len(e.IDs), e.CompanyID)
}
