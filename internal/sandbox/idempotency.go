package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

// idempotencyPeriod is the time for which an Idempotency-Key is valid.
const idempotencyPeriod = 24 * time.Hour

// idempotencyRecord is a successful create request. Body contains only the fingerprint of the request's body, because
// the body contains a token.
type idempotencyRecord struct {
	OrganisationID string
	Key            string
	Body           string
	At             time.Time
	Created        contract.Connection
}

// createOnce calls create, unless an earlier request with the same key was successful. In this case, it returns the
// connection from that request, or an error if that request had a different body. The key of a failed request can be
// used again.
func (w *wintroStore) createOnce(
	organisationID, key string, body []byte, now time.Time, create func() (contract.Connection, error),
) (contract.Connection, error) {
	w.Successes = slices.DeleteFunc(w.Successes, func(r idempotencyRecord) bool {
		return now.Sub(r.At) >= idempotencyPeriod
	})
	// Marshal sorts the fields and drops white space, so only a difference in content changes the fingerprint.
	canonical, err := json.Marshal(sentFields(body))
	if err != nil {
		return contract.Connection{}, err
	}
	fingerprint := Fingerprint(string(canonical))
	for _, r := range w.Successes {
		if r.OrganisationID != organisationID || r.Key != key {
			continue
		}
		if r.Body != fingerprint {
			return contract.Connection{}, newError(http.StatusConflict, contract.CodeIdempotencyKeyReused,
				"The Idempotency-Key was used with another body before.")
		}
		return r.Created, nil
	}
	created, err := create()
	if err != nil {
		return contract.Connection{}, err
	}
	w.Successes = append(w.Successes, idempotencyRecord{organisationID, key, fingerprint, now.UTC(), created})
	return created, nil
}
