package wintro

import (
	"errors"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// Sync is one run in which Wintro reads a company's vacancies: openapi.yaml says what each field means.
type Sync = contract.Sync

// How far a sync has come. There may be other statuses.
const (
	SyncSucceeded = contract.SyncSucceeded
	SyncFailed    = contract.SyncFailed
)

// sync decodes a response that holds a sync.
func (l call) sync(resp *transport.Response) (Sync, error) {
	response, err := decode[Sync](l, resp)
	if err != nil {
		return Sync{}, err
	}
	read := *response.Data
	read.Status = transport.Printable(read.Status, 40)
	switch {
	case !isNewID(read.ID):
		err = errors.New("its sync has no valid id")
	case l.id != "" && read.ID != l.id:
		err = errors.New("it is about another sync")
	case read.Status == "":
		err = errors.New("its sync has no status")
	case read.VacanciesSynced < 0:
		err = errors.New("its sync has a negative number of vacancies")
	}
	if err != nil {
		return Sync{}, l.undocumented(resp, err.Error())
	}
	if read.Error != nil {
		read.Error = new(transport.Printable(*read.Error, 500))
	}
	return read, nil
}
