package wintro

import (
	"context"
	"errors"
	"net/http"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// Sync is one run in which Wintro reads a company's vacancies: openapi.yaml says what each field means.
type Sync = contract.Sync

// How far a sync has come. There may be other statuses.
const (
	// SyncSucceeded means that it has read all.
	SyncSucceeded = "succeeded"
	// SyncFailed means that it has ended early.
	SyncFailed = "failed"
)

// StartSync starts a vacancy sync. The contract has no idempotency key for it, so that a request whose
// answer was lost is not repeated. If the connection is not enabled, the error is an *APIError with
// status 409.
func (c *Client) StartSync(ctx context.Context, connectionID string) (Sync, error) {
	req, err := contract.NewStartSyncRequest(c.server, connectionID)
	return call(ctx, c, req, err, expected{status: http.StatusAccepted, scope: ScopeWrite}, expected.sync)
}

// GetSync reads how far a sync has come.
func (c *Client) GetSync(ctx context.Context, connectionID, id string) (Sync, error) {
	req, err := contract.NewGetSyncRequest(c.server, connectionID, id)
	return call(ctx, c, req, err, expected{status: http.StatusOK, scope: ScopeRead, id: id}, expected.sync)
}

// sync decodes a response that holds a sync.
func (e expected) sync(resp *transport.Response) (Sync, error) {
	response, err := decode[Sync](e, resp)
	if err != nil {
		return Sync{}, err
	}
	read := *response.Data
	read.Status = transport.Printable(read.Status, 40, e.sent...)
	switch {
	case !isNewID(read.ID, e.sent):
		err = errors.New("its sync has no valid id")
	case e.id != "" && read.ID != e.id:
		err = errors.New("it is about another sync")
	case read.Status == "":
		err = errors.New("its sync has no status")
	case read.VacanciesSynced < 0:
		err = errors.New("its sync has a negative number of vacancies")
	}
	if err != nil {
		return Sync{}, e.undocumented(resp, err.Error())
	}
	if read.Error != nil {
		read.Error = new(transport.Printable(*read.Error, 500, e.sent...))
	}
	return read, nil
}
