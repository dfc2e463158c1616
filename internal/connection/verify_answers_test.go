package connection

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
)

func TestOneTokenAndCompanyAreAskedAboutOnce(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	service := fake.service(VerificationPlan)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if v := service.Verify(t.Context(), acme, Planning); outcome(v) != accepted {
				t.Errorf("outcome %s", outcome(v))
			}
		})
	}
	all.Wait()
	fake.expectCalls(t, "ask 816")

	// Who is asked about is the question; what is required of them is not.
	lenient := acme
	lenient.RequireAdministrator = false
	service.Verify(t.Context(), lenient, Planning)
	fake.expectCalls(t, "ask 816")

	other := acme
	other.Token = "other"
	service.Verify(t.Context(), other, Planning)
	other.CompanyID = "817"
	service.Verify(t.Context(), other, Planning)
	fake.expectCalls(t, "ask 816", "ask 816", "ask 817")
}

func TestThatNobodyAnsweredIsAlsoKnownForTheRestOfTheRun(t *testing.T) {
	t.Parallel()
	fake := newFakes()
	fake.fail = failing("ask 816", down(RecruiteeName))
	service := fake.service(VerificationPlan)
	for range 3 {
		if v := service.Verify(t.Context(), acme, Planning); outcome(v) != unanswered {
			t.Errorf("outcome %s", outcome(v))
		}
	}
	fake.expectCalls(t, "ask 816")
}

func TestApplyingBuildsOnlyOnACheckFromJustNow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := newFakes()
		service := fake.service(VerificationPlan)
		service.Verify(t.Context(), acme, Planning)
		time.Sleep(Applying.maxAge() / 2)
		service.Verify(t.Context(), acme, Applying)
		fake.expectCalls(t, "ask 816")

		time.Sleep(Applying.maxAge())
		service.Verify(t.Context(), acme, Applying)
		fake.expectCalls(t, "ask 816", "ask 816")

		time.Sleep(time.Hour)
		service.Verify(t.Context(), acme, Planning)
		fake.expectCalls(t, "ask 816", "ask 816")
	})
}

func TestWhoIsInterruptedDoesNotAnswerForTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var shared answers
		q := question{"816", "f"}
		interrupted, interrupt := context.WithCancel(t.Context())
		asking := make(chan struct{})
		go func() {
			_, _ = shared.get(interrupted, q, Planning.maxAge(), func() (recruitee.Admin, error) {
				close(asking)
				<-interrupted.Done()
				return recruitee.Admin{}, interrupted.Err()
			})
		}()
		<-asking
		answered := make(chan recruitee.Admin)
		go func() {
			found, err := shared.get(t.Context(), q, Planning.maxAge(), func() (recruitee.Admin, error) { return admin(true), nil })
			if err != nil {
				t.Error(err)
			}
			answered <- found
		}()
		synctest.Wait()
		interrupt()
		if found := <-answered; found.ID != "1704" {
			t.Errorf("answer %+v", found)
		}
	})
}

func TestWhoWaitsForAnAnswerWaitsNoLongerThanItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var shared answers
		q := question{"816", "f"}
		release := make(chan struct{})
		go func() {
			_, _ = shared.get(t.Context(), q, Planning.maxAge(), func() (recruitee.Admin, error) {
				<-release
				return admin(true), nil
			})
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := shared.get(ctx, q, Planning.maxAge(), nil)
		if !isError[*UnavailableError](err) {
			t.Errorf("error %v", err)
		}
		close(release)
	})
}
