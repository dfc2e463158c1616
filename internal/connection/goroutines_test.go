package connection_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox/sandboxtest"
)

// This test must not run in parallel with other tests, because goleak would count their goroutines.
func TestOperationUnderFaultLeavesNoGoroutine(t *testing.T) { //nolint:paralleltest // see above
	before := goleak.IgnoreCurrent()
	for _, kind := range sandbox.FaultKinds() {
		fault := sandbox.Fault{Kind: kind.Kind}
		switch kind.Kind {
		case sandbox.Latency, sandbox.LateAnswer:
			fault.Latency = time.Minute
		case sandbox.Status:
			fault.Status = http.StatusBadGateway
		case sandbox.Edit:
			fault.Edit = map[string]any{"data": nil}
		}
		operate(t, fault)
	}
	goleak.VerifyNone(t, before)
}

// operate creates a connection, then reads, updates, syncs and deletes it. It does this twice: first without a fault,
// then with the fault and a short timeout for all operations after the create.
func operate(t *testing.T, fault sandbox.Fault) {
	t.Helper()
	server := sandboxtest.Start(t)
	defer server.Close()
	settings := connection.Settings{
		WintroEndpoint: server.WintroEndpoint(), RecruiteeEndpoint: server.RecruiteeEndpoint(), WintroToken: server.WintroToken(),
		VerifyMode: connection.VerifyPlan, MaxRetries: 1, RequestTimeout: time.Minute,
		RetryPause: time.Millisecond, PollPause: time.Millisecond,
	}
	service, err := connection.New(settings)
	if err != nil {
		t.Fatal(err)
	}
	settings.RequestTimeout = 30 * time.Millisecond
	hurried, err := connection.New(settings)
	if err != nil {
		t.Fatal(err)
	}
	spec := connection.Spec{CompanyID: "816", Name: "Recruitee", Enabled: true, RequireAdministrator: true, Token: server.Token}
	for _, faulty := range []bool{false, true} {
		service := service
		made, err := service.Create(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		if faulty {
			server.Fail(fault)
			service = hurried
			ctx, cancel = context.WithTimeout(ctx, 100*time.Millisecond)
		}
		renamed := spec
		renamed.Name = "HR"
		_, errRead := service.Read(ctx, made, server.Token, true)
		_, errUpdate := service.Update(ctx, made, connection.Change{Spec: renamed})
		errSync := service.Sync(ctx, made.ID, true, func(connection.Sync) {})
		if errDelete := service.Delete(ctx, made); !faulty && (errRead != nil || errUpdate != nil || errSync != nil || errDelete != nil) {
			t.Errorf("errors without a fault: %v, %v, %v, %v", errRead, errUpdate, errSync, errDelete)
		}
		cancel()
	}
}
