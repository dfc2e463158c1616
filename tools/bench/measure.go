package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// operation is a Terraform command.
type operation struct {
	name string
	// calls is the minimum number of sequential calls that each connection needs.
	calls     int
	arguments []string
	exitCode  int
	// drifted reports whether the benchmark changes every connection before the operation.
	drifted bool
	// writes reports whether the operation creates or removes every connection.
	writes bool
}

// operations lists the commands in the order of a connection's life.
var operations = []operation{
	// The plan verifies the token. The apply verifies the token again while it looks for an existing connection, and
	// then creates the connection.
	{name: "apply", calls: 3, arguments: []string{"apply", "-auto-approve"}, writes: true},
	// With api_token, a plan calls both systems concurrently. With api_token_wo, it calls Recruitee after Wintro, but many
	// connections share few requests for Wintro's list. So the minimum is one call.
	{name: "clean plan", calls: 1, arguments: []string{"plan", "-detailed-exitcode"}},
	{name: "drifted plan", calls: 1, arguments: []string{"plan", "-detailed-exitcode"}, exitCode: 2, drifted: true},
	{name: "refresh-only", calls: 1, arguments: []string{"plan", "-refresh-only"}},
	// The destroy refreshes each connection and then deletes it.
	{name: "destroy", calls: 2, arguments: []string{"destroy", "-auto-approve"}, writes: true},
}

// measurement is the cost of one operation.
type measurement struct {
	// wall is the elapsed time, and cpu the processor time of Terraform and the provider together.
	wall, cpu time.Duration
	// recruitee and wintro count the requests to each system. refused counts the requests to Wintro above its
	// rate limit.
	recruitee, wintro, refused int
}

// remote serves a sandbox. It can also store Terraform's state.
type remote struct {
	*sandbox.Sandbox
	*httptest.Server
}

// newRemote starts a server. Its sandbox has size companies, each with an Administrator and a token, but no
// connections.
func newRemote(size int) *remote {
	r := &remote{Sandbox: sandbox.New()}
	for i := range int64(size) {
		company := r.AddCompany(sandbox.Company{ID: firstCompany + i})
		owner := r.AddOwner(sandbox.Owner{CompanyID: company.ID, Administrator: true})
		r.AddToken(company.ID, owner.ID, fmt.Sprint(tokenPrefix, company.ID))
	}
	mux := http.NewServeMux()
	mux.Handle("/", r.Sandbox)
	mux.Handle(statePath, &stateServer{})
	r.Server = httptest.NewServer(mux)
	return r
}

// rename changes the name of each connection outside Terraform.
func (r *remote) rename(name string) {
	for _, connection := range r.Connections() {
		r.Relabel(connection.ID, name)
	}
}

// measure runs all operations with one subject, and calls measured after each operation.
func measure(ctx context.Context, s settings, subject subject, size int, folder string, measured func(operation, measurement)) error {
	remote := newRemote(size)
	defer remote.Close()
	configuration, err := subject.render(remote)
	if err != nil {
		return err
	}
	terraform, err := newTerraform(ctx, s, subject, folder, configuration, remote)
	if err != nil {
		return err
	}
	if s.latency > 0 {
		remote.Fail(sandbox.Fault{Latency: s.latency})
	}
	for _, o := range operations {
		if o.drifted {
			remote.rename("By hand")
		}
		remote.ClearRequests()
		remote.SetWintroRateLimit(s.rateLimit, s.rateWindow) // begins a new window
		m, err := terraform.run(ctx, o)
		if err != nil {
			return fmt.Errorf("%s: %w", o.name, err)
		}
		requests := remote.Requests()
		m.recruitee, m.wintro = len(requests.To(sandbox.Recruitee)), len(requests.To(sandbox.Wintro))
		for _, request := range requests.To(sandbox.Wintro) {
			if request.Status == http.StatusTooManyRequests {
				m.refused++
			}
		}
		measured(o, m)
		if o.drifted {
			remote.rename("Recruitee")
		}
		if made := len(remote.Connections()); !subject.isFloor && o.name == "apply" && made != size {
			return fmt.Errorf("%d connections were created instead of %d", made, size)
		}
	}
	if left := len(remote.Connections()); left > 0 {
		return fmt.Errorf("%d connections are left after the destroy", left)
	}
	return nil
}
