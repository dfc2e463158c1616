//go:build unix

package provider

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

// killed is a proxy in front of the sandbox. It sends a signal to Terraform when a certain request arrives.
type killed struct {
	process atomic.Pointer[os.Process]
	// ended is the Unix time of the signal in milliseconds, or 0 before the signal.
	ended atomic.Int64
}

// endsAt starts a proxy that sends the signal to Terraform at the nth request. If after is true, the sandbox handles
// the request first.
func (env *environment) endsAt(t *testing.T, n int32, after bool, signal syscall.Signal) *killed {
	t.Helper()
	k := &killed{}
	var count atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		now := count.Add(1) == n
		if now && !after {
			k.end(signal)
		}
		env.ServeHTTP(answer, r)
		if now && after {
			k.end(signal)
		}
	}))
	t.Cleanup(proxy.Close)
	env.URL = proxy.URL
	return k
}

// end signals Terraform and the provider, which share a process group.
func (k *killed) end(signal syscall.Signal) {
	if process := k.process.Load(); process != nil {
		k.ended.Store(time.Now().UnixMilli())
		_ = syscall.Kill(-process.Pid, signal)
	}
}

// start runs Terraform in its own process group, and returns the output.
func (k *killed) start(tf *terraform, arguments ...string) string {
	tf.t.Helper()
	run, err := terraformcli.Command{
		Program: cli(tf.t).Path, Arguments: arguments, Dir: tf.dir, Env: append(tf.env, "TF_VAR_token="+tf.token),
		Prepare: func(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} },
		Started: k.process.Store,
	}.Run(tf.t.Context())
	if k.process.Load() == nil {
		tf.t.Fatal(err)
	}
	return run.Output
}

func TestAcc1503_ApplyKilledAtAnyRequestLeavesAtMostOneConnection(t *testing.T) {
	t.Parallel()
	// An apply of one connection sends six requests: the verification and the look-up of the plan, both again in the
	// apply, the POST, and one poll while the connection is pending. Only the POST changes something, so only its test
	// also kills Terraform after the request was carried out.
	for _, test := range []struct {
		request int32
		after   bool
	}{{1, false}, {2, false}, {3, false}, {4, false}, {5, false}, {5, true}, {6, false}} {
		t.Run(fmt.Sprintf("request %d, after it is carried out %t", test.request, test.after), func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			env.StayPending(1)
			k := env.endsAt(t, test.request, test.after, syscall.SIGKILL)
			tf := env.quietProcess(t, env.provider(), resourceBlock(writeOnly))
			k.start(tf, "apply", "-auto-approve", "-no-color")

			again := tf.run("apply", "-auto-approve", "-no-color")
			env.expectConnections(t, 1)
			if again.exit != 0 {
				// Terraform was killed after Wintro created the connection and before Terraform saved it to state.
				again.expectOutput("Recruitee company 816 is already linked with Wintro")
				again.expectOutput("id = \"" + env.connectionID(t) + "\"")
				tf.importID(env.connectionID(t)).expectExit(0)
			}
			tf.run("plan", "-detailed-exitcode", "-no-color").expectExit(0)
		})
	}
}

func TestAcc1504_CtrlCEndsAnApplyAndLosesNothing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		environment func(*environment)
		command     string
		request     int32
		// inState is true if the state must contain the connection afterwards.
		inState bool
	}{
		"a plan that waits for Recruitee": {func(env *environment) {
			env.Fail(sandbox.Fault{Kind: sandbox.LateAnswer, System: sandbox.Recruitee, Latency: time.Minute})
		}, "plan", 1, false},
		"an apply that waits for Recruitee": {func(env *environment) {
			env.Fail(sandbox.Fault{Kind: sandbox.LateAnswer, System: sandbox.Recruitee, Latency: time.Minute})
		}, "apply", 3, false},
		"an apply that waits for the create": {func(env *environment) {
			env.Fail(sandbox.Fault{Kind: sandbox.LateAnswer, System: sandbox.Wintro, Method: http.MethodPost, Latency: time.Minute})
		}, "apply", 4, true},
		"an apply that waits for a pending connection": {func(env *environment) { env.StayPending(-1) }, "apply", 6, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			test.environment(env)
			k := env.endsAt(t, test.request, false, syscall.SIGINT)
			// Terraform 1.11 doesn't tell providers about Ctrl-C while apply is still planning. So the cases with apply
			// verify tokens only when they apply the plan.
			tf := env.process(t, env.provider(`recruitee_verification = "`+test.command+`"`), resourceBlock(writeOnly))
			arguments := []string{test.command, "-no-color"}
			if test.command == "apply" {
				arguments = append(arguments, "-auto-approve")
			}
			output := k.start(tf, arguments...)
			// The provider must stop within two seconds. The limit allows for a busy machine.
			if took := time.Since(time.UnixMilli(k.ended.Load())); took > 4*time.Second {
				t.Errorf("Terraform ended %s after Ctrl-C:\n%s", took, output)
			}
			if inState := tf.attributes() != nil; inState != test.inState {
				t.Errorf("the state contains the connection: %t:\n%s", inState, output)
			}
			env.ClearFaults()
			env.StayPending(0)
			for _, connection := range env.Connections() {
				env.SetStatus(connection.ID, "active")
			}
			tf.run("apply", "-auto-approve", "-no-color").expectExit(0)
			env.connectionID(t)
		})
	}
}
