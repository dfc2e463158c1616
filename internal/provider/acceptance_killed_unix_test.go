//go:build unix

package provider

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// killed is a server in front of an environment that ends Terraform at a request.
type killed struct {
	*httptest.Server
	process atomic.Pointer[exec.Cmd]
}

// endsAt ends Terraform with a signal at the nth request, before or after that is carried out.
func (env *environment) endsAt(t *testing.T, n int32, after bool, signal syscall.Signal) *killed {
	t.Helper()
	k := &killed{}
	var count atomic.Int32
	k.Server = httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		now := count.Add(1) == n
		if now && !after {
			k.end(signal)
		}
		env.ServeHTTP(answer, r)
		if now && after {
			k.end(signal)
		}
	}))
	t.Cleanup(k.Close)
	env.URL = k.URL
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

func TestAcc1503_ApplyKilledAtAnyRequestLeavesAtMostOneConnection(t *testing.T) {
	t.Parallel()
	// An apply of one connection asks: check and look-up of the plan, the same again, then POST, then one look
	// while it is pending.
	for request := range int32(6) {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("request %d, after it is carried out %t", request+1, after), func(t *testing.T) {
				t.Parallel()
				env := newEnvironment(t)
				env.StayPending(1)
				k := env.endsAt(t, request+1, after, syscall.SIGKILL)
				tf := env.quietProcess(t, env.provider(), resourceBlock(writeOnly))
				k.start(tf, "apply", "-auto-approve", "-no-color")

				again := tf.run("apply", "-auto-approve", "-no-color")
				if made := len(env.Connections()); made != 1 {
					t.Fatalf("%d connections", made)
				}
				if again.exit != 0 {
					// The connection was made, and nobody was left to write that down.
					again.expectOutput("Recruitee company 816 is linked with Wintro already")
					again.expectOutput("id = \"" + env.connectionID(t) + "\"")
					tf.importID(env.connectionID(t)).expectExit(0)
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
		"a plan, while Recruitee is asked": {func(env *environment) {
			env.Fail(sandbox.Fault{Kind: sandbox.LateAnswer, System: sandbox.Recruitee, Latency: time.Minute})
		}, "plan", 1, false},
		"an apply, while Recruitee is asked": {func(env *environment) {
			env.Fail(sandbox.Fault{Kind: sandbox.LateAnswer, System: sandbox.Recruitee, Latency: time.Minute})
		}, "apply", 3, false},
		"an apply, while the connection is created": {func(env *environment) {
			env.Fail(sandbox.Fault{Kind: sandbox.LateAnswer, System: sandbox.Wintro, Method: http.MethodPost, Latency: time.Minute})
		}, "apply", 4, true},
		"an apply, while the connection is pending": {func(env *environment) { env.StayPending(-1) }, "apply", 6, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			test.environment(env)
			k := env.endsAt(t, test.request, false, syscall.SIGINT)
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
			tf := env.process(t, env.provider(`recruitee_verification = "`+when+`"`), resourceBlock(writeOnly))
			arguments := []string{test.command, "-no-color"}
			if test.command == "apply" {
				arguments = append(arguments, "-auto-approve")
			}
			_, output := k.start(tf, arguments...)
			// The time counts from the last request before the signal. Two of these seconds are the promise, the
			// rest is for a busy machine.
			if took := time.Since(interrupted.Load().(time.Time)); took > 4*time.Second {
				t.Errorf("it took %s to end:\n%s", took, output)
			}
			if inState := tf.attributes() != nil; inState != test.inState {
				t.Errorf("in state: %t:\n%s", inState, output)
			}
			env.ClearFaults()
			env.StayPending(0)
			for _, connection := range env.Connections() {
				env.SetStatus(connection.ID, "active")
			}
			tf.run("apply", "-auto-approve", "-no-color").expectExit(0)
			tf.run("plan", "-detailed-exitcode", "-no-color").expectExit(0)
			env.connectionID(t)
		})
	}
}
