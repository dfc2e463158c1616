package page

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// formData is the data of the form templates.
type formData struct {
	sandbox.Snapshot
	// Company and Connection are the objects that the form changes.
	Company    sandbox.Company
	Connection sandbox.ConnectionSnapshot
	// Proposals are Recruitee's tokens with the names of their owners.
	Proposals []proposal
}

type proposal struct{ Token, Owner string }

// serveForm serves one of the forms for the dialog.
func (p *Page) serveForm(w http.ResponseWriter, r *http.Request) {
	name := "form-" + r.PathValue("name")
	data := formData{Snapshot: p.sandbox.Snapshot()}
	found := p.templates.Lookup(name) != nil
	if id := r.URL.Query().Get("company"); id != "" {
		i := slices.IndexFunc(data.Companies, func(c sandbox.Company) bool { return strconv.FormatInt(c.ID, 10) == id })
		if found = found && i >= 0; found {
			data.Company = data.Companies[i]
		}
	}
	if id := r.URL.Query().Get("connection"); id != "" {
		i := slices.IndexFunc(data.Connections, func(c sandbox.ConnectionSnapshot) bool { return c.ID == id })
		if found = found && i >= 0; found {
			data.Connection = data.Connections[i]
		}
	}
	if !found {
		p.render(w, http.StatusNotFound, "gone", nil)
		return
	}
	data.Proposals = proposals(data.Snapshot)
	p.render(w, http.StatusOK, name, data)
}

func proposals(shot sandbox.Snapshot) (list []proposal) {
	const most = 20
	for _, t := range shot.Tokens {
		for _, person := range shot.People {
			if !t.Revoked && person.ID == t.OwnerID && len(list) < most {
				list = append(list, proposal{t.Value, fullName(person.Owner)})
			}
		}
	}
	return list
}
