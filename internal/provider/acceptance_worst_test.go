package provider

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// The TestAcc15xx tests cover many connections, killed processes and Ctrl-C.

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
