package link

import (
	"context"
	"strconv"
	"time"
)

const longestPollPause = 15 * time.Second

// await waits while Wintro's first check of a token goes on, with growing pauses. The error is a
// *NotHealthyError where the link ends in another status than the wanted one, or is still pending when
// the time is up or Wintro doesn't answer any more.
func (s *Service) await(ctx context.Context, link Link) (Link, error) {
	began := time.Now()
	for pause := s.pollPause; link.Status == Pending; pause = min(pause*3/2, longestPollPause) {
		select {
		case <-ctx.Done():
			return link, notHealthy(link, time.Since(began), nil)
		case <-time.After(pause):
		}
		read, err := s.wintro.Get(ctx, link.ID)
		if gone(err) {
			return link, &GoneError{ID: link.ID}
		}
		if err != nil && ctx.Err() == nil {
			return link, notHealthy(link, time.Since(began), err)
		}
		if err != nil {
			continue
		}
		link = reported(read, link)
	}
	if link.Status != WantedStatus(link.Enabled) {
		return link, notHealthy(link, 0, nil)
	}
	return link, nil
}

func notHealthy(link Link, waited time.Duration, err error) error {
	return &NotHealthyError{ID: link.ID, Status: link.Status, Wanted: WantedStatus(link.Enabled), Waited: waited, Err: err}
}

// differs finds what of a link that was just made or changed is not as it should be by now: somebody
// else has changed it at the same time.
func differs(is Link, wanted Wanted, fingerprint string) error {
	for _, field := range []struct{ what, is, wanted string }{
		{"company_id", is.CompanyID, wanted.CompanyID},
		{"name", is.Name, wanted.Name},
		{"api_token_fingerprint", is.TokenFingerprint, fingerprint},
		{"enabled", strconv.FormatBool(is.Enabled), strconv.FormatBool(wanted.Enabled)},
	} {
		if field.is != field.wanted {
			return &ChangedMeanwhileError{ID: is.ID, What: field.what, Is: field.is, Wanted: field.wanted}
		}
	}
	return nil
}
