package connection

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// maxStaleLink limits how long Create repeats its request while Wintro still reports a connection that this process has
// deleted.
const maxStaleLink = time.Minute

// maxLostResponse limits how long Create repeats the look-up if an outage lost the response to the create request. In
// this time, the transport's circuit breaker lets a few of the look-ups through as probes.
const maxLostResponse = 30 * time.Second

// Create creates a connection and returns it as soon as it exists in Wintro. Save the connection, then call Await.
//
// Create sends the token to Wintro only after Wintro has responded to a look-up for an existing connection, so that a
// token isn't sent to a server that isn't Wintro, for example because the endpoint is mistyped. Unless verification is
// off, Recruitee must have accepted the token too, so that Wintro doesn't receive a token for another system. The error
// is an *ExistsError or a *LinkedElsewhereError if the company is linked already.
func (s *Service) Create(ctx context.Context, spec Spec) (Connection, error) {
	verified := make(chan Verification, 1)
	go func() { verified <- s.Verify(ctx, spec, Applying) }()
	lookUp := s.LookUp(ctx, spec.CompanyID)
	verification := <-verified
	if err := errors.Join(verification.Err, lookUp); err != nil {
		return Connection{}, err
	}

	end, err := s.history.beginCreate(ctx, spec.CompanyID)
	if err != nil {
		return Connection{}, err
	}
	defer end()
	created, err := s.create(ctx, spec)
	if err != nil {
		return Connection{}, err
	}
	s.history.record(created.ID, WasCreated)
	return s.fromWintro(created, Connection{TokenFingerprint: Fingerprint(spec.Token)}), nil
}

// LookUp checks whether Create can create a connection for the company. Wintro must respond, must let this API token
// list connections, and must not have a connection for the company. If Wintro has such a connection, the error is an
// *ExistsError. LookUp doesn't see connections of other organisations.
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
// linked by a connection that this process has deleted.
func (s *Service) create(ctx context.Context, spec Spec) (created wintro.Connection, err error) {
	key := rand.Text()
	repeat(ctx, s.pollPause, maxStaleLink, func() bool {
		created, err = s.createOnce(ctx, key, spec)
		exists, ok := errors.AsType[*ExistsError](err)
		return ok && exists.Past == WasDeleted
	})
	return created, err
}

// createOnce tries once to create the connection. key is the idempotency key, which must be the same for all attempts.
// If the response doesn't show whether Wintro has created the connection, createOnce looks for a connection of the
// company, and returns it if it has exactly this token and is new to this process. The error is an *ExistsError if the
// connection isn't new, for example because another resource has just created it with the same token.
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
	if !s.isNew(existing.ID, spec.CompanyID) {
		return wintro.Connection{}, s.newExistsError(existing.ID, spec.CompanyID)
	}
	return *existing, nil
}

// findCreated looks for a company's connection after a create request without a usable response, even if a timeout or
// Ctrl-C has ended ctx. During an outage, findCreated repeats the look-up for a while, because Terraform would
// otherwise lose track of a connection that Wintro has created. It returns nil if it finds no connection.
func (s *Service) findCreated(ctx context.Context, companyID string) (existing *wintro.Connection) {
	// Add the grace period even if ctx hasn't ended yet: at the deadline, the write may time out a moment before ctx
	// does.
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

// isNew reports whether the ID in the response to a create request can belong to a new connection. It can't if this
// process has already read, created or deleted a connection with this ID, or if a snapshot lists the ID for another
// company. If Create accepted the ID, Terraform would later change or delete that other connection.
func (s *Service) isNew(id, companyID string) bool {
	return s.history.pastOf(id) == WasUntouched && !s.wintro.listsForOther(id, companyID)
}
