package sandbox_test

import (
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

func TestFaultStatus(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.Fail(sandbox.Fault{
		System: sandbox.Recruitee, Times: 2, Status: http.StatusBadGateway,
		Header: http.Header{"retry-after": {"7"}, "Content-Type": {"text/html"}, "X": {"a", "b"}}, Body: "<h1>Bad Gateway</h1>",
	})
	c.Fail(sandbox.Fault{Method: http.MethodGet, Path: "/admin", Status: http.StatusTeapot})
	c.connect()
	for range 2 {
		response := c.admin("816", c.Token).want(http.StatusBadGateway)
		if response.body != "<h1>Bad Gateway</h1>" || response.header.Get("Retry-After") != "7" ||
			response.header.Get("Content-Type") != "text/html" || len(response.header.Values("X")) != 2 {
			t.Errorf("the response has the body %q and the header %v", response.body, response.header)
		}
	}
	if left := c.Faults(); len(left) != 1 {
		t.Errorf("%d faults are still active instead of 1", len(left))
	}
	for range 3 {
		c.admin("816", c.Token).want(http.StatusTeapot)
	}
	c.ClearFaults()
	c.admin("816", c.Token).want(http.StatusOK)
	if got := c.Requests().To(sandbox.Recruitee)[0]; got.Status != http.StatusBadGateway ||
		got.Fault != sandbox.Status || got.CarriedOut {
		t.Errorf("the log contains %+v", got)
	}
}

func TestFaultMatches(t *testing.T) {
	t.Parallel()
	c := start(t)
	id := c.connect().ID
	for name, test := range map[string]struct {
		fault      sandbox.Fault
		list, read int
	}{
		"all":                {sandbox.Fault{}, 418, 418},
		"other system":       {sandbox.Fault{System: sandbox.Recruitee}, 200, 200},
		"other method":       {sandbox.Fault{Method: http.MethodPost}, 200, 200},
		"part of a path":     {sandbox.Fault{Path: "/ats-connections"}, 418, 418},
		"end of a path":      {sandbox.Fault{Path: "/ats-connections$"}, 418, 200},
		"longer path":        {sandbox.Fault{Path: "/ats-connections/"}, 200, 418},
		"another connection": {sandbox.Fault{Path: id + "0"}, 200, 200},
	} {
		test.fault.Status = http.StatusTeapot
		c.Fail(test.fault)
		for path, want := range map[string]int{"/ats-connections": test.list, "/ats-connections/" + id: test.read} {
			response := c.send(http.MethodGet, sandbox.WintroPath+path, "", "Authorization", "Bearer "+c.WintroToken())
			if response.status != want {
				t.Errorf("%s: the status is %d instead of %d", name, response.status, want)
			}
		}
		c.ClearFaults()
	}
}

// The status, the header and the body of a fault replace those of the response.
func TestFaultReplaces(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault  sandbox.Fault
		status int
		header string
		body   string
	}{
		"kind":              {sandbox.Fault{Kind: sandbox.TooManySeconds, Header: http.Header{"Retry-After": {"7"}}}, 429, "7", "Too Many Requests"},
		"status":            {sandbox.Fault{Kind: sandbox.HTML, Status: 503, Body: "Sorry"}, 503, "", "Sorry"},
		"shape":             {sandbox.Fault{Kind: sandbox.WrongShape, Body: "null"}, 200, "", "null"},
		"system's response": {sandbox.Fault{Kind: sandbox.Latency, Latency: 1, Header: http.Header{"Retry-After": {"9"}}}, 200, "9", `"admin"`},
		"truncated body":    {sandbox.Fault{Kind: sandbox.Truncated, Status: 500, Body: "12345678"}, 500, "", "1234"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t)
			c.Fail(test.fault)
			response := c.admin("816", c.Token).want(test.status)
			if response.header.Get("Retry-After") != test.header || !strings.Contains(response.body, test.body) {
				t.Errorf("the response has the body %q and the header %v", response.body, response.header)
			}
		})
	}
}

func TestFaultUsageErrors(t *testing.T) {
	t.Parallel()
	s := sandbox.New()
	for words, fault := range map[string]sandbox.Fault{
		"needs a kind, a status":             {System: sandbox.Wintro},
		`no kind of fault "lost"`:            {Kind: "lost"},
		`not "Wintro"`:                       {System: "Wintro", Status: 500},
		"between 200 and 599":                {Status: 100},
		"-1 times":                           {Status: 500, Times: -1},
		"between 0 and 1, not 10":            {Status: 500, Probability: 10},
		"between 0 and 1, not -1":            {Status: 500, Probability: -1},
		"between 0 and 1, not NaN":           {Status: 500, Probability: math.NaN()},
		"cannot be negative":                 {Latency: -1},
		"pace cannot be negative":            {Kind: sandbox.Slow, Pace: -1},
		"has a pace":                         {Kind: sandbox.Endless, Pace: 1},
		`"late-answer" needs a latency`:      {Kind: sandbox.LateAnswer},
		`"latency" needs a latency`:          {Kind: sandbox.Latency},
		`"status" needs a status`:            {Kind: sandbox.Status},
		`"reset-before" can't have a status`: {Kind: sandbox.ResetBefore, Status: 500},
		`"answer-lost" can't have a status`:  {Kind: sandbox.AnswerLost, Body: "{}"},
	} {
		expectPanic(t, words, func() { s.Fail(fault) })
	}
	if left := s.Faults(); len(left) != 0 {
		t.Errorf("invalid faults are active: %+v", left)
	}
}

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
