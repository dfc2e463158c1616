package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro/contract"
)

// memory is for how long an Idempotency-Key counts.
const memory = 24 * time.Hour

// remembered is how a creation was answered. Of the body, which holds a token, it keeps no more than
// a fingerprint.
type remembered struct {
	Key     string               `json:"key"`
	Body    string               `json:"body"`
	At      time.Time            `json:"at"`
	Created *contract.Connection `json:"created,omitempty"`
	Problem *contract.Problem    `json:"problem,omitempty"`
}

// once creates a connection unless it has done so under the same key, and then answers as it did.
func (w *wintroStore) once(
	key string, body []byte, now time.Time, create func() (contract.Connection, *problem),
) (contract.Connection, error) {
	w.Remembered = slices.DeleteFunc(w.Remembered, func(r remembered) bool { return now.Sub(r.At) >= memory })
	fingerprint, err := bodyFingerprint(body)
	if err != nil {
		return contract.Connection{}, err
	}
	i := slices.IndexFunc(w.Remembered, func(r remembered) bool { return r.Key == key })
	if i < 0 {
		record := remembered{Key: key, Body: fingerprint, At: now.UTC()}
		if created, p := create(); p != nil {
			record.Problem = &p.Problem
		} else {
			record.Created = &created
		}
		i = len(w.Remembered)
		w.Remembered = append(w.Remembered, record)
	}
	record := w.Remembered[i]
	switch {
	case record.Body != fingerprint:
		return contract.Connection{}, invalid(contract.FieldError{
			Field:   "Idempotency-Key",
			Message: "was used with another body before",
		})
	case record.Problem != nil:
		return contract.Connection{}, &problem{*record.Problem}
	}
	return *record.Created, nil
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
