package provider

import (
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

// explainSync explains how a sync ended.
func explainSync(err error) messages {
	at := path.Root("connection_id")
	var gone *connection.GoneError
	var disabled *connection.DisabledError
	var failed *connection.SyncFailedError
	var unfinished *connection.SyncUnfinishedError
	switch {
	case errors.As(err, &gone):
		return explainFind(err).at(at)
	case errors.As(err, &disabled):
		return messages{{at, "The connection is disabled", fmt.Sprintf(
			"Wintro doesn't sync the connection %s while it is disabled. Set enabled = true on it first.", disabled.ID)}}
	case errors.As(err, &failed):
		reason := failed.Reason
		if reason == "" {
			reason = "Wintro gave no reason"
		}
		return messages{{at, "The vacancy sync failed", fmt.Sprintf(
			"The sync %s ended after %d vacancies: %s. Check the connection in Wintro's settings; Wintro tries again within four hours.",
			failed.Sync.ID, failed.Sync.Vacancies, reason)}}
	case errors.As(err, &unfinished) && unfinished.Interrupted:
		return messages{{at, "Waiting for the vacancy sync was interrupted", fmt.Sprintf(
			"The sync %s continues in Wintro. It was %s, with %d vacancies read.", unfinished.Sync.ID, unfinished.Sync.Status, unfinished.Sync.Vacancies)}}
	case errors.As(err, &unfinished):
		return messages{{path.Root("timeout"), "The vacancy sync has not finished in time", fmt.Sprintf(
			"After %s, the sync %s was still %s, with %d vacancies read. It continues in Wintro. Raise timeout, or set wait = false.",
			unfinished.Waited.Round(time.Second), unfinished.Sync.ID, unfinished.Sync.Status, unfinished.Sync.Vacancies)}}
	}
	return explain(err, paths{companyID: at})
}
