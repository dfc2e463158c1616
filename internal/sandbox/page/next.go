package page

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// nextView proposes the user's next step, for one company.
type nextView struct {
	// State is start, linked or broken.
	State   string
	Company sandbox.CompanySnapshot
	// ResourceName is the name of the company's resource in the configuration that the page shows.
	ResourceName string
	// Environment contains the shell commands that set the provider's environment variables, followed by the
	// command in Token, if there is one.
	Environment string
	// Token is a shell command that sets the environment variable for the Recruitee token to an Administrator's token,
	// or "" if the company has no such token.
	Token string
	// NewTokenFor is an Administrator who can own a new token. It is nil if Token isn't empty, or if the company has no
	// active Administrator.
	NewTokenFor *sandbox.Person

	// Linked is the number of connections that work and that nobody has changed by hand.
	Linked int
	// Broken is the first connection that doesn't work or was changed by hand. More is the number of other such
	// connections.
	Broken sandbox.ConnectionSnapshot
	More   int
}

func newNextView(shot sandbox.Snapshot, environment []string) nextView {
	broken, linked := connectionsOfKnownCompanies(shot)
	view := nextView{State: "start", Linked: len(linked)}
	companyID := ""
	if len(linked) > 0 {
		view.State, companyID = "linked", linked[0].AtsCompanyID
	}
	if len(broken) > 0 {
		view.State, view.Broken, view.More = "broken", broken[0], len(broken)-1
		companyID = view.Broken.AtsCompanyID
	}
	view.Company = chooseCompany(shot, companyID)
	view.ResourceName = resourceName(view.Company.Subdomain)
	for _, variable := range environment {
		if name, value, _ := strings.Cut(variable, "="); !strings.HasPrefix(name, "TF_VAR_") {
			view.Environment += Export(name, value)
		}
	}
	administrator, token := administratorOf(view.Company)
	if token == "" {
		view.NewTokenFor = administrator
		return view
	}
	view.Token = Export("TF_VAR_recruitee_api_token", token)
	view.Environment += view.Token
	return view
}

// connectionsOfKnownCompanies returns the connections that don't work or were changed by hand, and the other
// connections. It leaves out connections of companies that Recruitee doesn't know, such as those from AddConnections.
func connectionsOfKnownCompanies(shot sandbox.Snapshot) (broken, linked []sandbox.ConnectionSnapshot) {
	for _, conn := range shot.Connections {
		switch {
		case conn.Problem == sandbox.ProblemUnknownCompany:
		case conn.Problem != "" || conn.ChangedByHand:
			broken = append(broken, conn)
		default:
			linked = append(linked, conn)
		}
	}
	return broken, linked
}

// chooseCompany returns the company with the given ID. If no company has the ID, it returns a company to link: the
// first with an Administrator's token, otherwise the first.
func chooseCompany(shot sandbox.Snapshot, id string) sandbox.CompanySnapshot {
	for _, c := range shot.Companies {
		if strconv.FormatInt(c.ID, 10) == id {
			return c
		}
	}
	for _, c := range shot.Companies {
		if _, token := administratorOf(c); token != "" {
			return c
		}
	}
	if len(shot.Companies) > 0 {
		return shot.Companies[0]
	}
	return sandbox.CompanySnapshot{Company: sandbox.Company{ID: sandbox.SeedCompanyID, Name: "Acme", Subdomain: "acme"}}
}

// administratorOf returns an active Administrator of a company with a token that the provider would accept. If there is
// no such token, it returns the first active Administrator, or nil.
func administratorOf(c sandbox.CompanySnapshot) (administrator *sandbox.Person, token string) {
	for _, person := range c.People {
		if !person.Administrator || !person.Active {
			continue
		}
		for _, t := range person.Tokens {
			if !t.Revoked {
				return &person, t.Value
			}
		}
		administrator = cmp.Or(administrator, &person)
	}
	return administrator, ""
}

// Export returns the shell command that sets an environment variable.
func Export(name, value string) string {
	return "export " + name + "='" + strings.ReplaceAll(value, "'", `'\''`) + "'\n"
}

var notInNames = regexp.MustCompile(`[^a-z0-9]`)

// resourceName converts a subdomain to a valid name for a Terraform resource.
func resourceName(subdomain string) string {
	name := notInNames.ReplaceAllString(strings.ToLower(subdomain), "_")
	if name == "" || name[0] < 'a' {
		return "company"
	}
	return name
}
