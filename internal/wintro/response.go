package wintro

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// envelope is the body of a successful response.
type envelope[T any] struct {
	Data *T `json:"data"`
	Meta struct {
		// OrganisationID is raw JSON, so that a value of a wrong type doesn't invalidate the response.
		OrganisationID json.RawMessage      `json:"organisationId"`
		Pagination     *contract.Pagination `json:"pagination"`
	} `json:"meta"`
}

// connection decodes a connection, and checks that it is the expected connection.
func (l call) connection(resp *transport.Response) (Connection, error) {
	response, err := decode[received](l, resp)
	if err != nil {
		return Connection{}, err
	}
	conn, problem := response.Data.connection()
	switch {
	case problem != "":
		return Connection{}, undocumented(resp, "its connection "+problem)
	case l.id != "" && conn.ID != l.id:
		return Connection{}, undocumented(resp, "it is about another connection")
	case l.companyID != "" && (conn.Ats != contract.Recruitee || conn.AtsCompanyID != l.companyID):
		return Connection{}, undocumented(resp, "it is about the connection of another company")
	}
	return conn, nil
}

// sync decodes a sync, and checks that it is the expected sync.
func (l call) sync(resp *transport.Response) (Sync, error) {
	response, err := decode[Sync](l, resp)
	if err != nil {
		return Sync{}, err
	}
	sync := *response.Data
	sync.Status = transport.Printable(sync.Status, 40)
	switch {
	case !isUsableID(sync.ID):
		return Sync{}, undocumented(resp, "its sync has no valid id")
	case l.id != "" && sync.ID != l.id:
		return Sync{}, undocumented(resp, "it is about another sync")
	case sync.Status == "":
		return Sync{}, undocumented(resp, "its sync has no status")
	case sync.VacanciesSynced < 0:
		return Sync{}, undocumented(resp, "its sync has a negative number of vacancies")
	}
	if sync.Error != nil {
		sync.Error = new(transport.Printable(*sync.Error, 500))
	}
	return sync, nil
}

// decode checks a response and decodes its JSON. It stores the organisation that the response names.
func decode[T any](l call, resp *transport.Response) (envelope[T], error) {
	var response envelope[T]
	if err := l.check(resp); err != nil {
		return response, err
	}
	if resp.MediaType() != "application/json" {
		return response, undocumented(resp, "")
	}
	if err := json.Unmarshal(resp.Body, &response); err != nil {
		return response, undocumented(resp, "its JSON "+malformed(err))
	}
	if response.Data == nil {
		return response, undocumented(resp, "it has no data")
	}
	var organisation string
	if json.Unmarshal(response.Meta.OrganisationID, &organisation) == nil && isUsableID(organisation) {
		l.client.organisation.Store(organisation)
	}
	return response, nil
}

// check returns an error unless the response has the expected status and comes from Wintro.
func (l call) check(resp *transport.Response) error {
	if resp.StatusCode == l.status && vercel(resp) == "" {
		return nil
	}
	if failure := l.apiError(resp); failure != nil {
		return failure
	}
	return undocumented(resp, "")
}

// malformed returns a clause for a JSON error, such as "has an invalid value for name". It never quotes the JSON, which
// may contain a token.
func malformed(err error) string {
	wrongType, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok || wrongType.Field == "" {
		return "is incomplete or violates the contract"
	}
	// Remove the path before the last dot, because it may contain names of Go types.
	field := wrongType.Field[strings.LastIndex(wrongType.Field, ".")+1:]
	return "has an invalid value for " + transport.Printable(field, 60)
}
