package provider

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// The TestAcc14xx tests run each operation while Recruitee or Wintro fails. Either the operation succeeds, or it
// returns an error and leaves the state unchanged. The provider must never create a second connection. Create, read,
// update, delete and sync run under each kind of fault. The other operations run only under typical faults, because
// they send the same requests.

// faults maps each kind of fault to its expected outcome.
var faults = map[sandbox.FaultKind]struct {
	// recovers is true if a retry succeeds after a fault that hits only one request.
	recovers bool
	// says is a part of the error message that the fault causes.
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

// worstDay is a test of one operation under one kind of fault.
type worstDay struct {
	*environment
	*terraform
	t    *testing.T
	kind sandbox.FaultKindDescription
	// once is true if the fault hits only one request. Otherwise it hits each matching request.
	once bool
}

// fault activates the fault for requests with this system, method and path.
func (d worstDay) fault(system, method, path string) {
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
func (d worstDay) succeeds() bool {
	return d.kind.Kind == sandbox.Latency || d.once && faults[d.kind.Kind].recovers
}

// expectOutcome checks the exit code and the output of the operation, and that the provider gave up after a limited
// number of requests.
func (d worstDay) expectOutcome(r result, succeeds bool, method string, calls int) {
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
		d.t.Errorf("%d requests met the fault", faulted)
	}
}

// inEachFault runs an operation under each kind of fault. The fault first hits only one request, then each matching
// request. If a fault keeps the system from carrying out a request, a retry acts like a first attempt, so most of these
// faults need no test with only one.
func inEachFault(t *testing.T, operation func(worstDay)) {
	t.Helper()
	inFaults(t, sandbox.FaultKinds(), operation)
}

// inTypicalFaults runs an operation under three kinds of faults: an error status, an invalid response, and a rate
// limit.
func inTypicalFaults(t *testing.T, operation func(worstDay)) {
	t.Helper()
	inFaults(t, slices.DeleteFunc(sandbox.FaultKinds(), func(kind sandbox.FaultKindDescription) bool {
		return !slices.Contains([]sandbox.FaultKind{sandbox.Status, sandbox.Truncated, sandbox.TooManyDay}, kind.Kind)
	}), operation)
}

func inFaults(t *testing.T, kinds []sandbox.FaultKindDescription, operation func(worstDay)) {
	t.Helper()
	for _, kind := range kinds {
		t.Run(string(kind.Kind), func(t *testing.T) {
			t.Parallel()
			if _, known := faults[kind.Kind]; !known {
				t.Fatal("this fault has no expected outcome")
			}
			for _, once := range []bool{true, false} {
				if once && !kind.CarriesOut && kind.Kind != sandbox.Status {
					continue
				}
				env := newEnvironment(t)
				tf := env.terraform(t, env.provider("max_retries = 1", "request_timeout = \"1s\""), worstConnection("Recruitee"))
				operation(worstDay{environment: env, terraform: tf, t: t, kind: kind, once: once})
			}
		})
	}
}

func worstConnection(name string) string {
	return resourceBlock(writeOnly, "name = \""+name+"\"", "timeouts {\n    create = \"10s\"\n    read = \"10s\"\n    update = \"10s\"\n    delete = \"10s\"\n  }")
}

// thenAllIsWell clears the fault and applies the configuration. It then expects a plan without changes and exactly one
// connection.
func (d worstDay) thenAllIsWell() {
	d.t.Helper()
	d.ClearFaults()
	d.apply().expectExit(0)
	d.plan().expectExit(0)
	d.connectionID(d.t)
}

func TestAcc1401_CreateUnderEachFaultMakesAtMostOneConnection(t *testing.T) {
	t.Parallel()
	inEachFault(t, func(d worstDay) {
		d.fault(sandbox.Wintro, http.MethodPost, "/ats-connections")
		// The provider finds the new connection, even if it gets no response to any create request.
		succeeds := d.succeeds() || d.kind.CarriesOut
		d.expectOutcome(d.apply(), succeeds, http.MethodPost, 1)
		if made := len(d.Connections()); succeeds != (made == 1) {
			d.t.Errorf("%d connections", made)
		}
		if inState := d.attributes() != nil; inState != succeeds {
			d.t.Errorf("in state: %t", inState)
		}
		d.thenAllIsWell()
	})
}

func TestAcc1402_CreateWithoutALookUpOrAVerificationSendsNoToken(t *testing.T) {
	t.Parallel()
	for system, path := range map[string]string{sandbox.Wintro: "/ats-connections", sandbox.Recruitee: "/admin"} {
		t.Run(system, func(t *testing.T) {
			t.Parallel()
			inTypicalFaults(t, func(d worstDay) {
				d.fault(system, http.MethodGet, path)
				// If the plan gets no usable response, it only warns, and the apply sends the request again.
				succeeds := d.succeeds() || d.once
				d.expectOutcome(d.apply(), succeeds, http.MethodGet, 2)
				if !succeeds {
					d.expectNoToken(d.t)
				}
				d.thenAllIsWell()
			})
		})
	}
}

func TestAcc1404_ReadUnderEachFaultKeepsState(t *testing.T) {
	t.Parallel()
	inEachFault(t, func(d worstDay) {
		d.apply().expectExit(0)
		before := string(d.stateFile())
		d.fault(sandbox.Wintro, http.MethodGet, "/ats-connections")
		d.expectOutcome(d.run("refresh", "-json"), d.succeeds(), http.MethodGet, 1)
		if after := string(d.stateFile()); !d.succeeds() && after != before {
			d.t.Errorf("the state has changed:\n%s", after)
		}
		d.ClearFaults()
		d.plan().expectExit(0)
	})
}

func TestAcc1405_PlanWithoutAVerificationWarns(t *testing.T) {
	t.Parallel()
	inTypicalFaults(t, func(d worstDay) {
		d.apply().expectExit(0)
		d.fault(sandbox.Recruitee, http.MethodGet, "/admin")
		plan := d.plan()
		d.expectOutcome(plan, true, http.MethodGet, 1)
		if !d.succeeds() {
			plan.expectWarning("API tokens could not be verified with Recruitee", faults[d.kind.Kind].says)
		}
		d.thenAllIsWell()
	})
}

func TestAcc1406_UpdateUnderEachFaultSavesOnlyAppliedValues(t *testing.T) {
	t.Parallel()
	inEachFault(t, func(d worstDay) {
		d.apply().expectExit(0)
		d.write(d.provider("max_retries = 1", "request_timeout = \"1s\""), worstConnection("HR"))
		d.fault(sandbox.Wintro, http.MethodPatch, "/ats-connections/")
		d.expectOutcome(d.apply(), d.succeeds(), http.MethodPatch, 1)
		expected := "Recruitee"
		if d.succeeds() {
			expected = "HR"
		}
		d.expectState(map[string]any{"name": expected})
		d.ClearFaults()
		d.apply().expectExit(0)
		d.expectState(map[string]any{"name": "HR", "id": d.connectionID(d.t)})
	})
}

func TestAcc1407_DeleteUnderEachFaultKeepsAnExistingConnectionInState(t *testing.T) {
	t.Parallel()
	inEachFault(t, func(d worstDay) {
		d.apply().expectExit(0)
		d.fault(sandbox.Wintro, http.MethodDelete, "/ats-connections/")
		// If the first attempt deletes the connection, the retry gets a 404 response, which counts as success. The Edit
		// fault changes only the body, which the provider ignores in a 204 response.
		succeeds := d.succeeds() || d.kind.Kind == sandbox.Edit
		d.expectOutcome(d.destroy(), succeeds, http.MethodDelete, 1)
		if inState := d.attributes() != nil; inState == succeeds {
			d.t.Errorf("in state: %t", inState)
		}
		d.ClearFaults()
		if !succeeds {
			d.destroy().expectExit(0)
		}
		if left := len(d.Connections()); left > 0 {
			d.t.Errorf("%d connections are left", left)
		}
	})
}

func TestAcc1408_ImportUnderFaultsImportsOrReportsTheCause(t *testing.T) {
	t.Parallel()
	inTypicalFaults(t, func(d worstDay) {
		id := d.Connect(acme, "Recruitee", d.environment.Token)
		d.fault(sandbox.Wintro, http.MethodGet, "/ats-connections/")
		d.expectOutcome(d.importID(id), d.succeeds(), http.MethodGet, 2)
		if imported := d.attributes() != nil; imported != d.succeeds() {
			d.t.Errorf("in state: %t", imported)
		}
		d.ClearFaults()
		if d.attributes() == nil {
			d.importID(id).expectExit(0)
		}
		d.thenAllIsWell()
	})
}

func TestAcc1409_DataSourceUnderFaultsReadsOrReportsTheCause(t *testing.T) {
	t.Parallel()
	inTypicalFaults(t, func(d worstDay) {
		d.Connect(acme, "Recruitee", d.environment.Token)
		d.write(d.provider("max_retries = 1", "request_timeout = \"1s\""), "data \"wintro_recruitee_connections\" \"all\" {}")
		d.fault(sandbox.Wintro, http.MethodGet, "/ats-connections")
		d.expectOutcome(d.plan(), d.succeeds(), http.MethodGet, 1)
	})
}

func TestAcc1410_SyncUnderEachFaultStartsAtMostOnce(t *testing.T) {
	t.Parallel()
	inEachFault(t, func(d worstDay) {
		if d.once {
			return
		}
		id := d.Connect(acme, "Recruitee", d.environment.Token)
		p := newProtocol(d.t)
		p.expectNone(p.configure(fields{
			"endpoint": d.URL + sandbox.WintroPath, "recruitee_endpoint": d.URL + sandbox.RecruiteePath,
			"api_token": d.WintroToken(), "max_retries": 1, "request_timeout": "1s",
		}, false).Diagnostics)
		for _, d.once = range []bool{true, false} {
			d.fault(sandbox.Wintro, http.MethodPost, "/syncs")
			_, diagnostics := p.invoke(d.t.Context(), fields{"connection_id": id, "wait": false, "timeout": "10s"}, nil)
			// The request has no idempotency key, so the provider repeats it only if Wintro certainly didn't carry it
			// out.
			again := d.kind.Kind == sandbox.Latency || d.once &&
				(strings.HasPrefix(string(d.kind.Kind), "429") && faults[d.kind.Kind].recovers || d.kind.Kind == sandbox.RedirectSameHost)
			if succeeded := len(diagnostics) == 0; succeeded != again {
				d.t.Errorf("once: %t: ended with %+v", d.once, diagnostics)
			}
			started := 0
			for _, request := range d.Requests().With(http.MethodPost) {
				if request.CarriedOut {
					started++
				}
			}
			if started > 1 {
				d.t.Errorf("once: %t: %d syncs were started", d.once, started)
			}
			d.ClearFaults()
		}
	})
}
