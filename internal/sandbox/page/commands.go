package page

import (
	"net/http"
	"strings"
)

// done has the message after each command, by the command's path.
var done = map[string]string{
	"/recruitee/add-company":       "The company is added.",
	"/recruitee/add-owner":         "The person is added.",
	"/recruitee/issue-token":       "There is a new token.",
	"/recruitee/revoke-token":      "The token is revoked.",
	"/recruitee/set-administrator": "The role is changed.",
	"/recruitee/rename-company":    "The company has another name.",
	"/wintro/sync":                 "Wintro has tried to sync the vacancies.",
	"/wintro/disconnect":           "The connection is removed.",
	"/wintro/swap-token":           "Wintro has another token now.",
	"/wintro/set-status":           "The status is set.",
	"/wintro/connect":              "The connection is added.",
	"/faults":                      "Requests fail this way from now on.",
	"/faults/remove":               "This no longer goes wrong.",
	"/reset":                       "The sandbox is reset.",
}

// serveCommand runs a command of the control API with the fields of a form.
func (p *Page) serveCommand(w http.ResponseWriter, r *http.Request) {
	const maxForm = 64 << 10
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		p.render(w, http.StatusBadRequest, "failed", err.Error())
		return
	}
	path := "/" + r.PathValue("command")
	method := http.MethodPost
	// A form can't send anything else.
	if r.PostForm.Get("_method") == http.MethodDelete {
		method = http.MethodDelete
	}
	if _, err := p.sandbox.RunForm(method, path, r.PostForm); err != nil {
		p.render(w, http.StatusBadRequest, "failed", sentence(err))
		return
	}
	w.Header().Set("HX-Trigger-After-Swap", "done")
	text, found := done[path]
	if !found || method == http.MethodDelete {
		text = "Done."
	}
	p.render(w, http.StatusOK, "done", text)
}

// sentence returns a command's error as a sentence, without the JSON that it proposes.
func sentence(err error) string {
	text, _, _ := strings.Cut(err.Error(), "; send something like")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
