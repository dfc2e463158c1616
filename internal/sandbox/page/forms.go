package page

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// formData contains the data of the form templates.
type formData struct {
	sandbox.Snapshot
	// Company and Connection are the company and the connection whose IDs are in the form's URL. They are empty if the
	// URL doesn't contain an ID.
	Company    sandbox.CompanySnapshot
	Connection sandbox.ConnectionSnapshot
}

// serveForm serves a form that the page shows in its dialog.
func (p *Page) serveForm(w http.ResponseWriter, r *http.Request) {
	name := "form-" + r.PathValue("name")
	data := formData{Snapshot: p.sandbox.Snapshot()}
	found := p.templates.Lookup(name) != nil
	if id := r.FormValue("company"); id != "" {
		i := slices.IndexFunc(data.Companies, func(c sandbox.CompanySnapshot) bool { return strconv.FormatInt(c.ID, 10) == id })
		if found = found && i >= 0; found {
			data.Company = data.Companies[i]
		}
	}
	if id := r.FormValue("connection"); id != "" {
		i := slices.IndexFunc(data.Connections, func(c sandbox.ConnectionSnapshot) bool { return c.ID == id })
		if found = found && i >= 0; found {
			data.Connection = data.Connections[i]
		}
	}
	if !found {
		p.render(w, http.StatusNotFound, "gone", nil)
		return
	}
	p.render(w, http.StatusOK, name, data)
}
