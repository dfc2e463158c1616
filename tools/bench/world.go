package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// world is the sandbox with a company, an administrator and a token for each link.
type world struct {
	*sandbox.Sandbox
	url    string
	server *http.Server
}

// tokenOf is what each company's token begins with; the company's ID follows.
const tokenOf = "token-of-company-"

func newWorld(ctx context.Context, size int) (*world, error) {
	w := &world{Sandbox: sandbox.New()}
	for i := range int64(size) {
		company := w.AddCompany(sandbox.Company{ID: firstCompany + i})
		owner := w.AddOwner(sandbox.Owner{CompanyID: company.ID, Administrator: true})
		w.AddToken(company.ID, owner.ID, fmt.Sprint(tokenOf, company.ID))
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w.url = "http://" + listener.Addr().String()
	w.server = &http.Server{Handler: w, ReadHeaderTimeout: time.Minute}
	go func() { _ = w.server.Serve(listener) }()
	return w, nil
}

func (w *world) close() {
	_ = w.server.Close()
}

// slow makes each answer take its time from now on.
func (w *world) slow(latency time.Duration) {
	if latency > 0 {
		w.Fail(sandbox.Fault{Latency: latency})
	}
}

// relabel changes the name of each link by hand.
func (w *world) relabel(name string) {
	for _, one := range w.Connections() {
		w.Relabel(one.ID, name)
	}
}
