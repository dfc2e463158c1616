package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// The TestAcc14xx tests run operations while Recruitee or Wintro fails. Either the operation succeeds, or it returns an
// error and leaves the state unchanged. The provider must never create a second connection.

// faults maps each kind of fault to its expected outcome.
var faults = map[sandbox.FaultKind]struct {
	// recovers is true if a retry succeeds after a fault that hits only one request.
	recovers bool
	// says is a part of the error message for the fault.
	says string
}{
	sandbox.Latency:            {true, ""},
	sandbox.LateAnswer:         {true, "there was no complete response within"},
	sandbox.Status:             {true, "it returned 503 Service Unavailable"},
	sandbox.Edit:               {true, "gave no usable response"},
	sandbox.Hang:               {true, "there was no complete response within"},
	sandbox.SwitchingProtocols: {true, "101"},
	sandbox.ResetBefore:        {true, "the connection was closed before the response was complete"},
	sandbox.CloseBefore:        {true, "the connection was closed before the response was complete"},
	sandbox.AnswerLost:         {true, "the connection was closed before the response was complete"},
	sandbox.CloseAfter:         {true, "the connection was closed before the response was complete"},
	sandbox.ResetMidway:        {true, "the connection was closed before the response was complete"},
	sandbox.CloseMidway:        {true, "the connection was closed before the response was complete"},
	sandbox.Truncated:          {true, "JSON"},
	sandbox.WrongShape:         {true, "JSON"},
	sandbox.EmptyObject:        {true, "gave no usable response"},
	sandbox.WrongJSONTypes:     {true, "JSON"},
	sandbox.WrongContentType:   {true, "this is text/plain"},
	sandbox.HTML:               {true, "this is text/html"},
	sandbox.Endless:            {false, "the response is larger than 1 MiB"},
	sandbox.Slow:               {true, "there was no complete response within"},
	sandbox.TooManySeconds:     {true, "it asks to wait 1s"},
	sandbox.TooManyDate:        {true, "it asks to wait"},
	sandbox.TooManyNonsense:    {true, "returned 429"},
	sandbox.TooManyDay:         {false, "it asks to wait 24h0m0s"},
	sandbox.TooManyResetOnly:   {true, "it asks to wait"},
	sandbox.TooManyBare:        {true, "returned 429"},
	sandbox.KeyInUse:           {true, "returned 409"},
	sandbox.RedirectSameHost:   {true, "it redirects"},
	sandbox.RedirectElsewhere:  {false, "only redirects on the same server are followed"},
}

// tries is the maximum number of requests that one call sends: the first attempt, one retry, and one request that Go's
// HTTP client repeats by itself if a reused network connection breaks.
const tries = 3

// faultTest is a test of one operation under one kind of fault.
type faultTest struct {
	*environment
	*terraform
	t    *testing.T
	kind sandbox.FaultKindDescription
	// once is true if the fault hits only the first matching request. Otherwise the fault hits all matching requests.
	once bool
}

// fault activates this test's kind of fault for requests to this system, with this method and path.
func (d faultTest) fault(system, method, path string) {
	d.t.Helper()
	f := sandbox.Fault{Kind: d.kind.Kind, System: system, Method: method, Path: path}
	if d.once {
		f.Times = 1
	}
	switch d.kind.Kind {
	case sandbox.Latency:
		f.Latency = 20 * time.Millisecond
	case sandbox.LateAnswer:
		f.Latency = time.Minute
	case sandbox.Status:
		f.Status = http.StatusServiceUnavailable
	case sandbox.Edit:
		f.Edit = map[string]any{"data": nil, "admin": nil}
	}
	d.ClearRequests()
	d.Fail(f)
}

// succeeds reports whether the operation must succeed despite the fault.
func (d faultTest) succeeds() bool {
	return d.kind.Kind == sandbox.Latency || d.once && faults[d.kind.Kind].recovers
}

// expectOutcome checks the exit code and the output of the operation. It also checks that the fault hit at least one
// request with this method, and no more requests than the provider may send for this number of calls.
func (d faultTest) expectOutcome(r result, succeeds bool, method string, calls int) {
	d.t.Helper()
	if succeeds {
		r.expectExit(0)
	} else {
		r.expectExit(1)
		r.expectOutput(faults[d.kind.Kind].says)
	}
	for _, leak := range []string{"panic", "goroutine", "<html", "Client.Timeout", "net/http", d.terraform.token} {
		if strings.Contains(r.output, leak) {
			d.t.Errorf("%q is printed:\n%s", leak, r.output)
		}
	}
	limit := calls * tries
	if d.kind.Kind == sandbox.RedirectSameHost {
		limit = calls * 5
	}
	faulted := 0
	for _, request := range d.Requests().With(method) {
		if request.Fault != "" {
			faulted++
		}
	}
	if faulted == 0 || faulted > limit {
		d.t.Errorf("the fault hit %d requests, which should be between 1 and %d", faulted, limit)
	}
}

// inEachFault runs an operation under each kind of fault. In the subtest "one request", the fault hits only the first
// matching request, and in "each request" all of them. If a fault keeps the system from carrying out a request, a retry
// acts like a first attempt, so most of these faults run only in "each request".
//
// Terraform processes need most of the time. To start fewer of them, the faults of a subtest share one environment:
// inEachFault calls prepare only before the first fault, and finish only after the last.
func inEachFault(t *testing.T, prepare, operation, finish func(faultTest)) {
	t.Helper()
	for name, once := range map[string]bool{"one request": true, "each request": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			tf := env.terraform(t)
			d := faultTest{environment: env, terraform: tf, t: t, once: once}
			d.configure("Recruitee")
			prepare(d)
			for _, kind := range sandbox.FaultKinds() {
				if once && !kind.CarriesOut && kind.Kind != sandbox.Status {
					continue
				}
				t.Run(string(kind.Kind), func(t *testing.T) {
					if _, known := faults[kind.Kind]; !known {
						t.Fatal("this fault has no expected outcome")
					}
					sub := *tf
					sub.t = t
					operation(faultTest{environment: env, terraform: &sub, t: t, kind: kind, once: once})
				})
				env.ClearFaults()
			}
			finish(d)
		})
	}
}

// configure writes a configuration of one connection with this name.
func (d faultTest) configure(name string) {
	d.t.Helper()
	d.write(
		d.provider("max_retries = 1", `request_timeout = "1s"`),
		resourceBlock(writeOnly, fmt.Sprintf("name = %q", name), "timeouts {\n    create = \"10s\"\n    read = \"10s\"\n    update = \"10s\"\n    delete = \"10s\"\n  }"),
	)
}

// expectInState fails unless the presence of a connection in state is as expected.
func (d faultTest) expectInState(expected bool) {
	d.t.Helper()
	if isInState := d.attributes() != nil; isInState != expected {
		d.t.Errorf("the state contains the connection: %t", isInState)
	}
}

func nothing(faultTest) {}

// applies runs an apply, and expects success.
func applies(d faultTest) {
	d.t.Helper()
	d.apply().expectExit(0)
}

// plansClean expects exactly one connection, and a plan without changes.
func plansClean(d faultTest) {
	d.t.Helper()
	d.connectionID(d.t)
	d.plan().expectExit(0)
}

func TestAcc1401_CreateUnderEachFaultMakesAtMostOneConnection(t *testing.T) {
	t.Parallel()
	inEachFault(t, nothing, func(d faultTest) {
		// If all requests got this response, the provider would repeat its request until the timeout.
		d.once = d.once || d.kind.Kind == sandbox.KeyInUse
		d.fault(sandbox.Wintro, http.MethodPost, "/ats-connections")
		// If Wintro carries out the create request, the provider finds the new connection, even without a response.
		succeeds := d.succeeds() || d.kind.CarriesOut
		d.expectOutcome(d.apply(), succeeds, http.MethodPost, 1)
		if made := len(d.Connections()); succeeds != (made == 1) {
			d.t.Errorf("Wintro has %d connections", made)
		}
		d.expectInState(succeeds)
		for _, made := range d.Connections() {
			d.expectState(map[string]any{"id": made.ID, "status": "active"})
			d.Disconnect(made.ID)
		}
	}, func(d faultTest) {
		applies(d)
		plansClean(d)
	})
}

func TestAcc1402_CreateWithoutALookUpOrAVerificationSendsNoToken(t *testing.T) {
	t.Parallel()
	const lookUpWarning, verificationWarning = "Existing connections could not be looked up in Wintro", "API tokens could not be verified with Recruitee"
	for name, test := range map[string]struct {
		fault            sandbox.Fault
		warning, failure string
		words            []string
	}{
		"Recruitee down": {
			sandbox.Fault{System: sandbox.Recruitee, Status: http.StatusServiceUnavailable},
			verificationWarning, "The API token could not be verified with Recruitee", []string{"No token was sent to Wintro", "it returned 503 Service Unavailable", "2 attempts"},
		},
		"Wintro down": {
			sandbox.Fault{System: sandbox.Wintro, Status: http.StatusServiceUnavailable},
			lookUpWarning, "Wintro gave no usable response", []string{"it returned 503 Service Unavailable", "2 attempts"},
		},
		"an error from Wintro": {
			sandbox.Fault{System: sandbox.Wintro, Status: http.StatusInternalServerError, Header: jsonType, Body: `{"error":{"code":"INTERNAL_ERROR","message":"Something went wrong"}}`},
			lookUpWarning, "Wintro", []string{"Something went wrong"},
		},
		"a mistyped endpoint": {
			sandbox.Fault{System: sandbox.Wintro, Status: http.StatusOK, Header: jsonType, Body: "{}"},
			lookUpWarning, "Wintro gave no usable response", []string{"it has no data"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			env.Fail(test.fault)
			tf := env.terraform(t, env.provider("max_retries = 1"), resourceBlock(plain))
			tf.plan().expectExit(2).expectWarning(test.warning, test.words[len(test.words)-1])
			tf.applySavedPlan().expectError(test.failure, test.words...)
			env.expectNoToken(t)
			if made := len(env.Connections()); made > 0 || tf.attributes() != nil {
				t.Errorf("Wintro has %d connections, or the state contains one", made)
			}
			env.ClearFaults()
			tf.apply().expectExit(0).expectNoWarning(test.warning)
		})
	}
}

func TestAcc1404_ReadUnderEachFaultKeepsState(t *testing.T) {
	t.Parallel()
	inEachFault(t, applies, func(d faultTest) {
		before := string(d.stateFile())
		d.fault(sandbox.Wintro, http.MethodGet, "/ats-connections")
		d.expectOutcome(d.run("refresh", "-json"), d.succeeds(), http.MethodGet, 1)
		if after := string(d.stateFile()); !d.succeeds() && after != before {
			d.t.Errorf("the state has changed:\n%s", after)
		}
	}, plansClean)
}

func TestAcc1406_UpdateUnderEachFaultSavesOnlyAppliedValues(t *testing.T) {
	t.Parallel()
	inEachFault(t, applies, func(d faultTest) {
		id := d.connectionID(d.t)
		before, _ := d.Connection(id)
		expected := before.Name
		d.configure(string(d.kind.Kind))
		if d.succeeds() {
			expected = string(d.kind.Kind)
		}
		d.fault(sandbox.Wintro, http.MethodPatch, "/ats-connections/")
		d.expectOutcome(d.apply(), d.succeeds(), http.MethodPatch, 1)
		d.expectState(map[string]any{"id": id, "name": expected})
	}, func(d faultTest) {
		applies(d)
		plansClean(d)
	})
}

func TestAcc1407_DeleteUnderEachFaultKeepsAnExistingConnectionInState(t *testing.T) {
	t.Parallel()
	inEachFault(t, nothing, func(d faultTest) {
		if len(d.Connections()) == 0 {
			applies(d)
		}
		d.fault(sandbox.Wintro, http.MethodDelete, "/ats-connections/")
		// If the first attempt deletes the connection, the retry gets a 404 response, which counts as success. The Edit
		// fault changes only the body, which the provider ignores in a 204 response.
		succeeds := d.succeeds() || d.kind.Kind == sandbox.Edit
		d.expectOutcome(d.destroy(), succeeds, http.MethodDelete, 1)
		d.expectInState(!succeeds)
		if left := len(d.Connections()); succeeds && left > 0 {
			d.t.Errorf("Wintro still has %d connections", left)
		}
	}, func(d faultTest) {
		d.destroy().expectExit(0)
		d.expectConnections(d.t, 0)
	})
}

func TestAcc1410_SyncUnderEachFaultStartsAtMostOnce(t *testing.T) {
	t.Parallel()
	inEachFault(t, nothing, func(d faultTest) {
		if d.once {
			return
		}
		id := d.Connect(acme, "Recruitee", d.Token)
		defer d.Disconnect(id)
		p := newProtocol(d.t)
		p.expectNone(p.configure(fields{
			"endpoint": d.URL + sandbox.WintroPath, "recruitee_endpoint": d.URL + sandbox.RecruiteePath,
			"api_token": d.WintroToken(), "max_retries": 1, "request_timeout": "1s",
		}, false).Diagnostics)
		for _, d.once = range []bool{true, false} {
			d.fault(sandbox.Wintro, http.MethodPost, "/syncs")
			_, diagnostics := p.invoke(d.t.Context(), fields{"connection_id": id, "wait": false, "timeout": "10s"}, nil)
			// The request has no idempotency key, so the provider repeats only a request that Wintro certainly didn't
			// carry out.
			isRepeated := d.kind.Kind == sandbox.Latency || d.once &&
				(strings.HasPrefix(string(d.kind.Kind), "429") && faults[d.kind.Kind].recovers || d.kind.Kind == sandbox.RedirectSameHost)
			if succeeded := len(diagnostics) == 0; succeeded != isRepeated {
				d.t.Errorf("once: %t: the action succeeded: %t: %+v", d.once, succeeded, diagnostics)
			}
			started := 0
			for _, request := range d.Requests().With(http.MethodPost) {
				if request.CarriedOut {
					started++
				}
			}
			if started > 1 {
				d.t.Errorf("once: %t: Wintro started %d syncs", d.once, started)
			}
			d.ClearFaults()
		}
	}, nothing)
}
