package sandbox

import (
	"cmp"
	"fmt"
	"net/http"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

func commands() []command {
	return []command{
		get("/recruitee/companies", "the companies", (*Sandbox).Companies),
		get("/recruitee/owners", "the users who can own tokens", (*Sandbox).Owners),
		post("/recruitee/add-company", "add a company; fields that you leave out get a value",
			`{"id":819,"name":"Globex","subdomain":"globex"}`,
			func(s *Sandbox, id int64, name, subdomain string) Company {
				return s.AddCompany(Company{ID: id, Name: name, Subdomain: subdomain})
			}, "id,omitempty", "name,omitempty", "subdomain,omitempty"),
		post("/recruitee/add-owner", "add a user to a company; fields that you leave out get a value",
			`{"company_id":816,"first_name":"Grace","last_name":"Hopper","administrator":true}`,
			func(s *Sandbox, id, companyID int64, email, firstName, lastName, role string, administrator bool) Owner {
				return s.AddOwner(Owner{id, companyID, email, firstName, lastName, role, administrator})
			}, "id,omitempty", "company_id", "email,omitempty", "first_name,omitempty", "last_name,omitempty",
			"role,omitempty", "administrator,omitempty"),
		post("/recruitee/issue-token", "create a personal API token", `{"company_id":816,"owner_id":1704}`,
			func(s *Sandbox, companyID, ownerID int64) map[string]string {
				return map[string]string{"token": s.IssueToken(companyID, ownerID)}
			}, "company_id", "owner_id"),
		post("/recruitee/add-token", "add a personal API token with a value of your choice",
			`{"company_id":816,"owner_id":1704,"token":"a-token-of-my-choice"}`,
			func(s *Sandbox, companyID, ownerID int64, token string) map[string]string {
				s.AddToken(companyID, ownerID, token)
				return map[string]string{"token": token}
			}, "company_id", "owner_id", "token"),
		post("/recruitee/revoke-token", "revoke a personal API token", `{"token":"a-token-of-my-choice"}`,
			(*Sandbox).RevokeToken, "token"),
		post("/recruitee/set-administrator", "give a user the role Administrator or Recruiter",
			`{"owner_id":1704,"administrator":false}`, (*Sandbox).SetAdministrator, "owner_id", "administrator"),
		post("/recruitee/set-role", "give a user a role with any name, with or without an Administrator's rights",
			`{"owner_id":1704,"role":"Administrator","administrator":false}`,
			(*Sandbox).SetRole, "owner_id", "role", "administrator"),
		post("/recruitee/set-active", "activate or deactivate a user's membership", `{"owner_id":1704,"active":true}`,
			(*Sandbox).SetActive, "owner_id", "active"),
		post("/recruitee/rename-company", "change a company's name", `{"company_id":816,"name":"Acme Holding"}`,
			(*Sandbox).RenameCompany, "company_id", "name"),
		post("/recruitee/set-rate-limit", "limit the requests a minute with one token; 0 removes the limit", `{"n":1000}`,
			(*Sandbox).SetRecruiteeRateLimit, "n"),
		post("/recruitee/remove-owner", "make a user leave the company", `{"owner_id":1704}`,
			(*Sandbox).RemoveOwner, "owner_id"),

		get("/connections", "all connections", (*Sandbox).Connections),
		post("/wintro/connect", "create a connection by hand",
			`{"company_id":816,"name":"Recruitee","token":"a-token-of-my-choice"}`,
			func(s *Sandbox, companyID int64, name, token string) map[string]string {
				return map[string]string{"id": s.Connect(companyID, name, token)}
			}, "company_id", "name", "token"),
		post("/wintro/add-connections", "add active connections of companies that Recruitee doesn't know", `{"n":20}`,
			(*Sandbox).AddConnections, "n"),
		post("/wintro/relabel", "change a connection's name by hand", `{"id":"conn_1","name":"Recruitee (old)"}`,
			(*Sandbox).Relabel, "id", "name"),
		post("/wintro/set-enabled", "pause or resume a connection by hand", `{"id":"conn_1","enabled":false}`,
			(*Sandbox).SetEnabled, "id", "enabled"),
		post("/wintro/swap-token", "replace a connection's Recruitee token by hand",
			`{"id":"conn_1","token":"another-token"}`, (*Sandbox).SwapToken, "id", "token"),
		post("/wintro/set-status", "make a connection report a status, even an unknown one",
			`{"id":"conn_1","status":"`+contract.ConnectionInvalid+`"}`, (*Sandbox).SetStatus, "id", "status"),
		post("/wintro/move-to-company", "link a connection to another company",
			`{"id":"conn_1","company_id":817}`, (*Sandbox).MoveToCompany, "id", "company_id"),
		post("/wintro/move-to-organisation", "make a connection belong to another organisation",
			`{"id":"conn_1","organisation_id":"org_1"}`, (*Sandbox).MoveToOrganisation, "id", "organisation_id"),
		post("/wintro/sync", "make Wintro read a connection's vacancies now", `{"id":"conn_1"}`,
			(*Sandbox).SyncVacancies, "id"),
		post("/wintro/disconnect", "remove a connection by hand", `{"id":"conn_1"}`, (*Sandbox).Disconnect, "id"),

		get("/wintro/organisations", "the organisations, with their API tokens", (*Sandbox).Organisations),
		post("/wintro/add-organisation", "add an organisation with an API token of its own", `{"name":"Acme Asia"}`,
			(*Sandbox).AddOrganisation, "name"),
		post("/wintro/stay-pending", "keep new connections and tokens pending for n reads; -1 means forever", `{"n":3}`,
			(*Sandbox).StayPending, "n"),
		post("/wintro/hide-new-connections", "hide each new connection from its first n reads; -1 means forever",
			`{"n":2}`, (*Sandbox).HideNewConnections, "n"),
		post("/wintro/keep-deleted-links", "return ALREADY_LINKED for n create requests after a delete; -1 means forever",
			`{"n":2}`, (*Sandbox).KeepDeletedLinks, "n"),
		post("/wintro/set-endless-list", "make the list endless, with invented connections on each page",
			`{"endless":true}`, (*Sandbox).SetEndlessList, "endless"),
		post("/wintro/fail-logins", "make Wintro's logins to Recruitee fail, or succeed again", `{"fail":true}`,
			(*Sandbox).FailLogins, "fail"),
		post("/wintro/report-fingerprints", "report the fingerprints of tokens, or null", `{"report":false}`,
			(*Sandbox).ReportFingerprints, "report"),
		post("/wintro/report-organisation", "report the organisation's ID in each response, or not", `{"report":false}`,
			(*Sandbox).ReportOrganisation, "report"),
		post("/wintro/offer-connections-api", "offer the endpoints for ATS connections, or return 404 for each path",
			`{"offer":false}`, (*Sandbox).OfferConnectionsAPI, "offer"),
		post("/wintro/set-max-page-size", "put at most n connections on a page", `{"n":50}`,
			(*Sandbox).SetMaxPageSize, "n"),
		post("/wintro/set-rate-limit", "limit the requests with one API token in each window; 0 removes the limit",
			`{"requests":100,"window":"60s"}`,
			func(s *Sandbox, requests int, window duration) {
				s.SetWintroRateLimit(requests, time.Duration(window))
			}, "requests", "window,omitempty"),
		post("/wintro/revoke-scope", "remove a scope from an API token, by default the first organisation's",
			`{"scope":"`+contract.ScopeWrite+`"}`,
			func(s *Sandbox, scope, token string) {
				s.RevokeScope(cmp.Or(token, s.WintroToken()), scope)
			}, "scope", "token,omitempty"),
		post("/wintro/grant-scope", "give a scope back to an API token", `{"scope":"`+contract.ScopeWrite+`"}`,
			func(s *Sandbox, scope, token string) {
				s.GrantScope(cmp.Or(token, s.WintroToken()), scope)
			}, "scope", "token,omitempty"),
		post("/wintro/set-access", "accept Wintro's API tokens (granted), or not (unauthorized, forbidden)",
			`{"access":"forbidden"}`, (*Sandbox).SetWintroAccess, "access"),
		post("/wintro/set-token", "replace the first organisation's API token", `{"token":"another-wintro-token"}`,
			(*Sandbox).SetWintroToken, "token"),
		post("/wintro/issue-read-only-token", "create an API token without the write scope for the first organisation", `{}`,
			func(s *Sandbox) map[string]string { return map[string]string{"token": s.IssueReadOnlyToken()} }),
		post("/wintro/set-vacancies", "set how many vacancies a sync reads", `{"n":40}`, (*Sandbox).SetVacancies, "n"),
		post("/wintro/fail-syncs", `make syncs fail, or succeed again with ""`,
			`{"reason":"Recruitee did not respond."}`, (*Sandbox).FailSyncs, "reason"),

		get("/faults", "the active faults", func(s *Sandbox) []faultJSON {
			list := []faultJSON{}
			for _, f := range s.Faults() {
				list = append(list, newFaultJSON(f))
			}
			return list
		}),
		get("/faults/kinds", "the kinds of faults", func(*Sandbox) []FaultKindDescription { return FaultKinds() }),
		post("/faults", "make requests fail; GET /faults/kinds lists the kinds of faults, and the guide lists all fields",
			`{"kind":"answer-lost","system":"wintro","method":"POST","path":"/ats-connections","times":1}`,
			func(s *Sandbox, in faultJSON) { s.Fail(in.fault()) }),
		post("/faults/remove", "remove one fault, by its number in the list", `{"number":1}`,
			(*Sandbox).RemoveFault, "number"),
		remove("/faults", "remove all faults", (*Sandbox).ClearFaults),

		get("/requests", "the log of the requests to Recruitee and Wintro", (*Sandbox).Requests),
		remove("/requests", "empty the log", (*Sandbox).ClearRequests),
		post("/reset", "restore the seeded contents, and keep the first API tokens", `{}`, (*Sandbox).Reset),
	}
}

// faultJSON is the JSON form of a Fault. It contains durations as text, and one value for each header field.
type faultJSON struct {
	Fault
	Latency duration          `json:"latency,omitempty"`
	Pace    duration          `json:"pace,omitempty"`
	Header  map[string]string `json:"header,omitempty"`
}

func (in faultJSON) fault() Fault {
	f := in.Fault
	f.Latency, f.Pace, f.Header = time.Duration(in.Latency), time.Duration(in.Pace), http.Header{}
	for name, value := range in.Header {
		f.Header.Set(name, value)
	}
	return f
}

func newFaultJSON(f Fault) faultJSON {
	header := map[string]string{}
	for name := range f.Header {
		header[name] = f.Header.Get(name)
	}
	return faultJSON{Fault: f, Latency: duration(f.Latency), Pace: duration(f.Pace), Header: header}
}

// A duration is a time.Duration whose JSON form is a string such as "1.5s".
type duration time.Duration

func (d duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is not a duration such as 1.5s", text)
	}
	*d = duration(parsed)
	return nil
}
