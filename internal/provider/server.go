package provider

import (
	"context"
	"os"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// NewServer is the provider in this version, as Terraform speaks to it.
func NewServer(version string) tfprotov6.ProviderServer {
	return newServer(&wintroProvider{version: version, environment: os.LookupEnv})
}

func newServer(p *wintroProvider) tfprotov6.ProviderServer {
	framework := providerserver.NewProtocol6(p)()
	// What the framework's type can do shows in these interfaces only.
	if complete, ok := framework.(completeServer); ok {
		return &server{complete}
	}
	return framework
}

type completeServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

// server is the framework's, but for the memory. The framework keeps the context of each call until the
// provider stops, and with it all that hangs on it: the request, the loggers, gRPC's stream, 17 KB in all.
// Of the calls that are made for each link, this one keeps the empty shell.
type server struct {
	completeServer
}

func (s *server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return lending(ctx, req, s.completeServer.ValidateResourceConfig)
}

func (s *server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return lending(ctx, req, s.completeServer.UpgradeResourceState)
}

func (s *server) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return lending(ctx, req, s.completeServer.UpgradeResourceIdentity)
}

func (s *server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return lending(ctx, req, s.completeServer.ReadResource)
}

func (s *server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return lending(ctx, req, s.completeServer.PlanResourceChange)
}

func (s *server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return lending(ctx, req, s.completeServer.ApplyResourceChange)
}

// lending makes a call with a context that is taken back when the call ends.
func lending[Request, Response any](ctx context.Context, req Request, call func(context.Context, Request) (Response, error)) (Response, error) {
	lent := &lentContext{}
	lent.current.Store(&ctx)
	defer lent.current.Store(&over)
	return call(lent, req)
}

// lentContext is another context until that is taken back. Then it is one that is over.
type lentContext struct {
	current atomic.Pointer[context.Context]
}

var over = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

func (l *lentContext) Deadline() (time.Time, bool) { return (*l.current.Load()).Deadline() }
func (l *lentContext) Done() <-chan struct{}       { return (*l.current.Load()).Done() }
func (l *lentContext) Err() error                  { return (*l.current.Load()).Err() }
func (l *lentContext) Value(key any) any           { return (*l.current.Load()).Value(key) }
