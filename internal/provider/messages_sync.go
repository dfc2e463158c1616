package provider

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

func syncProgress(s connection.Sync) string {
	return connection.Redact(fmt.Sprintf("Vacancy sync %s: %s, vacancies read: %d", s.ID, s.Status, s.Vacancies))
}

// explainSync explains why a sync failed, or why the provider stopped waiting for it.
func explainSync(err error) messages {
	at := pathConnectionID
	if e, ok := errors.AsType[*connection.DisabledError](err); ok {
		return messages{{at, "The connection is disabled", fmt.Sprintf(
			"Wintro doesn't sync the connection %s while it is disabled. Set enabled = true on it first.", e.ID)}}
	}
	if e, ok := errors.AsType[*connection.SyncFailedError](err); ok {
		reason := strings.TrimSuffix(e.Reason, ".")
		if reason == "" {
			reason = "Wintro gave no reason"
		}
		return messages{{at, "The vacancy sync failed", fmt.Sprintf(
			"The sync %s ended after %d vacancies: %s. Check the connection in Wintro's settings. Wintro tries again within four hours.",
			e.Sync.ID, e.Sync.Vacancies, reason)}}
	}
	if e, ok := errors.AsType[*connection.SyncUnfinishedError](err); ok {
		if e.Interrupted {
			return messages{{at, "Waiting for the vacancy sync was interrupted", fmt.Sprintf(
				"The sync %s continues in Wintro. It was %s, with %d vacancies read.", e.Sync.ID, e.Sync.Status, e.Sync.Vacancies)}}
		}
		return messages{{pathTimeout, "The vacancy sync has not finished in time", fmt.Sprintf(
			"After %s, the sync %s was still %s, with %d vacancies read. The sync continues in Wintro. Increase timeout, or set wait = false.",
			e.Waited.Round(time.Second), e.Sync.ID, e.Sync.Status, e.Sync.Vacancies)}}
	}
	return explain(err, paths{companyID: at, id: at}).without(nothingChanged, stateUnchanged)
}
