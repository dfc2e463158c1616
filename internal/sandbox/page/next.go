package page

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// nextView is what to do next, which depends on what has happened.
type nextView struct {
	// State is start, linked or broken.
	State string
	Title string
	Text  string
	// Environment is the environment as shell commands.
	Environment string
	// ResourceName and CompanyID are those in the configuration.
	ResourceName string
	CompanyID    int64
	// Run is what to run now, and Then what that shows.
	Run, Then string
	// Mend is how to go on after that.
	Mend string
	// MendRun is what to run then.
	MendRun string
	// NewTokenFor is whom a new token would help, if it would.
	NewTokenFor *personView
}

func newNextView(shot sandbox.Snapshot, environment []string) nextView {
	var view nextView
	broken, linked := connectionsOfKnownCompanies(shot)
	company := companyToLink(shot)
	if len(linked) > 0 {
		company = companyOf(shot, linked[0].AtsCompanyID)
	}
	if len(broken) > 0 {
		company = companyOf(shot, broken[0].AtsCompanyID)
	}
	view.Environment = exports(shot, company, environment)
	view.ResourceName, view.CompanyID = resourceName(company.Subdomain), company.ID
	switch {
	case len(broken) > 0:
		view.broken(shot, broken, company)
	case len(linked) > 0:
		view.State = "linked"
		view.Title = linkedTitle(linked, company)
		view.Text = "Terraform made the connection after Recruitee had accepted the token. Now break something: " +
			"revoke the token, take the role away, or change the connection in Wintro."
		view.Run = "terraform plan"
		view.Then = "Nothing is broken, so this says that there are no changes."
	default:
		view.State = "start"
		view.Title = "Nothing is linked yet"
		view.Text = "Wintro has no connection with Recruitee. Let Terraform make one, and watch it appear here."
		view.Run = "terraform init\nterraform apply"
		view.Then = "Terraform checks the token with Recruitee, then links the company with Wintro."
		if _, found := administratorsToken(shot, company.ID); !found {
			view.Mend = "But first make an Administrator's token"
			view.NewTokenFor = administratorOf(shot, company.ID)
		}
	}
	return view
}

// broken is what to do if something doesn't work, or has been changed by hand.
func (v *nextView) broken(shot sandbox.Snapshot, broken []sandbox.ConnectionSnapshot, company sandbox.Company) {
	first := broken[0]
	v.State = "broken"
	v.Title = fmt.Sprintf("The connection of %s doesn't work", company.Name)
	v.Text = problemText(first)
	if first.Problem == "" {
		v.Title = fmt.Sprintf("The connection of %s was changed by hand", company.Name)
		v.Text = "It is no longer what the configuration says."
	}
	if len(broken) > 1 {
		v.Text += fmt.Sprintf(" The same is true of %s more.", plural(len(broken)-1, "connection", "connections"))
	}
	v.Run = "terraform plan -detailed-exitcode"
	v.Then = "The plan shows the drift and exits with 2."
	v.MendRun = "terraform apply"
	switch first.Problem {
	case sandbox.ProblemToken, sandbox.ProblemOtherCompany:
		token, found := administratorsToken(shot, company.ID)
		if !found {
			v.Mend, v.MendRun = "Then make a new token", ""
			v.NewTokenFor = administratorOf(shot, company.ID)
			return
		}
		v.Mend = "Then give the new token to Terraform"
		v.MendRun = export("TF_VAR_recruitee_api_token", token) + "\nterraform apply"
	case sandbox.ProblemInactive:
		v.Mend, v.MendRun = "Then activate the person again, in Recruitee", ""
	case sandbox.ProblemNotAdministrator:
		v.Mend, v.MendRun = "Then give the role back, in Recruitee", ""
	default:
		v.Mend = "Then let Terraform put it right"
	}
}

// connectionsOfKnownCompanies leaves out those that only make the list long.
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

func linkedTitle(linked []sandbox.ConnectionSnapshot, company sandbox.Company) string {
	if len(linked) == 1 {
		return company.Name + " is linked"
	}
	return plural(len(linked), "company is linked", "companies are linked")
}

// companyToLink is the first company with an Administrator's token, or else the first one.
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

// administratorOf is an active Administrator of a company, or nil.
func administratorOf(shot sandbox.Snapshot, companyID int64) *personView {
	for _, p := range shot.People {
		if p.CompanyID == companyID && p.Administrator && p.Active {
			return &personView{Person: p}
		}
	}
	return nil
}

// administratorsToken is the newest token that the provider would accept.
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

// exports is the environment as shell commands, for one company.
func exports(shot sandbox.Snapshot, company sandbox.Company, environment []string) string {
	var lines []string
	for _, variable := range environment {
		if name, value, _ := strings.Cut(variable, "="); !strings.HasPrefix(name, "TF_VAR_") {
			lines = append(lines, export(name, value))
		}
	}
	if token, found := administratorsToken(shot, company.ID); found {
		lines = append(lines, export("TF_VAR_recruitee_api_token", token))
	}
	return strings.Join(lines, "\n")
}

func export(name, value string) string { return "export " + name + "=" + ShellQuote(value) }

// ShellQuote quotes a value for a shell.
func ShellQuote(value string) string {
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}

// resourceName makes a name that Terraform takes.
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
