package sandbox_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// sendDirectly passes n requests directly to the sandbox's handler, and returns the statuses of the responses.
func sendDirectly(t *testing.T, s *sandbox.Sandbox, n int) []int {
	t.Helper()
	statuses := make([]int, n)
	for i := range n {
		response := httptest.NewRecorder()
		s.ServeHTTP(response, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost"+sandbox.RecruiteePath+"/c/816/admin", nil))
		statuses[i] = response.Code
	}
	return statuses
}

func count(statuses []int, status int) (n int) {
	for _, s := range statuses {
		if s == status {
			n++
		}
	}
	return n
}

func TestFaultProbability(t *testing.T) {
	t.Parallel()
	const n = 2000
	mix := func(seed uint64) []sandbox.Fault {
		return []sandbox.Fault{
			{Status: 500, Probability: 0.1, Seed: seed},
			{Status: 502, Probability: 0.1, Seed: seed},
			{Status: 503, Probability: 0.1, Seed: seed},
		}
	}
	draw := func(s *sandbox.Sandbox, faults []sandbox.Fault) []int {
		for _, fault := range faults {
			s.Fail(fault)
		}
		defer s.ClearFaults()
		return sendDirectly(t, s, n)
	}
	s := sandbox.New()
	first := draw(s, mix(7))
	if !slices.Equal(first, draw(s, mix(7))) || !slices.Equal(first, draw(sandbox.New(), mix(7))) {
		t.Error("faults with the same seed hit different requests")
	}
	if slices.Equal(first, draw(s, mix(8))) {
		t.Error("faults with another seed hit the same requests")
	}
	// Each fault hits a tenth of the requests that the earlier faults didn't hit.
	for status, want := range map[int]int{500: 200, 502: 180, 503: 162} {
		if got := count(first, status); got < want*2/3 || got > want*4/3 {
			t.Errorf("the fault %d hit %d of %d requests instead of about %d", status, got, n, want)
		}
	}
	// The first fault hits the same requests if it is the only fault.
	alone := draw(s, mix(7)[:1])
	for i := range n {
		if (alone[i] == 500) != (first[i] == 500) {
			t.Fatalf("request %d has status %d with one fault, but %d with three faults", i, alone[i], first[i])
		}
	}
	if never := draw(s, []sandbox.Fault{{Status: 500, Probability: 1, Times: 3}}); count(never[:3], 500) != 3 || count(never, 500) != 3 {
		t.Errorf("a fault with the probability 1 and Times 3 hit %d requests", count(never, 500))
	}
}

func TestConcurrentRequestsCountDownTimes(t *testing.T) {
	t.Parallel()
	const callers, each, times = 8, 50, 37
	s := sandbox.New()
	s.Fail(sandbox.Fault{Status: 500, Times: times, Probability: 0.5})
	s.Fail(sandbox.Fault{Status: 502, Times: times})
	var all sync.WaitGroup
	statuses := make([][]int, callers)
	for i := range callers {
		all.Go(func() { statuses[i] = sendDirectly(t, s, each) })
	}
	all.Wait()
	together := slices.Concat(statuses...)
	if a, b := count(together, 500), count(together, 502); a != times || b != times {
		t.Errorf("the faults hit %d and %d requests instead of %d each", a, b, times)
	}
	if left := s.Faults(); len(left) != 0 {
		t.Errorf("the faults %+v are still active", left)
	}
}
