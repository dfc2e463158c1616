package connection

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// maxStaleLink limits how long Create repeats its request while Wintro still reports a connection that this process
// has just deleted.
const maxStaleLink = time.Minute

// maxLostResponse limits how long Create repeats the look-up if the response was lost in an outage. During this time,
// the transport tries a few times to reach a system that is down.
const maxLostResponse = 30 * time.Second

// Create creates a connection and returns it as soon as it exists in Wintro. Save the connection, then call Await.
//
// Create sends the token to Wintro only after Recruitee has accepted the token and Wintro has responded to the look-up
// for an existing connection. So the token never goes to a wrong address or to another system. The error is an
// *ExistsError if the company is linked already.
func (s *Service) Create(ctx context.Context, spec Spec) (Connection, error) {
	verified := make(chan Verification, 1)
	go func() { verified <- s.Verify(ctx, spec, Applying) }()
	lookUp := s.LookUp(ctx, spec.CompanyID)
	verification := <-verified
	if err := errors.Join(verification.Err, lookUp); err != nil {
		return Connection{}, err
	}

	created, err := s.create(ctx, spec)
	if err != nil {
		return Connection{}, err
	}
	s.history.record(created.ID, WasCreated)
	return s.fromWintro(created, Connection{TokenFingerprint: Fingerprint(spec.Token)}), nil
}

// LookUp checks that a connection for the company can be created. Wintro must respond, it must let this API token
// list connections, and the company must not have a connection. If it has a connection, the error is an *ExistsError.
func (s *Service) LookUp(ctx context.Context, companyID string) error {
	existing, err := s.wintro.LookUp(ctx, companyID)
	if err != nil || existing == nil {
		return err
	}
	return s.newExistsError(existing.ID, companyID)
}

func (s *Service) newExistsError(id, companyID string) error {
	return &ExistsError{ID: id, CompanyID: companyID, Past: s.history.pastOf(id)}
}

// create sends the create request. It repeats the request for a while if Wintro reports that the company is still
// linked with a connection that this process has just deleted.
func (s *Service) create(ctx context.Context, spec Spec) (created wintro.Connection, err error) {
	key := rand.Text()
	repeat(ctx, s.pollPause, maxStaleLink, func() bool {
		created, err = s.createOnce(ctx, key, spec)
		exists, ok := errors.AsType[*ExistsError](err)
		return ok && exists.Past == WasDeleted
	})
	return created, err
}

// createOnce sends one create request. key is the idempotency key, which must be the same for all attempts. If no
// usable response arrives, createOnce looks the company up. A connection with exactly this token must be new, because
// the earlier look-up found no connection.
func (s *Service) createOnce(ctx context.Context, key string, spec Spec) (wintro.Connection, error) {
	if ctx.Err() != nil {
		return wintro.Connection{}, newEndedError(ctx, WintroName)
	}
	outliving, cancel := withGrace(ctx)
	defer cancel()
	created, err := s.wintro.Create(outliving, key, wintro.NewConnection{
		Ats:          wintro.Recruitee,
		Name:         spec.Name,
		AtsCompanyID: spec.CompanyID,
		APIToken:     spec.Token,
		Enabled:      spec.Enabled,
	})
	if err == nil {
		if s.isNew(created.ID, spec.CompanyID) {
			return created, nil
		}
		err = &UnavailableError{System: WintroName, Reason: "it responded to a create request with the ID of an existing connection"}
	}
	if unavailable, ok := errors.AsType[*UnavailableError](err); ok && unavailable.NotSent {
		return wintro.Connection{}, err
	}
	if rejected, ok := errors.AsType[*APIError](err); ok {
		switch {
		case rejected.Code == wintro.CodeAlreadyLinked && rejected.ConnectionID == "":
			return wintro.Connection{}, &LinkedElsewhereError{CompanyID: spec.CompanyID}
		case rejected.Code == wintro.CodeAlreadyLinked:
			return wintro.Connection{}, s.newExistsError(rejected.ConnectionID, spec.CompanyID)
		case rejected.Status < http.StatusInternalServerError:
			return wintro.Connection{}, err
		}
	}
	existing := s.findCreated(ctx, spec.CompanyID)
	if existing == nil || existing.TokenFingerprint == nil || *existing.TokenFingerprint != Fingerprint(spec.Token) {
		return wintro.Connection{}, err
	}
	return *existing, nil
}

// findCreated looks a company up after its create request got no usable response, even if ctx has ended because of a
// timeout or Ctrl-C. During an outage, findCreated repeats the look-up for a while, because otherwise Terraform would
// lose track of a connection that exists. It returns nil if it finds no connection.
func (s *Service) findCreated(ctx context.Context, companyID string) (existing *wintro.Connection) {
	// The write may time out a moment before the operation, so the look-up always gets the grace period.
	ctx, cancel := outlive(ctx)
	defer cancel()
	repeat(ctx, s.pollPause, maxLostResponse, func() bool {
		var err error
		existing, err = s.wintro.Newest(ctx, companyID)
		_, isUnavailable := errors.AsType[*UnavailableError](err)
		return isUnavailable
	})
	return existing
}

// isNew reports whether an ID in a response to a create request can belong to a new connection. It can't if this
// process knows the ID of another connection. If Create accepted such an ID, Terraform would later change and delete
// the other connection.
func (s *Service) isNew(id, companyID string) bool {
	return s.history.pastOf(id) == WasUntouched && !s.wintro.listsForOther(id, companyID)
}
