package sandbox

import "github.com/wintro-ai/terraform-provider-wintro/internal/wintro/contract"

func wintroCommands() []command {
	return []command{
		get("/connections", "all connections", func(s *Sandbox) any { return s.Connections() }),
		post("/wintro/connect", "make a link by hand",
			`{"company_id":816,"name":"Recruitee","token":"a-token-of-my-choice"}`,
			func(s *Sandbox, in struct {
				CompanyID int64  `json:"company_id"`
				Name      string `json:"name"`
				Token     string `json:"token"`
			}) any {
				return connectionInput{s.Connect(in.CompanyID, in.Name, in.Token)}
			}),
		post("/wintro/relabel", "change a link's name by hand",
			`{"id":"conn_1","name":"Recruitee (old)"}`,
			func(s *Sandbox, in struct {
				ID   string `json:"id"`
				Name string `json:"name"`
			}) any {
				s.Relabel(in.ID, in.Name)
				return done{true}
			}),
		post("/wintro/set-enabled", "pause or resume a link by hand",
			`{"id":"conn_1","enabled":false}`,
			func(s *Sandbox, in struct {
				ID      string `json:"id"`
				Enabled bool   `json:"enabled"`
			}) any {
				s.SetEnabled(in.ID, in.Enabled)
				return done{true}
			}),
		post("/wintro/swap-token", "replace a link's Recruitee token by hand",
			`{"id":"conn_1","token":"another-token"}`,
			func(s *Sandbox, in struct {
				ID    string `json:"id"`
				Token string `json:"token"`
			}) any {
				s.SwapToken(in.ID, in.Token)
				return done{true}
			}),
		post("/wintro/set-status", "make a link answer a status, also one that is not in the contract",
			`{"id":"conn_1","status":"invalid"}`,
			func(s *Sandbox, in struct {
				ID     string                    `json:"id"`
				Status contract.ConnectionStatus `json:"status"`
			}) any {
				s.SetStatus(in.ID, in.Status)
				return done{true}
			}),
		post("/wintro/move-to-company", "make a link point to another company",
			`{"id":"conn_1","company_id":817}`,
			func(s *Sandbox, in struct {
				ID        string `json:"id"`
				CompanyID int64  `json:"company_id"`
			}) any {
				s.MoveToCompany(in.ID, in.CompanyID)
				return done{true}
			}),
		post("/wintro/disconnect", "remove a link by hand",
			`{"id":"conn_1"}`,
			func(s *Sandbox, in connectionInput) any { s.Disconnect(in.ID); return done{true} }),
		post("/wintro/stay-pending", "keep new links and tokens pending for n reads; -1 is for ever",
			`{"n":3}`,
			func(s *Sandbox, in countInput) any { s.StayPending(in.N); return done{true} }),
		post("/wintro/fail-logins", "let each login of Wintro's to Recruitee fail, or succeed again",
			`{"fail":true}`,
			func(s *Sandbox, in struct {
				Fail bool `json:"fail"`
			}) any {
				s.FailLogins(in.Fail)
				return done{true}
			}),
		post("/wintro/report-fingerprints", "report the fingerprints of tokens, or null",
			`{"report":false}`,
			func(s *Sandbox, in struct {
				Report bool `json:"report"`
			}) any {
				s.ReportFingerprints(in.Report)
				return done{true}
			}),
		post("/wintro/set-access", "take Wintro's API token (granted) or refuse it (unauthorized, forbidden)",
			`{"access":"forbidden"}`,
			func(s *Sandbox, in struct {
				Access Access `json:"access"`
			}) any {
				s.SetWintroAccess(in.Access)
				return done{true}
			}),
		post("/wintro/set-token", "replace Wintro's API token",
			`{"token":"another-wintro-token"}`,
			func(s *Sandbox, in struct {
				Token string `json:"token"`
			}) any {
				s.SetWintroToken(in.Token)
				return done{true}
			}),
		post("/wintro/set-vacancies", "set how many vacancies a sync reads",
			`{"n":40}`,
			func(s *Sandbox, in countInput) any { s.SetVacancies(in.N); return done{true} }),
		post("/wintro/fail-syncs", `make syncs fail, or succeed again with ""`,
			`{"reason":"Recruitee did not answer."}`,
			func(s *Sandbox, in struct {
				Reason string `json:"reason"`
			}) any {
				s.FailSyncs(in.Reason)
				return done{true}
			}),
	}
}
