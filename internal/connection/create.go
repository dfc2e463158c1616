package connection

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// Create creates a connection. The token goes to Wintro only once Recruitee has accepted it and Wintro
// has answered the look-up for an existing connection: so no other address, and no other system, ever
// gets it.
//
// created is called as soon as the connection exists, before anything else can fail. notes are what somebody
// else has done in the meantime, as in Update, or a *NotHealthyError if Wintro reports a status that isn't known
// here, or has not finished its first check when the time is up: waiting is all that the connection needs.
// The error is one of this package's, or several joined: an *ExistsError if the company is linked already,
// a *NotHealthyError if the connection exists and can't work.
func (s *Service) Create(ctx context.Context, spec Spec, created func(Connection)) (conn Connection, notes []error, err error) {
	verified := make(chan Verification, 1)
	go func() { verified <- s.Verify(ctx, spec, Applying) }()
	lookUp := s.LookUp(ctx, spec.CompanyID)
	verification := <-verified
	if err := errors.Join(verification.Err, lookUp); err != nil {
		return Connection{}, nil, err
	}

	made, err := s.post(ctx, spec)
	if err != nil {
		return Connection{}, nil, err
	}
	fingerprint := Fingerprint(spec.Token)
	conn = s.fromWintro(made, Connection{TokenFingerprint: fingerprint})
	created(conn)
	conn, err = s.wait(ctx, conn, spec.CompanyID)
	if unfinished := (*NotHealthyError)(nil); errors.As(err, &unfinished) {
		return conn, []error{unfinished}, nil
	}
	if err != nil {
		return conn, nil, err
	}
	notes, err = judge(conn, spec, fingerprint, true)
	return conn, notes, err
}

// LookUp finds out whether a connection for the company can be created: Wintro answers, lets this API token
// list connections, and has none for the company. The error is an *ExistsError if it has one.
func (s *Service) LookUp(ctx context.Context, companyID string) error {
	hit, err := s.snapshots.find(ctx, query{companyID: companyID, accepts: s.snapshots.forLookUp})
	switch {
	case err != nil:
		return listError(err)
	case hit.err != nil:
		return hit.err
	case !hit.ok && hit.complete:
		return nil
	case !hit.ok:
		if _, missed := s.unlinked.Load(companyID); missed {
			return nil
		}
		existing, err := s.newest(ctx, companyID)
		switch {
		case err != nil:
			return err
		case existing == nil:
			s.unlinked.Store(companyID, nil)
			return nil
		}
		return s.exists(existing.ID, companyID)
	}
	// It may be gone by now: what replaces it is created right after it was deleted.
	existing, err := s.wintro.Get(ctx, hit.connection.ID)
	switch {
	case isNotFound(err), err == nil && existing.AtsCompanyID != companyID:
		return nil
	case err != nil:
		return err
	}
	return s.exists(existing.ID, companyID)
}

func (s *Service) exists(id, companyID string) *ExistsError {
	_, wasRead := s.read.Load(id)
	return &ExistsError{ID: id, CompanyID: companyID, WasRead: wasRead}
}

// newest asks Wintro for the connection of the company; nil if there is none.
func (s *Service) newest(ctx context.Context, companyID string) (*wintro.Connection, error) {
	all, err := s.wintro.List(ctx, companyID, 0)
	if err != nil {
		return nil, listError(err)
	}
	existing, ok := all.ByCompany(companyID)
	if err := existing.Err(); err != nil || !ok {
		return nil, err
	}
	return &existing.Connection, nil
}

// post sends the connection to Wintro, under one key for all attempts. If Wintro's answer is lost all
// the same, the connection that is there now and holds just this token is the one: there was none before.
func (s *Service) post(ctx context.Context, spec Spec) (wintro.Connection, error) {
	if ctx.Err() != nil {
		return wintro.Connection{}, &UnavailableError{System: WintroName, Reason: "the operation ended before the connection was created"}
	}
	outliving, cancel := withGrace(ctx)
	defer cancel()
	made, err := s.wintro.Create(outliving, rand.Text(), wintro.NewConnection{
		Ats:          wintro.Recruitee,
		Name:         spec.Name,
		AtsCompanyID: spec.CompanyID,
		APIToken:     spec.Token,
		Enabled:      spec.Enabled,
	})
	s.snapshots.end()
	var refused *APIError
	switch {
	case err == nil:
		return made, nil
	case errors.As(err, &refused) && refused.Code == wintro.CodeAlreadyLinked:
		if refused.ConnectionID == "" {
			return wintro.Connection{}, &LinkedElsewhereError{CompanyID: spec.CompanyID}
		}
		return wintro.Connection{}, s.exists(refused.ConnectionID, spec.CompanyID)
	case errors.As(err, &refused) && refused.Status < http.StatusInternalServerError:
		return wintro.Connection{}, err
	}
	// Whoever interrupts the operation now gets to know as well what became of it.
	outliving, cancel = afterInterruption(ctx)
	defer cancel()
	existing, lookUp := s.newest(outliving, spec.CompanyID)
	if lookUp != nil || existing == nil || existing.TokenFingerprint == nil || *existing.TokenFingerprint != Fingerprint(spec.Token) {
		return wintro.Connection{}, err
	}
	return *existing, nil
}
