package wintro

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro/contract"
)

// Sync is one run in which Wintro reads a company's vacancies: openapi.yaml says what each field means.
type Sync = contract.Sync

// SyncStatus is how far a sync has come.
type SyncStatus = contract.SyncStatus

// How far a sync has come.
const (
	// SyncQueued means that it has not begun.
	SyncQueued = contract.SyncQueued
	// SyncRunning means that it reads vacancies.
	SyncRunning = contract.SyncRunning
	// SyncSucceeded means that it has read all.
	SyncSucceeded = contract.SyncSucceeded
	// SyncFailed means that it has ended early.
	SyncFailed = contract.SyncFailed
)

// StartSync starts a vacancy sync. The contract has no idempotency key for it, so that a request whose
// answer was lost is not repeated. Where the connection is not enabled, the error is a *APIError
// with status 409.
func (c *Client) StartSync(ctx context.Context, connectionID string) (Sync, error) {
	req, err := contract.NewStartSyncRequest(c.server, connectionID)
	return call(ctx, c, req, err, expected{status: http.StatusAccepted}, expected.sync)
}

// GetSync reads how far a sync has come.
func (c *Client) GetSync(ctx context.Context, connectionID, id string) (Sync, error) {
	req, err := contract.NewGetSyncRequest(c.server, connectionID, id)
	return call(ctx, c, req, err, expected{status: http.StatusOK, id: id}, expected.sync)
}

// sync decodes a response that holds a sync.
func (e expected) sync(resp *transport.Response) (Sync, error) {
	var read Sync
	if err := e.decode(resp, &read); err != nil {
		return Sync{}, err
	}
	var err error
	switch {
	case !isNewID(read.ID, e.sent):
		err = errors.New("its sync has no valid id")
	case e.id != "" && read.ID != e.id:
		err = errors.New("it is about another sync")
	case !read.Status.Valid():
		err = fmt.Errorf("its sync has the unknown status %q", transport.Printable(string(read.Status), 40, e.sent...))
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
