// Package page serves the sandbox's web page. The page shows both systems side by side, the requests as they arrive,
// and the user's next step.
//
// The page's buttons run commands of the control API. Server-sent events keep the page up to date.
package page

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"slices"
	"sync"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

//go:embed templates
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

// A Page serves a sandbox together with its web page.
type Page struct {
	sandbox   *sandbox.Sandbox
	mux       *http.ServeMux
	templates *template.Template

	closed chan struct{}
	close  sync.Once
}

// New returns a handler that serves a sandbox and its page.
func New(s *sandbox.Sandbox) *Page {
	p := &Page{
		sandbox:   s,
		mux:       http.NewServeMux(),
		templates: template.Must(template.New("").Funcs(functions).ParseFS(templateFiles, "templates/*.html")),
		closed:    make(chan struct{}),
	}
	p.mux.HandleFunc("GET /{$}", p.servePage)
	p.mux.HandleFunc("GET /parts/{name}", p.servePart)
	p.mux.HandleFunc("GET /events", p.serveEvents)
	p.mux.HandleFunc("GET /requests/{number}", p.serveRequest)
	p.mux.HandleFunc("GET /forms/{name}", p.serveForm)
	p.mux.HandleFunc("POST /do/{command...}", p.serveCommand)
	p.mux.Handle("GET /static/", http.FileServerFS(staticFiles))
	return p
}

// Close ends the event streams, so that the HTTP server can shut down.
func (p *Page) Close() { p.close.Do(func() { close(p.closed) }) }

// ServeHTTP serves the page, and passes requests for all other paths to the sandbox.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, pattern := p.mux.Handler(r); pattern == "" {
		p.sandbox.ServeHTTP(w, r)
		return
	}
	setHeaders(w.Header())
	if err := sandbox.CheckCaller(r); err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	p.mux.ServeHTTP(w, r)
}

// setHeaders sets the security headers. With these headers, the page can't load anything from another server, and other
// sites can't show the page in a frame.
func setHeaders(header http.Header) {
	header.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "+
		"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	// Don't use no-referrer, because browsers would then send no Origin with a form.
	header.Set("Referrer-Policy", "same-origin")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
}

// render executes a template completely before it sends the result, so that it can send a 500 if the template fails.
func (p *Page) render(w http.ResponseWriter, status int, name string, data any) {
	var content bytes.Buffer
	if err := p.templates.ExecuteTemplate(&content, name, data); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = content.WriteTo(w)
}

// baseURL returns the address that the browser uses for the sandbox.
func baseURL(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func (p *Page) servePage(w http.ResponseWriter, r *http.Request) {
	// Compute the digests before the contents. If a change happens in between, the browser gets the change twice. In the
	// other order, it would miss the change.
	data := map[string]any{"seen": p.digests().String()}
	for _, name := range parts {
		data[name] = p.part(r, name)
	}
	p.render(w, http.StatusOK, "page.html", data)
}

func (p *Page) servePart(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if !slices.Contains(parts[:], name) {
		http.NotFound(w, r)
		return
	}
	p.render(w, http.StatusOK, name, p.part(r, name))
}

// part returns the data for the template of a part of the page.
func (p *Page) part(r *http.Request, name string) any {
	switch name {
	case "recruitee":
		return newRecruiteeView(r, p.sandbox.Snapshot())
	case "wintro":
		return newWintroView(r, p.sandbox.Snapshot())
	case "requests":
		return p.requestsView(r)
	case "faults":
		return p.sandbox.Faults()
	default:
		return newNextView(p.sandbox.Snapshot(), p.sandbox.Environment(baseURL(r)))
	}
}
