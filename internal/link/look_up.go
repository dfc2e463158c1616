package link

import (
	"context"
	"fmt"
	"iter"
)

// Get reads a link as Wintro alone knows it. The error is a *GoneError where there is none.
func (s *Service) Get(ctx context.Context, id string) (Link, error) {
	is, _, err := s.Inspect(ctx, Link{ID: id}, "", false)
	return is, err
}

// Find reads the link of a company as Wintro alone knows it. The error is a *NotLinkedError where there
// is none, and a *SeveralError where there are more than one.
func (s *Service) Find(ctx context.Context, companyID string) (Link, error) {
	var found []Link
	for is, err := range s.All(ctx, companyID) {
		if err != nil {
			return Link{}, err
		}
		found = append(found, is)
	}
	switch len(found) {
	case 0:
		return Link{}, &NotLinkedError{CompanyID: companyID}
	case 1:
		return found[0], nil
	}
	several := &SeveralError{CompanyID: companyID}
	for _, is := range found {
		several.IDs = append(several.IDs, is.ID)
	}
	return Link{}, several
}

// All goes through the links to Recruitee as Wintro alone knows them, of one company or, where companyID
// is empty, of all. It ends after the first error.
func (s *Service) All(ctx context.Context, companyID string) iter.Seq2[Link, error] {
	return func(yield func(Link, error) bool) {
		for found, err := range s.wintro.List(ctx, companyID) {
			if err != nil {
				yield(Link{}, err)
				return
			}
			if !yield(reported(found, Link{}), nil) {
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
