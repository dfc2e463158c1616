package provider

import (
	"context"
	"os"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// NewServer returns a protocol 6 server for the provider in the given version.
func NewServer(version string) tfprotov6.ProviderServer {
	return newServer(&wintroProvider{version: version, environment: os.LookupEnv})
}

func newServer(p *wintroProvider) tfprotov6.ProviderServer {
	framework := providerserver.NewProtocol6(p)()
	// The framework's server type is internal, so only a type assertion can show whether it implements all interfaces
	// that our server needs.
	if complete, ok := framework.(completeServer); ok {
		return &server{complete}
	}
	return framework
}

type completeServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
	tfprotov6.StateStoreServer
}

// server wraps the framework's server to use less memory. The framework's proto6server.Server.registerContext derives a
// context from the context of each call, and keeps its cancel function until the provider stops. The cancel function
// keeps the request, the loggers and gRPC's stream in memory, which take 17 KB for each call. (No upstream issue is
// known.) For the calls that Terraform makes for each connection in a plan or an apply, this server releases the context
// when the call ends.
type server struct {
	completeServer
}

func (s *server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return withReleasedContext(ctx, req, s.completeServer.ValidateResourceConfig)
}

func (s *server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return withReleasedContext(ctx, req, s.completeServer.UpgradeResourceState)
}

func (s *server) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return withReleasedContext(ctx, req, s.completeServer.UpgradeResourceIdentity)
}

func (s *server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return withReleasedContext(ctx, req, s.completeServer.ReadResource)
}

func (s *server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return withReleasedContext(ctx, req, s.completeServer.PlanResourceChange)
}

func (s *server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return withReleasedContext(ctx, req, s.completeServer.ApplyResourceChange)
}

// withReleasedContext makes a call with a context that drops its references when the call ends.
func withReleasedContext[Request, Response any](ctx context.Context, req Request, call func(context.Context, Request) (Response, error)) (Response, error) {
	releasable := &releasableContext{}
	releasable.current.Store(&ctx)
	defer releasable.current.Store(&canceledContext)
	return call(releasable, req)
}

// releasableContext delegates to the context in current, which can be replaced.
type releasableContext struct {
	current atomic.Pointer[context.Context]
}

var canceledContext = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

func (c *releasableContext) Deadline() (time.Time, bool) { return (*c.current.Load()).Deadline() }
func (c *releasableContext) Done() <-chan struct{}       { return (*c.current.Load()).Done() }
func (c *releasableContext) Err() error                  { return (*c.current.Load()).Err() }
func (c *releasableContext) Value(key any) any           { return (*c.current.Load()).Value(key) }
