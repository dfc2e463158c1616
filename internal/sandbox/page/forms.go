package page

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// form makes a form. Not found is also what it would have been about.
func (p *Page) form(name string, query url.Values) (f form, found bool) {
	shot := p.sandbox.Snapshot()
	switch name {
	case "reset":
		return form{
			Title: "Reset the sandbox",
			Note: "Companies, people, tokens and connections are as they were at the beginning. Faults and the list of " +
				"requests are emptied. What you have pasted into a terminal stays right.",
			Command: "/reset", Submit: "Reset",
		}, true
	case "add-company":
		return form{
			Title: "Add a company", Command: "/recruitee/add-company", Submit: "Add the company",
			Fields: []formField{
				{Name: "name", Label: "Name", Required: true},
				{Name: "id", Label: "ID", Mode: "numeric", Hint: "Leave it empty for any."},
			},
		}, true
	}
	if id := query.Get("company"); id != "" {
		for _, c := range shot.Companies {
			if strconv.FormatInt(c.ID, 10) == id {
				return companyForm(name, c)
			}
		}
	}
	if id := query.Get("connection"); id != "" {
		for _, conn := range shot.Connections {
			if conn.ID == id {
				return connectionForm(name, conn, shot)
			}
		}
	}
	switch name {
	case "connect":
		return form{
			Title: "Link a company by hand",
			Note:  "As in Wintro's settings. Terraform then finds the company linked already.",
			Fields: []formField{
				{Name: "company_id", Label: "Company", Options: companyOptions(shot)},
				{Name: "name", Label: "Label", Value: "Recruitee", Required: true},
				tokenField(shot),
			},
			Command: "/wintro/connect", Submit: "Link the company",
		}, true
	case "rate-limit":
		return form{
			Title: "Wintro's rate limit",
			Note:  "Wintro takes this many requests with one API token, then it answers 429 until the time is over.",
			Fields: []formField{
				{Name: "requests", Label: "Requests", Value: strconv.Itoa(shot.WintroLimit), Mode: "numeric", Required: true,
					Hint: "0 is no limit."},
				{Name: "window", Label: "In", Value: fmt.Sprintf("%gs", shot.WintroWindow.Seconds()), Hint: "A time such as 60s.", Required: true},
			},
			Command: "/wintro/set-rate-limit", Submit: "Set the limit",
		}, true
	}
	return form{}, false
}

func companyForm(name string, c sandbox.Company) (f form, found bool) {
	id := strconv.FormatInt(c.ID, 10)
	switch name {
	case "rename-company":
		return form{
			Title: "Rename " + c.Name, Command: "/recruitee/rename-company", Submit: "Rename",
			Hidden: map[string]string{"company_id": id},
			Fields: []formField{{Name: "name", Label: "Name", Value: c.Name, Required: true}},
		}, true
	case "add-person":
		return form{
			Title: "Add a person to " + c.Name, Command: "/recruitee/add-owner", Submit: "Add the person",
			Hidden: map[string]string{"company_id": id},
			Fields: []formField{
				{Name: "first_name", Label: "First name", Required: true},
				{Name: "last_name", Label: "Last name", Required: true},
				{Name: "administrator", Label: "Role", Options: []option{{"true", "Administrator"}, {"false", "Recruiter"}}},
			},
		}, true
	}
	return form{}, false
}

func connectionForm(name string, conn sandbox.ConnectionSnapshot, shot sandbox.Snapshot) (f form, found bool) {
	f = form{Note: "As by hand in Wintro's settings. The next plan shows what has changed.", Hidden: map[string]string{"id": conn.ID}}
	switch name {
	case "edit":
		f.Title, f.Command, f.Submit = "Edit "+conn.Name, "/wintro/relabel", "Save"
		f.Fields = []formField{{Name: "name", Label: "Label", Value: conn.Name, Required: true}}
	case "token":
		f.Title, f.Command, f.Submit = "Replace the token of "+conn.Name, "/wintro/swap-token", "Replace the token"
		f.Fields = []formField{tokenField(shot)}
	case "status":
		f.Title, f.Command, f.Submit = "Set the status of "+conn.Name, "/wintro/set-status", "Set the status"
		f.Fields = []formField{{Name: "status", Label: "Status", Value: conn.Status, Options: []option{
			{contract.ConnectionActive, "active"},
			{contract.ConnectionInvalid, "invalid: Wintro can't log in"},
			{contract.ConnectionPending, "pending: not checked yet"},
			{contract.ConnectionInactive, "inactive: switched off"},
			{"frozen", "frozen: a status that the provider doesn't know"},
		}}}
	default:
		return form{}, false
	}
	return f, true
}

func tokenField(shot sandbox.Snapshot) formField {
	field := formField{Name: "token", Label: "Recruitee's token", Required: true, Hint: "One of Recruitee's, or any other."}
	for _, t := range shot.Tokens {
		if t.Revoked || len(field.Proposals) == 20 {
			continue
		}
		for _, person := range shot.People {
			if person.ID == t.OwnerID {
				field.Proposals = append(field.Proposals, option{t.Value, fullName(person.Owner)})
			}
		}
	}
	return field
}

func companyOptions(shot sandbox.Snapshot) (options []option) {
	for _, c := range shot.Companies {
		options = append(options, option{strconv.FormatInt(c.ID, 10), fmt.Sprintf("%s (%d)", c.Name, c.ID)})
	}
	return options
}
