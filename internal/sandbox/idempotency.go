package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

// idempotencyPeriod is for how long an Idempotency-Key counts.
const idempotencyPeriod = 24 * time.Hour

// idempotencyRecord is a creation that succeeded. Of the body, which holds a token, it keeps no more
// than a fingerprint.
type idempotencyRecord struct {
	OrganisationID string
	Key            string
	Body           string
	At             time.Time
	Created        contract.Connection
}

// createOnce creates a connection unless it has done so under the same key, and then answers as it
// did. What failed may be tried again with the same key.
func (w *wintroStore) createOnce(
	organisationID, key string, body []byte, now time.Time, create func() (contract.Connection, error),
) (contract.Connection, error) {
	w.Successes = slices.DeleteFunc(w.Successes, func(r idempotencyRecord) bool {
		return now.Sub(r.At) >= idempotencyPeriod
	})
	fingerprint, err := bodyFingerprint(body)
	if err != nil {
		return contract.Connection{}, err
	}
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

// bodyFingerprint is the same for bodies that say the same.
func bodyFingerprint(body []byte) (string, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return "", fmt.Errorf("reading the body: %w", err)
	}
	canonical, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("reading the body: %w", err)
	}
	return Fingerprint(string(canonical)), nil
}
