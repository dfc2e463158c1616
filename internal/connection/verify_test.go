package connection

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestVerifyInEachPhase(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		mode  VerifyMode
		phase Phase
		asks  bool
	}{
		{VerifyPlan, Planning, true},
		{VerifyPlan, Applying, true},
		{VerifyApply, Planning, false},
		{VerifyApply, Applying, true},
		{VerifyOff, Planning, false},
		{VerifyOff, Applying, false},
	} {
		env := newEnvironment(t)
		got := outcome(env.service(test.mode).Verify(t.Context(), acme, test.phase))
		if asks := env.count("ask 816") > 0; asks != test.asks || asks != (got == accepted) || !asks && got != unverified {
			t.Errorf("%s, phase %d: outcome %q, calls %q", test.mode, test.phase, got, env.allCalls())
		}
	}
}

func TestTokenUnverifiedInPlanIsVerifiedBeforeSending(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	current := env.add("old")
	env.RevokeToken("good")
	service := env.service(VerifyApply)
	if got := outcome(service.Verify(t.Context(), acme, Planning)); got != unverified {
		t.Fatalf("outcome %q while planning", got)
	}
	other := acme
	other.CompanyID = "817"
	_, _, err := create(t.Context(), service, other)
	expectError(t, err, is[*TokenRejectedError])
	_, _, err = update(t.Context(), service, current, sendable(acme))
	expectError(t, err, is[*TokenRejectedError])
	if env.count("create")+env.count("update") > 0 {
		t.Errorf("calls %q", env.allCalls())
	}
}

func TestVerifySendsOneRequestForTokenAndCompany(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	service := env.service(VerifyPlan)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if v := service.Verify(t.Context(), acme, Planning); outcome(v) != accepted {
				t.Errorf("outcome %s", outcome(v))
			}
		})
	}
	all.Wait()
	env.expectCalls(t, "ask 816")

	// The required role isn't part of the request, so Verify uses the cached response.
	lenient := acme
	lenient.RequireAdministrator = false
	service.Verify(t.Context(), lenient, Planning)
	env.expectCalls(t, "ask 816")

	other := acme
	other.Token = "other"
	service.Verify(t.Context(), other, Planning)
	other.CompanyID = "817"
	service.Verify(t.Context(), other, Planning)
	env.expectCalls(t, "ask 816", "ask 816", "ask 817")
}

func TestVerifyCachesOutageWhilePlanning(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.before = failing("ask 816", errDown)
	service := env.service(VerifyPlan)
	for range 3 {
		if v := service.Verify(t.Context(), acme, Planning); outcome(v) != unavailable {
			t.Errorf("outcome %s", outcome(v))
		}
	}
	env.expectCalls(t, "ask 816")
}

func TestVerifyBeforeApplyIgnoresOldResponse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		env := newEnvironment(t)
		service := env.service(VerifyPlan)
		service.Verify(t.Context(), acme, Planning)
		time.Sleep(Applying.maxAge() / 2)
		service.Verify(t.Context(), acme, Applying)
		env.expectCalls(t, "ask 816")

		time.Sleep(Applying.maxAge())
		service.Verify(t.Context(), acme, Applying)
		env.expectCalls(t, "ask 816", "ask 816")

		time.Sleep(time.Hour)
		service.Verify(t.Context(), acme, Planning)
		env.expectCalls(t, "ask 816", "ask 816")

		env.before = taking("page 1", time.Minute)
		_, err := service.Create(t.Context(), acme)
		expectError(t, err, nil)
		env.expectCalls(t, "ask 816", "ask 816", "ask 816", "page 1", "ask 816", "create")
	})
}

func TestVerifyRepeatsAnAbandonedCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		env := newEnvironment(t)
		env.before = taking("ask", time.Minute)
		service := env.service(VerifyPlan)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for _, want := range []string{unavailable, accepted} {
			if got := outcome(service.Verify(ctx, acme, Planning)); got != want {
				t.Errorf("outcome %s instead of %s", got, want)
			}
			ctx = t.Context()
			synctest.Wait()
		}
		env.expectCalls(t, "ask 816", "ask 816")
	})
}
