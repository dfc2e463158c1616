package sandbox

func recruiteeCommands() []command {
	type tokenInput struct {
		Token string `json:"token"`
	}
	return []command{
		get("/recruitee/companies", "the companies", func(s *Sandbox) any { return s.Companies() }),
		get("/recruitee/owners", "the users who can own tokens", func(s *Sandbox) any { return s.Owners() }),
		post("/recruitee/add-company", "add a company; what is left out gets a value",
			`{"id":817,"name":"Globex","subdomain":"globex"}`,
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
			func(s *Sandbox, in tokenInput) any { s.RevokeToken(in.Token); return done{true} }),
		post("/recruitee/set-administrator", "give a user the Administrator role or take it away",
			`{"owner_id":1704,"administrator":false}`,
			func(s *Sandbox, in struct {
				OwnerID       int64 `json:"owner_id"`
				Administrator bool  `json:"administrator"`
			}) any {
				s.SetAdministrator(in.OwnerID, in.Administrator)
				return done{true}
			}),
		post("/recruitee/set-role", "give a user a role by any name, which is or is not an administrator's",
			`{"owner_id":1704,"role":"Administrator","administrator":false}`,
			func(s *Sandbox, in struct {
				OwnerID       int64  `json:"owner_id"`
				Role          string `json:"role"`
				Administrator bool   `json:"administrator"`
			}) any {
				s.SetRole(in.OwnerID, in.Role, in.Administrator)
				return done{true}
			}),
		post("/recruitee/set-active", "activate or deactivate a user's membership",
			`{"owner_id":1704,"active":true}`,
			func(s *Sandbox, in struct {
				OwnerID int64 `json:"owner_id"`
				Active  bool  `json:"active"`
			}) any {
				s.SetActive(in.OwnerID, in.Active)
				return done{true}
			}),
		post("/recruitee/rename-owner", "change a user's name",
			`{"owner_id":1704,"first_name":"Augusta","last_name":"King"}`,
			func(s *Sandbox, in struct {
				OwnerID   int64  `json:"owner_id"`
				FirstName string `json:"first_name"`
				LastName  string `json:"last_name"`
			}) any {
				s.RenameOwner(in.OwnerID, in.FirstName, in.LastName)
				return done{true}
			}),
		post("/recruitee/rename-company", "change a company's name",
			`{"company_id":816,"name":"Acme Holding"}`,
			func(s *Sandbox, in struct {
				CompanyID int64  `json:"company_id"`
				Name      string `json:"name"`
			}) any {
				s.RenameCompany(in.CompanyID, in.Name)
				return done{true}
			}),
		post("/recruitee/change-subdomain", "change a company's subdomain",
			`{"company_id":816,"subdomain":"acme-holding"}`,
			func(s *Sandbox, in struct {
				CompanyID int64  `json:"company_id"`
				Subdomain string `json:"subdomain"`
			}) any {
				s.ChangeSubdomain(in.CompanyID, in.Subdomain)
				return done{true}
			}),
		post("/recruitee/set-rate-limit", "limit the requests a minute with one token; 0 is no limit",
			`{"n":1000}`,
			func(s *Sandbox, in countInput) any { s.SetRateLimit(in.N); return done{true} }),
		post("/recruitee/remove-owner", "make a user leave the company",
			`{"owner_id":1704}`,
			func(s *Sandbox, in ownerInput) any { s.RemoveOwner(in.OwnerID); return done{true} }),
	}
}
