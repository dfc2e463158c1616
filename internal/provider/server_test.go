package provider

import (
	"context"
	"reflect"
	"runtime"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// If the server kept the context of each call, a plan for thousands of connections would use more memory with every
// call.
//
// This test isn't parallel, because garbage is collected faster while no other test is running.
func TestServerReleasesContextAfterCall(t *testing.T) {
	env := newEnvironment(t)
	p := env.protocol(t)
	id := env.Connect(acme, "Recruitee", env.Token)
	type key struct{}
	for name, call := range map[string]func(ctx context.Context) error{
		"ReadResource": func(ctx context.Context) error {
			_, err := p.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
				TypeName: connectionType, CurrentIdentity: p.identity(id),
				CurrentState: p.connection(fields{"id": id}),
			})
			return err
		},
		"ValidateResourceConfig": func(ctx context.Context) error {
			_, err := p.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{
				TypeName: connectionType, Config: p.connection(fields{"company_id": "816"}),
			})
			return err
		},
		"UpgradeResourceState": func(ctx context.Context) error {
			_, err := p.UpgradeResourceState(ctx, &tfprotov6.UpgradeResourceStateRequest{
				TypeName: connectionType, RawState: &tfprotov6.RawState{JSON: []byte(`{}`)},
			})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			const calls = 10
			freed := make(chan struct{}, calls)
			for range calls {
				value := make([]byte, 1<<20)
				runtime.AddCleanup(&value[0], func(freed chan struct{}) { freed <- struct{}{} }, freed)
				if err := call(context.WithValue(t.Context(), key{}, value)); err != nil {
					t.Fatal(err)
				}
			}
			deadline := time.After(30 * time.Second)
			for n := 0; n < calls-1; {
				runtime.GC()
				select {
				case <-freed:
					n++
				case <-deadline:
					t.Fatalf("the server keeps the contexts of %d of %d calls", calls-n, calls)
				case <-time.After(time.Millisecond):
				}
			}
			runtime.KeepAlive(p)
		})
	}
}

func TestWithReleasedContextEndsWithTheCall(t *testing.T) {
	t.Parallel()
	type key struct{}
	var kept context.Context
	_, err := withReleasedContext(context.WithValue(t.Context(), key{}, "value"), 0, func(ctx context.Context, _ int) (int, error) {
		if ctx.Err() != nil || ctx.Value(key{}) != "value" {
			t.Error("the context ended during the call, or lacks its value")
		}
		kept = ctx
		return 0, nil
	})
	if err != nil || kept.Err() == nil || kept.Value(key{}) != nil {
		t.Errorf("err is %v, and the context still has its value, or its error is %v", err, kept.Err())
	}
}

func TestWithReleasedContextPassesCancellation(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := withReleasedContext(ctx, 0, func(ctx context.Context, _ int) (int, error) {
		derived, stop := context.WithTimeout(ctx, time.Hour)
		defer stop()
		cancel()
		<-derived.Done()
		return 0, derived.Err()
	})
	if err != context.Canceled { //nolint:errorlint // Err returns it unwrapped
		t.Errorf("%v", err)
	}
}

// The interfaces in completeServer have a fixed set of methods. If an update of the framework adds a method to its
// server, our server silently hides that method until its interface is added to completeServer.
func TestServerHasAllMethodsOfTheFramework(t *testing.T) {
	t.Parallel()
	framework := reflect.TypeOf(providerserver.NewProtocol6(newTestProvider())())
	ours := reflect.TypeOf(newServer(newTestProvider()))
	for method := range framework.Methods() {
		if _, found := ours.MethodByName(method.Name); !found {
			t.Errorf("completeServer hides the method %s: add its interface", method.Name)
		}
	}
}
