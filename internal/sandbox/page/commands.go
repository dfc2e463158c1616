package page

import (
	"net/http"
	"strings"
)

// done is what the page says after a command, by the command's path.
var done = map[string]string{
	"/recruitee/add-company":       "The company is there.",
	"/recruitee/add-owner":         "The person is there.",
	"/recruitee/issue-token":       "There is a new token.",
	"/recruitee/revoke-token":      "The token is revoked.",
	"/recruitee/set-administrator": "The role is changed.",
	"/recruitee/rename-company":    "The company has another name.",
	"/wintro/sync":                 "Wintro has tried to sync the vacancies.",
	"/wintro/disconnect":           "The connection is gone.",
	"/wintro/swap-token":           "Wintro has another token now.",
	"/wintro/set-status":           "The status is set.",
	"/wintro/connect":              "The connection is there.",
	"/faults":                      "Requests fail this way from now on.",
	"/faults/remove":               "This no longer goes wrong.",
	"/reset":                       "Everything is as it was at the beginning.",
}

// serveCommand runs a command of the control API with the fields of a form.
func (p *Page) serveCommand(w http.ResponseWriter, r *http.Request) {
	const maxForm = 64 << 10
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		p.renderDocument(w, http.StatusBadRequest, "failed", err.Error())
		return
	}
	path := "/" + r.PathValue("command")
	method := http.MethodPost
	// A form can't send anything else.
	if r.PostForm.Get("_method") == http.MethodDelete {
		method = http.MethodDelete
	}
	if _, err := p.sandbox.RunForm(method, path, r.PostForm); err != nil {
		p.renderAlone(w, r, http.StatusBadRequest, "failed", sentence(err))
		return
	}
	if !isHTMX(r) {
		http.Redirect(w, r, placeOf(path), http.StatusSeeOther)
		return
	}
	w.Header().Set("HX-Trigger-After-Swap", "done")
	text, found := done[path]
	if !found || method == http.MethodDelete {
		text = "Done."
	}
	p.render(w, http.StatusOK, "done", text)
}

// placeOf is where on the page a command shows.
func placeOf(path string) string {
	for prefix, place := range map[string]string{
		"/recruitee/": "/#recruitee", "/wintro/": "/#wintro", "/faults": "/#faults", "/requests": "/#requests",
	} {
		if strings.HasPrefix(path, prefix) {
			return place
		}
	}
	return "/"
}

// sentence is what a control call would have answered, without the JSON that it would have proposed.
func sentence(err error) string {
	text, _, _ := strings.Cut(err.Error(), "; send something like")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// A form asks for what a command needs.
type form struct {
	Title, Note string
	// Command is the path of the command.
	Command string
	Submit  string
	Hidden  map[string]string
	Fields  []formField
}

type formField struct {
	Name, Label, Hint string
	Value             string
	Required          bool
	// Options makes it a choice.
	Options []option
	// Proposals are values that could be meant.
	Proposals []option
	// Mode is the keyboard that a phone shows.
	Mode string
}

type option struct{ Value, Text string }

// serveForm answers with one of the forms.
func (p *Page) serveForm(w http.ResponseWriter, r *http.Request) {
	f, found := p.form(r.PathValue("name"), r.URL.Query())
	if !found {
		p.renderAlone(w, r, http.StatusNotFound, "gone", nil)
		return
	}
	p.renderAlone(w, r, http.StatusOK, "form", f)
}
