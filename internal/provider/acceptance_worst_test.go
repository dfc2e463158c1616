package provider

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// The 15xx tests are of crowds, and of ends that nobody has planned.

// crowd adds companies with a token each, and returns the configuration that links them all. It has no
// large values: Terraform would take longer to find its way through these than the provider takes.
func (w *environment) crowd(size int, attribute string) string {
	for i := range int64(size) {
		company := w.AddCompany(sandbox.Company{ID: 10_000 + i})
		owner := w.AddOwner(sandbox.Owner{CompanyID: company.ID, Administrator: true})
		w.AddToken(company.ID, owner.ID, fmt.Sprintf("token-of-%d", company.ID))
	}
	return fmt.Sprintf(`
resource "wintro_recruitee_connection" "all" {
  count      = %d
  company_id = 10000 + count.index
  %s = "token-of-${10000 + count.index}"
}`, size, attribute)
}

func TestAcc1501_AThousandCreationsUnderFaults(t *testing.T) {
	t.Parallel()
	const connections = 1000
	w := newEnvironment(t)
	tf := w.quietProcess(t, w.provider(`request_timeout = "2s"`), w.crowd(connections, "api_token_wo"))
	for i, kind := range []sandbox.FaultKind{
		sandbox.AnswerLost, sandbox.CloseBefore, sandbox.ResetMidway, sandbox.Truncated, sandbox.WrongShape,
		sandbox.WrongContentType, sandbox.HTML, sandbox.TooManyBare, sandbox.Status, sandbox.EmptyObject,
	} {
		f := sandbox.Fault{Kind: kind, Probability: 0.01, Seed: uint64(i + 1)}
		if kind == sandbox.Status {
			f.Status = http.StatusBadGateway
		}
		w.Fail(f)
	}
	applies := 0
	for exit := 1; exit != 0; {
		if applies++; applies > 10 {
			t.Fatal("ten applies were not enough")
		}
		exit, _ = tf.execute("apply", "-auto-approve", "-no-color", "-parallelism=20")
	}
	requests := w.Requests()
	w.ClearFaults()
	tf.plan("-parallelism=20").expectExit(0)
	companies := map[string]bool{}
	for _, connection := range w.Connections() {
		companies[connection.AtsCompanyID] = true
	}
	if made := len(w.Connections()); made != connections || len(companies) != connections {
		t.Errorf("%d connections of %d companies", made, len(companies))
	}
	t.Logf("%d applies, %d requests", applies, requests[len(requests)-1].Number)
}

// A server that allows so and so many requests a minute, at sixty times the speed.
func TestAcc1502_TwoHundredConnectionsAtParallelismFiftyUnderARateLimit(t *testing.T) {
	t.Parallel()
	const connections, allowance = 200, 150
	w := newEnvironment(t)
	var mu sync.Mutex
	var opened time.Time
	var taken, vain, windows int
	limitedServer := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		mu.Lock()
		if now := time.Now(); now.Sub(opened) >= time.Second {
			opened, taken = now, 0
			windows++
		}
		taken++
		refused := strings.HasPrefix(r.URL.Path, sandbox.WintroPath) && taken > allowance
		if refused {
			vain++
		}
		mu.Unlock()
		if refused {
			answer.Header().Set("Retry-After", "1")
			answer.WriteHeader(http.StatusTooManyRequests)
			return
		}
		w.ServeHTTP(answer, r)
	}))
	defer limitedServer.Close()
	w.URL = limitedServer.URL
	tf := w.terraform(t, w.provider(), w.crowd(connections, "api_token_wo"))
	tf.apply("-parallelism=50").expectExit(0)
	tf.plan("-parallelism=50").expectExit(0)
	if made := len(w.Connections()); made != connections {
		t.Errorf("%d connections", made)
	}
	if most := 50 * windows; vain > most {
		t.Errorf("%d requests in vain in %d windows", vain, windows)
	}
	t.Logf("%d requests in vain, in %d windows of %d requests", vain, windows, allowance)
}

// killed is what is in front of a environment and ends Terraform at a request.
type killed struct {
	*httptest.Server
	process atomic.Pointer[exec.Cmd]
}

// endsAt ends Terraform with a signal at the nth request, before or after that is carried out.
func (w *environment) endsAt(t *testing.T, n int32, after bool, signal syscall.Signal) *killed {
	t.Helper()
	k := &killed{}
	var count atomic.Int32
	k.Server = httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		now := count.Add(1) == n
		if now && !after {
			k.end(signal)
		}
		w.ServeHTTP(answer, r)
		if now && after {
			k.end(signal)
		}
	}))
	t.Cleanup(k.Close)
	w.URL = k.URL
	return k
}

// end signals Terraform and the provider, which share a process group.
func (k *killed) end(signal syscall.Signal) {
	if cmd := k.process.Load(); cmd != nil {
		_ = syscall.Kill(-cmd.Process.Pid, signal)
	}
}

// start runs Terraform in a process group of its own, and returns how long it took.
func (k *killed) start(tf *terraform, arguments ...string) (time.Duration, string) {
	tf.t.Helper()
	cmd := exec.CommandContext(tf.t.Context(), cli(tf.t).Path, arguments...)
	cmd.Dir = tf.dir
	cmd.Env = append(tf.env, "TF_VAR_token="+tf.token)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var printed strings.Builder
	cmd.Stdout, cmd.Stderr = &printed, &printed
	began := time.Now()
	if err := cmd.Start(); err != nil {
		tf.t.Fatal(err)
	}
	k.process.Store(cmd)
	_ = cmd.Wait()
	return time.Since(began), printed.String()
}

func TestAcc1503_KilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	// An apply of one connection asks: check and look-up of the plan, the same again, then POST, then one look
	// while it is pending.
	for request := range int32(6) {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("request %d, after it is carried out %t", request+1, after), func(t *testing.T) {
				t.Parallel()
				w := newEnvironment(t)
				w.StayPending(1)
				k := w.endsAt(t, request+1, after, syscall.SIGKILL)
				tf := w.process(t, w.provider(), resourceBlock(writeOnly))
				k.start(tf, "apply", "-auto-approve", "-no-color")

				again := tf.run("apply", "-auto-approve", "-no-color")
				if made := len(w.Connections()); made != 1 {
					t.Fatalf("%d connections", made)
				}
				if again.exit != 0 {
					// The connection was made, and nobody was left to write that down.
					again.expectOutput("Recruitee company 816 is linked with Wintro already")
					again.expectOutput("id = \"" + w.connectionID(t) + "\"")
					tf.importID(w.connectionID(t)).expectExit(0)
				}
				tf.run("apply", "-auto-approve", "-no-color").expectExit(0)
				tf.run("plan", "-detailed-exitcode", "-no-color").expectExit(0)
			})
		}
	}
}

func TestAcc1504_CtrlCEndsAnApplyAndLosesNothing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		environment func(*environment)
		command     string
		request     int32
		// inState reports whether the connection is in state afterwards.
		inState bool
	}{
		"a plan, while Recruitee is asked": {func(w *environment) {
			w.Fail(sandbox.Fault{Kind: sandbox.LateAnswer, System: sandbox.Recruitee, Latency: time.Minute})
		}, "plan", 1, false},
		"an apply, while Recruitee is asked": {func(w *environment) {
			w.Fail(sandbox.Fault{Kind: sandbox.LateAnswer, System: sandbox.Recruitee, Latency: time.Minute})
		}, "apply", 3, false},
		"an apply, while the connection is created": {func(w *environment) {
			w.Fail(sandbox.Fault{Kind: sandbox.LateAnswer, System: sandbox.Wintro, Method: http.MethodPost, Latency: time.Minute})
		}, "apply", 4, true},
		"an apply, while the connection is pending": {func(w *environment) { w.StayPending(-1) }, "apply", 6, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newEnvironment(t)
			test.environment(w)
			k := w.endsAt(t, test.request, false, syscall.SIGINT)
			// Requests come side by side.
			var interrupted atomic.Value
			interrupted.Store(time.Time{})
			inner := k.Config.Handler
			k.Config.Handler = http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
				interrupted.Store(time.Now())
				inner.ServeHTTP(answer, r)
			})
			// Terraform 1.11 doesn't tell providers of a Ctrl-C while an apply is still planning.
			when := "apply"
			if test.command == "plan" {
				when = "plan"
			}
			tf := w.process(t, w.provider(`recruitee_verification = "`+when+`"`), resourceBlock(writeOnly))
			arguments := []string{test.command, "-no-color"}
			if test.command == "apply" {
				arguments = append(arguments, "-auto-approve")
			}
			_, output := k.start(tf, arguments...)
			// What counts is the time since the last request before the signal; two of these seconds are
			// the promise, the rest is for a busy machine.
			if took := time.Since(interrupted.Load().(time.Time)); took > 4*time.Second {
				t.Errorf("it took %s to end:\n%s", took, output)
			}
			if inState := tf.attributes() != nil; inState != test.inState {
				t.Errorf("in state: %t:\n%s", inState, output)
			}
			w.ClearFaults()
			w.StayPending(0)
			for _, connection := range w.Connections() {
				w.SetStatus(connection.ID, "active")
			}
			tf.run("apply", "-auto-approve", "-no-color").expectExit(0)
			tf.run("plan", "-detailed-exitcode", "-no-color").expectExit(0)
			w.connectionID(t)
		})
	}
}

func TestAcc1505_ABodyWithoutEndTakesLittleMemory(t *testing.T) {
	t.Parallel()
	w := newEnvironment(t)
	w.Fail(sandbox.Fault{Kind: sandbox.Endless, System: sandbox.Wintro})
	// The names of twenty data sources that are read at once.
	config := "data \"wintro_recruitee_connections\" \"all\" {\n  count = 20\n}"
	tf := w.process(t, w.provider(), config)
	done, peak := make(chan struct{}), make(chan int, 1)
	go func() { peak <- watchMemory(providerFolder(t), done) }()
	tf.run("plan", "-no-color", "-parallelism=20").expectExit(1).expectOutput("the answer is larger than 1 MiB")
	close(done)
	if most := <-peak; most == 0 || most > 100<<10 {
		t.Errorf("the provider took %d KiB", most)
	} else {
		t.Logf("the provider took %d KiB", most)
	}
}

// watchMemory returns the largest peak of resident memory, in KiB, of the processes that run a binary in
// the folder, until done is closed. It is 0 if the system doesn't tell.
func watchMemory(folder string, done <-chan struct{}) (most int) {
	for ticks := time.NewTicker(5 * time.Millisecond); ; {
		select {
		case <-done:
			ticks.Stop()
			return most
		case <-ticks.C:
		}
		executables, _ := filepath.Glob("/proc/[0-9]*/exe")
		for _, executable := range executables {
			if path, err := os.Readlink(executable); err != nil || !strings.HasPrefix(path, folder) {
				continue
			}
			status, _ := os.ReadFile(filepath.Join(filepath.Dir(executable), "status"))
			for line := range strings.Lines(string(status)) {
				if kilobytes, found := strings.CutPrefix(line, "VmHWM:"); found {
					size, _ := strconv.Atoi(strings.Fields(kilobytes)[0])
					most = max(most, size)
				}
			}
		}
	}
}
