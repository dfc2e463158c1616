package provider

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// The TestAcc15xx tests cover many connections, endless responses, killed processes and Ctrl-C.

// crowd adds companies, each with its own token, and returns a configuration that links them all. The configuration
// contains no large values, because Terraform would need more time to evaluate them than to call the provider.
func (env *environment) crowd(size int, attribute string) string {
	for i := range int64(size) {
		company := env.AddCompany(sandbox.Company{ID: 10_000 + i})
		owner := env.AddOwner(sandbox.Owner{CompanyID: company.ID, Administrator: true})
		env.AddToken(company.ID, owner.ID, fmt.Sprintf("token-of-%d", company.ID))
	}
	return fmt.Sprintf(`
resource "wintro_recruitee_connection" "all" {
  count      = %d
  company_id = 10000 + count.index
  %s = "token-of-${10000 + count.index}"
}`, size, attribute)
}

func TestAcc1501_ManyCreatesUnderFaultsMakeOneConnectionEach(t *testing.T) {
	t.Parallel()
	const connections = 150
	env := newEnvironment(t)
	tf := env.quietProcess(t, env.provider(`request_timeout = "2s"`), env.crowd(connections, "api_token_wo"))
	for i, kind := range []sandbox.FaultKind{
		sandbox.AnswerLost, sandbox.CloseBefore, sandbox.ResetMidway, sandbox.Truncated, sandbox.WrongShape,
		sandbox.WrongContentType, sandbox.HTML, sandbox.TooManyBare, sandbox.Status, sandbox.EmptyObject,
	} {
		f := sandbox.Fault{Kind: kind, Probability: 0.03, Seed: uint64(i + 1)}
		if kind == sandbox.Status {
			f.Status = http.StatusBadGateway
		}
		env.Fail(f)
	}
	applies := 0
	for exit := 1; exit != 0; {
		if applies++; applies > 10 {
			t.Fatal("ten applies were not enough")
		}
		exit, _ = tf.execute("apply", "-auto-approve", "-no-color", "-parallelism=20")
	}
	requests := env.Requests()
	env.ClearFaults()
	tf.plan("-parallelism=20").expectExit(0)
	companies := map[string]bool{}
	for _, connection := range env.Connections() {
		companies[connection.AtsCompanyID] = true
	}
	if made := len(env.Connections()); made != connections || len(companies) != connections {
		t.Errorf("%d connections for %d companies", made, len(companies))
	}
	t.Logf("%d applies, %d requests", applies, requests[len(requests)-1].Number)
}

func TestAcc1505_EndlessBodyTakesLittleMemory(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.Fail(sandbox.Fault{Kind: sandbox.Endless, System: sandbox.Wintro})
	// Terraform reads these twenty data sources concurrently.
	config := "data \"wintro_recruitee_connections\" \"all\" {\n  count = 20\n}"
	tf := env.process(t, env.provider(), config)
	done, peak := make(chan struct{}), make(chan int, 1)
	go func() { peak <- watchMemory(providerFolder(t), done) }()
	tf.run("plan", "-no-color", "-parallelism=20").expectExit(1).expectOutput("the response is larger than 1 MiB")
	close(done)
	if most := <-peak; most == 0 || most > 100<<10 {
		t.Errorf("the provider used %d KiB of memory", most)
	} else {
		t.Logf("the provider used %d KiB of memory", most)
	}
}

// watchMemory observes the processes that run a binary in the folder until done is closed. It returns the largest peak
// of resident memory of any process, in KiB, or 0 if the system has no /proc.
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
