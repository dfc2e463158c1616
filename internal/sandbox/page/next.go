package page

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// nextView proposes the user's next step, for one company.
type nextView struct {
	// State is start, linked or broken.
	State   string
	Company sandbox.Company
	// ResourceName is the company's name in the configuration.
	ResourceName string
	// Environment contains shell commands that set the environment variables.
	Environment string
	// Token is a shell command that sets an Administrator's token, or "" if there is no such token.
	Token string
	// NewTokenFor is an Administrator who can own a new token, or nil.
	NewTokenFor *personView

	// Linked is the number of healthy connections.
	Linked int
	// Broken is the first connection that doesn't work or was changed by hand. More is the number of other such
	// connections.
	Broken sandbox.ConnectionSnapshot
	More   int
}

func newNextView(shot sandbox.Snapshot, environment []string) nextView {
	broken, linked := connectionsOfKnownCompanies(shot)
	view := nextView{State: "start", Company: companyToLink(shot), Linked: len(linked)}
	if len(linked) > 0 {
		view.State = "linked"
		view.Company = companyOf(shot, linked[0].AtsCompanyID)
	}
	if len(broken) > 0 {
		view.State, view.Broken, view.More = "broken", broken[0], len(broken)-1
		view.Company = companyOf(shot, view.Broken.AtsCompanyID)
	}
	view.ResourceName = resourceName(view.Company.Subdomain)
	for _, variable := range environment {
		if name, value, _ := strings.Cut(variable, "="); !strings.HasPrefix(name, "TF_VAR_") {
			view.Environment += Export(name, value)
		}
	}
	if token, found := administratorsToken(shot, view.Company.ID); found {
		view.Token = Export("TF_VAR_recruitee_api_token", token)
		view.Environment += view.Token
	} else {
		view.NewTokenFor = administratorOf(shot, view.Company.ID)
	}
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

// companyToLink returns the first company that has an Administrator's token, or the first company if there is no such
// token.
func companyToLink(shot sandbox.Snapshot) sandbox.Company {
	for _, c := range shot.Companies {
		if _, found := administratorsToken(shot, c.ID); found {
			return c
		}
	}
	if len(shot.Companies) > 0 {
		return shot.Companies[0]
	}
	return sandbox.Company{ID: sandbox.SeedCompanyID, Name: "Acme", Subdomain: "acme"}
}

func companyOf(shot sandbox.Snapshot, id string) sandbox.Company {
	for _, c := range shot.Companies {
		if strconv.FormatInt(c.ID, 10) == id {
			return c
		}
	}
	return companyToLink(shot)
}

// administratorOf returns an active Administrator of a company, or nil if the company has no active Administrator.
func administratorOf(shot sandbox.Snapshot, companyID int64) *personView {
	for _, p := range shot.People {
		if p.CompanyID == companyID && p.Administrator && p.Active {
			return &personView{Person: p}
		}
	}
	return nil
}

// administratorsToken returns the company's newest token that the provider would accept.
func administratorsToken(shot sandbox.Snapshot, companyID int64) (token string, found bool) {
	for _, t := range slices.Backward(shot.Tokens) {
		for _, p := range shot.People {
			if !t.Revoked && p.ID == t.OwnerID && p.CompanyID == companyID && p.Administrator && p.Active {
				return t.Value, true
			}
		}
	}
	return "", false
}

// Export returns the shell command that sets an environment variable.
func Export(name, value string) string {
	return "export " + name + "='" + strings.ReplaceAll(value, "'", `'\''`) + "'\n"
}

// resourceName converts a subdomain to a valid name for a Terraform resource.
func resourceName(subdomain string) string {
	name := strings.Map(func(r rune) rune {
		if unicode.IsLower(r) || unicode.IsDigit(r) {
			return r
		}
		return '_'
	}, strings.ToLower(subdomain))
	if name == "" || !unicode.IsLower(rune(name[0])) {
		return "company"
	}
	return name
}
