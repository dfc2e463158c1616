package sandbox

import (
	"cmp"
	"fmt"
	"net/http"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

// The bodies that several commands take.
type (
	ownerInput struct {
		OwnerID int64 `json:"owner_id"`
	}
	connectionInput struct {
		ID string `json:"id"`
	}
	countInput struct {
		N int `json:"n"`
	}
	scopeInput struct {
		Scope string `json:"scope"`
		Token string `json:"token,omitempty"`
	}
)

// commands is the table of the control API: names and the methods of Sandbox that they stand for.
func commands() []command {
	list := recruiteeCommands()
	list = append(list, wintroCommands()...)
	list = append(list, faultCommands()...)
	return append(list, requestCommands()...)
}

func recruiteeCommands() []command {
	type tokenInput struct {
		Token string `json:"token"`
	}
	return []command{
		get("/recruitee/companies", "the companies", func(s *Sandbox) any { return s.Companies() }),
		get("/recruitee/owners", "the users who can own tokens", func(s *Sandbox) any { return s.Owners() }),
		post("/recruitee/add-company", "add a company; what is left out gets a value",
			`{"id":819,"name":"Globex","subdomain":"globex"}`,
			func(s *Sandbox, in struct {
				ID        int64  `json:"id,omitempty"`
				Name      string `json:"name,omitempty"`
				Subdomain string `json:"subdomain,omitempty"`
			}) any {
				return s.AddCompany(Company(in))
			}),
		post("/recruitee/add-owner", "add a user to a company; what is left out gets a value",
			`{"company_id":816,"first_name":"Grace","last_name":"Hopper","administrator":true}`,
			func(s *Sandbox, in struct {
				ID            int64  `json:"id,omitempty"`
				CompanyID     int64  `json:"company_id"`
				Email         string `json:"email,omitempty"`
				FirstName     string `json:"first_name,omitempty"`
				LastName      string `json:"last_name,omitempty"`
				Role          string `json:"role,omitempty"`
				Administrator bool   `json:"administrator,omitempty"`
			}) any {
				return s.AddOwner(Owner(in))
			}),
		post("/recruitee/issue-token", "make a personal API token",
			`{"company_id":816,"owner_id":1704}`,
			func(s *Sandbox, in struct {
				CompanyID int64 `json:"company_id"`
				OwnerID   int64 `json:"owner_id"`
			}) any {
				return tokenInput{s.IssueToken(in.CompanyID, in.OwnerID)}
			}),
		post("/recruitee/add-token", "make a personal API token with a value of your choice",
			`{"company_id":816,"owner_id":1704,"token":"a-token-of-my-choice"}`,
			func(s *Sandbox, in struct {
				CompanyID int64  `json:"company_id"`
				OwnerID   int64  `json:"owner_id"`
				Token     string `json:"token"`
			}) any {
				s.AddToken(in.CompanyID, in.OwnerID, in.Token)
				return tokenInput{in.Token}
			}),
		post("/recruitee/revoke-token", "revoke a personal API token",
			`{"token":"a-token-of-my-choice"}`,
			func(s *Sandbox, in tokenInput) any { s.RevokeToken(in.Token); return okResult{true} }),
		post("/recruitee/set-administrator", "give a user the Administrator role or take it away",
			`{"owner_id":1704,"administrator":false}`,
			func(s *Sandbox, in struct {
				OwnerID       int64 `json:"owner_id"`
				Administrator bool  `json:"administrator"`
			}) any {
				s.SetAdministrator(in.OwnerID, in.Administrator)
				return okResult{true}
			}),
		post("/recruitee/set-role", "give a user a role by any name, which is or is not an administrator's",
			`{"owner_id":1704,"role":"Administrator","administrator":false}`,
			func(s *Sandbox, in struct {
				OwnerID       int64  `json:"owner_id"`
				Role          string `json:"role"`
				Administrator bool   `json:"administrator"`
			}) any {
				s.SetRole(in.OwnerID, in.Role, in.Administrator)
				return okResult{true}
			}),
		post("/recruitee/set-active", "activate or deactivate a user's membership",
			`{"owner_id":1704,"active":true}`,
			func(s *Sandbox, in struct {
				OwnerID int64 `json:"owner_id"`
				Active  bool  `json:"active"`
			}) any {
				s.SetActive(in.OwnerID, in.Active)
				return okResult{true}
			}),
		post("/recruitee/rename-owner", "change a user's name",
			`{"owner_id":1704,"first_name":"Augusta","last_name":"King"}`,
			func(s *Sandbox, in struct {
				OwnerID   int64  `json:"owner_id"`
				FirstName string `json:"first_name"`
				LastName  string `json:"last_name"`
			}) any {
				s.RenameOwner(in.OwnerID, in.FirstName, in.LastName)
				return okResult{true}
			}),
		post("/recruitee/rename-company", "change a company's name",
			`{"company_id":816,"name":"Acme Holding"}`,
			func(s *Sandbox, in struct {
				CompanyID int64  `json:"company_id"`
				Name      string `json:"name"`
			}) any {
				s.RenameCompany(in.CompanyID, in.Name)
				return okResult{true}
			}),
		post("/recruitee/change-subdomain", "change a company's subdomain",
			`{"company_id":816,"subdomain":"acme-holding"}`,
			func(s *Sandbox, in struct {
				CompanyID int64  `json:"company_id"`
				Subdomain string `json:"subdomain"`
			}) any {
				s.ChangeSubdomain(in.CompanyID, in.Subdomain)
				return okResult{true}
			}),
		post("/recruitee/set-rate-limit", "limit the requests a minute with one token; 0 is no limit",
			`{"n":1000}`,
			func(s *Sandbox, in countInput) any { s.SetRecruiteeRateLimit(in.N); return okResult{true} }),
		post("/recruitee/remove-owner", "make a user leave the company",
			`{"owner_id":1704}`,
			func(s *Sandbox, in ownerInput) any { s.RemoveOwner(in.OwnerID); return okResult{true} }),
	}
}

func wintroCommands() []command {
	return []command{
		get("/connections", "all connections", func(s *Sandbox) any { return s.Connections() }),
		get("/wintro/organisations", "the organisations, with their API tokens",
			func(s *Sandbox) any { return s.Organisations() }),
		post("/wintro/add-organisation", "add an organisation with an API token of its own",
			`{"name":"Acme Asia"}`,
			func(s *Sandbox, in struct {
				Name string `json:"name"`
			}) any {
				return s.AddOrganisation(in.Name)
			}),
		post("/wintro/move-to-organisation", "make a connection belong to another organisation",
			`{"id":"conn_1","organisation_id":"org_1"}`,
			func(s *Sandbox, in struct {
				ID             string `json:"id"`
				OrganisationID string `json:"organisation_id"`
			}) any {
				s.MoveToOrganisation(in.ID, in.OrganisationID)
				return okResult{true}
			}),
		post("/wintro/add-connections", "add active connections of companies that Recruitee doesn't know",
			`{"n":20}`,
			func(s *Sandbox, in countInput) any { s.AddConnections(in.N); return okResult{true} }),
		post("/wintro/connect", "make a connection by hand",
			`{"company_id":816,"name":"Recruitee","token":"a-token-of-my-choice"}`,
			func(s *Sandbox, in struct {
				CompanyID int64  `json:"company_id"`
				Name      string `json:"name"`
				Token     string `json:"token"`
			}) any {
				return connectionInput{s.Connect(in.CompanyID, in.Name, in.Token)}
			}),
		post("/wintro/relabel", "change a connection's name by hand",
			`{"id":"conn_1","name":"Recruitee (old)"}`,
			func(s *Sandbox, in struct {
				ID   string `json:"id"`
				Name string `json:"name"`
			}) any {
				s.Relabel(in.ID, in.Name)
				return okResult{true}
			}),
		post("/wintro/set-enabled", "pause or resume a connection by hand",
			`{"id":"conn_1","enabled":false}`,
			func(s *Sandbox, in struct {
				ID      string `json:"id"`
				Enabled bool   `json:"enabled"`
			}) any {
				s.SetEnabled(in.ID, in.Enabled)
				return okResult{true}
			}),
		post("/wintro/swap-token", "replace a connection's Recruitee token by hand",
			`{"id":"conn_1","token":"another-token"}`,
			func(s *Sandbox, in struct {
				ID    string `json:"id"`
				Token string `json:"token"`
			}) any {
				s.SwapToken(in.ID, in.Token)
				return okResult{true}
			}),
		post("/wintro/set-status", "make a connection answer a status, also one that nobody knows",
			`{"id":"conn_1","status":"invalid"}`,
			func(s *Sandbox, in struct {
				ID     string                    `json:"id"`
				Status contract.ConnectionStatus `json:"status"`
			}) any {
				s.SetStatus(in.ID, in.Status)
				return okResult{true}
			}),
		post("/wintro/move-to-company", "make a connection point to another company",
			`{"id":"conn_1","company_id":817}`,
			func(s *Sandbox, in struct {
				ID        string `json:"id"`
				CompanyID int64  `json:"company_id"`
			}) any {
				s.MoveToCompany(in.ID, in.CompanyID)
				return okResult{true}
			}),
		post("/wintro/sync", "let Wintro read a connection's vacancies now",
			`{"id":"conn_1"}`,
			func(s *Sandbox, in connectionInput) any { s.SyncVacancies(in.ID); return okResult{true} }),
		post("/wintro/disconnect", "remove a connection by hand",
			`{"id":"conn_1"}`,
			func(s *Sandbox, in connectionInput) any { s.Disconnect(in.ID); return okResult{true} }),
		post("/wintro/stay-pending", "keep new connections and tokens pending for n reads; -1 is for ever",
			`{"n":3}`,
			func(s *Sandbox, in countInput) any { s.StayPending(in.N); return okResult{true} }),
		post("/wintro/hide-new-connections", "hide new connections from the next n reads and lists; -1 is forever",
			`{"n":2}`,
			func(s *Sandbox, in countInput) any { s.HideNewConnections(in.N); return okResult{true} }),
		post("/wintro/keep-deleted-links", "answer ALREADY_LINKED for n create requests after a delete; -1 is forever",
			`{"n":2}`,
			func(s *Sandbox, in countInput) any { s.KeepDeletedLinks(in.N); return okResult{true} }),
		post("/wintro/set-endless-list", "fill each page of the list with invented connections, and never end",
			`{"endless":true}`,
			func(s *Sandbox, in struct {
				Endless bool `json:"endless"`
			}) any {
				s.SetEndlessList(in.Endless)
				return okResult{true}
			}),
		post("/wintro/fail-logins", "let each login of Wintro's to Recruitee fail, or succeed again",
			`{"fail":true}`,
			func(s *Sandbox, in struct {
				Fail bool `json:"fail"`
			}) any {
				s.FailLogins(in.Fail)
				return okResult{true}
			}),
		post("/wintro/report-fingerprints", "report the fingerprints of tokens, or null",
			`{"report":false}`,
			func(s *Sandbox, in struct {
				Report bool `json:"report"`
			}) any {
				s.ReportFingerprints(in.Report)
				return okResult{true}
			}),
		post("/wintro/report-organisation", "report the organisation's ID in each answer, or not",
			`{"report":false}`,
			func(s *Sandbox, in struct {
				Report bool `json:"report"`
			}) any {
				s.ReportOrganisation(in.Report)
				return okResult{true}
			}),
		post("/wintro/offer-connections-api", "have the endpoints for ATS connections, or answer 404 for each path",
			`{"offer":false}`,
			func(s *Sandbox, in struct {
				Offer bool `json:"offer"`
			}) any {
				s.OfferConnectionsAPI(in.Offer)
				return okResult{true}
			}),
		post("/wintro/set-max-page-size", "have at most n connections on a page, whatever is asked for",
			`{"n":50}`,
			func(s *Sandbox, in countInput) any { s.SetMaxPageSize(in.N); return okResult{true} }),
		post("/wintro/set-rate-limit", "limit the requests with one API token in each window; 0 is no limit",
			`{"requests":100,"window":"60s"}`,
			func(s *Sandbox, in struct {
				Requests int      `json:"requests"`
				Window   duration `json:"window,omitempty"`
			}) any {
				s.SetWintroRateLimit(in.Requests, time.Duration(in.Window))
				return okResult{true}
			}),
		post("/wintro/revoke-scope", "take a scope away from an API token, the first organisation's unless token is another",
			`{"scope":"ats-connections:write"}`,
			func(s *Sandbox, in scopeInput) any {
				s.RevokeScope(cmp.Or(in.Token, s.WintroToken()), in.Scope)
				return okResult{true}
			}),
		post("/wintro/grant-scope", "give it back",
			`{"scope":"ats-connections:write"}`,
			func(s *Sandbox, in scopeInput) any {
				s.GrantScope(cmp.Or(in.Token, s.WintroToken()), in.Scope)
				return okResult{true}
			}),
		post("/wintro/set-access", "take Wintro's API tokens (granted) or refuse them (unauthorized, forbidden)",
			`{"access":"forbidden"}`,
			func(s *Sandbox, in struct {
				Access Access `json:"access"`
			}) any {
				s.SetWintroAccess(in.Access)
				return okResult{true}
			}),
		post("/wintro/set-token", "replace the first organisation's API token",
			`{"token":"another-wintro-token"}`,
			func(s *Sandbox, in struct {
				Token string `json:"token"`
			}) any {
				s.SetWintroToken(in.Token)
				return okResult{true}
			}),
		post("/wintro/issue-read-only-token", "make an API token of the first organisation without the write scope",
			`{}`,
			func(s *Sandbox, _ struct{}) any {
				return struct {
					Token string `json:"token"`
				}{s.IssueReadOnlyToken()}
			}),
		post("/wintro/set-vacancies", "set how many vacancies a sync reads",
			`{"n":40}`,
			func(s *Sandbox, in countInput) any { s.SetVacancies(in.N); return okResult{true} }),
		post("/wintro/fail-syncs", `make syncs fail, or succeed again with ""`,
			`{"reason":"Recruitee did not answer."}`,
			func(s *Sandbox, in struct {
				Reason string `json:"reason"`
			}) any {
				s.FailSyncs(in.Reason)
				return okResult{true}
			}),
	}
}

func requestCommands() []command {
	return []command{
		get("/requests", "the log of the requests to Recruitee and Wintro",
			func(s *Sandbox) any { return s.Requests() }),
		{Method: http.MethodDelete, Path: "/requests", Does: "empty the log",
			run: func(s *Sandbox, _ []byte) (any, error) { s.ClearRequests(); return okResult{true}, nil }},
		post("/reset", "start over, with the API tokens that were there first", `{}`,
			func(s *Sandbox, _ struct{}) any { s.Reset(); return okResult{true} }),
	}
}

func faultCommands() []command {
	return []command{
		get("/faults", "the faults that are still to come", func(s *Sandbox) any {
			list := []listedFault{}
			for _, f := range s.Faults() {
				list = append(list, listedFault{f.Number, newFaultInput(f)})
			}
			return list
		}),
		get("/faults/kinds", "the kinds of faults", func(*Sandbox) any { return FaultKinds() }),
		post("/faults", "make requests fail; GET /faults/kinds lists the ways, and the guide all fields",
			`{"kind":"answer-lost","system":"wintro","method":"POST","path":"/ats-connections","times":1}`,
			func(s *Sandbox, in faultInput) any { s.Fail(in.fault()); return okResult{true} }),
		post("/faults/remove", "remove one fault, by its number in the list", `{"number":1}`,
			func(s *Sandbox, in struct {
				Number int `json:"number"`
			}) any {
				s.RemoveFault(in.Number)
				return okResult{true}
			}),
		{Method: http.MethodDelete, Path: "/faults", Does: "remove all faults",
			run: func(s *Sandbox, _ []byte) (any, error) { s.ClearFaults(); return okResult{true}, nil }},
	}
}

type listedFault struct {
	Number int `json:"number"`
	faultInput
}

// faultInput is a Fault in JSON.
type faultInput struct {
	Kind        FaultKind         `json:"kind,omitempty"`
	System      string            `json:"system,omitempty"`
	Method      string            `json:"method,omitempty"`
	Path        string            `json:"path,omitempty"`
	Times       int               `json:"times,omitempty"`
	Probability float64           `json:"probability,omitempty"`
	Seed        uint64            `json:"seed,omitempty"`
	Latency     duration          `json:"latency,omitempty"`
	Pace        duration          `json:"pace,omitempty"`
	CarryOut    bool              `json:"carry_out,omitempty"`
	Status      int               `json:"status,omitempty"`
	Header      map[string]string `json:"header,omitempty"`
	Body        string            `json:"body,omitempty"`
	Edit        map[string]any    `json:"edit,omitempty"`
}

func (in faultInput) fault() Fault {
	header := http.Header{}
	for name, value := range in.Header {
		header.Set(name, value)
	}
	return Fault{
		Kind: in.Kind, System: in.System, Method: in.Method, Path: in.Path,
		Times: in.Times, Probability: in.Probability, Seed: in.Seed,
		Latency: time.Duration(in.Latency), Pace: time.Duration(in.Pace), CarryOut: in.CarryOut,
		Status: in.Status, Header: header, Body: in.Body, Edit: in.Edit,
	}
}

func newFaultInput(f Fault) faultInput {
	header := map[string]string{}
	for name := range f.Header {
		header[name] = f.Header.Get(name)
	}
	return faultInput{
		Kind: f.Kind, System: f.System, Method: f.Method, Path: f.Path,
		Times: f.Times, Probability: f.Probability, Seed: f.Seed,
		Latency: duration(f.Latency), Pace: duration(f.Pace), CarryOut: f.CarryOut,
		Status: f.Status, Header: header, Body: f.Body, Edit: f.Edit,
	}
}

// duration is written as people do, such as 1.5s.
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
