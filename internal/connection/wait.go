package connection

import (
	"context"
	"strconv"
	"time"
)

const longestPollPause = 15 * time.Second

// await waits while Wintro's first check of a token goes on, with growing pauses. The error is a
// *NotHealthyError where the link ends in another status than the wanted one, or is still pending when
// the time is up or Wintro doesn't answer any more.
func (s *Service) await(ctx context.Context, conn Connection) (Connection, error) {
	began := time.Now()
	for pause := s.pollPause; conn.Status == Pending; pause = min(pause*3/2, longestPollPause) {
		select {
		case <-ctx.Done():
			return conn, notHealthy(conn, time.Since(began), nil)
		case <-time.After(pause):
		}
		read, err := s.wintro.Get(ctx, conn.ID)
		if gone(err) {
			return conn, &GoneError{ID: conn.ID}
		}
		if err != nil && ctx.Err() == nil {
			return conn, notHealthy(conn, time.Since(began), err)
		}
		if err != nil {
			continue
		}
		conn = reported(read, conn)
	}
	if conn.Status != HealthyStatus(conn.Enabled) {
		return conn, notHealthy(conn, 0, nil)
	}
	return conn, nil
}

func notHealthy(conn Connection, waited time.Duration, err error) error {
	return &NotHealthyError{ID: conn.ID, Status: conn.Status, Spec: HealthyStatus(conn.Enabled), Waited: waited, Err: err}
}

// differs finds what of a link that was just made or changed is not as it should be by now: somebody
// else has changed it at the same time.
func differs(is Connection, wanted Spec, fingerprint string) error {
	for _, field := range []struct{ what, is, wanted string }{
		{"company_id", is.CompanyID, wanted.CompanyID},
		{"name", is.Name, wanted.Name},
		{"api_token_fingerprint", is.TokenFingerprint, fingerprint},
		{"enabled", strconv.FormatBool(is.Enabled), strconv.FormatBool(wanted.Enabled)},
	} {
		if field.is != field.wanted {
			return &ChangedMeanwhileError{ID: is.ID, What: field.what, Is: field.is, Spec: field.wanted}
		}
	}
	return nil
}
