package page

import (
	"net/http"
	"strings"
)

// serveCommand runs a command of the control API. It takes the command's input from the fields of a form.
func (p *Page) serveCommand(w http.ResponseWriter, r *http.Request) {
	const maxForm = 64 << 10
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		p.render(w, http.StatusBadRequest, "failed", err.Error())
		return
	}
	path := "/" + r.PathValue("command")
	method := http.MethodPost
	// An HTML form can't send DELETE, so the page sends the method in the field _method.
	if r.PostForm.Get("_method") == http.MethodDelete {
		method = http.MethodDelete
	}
	if err := p.sandbox.RunForm(method, path, r.PostForm); err != nil {
		p.render(w, http.StatusBadRequest, "failed", sentence(err))
		return
	}
	w.Header().Set("HX-Trigger-After-Swap", "done")
	p.render(w, http.StatusOK, "done", method+" "+path)
}

// sentence converts a command's error to a sentence. It drops the example of valid JSON, because users of the page see a
// form.
func sentence(err error) string {
	text, _, _ := strings.Cut(err.Error(), "; send something like")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
