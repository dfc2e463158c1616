package connection

import (
	"context"
	"crypto/rand"
	"errors"
	"math"
	"net/http"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

// maxStaleLink limits how long Create repeats its request while Wintro still reports a connection that this process has
// deleted.
const maxStaleLink = time.Minute

// These limits apply to the look-up after a create request with an unknown outcome.
const (
	// maxLostResponse limits how long Create repeats the look-up. If Wintro is down, the transport's circuit breaker
	// lets a few of the look-ups through as probes in this time.
	maxLostResponse = 30 * time.Second
	// maxMisses limits the number of look-ups that find no connection.
	maxMisses = 3
)

// Create creates a connection and returns it as soon as it exists in Wintro. Save the connection, then call Await.
//
// Create first waits until no other operation creates a connection for the company. It verifies the token and looks the
// company up only after this wait, because the wait may take minutes.
//
// Create sends the token to Wintro only after Wintro has responded to a look-up for an existing connection, so that a
// token isn't sent to a server that isn't Wintro, for example because the endpoint is mistyped. Unless verification is
// off, Recruitee must have accepted the token too, so that Wintro doesn't receive a token for another system. The error
// is an *ExistsError or a *LinkedElsewhereError if the company is already linked.
func (s *Service) Create(ctx context.Context, spec Spec) (Connection, error) {
	end, err := s.history.beginCreate(ctx, spec.CompanyID)
	if err != nil {
		return Connection{}, err
	}
	defer end()
	verified := make(chan Verification, 1)
	go func() { verified <- s.Verify(ctx, spec, Applying) }()
	lookUp := s.LookUp(ctx, spec.CompanyID)
	verification := <-verified
	if err := errors.Join(verification.Err, lookUp); err != nil {
		return Connection{}, err
	}
	// After a slow look-up, this call verifies the token again. Otherwise it uses the cached response.
	if err := s.Verify(ctx, spec, Applying).Err; err != nil {
		return Connection{}, err
	}
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

func (s *Service) newExistsError(id, companyID string) *ExistsError {
	return &ExistsError{ID: id, CompanyID: companyID, Past: s.history.pastOf(id)}
}

// create sends the create request. It repeats the request while an earlier attempt is in flight and, for a while, if
// Wintro reports that the company is still linked by a connection that this process has deleted. If the outcome is
// unknown, create looks for a connection of the company, and returns it if it has exactly this token and is new to this
// process. The error is an *ExistsError if the connection isn't new, for example because another resource has just
// created it with the same token.
func (s *Service) create(ctx context.Context, spec Spec) (created wintro.Connection, err error) {
	if ctx.Err() != nil {
		return wintro.Connection{}, newEndedError(ctx, WintroName)
	}
	outliving, cancel := withGrace(ctx)
	defer cancel()
	began := time.Now()
	key := rand.Text() // the same key for all attempts, so that Wintro creates only one connection
	isUnknown := false
	repeat(ctx, s.pollPause, math.MaxInt64, func() (again bool) {
		created, err = s.sendCreate(outliving, key, spec)
		isUnknown = isUnknown || mayHaveCreated(err)
		rejected, isRejected := errors.AsType[*APIError](err)
		switch {
		case !isRejected:
			return false
		case rejected.Code != wintro.CodeAlreadyLinked:
			return rejected.Retryable()
		case rejected.ConnectionID == "":
			err = &LinkedElsewhereError{CompanyID: spec.CompanyID}
			return false
		}
		exists := s.newExistsError(rejected.ConnectionID, spec.CompanyID)
		err = exists
		// After the longest pause, the next attempt must begin within maxStaleLink.
		return exists.Past == WasDeleted && time.Since(began) < maxStaleLink-maxPollPause
	})
	if err == nil {
		return created, nil
	}
	// For the same key, Wintro repeats only a successful response. An *ExistsError may therefore be about a connection
	// that an earlier attempt created.
	if !isUnknown {
		return wintro.Connection{}, err
	}
	if outliving.Err() != nil {
		// At the deadline, outliving may end a moment before ctx. Wait for ctx, because findCreated checks whether ctx has
		// ended.
		<-ctx.Done()
	}
	existing := s.findCreated(ctx, spec.CompanyID)
	if existing == nil || existing.TokenFingerprint == nil || *existing.TokenFingerprint != Fingerprint(spec.Token) {
		return wintro.Connection{}, err
	}
	if !s.wintro.isNew(existing.ID, spec.CompanyID) {
		return wintro.Connection{}, s.newExistsError(existing.ID, spec.CompanyID)
	}
	return *existing, nil
}

// sendCreate sends the create request. The error is an *UnavailableError if the response contains the ID of an existing
// connection.
func (s *Service) sendCreate(ctx context.Context, key string, spec Spec) (wintro.Connection, error) {
	created, err := s.wintro.Create(ctx, key, wintro.NewConnection{
		Ats:          wintro.Recruitee,
		Name:         spec.Name,
		AtsCompanyID: spec.CompanyID,
		APIToken:     spec.Token,
		Enabled:      spec.Enabled,
	})
	if err == nil && !s.wintro.isNew(created.ID, spec.CompanyID) {
		err = &UnavailableError{
			System: WintroName, Reason: "it responded to a create request with the ID of an existing connection", MayHaveActed: true,
		}
	}
	return created, err
}

// mayHaveCreated reports whether Wintro may have created a connection although the create request failed with err. Even
// a rejection doesn't rule this out if Wintro may have processed an earlier attempt.
func mayHaveCreated(err error) bool {
	if unavailable, ok := errors.AsType[*UnavailableError](err); ok {
		return unavailable.MayHaveActed
	}
	rejected, ok := errors.AsType[*APIError](err)
	return ok && (rejected.Status >= http.StatusInternalServerError || rejected.MayHaveActed || rejected.Retryable())
}

// findCreated looks for a company's connection after a create request with an unknown outcome, even if a timeout or
// Ctrl-C has ended ctx. Terraform would otherwise lose track of a connection that Wintro has created. findCreated
// therefore repeats the look-up during an outage, and also if it finds no connection, because Wintro's responses may be
// outdated. Once ctx has ended, findCreated makes one last look-up, within the grace period. It returns nil if the last
// look-up finds no connection.
func (s *Service) findCreated(ctx context.Context, companyID string) (existing *wintro.Connection) {
	misses := 0
	lookUp := func(ctx context.Context) (again bool) {
		var err error
		existing, err = s.wintro.Newest(ctx, companyID)
		switch {
		case err != nil:
			return IsTransient(err)
		case existing == nil:
			misses++
			return misses < maxMisses
		case s.history.pastOf(existing.ID) == WasDeleted:
			// The response is outdated, so it doesn't count as a miss.
			existing = nil
			return true
		}
		return false
	}
	again := true
	if ctx.Err() == nil {
		repeat(ctx, s.pollPause, maxLostResponse, func() bool {
			again = lookUp(ctx)
			return again
		})
	}
	if again && ctx.Err() != nil {
		// The deadline keeps package transport from waiting for the rate limit.
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), gracePeriod)
		defer cancel()
		lookUp(last)
	}
	return existing
}
