package provider

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox/sandboxtest"
)

// environment is a sandbox that simulates both remote systems, with the company Acme, its administrator Ada and her
// token.
type environment struct {
	*sandboxtest.Server
}

const (
	acme = sandbox.SeedCompanyID
	ada  = sandbox.SeedOwnerID
)

func newEnvironment(t *testing.T) *environment {
	t.Helper()
	return &environment{sandboxtest.Start(t)}
}

// overlap is the latency of a response in tests whose requests must overlap.
const overlap = 500 * time.Millisecond

// newToken issues another token to Ada.
func (env *environment) newToken() string {
	return env.IssueToken(acme, ada)
}

// addCompany adds another company. It returns the company's ID and an Administrator's token.
func (env *environment) addCompany() (id, token string) {
	company := env.AddCompany(sandbox.Company{})
	owner := env.AddOwner(sandbox.Owner{CompanyID: company.ID, Administrator: true})
	return strconv.FormatInt(company.ID, 10), env.IssueToken(company.ID, owner.ID)
}

// provider returns the provider block with additional settings, and a declaration of the variable token.
func (env *environment) provider(settings ...string) string {
	return fmt.Sprintf(`
terraform {
  required_providers {
    wintro = { source = "wintro-ai/wintro" }
  }
}

provider "wintro" {
  endpoint           = %q
  recruitee_endpoint = %q
  api_token          = %q
  %s
}

variable "token" {
  type      = string
  default   = null
  sensitive = true
}
`, env.WintroEndpoint(), env.RecruiteeEndpoint(), env.WintroToken(), strings.Join(settings, "\n  "))
}

// mode is a way to set the token in a resource block. In the mode unmanaged, the block contains no token.
type mode struct {
	name      string
	attribute string
}

var (
	plain     = mode{"plain", "api_token = var.token"}
	writeOnly = mode{"write_only", "api_token_wo = var.token"}
	versioned = mode{"versioned", "api_token_wo = var.token\n  api_token_wo_version = \"1\""}
	unmanaged = mode{"unmanaged", ""}
)

// ephemeralVariable makes var.token ephemeral, so that saved plans don't contain its value.
func ephemeralVariable(config string) string {
	return strings.Replace(config, "sensitive = true", "sensitive = true\n  ephemeral = true", 1)
}

// resourceBlock returns a resource block for Acme with additional attributes.
func resourceBlock(m mode, attributes ...string) string {
	return fmt.Sprintf(`
resource "wintro_recruitee_connection" "acme" {
  company_id = "%d"
  %s
  %s
}
`, acme, m.attribute, strings.Join(attributes, "\n  "))
}

// connectionID returns the ID of the only connection in Wintro. The test fails if Wintro doesn't have exactly one.
func (env *environment) connectionID(t *testing.T) string {
	t.Helper()
	all := env.Connections()
	if len(all) != 1 {
		t.Fatalf("Wintro has %d connections instead of one", len(all))
	}
	return all[0].ID
}

// imported returns a Terraform runner that has imported a connection of Acme. token is the token that
// Wintro stores for the connection.
func (env *environment) imported(t *testing.T, m mode, token string, attributes ...string) (tf *terraform, id string) {
	t.Helper()
	id = env.Connect(acme, defaultName, token)
	tf = env.terraform(t, env.provider("max_retries = 1"), resourceBlock(m, attributes...))
	tf.importID(id).expectExit(0)
	return tf, id
}

// expectConnections fails if Wintro has another number of connections.
func (env *environment) expectConnections(t *testing.T, expected int) {
	t.Helper()
	if all := env.Connections(); len(all) != expected {
		t.Errorf("Wintro has %d connections instead of %d: %+v", len(all), expected, all)
	}
}

// expectToken fails if Wintro's only connection has another token.
func (env *environment) expectToken(t *testing.T, token string) {
	t.Helper()
	if !env.HoldsToken(env.connectionID(t), token) {
		t.Error("the connection in Wintro has another token")
	}
}

func expectCount(t *testing.T, requests sandbox.RequestLog, expected int) {
	t.Helper()
	if len(requests) != expected {
		t.Errorf("%d requests instead of %d: %+v", len(requests), expected, requests)
	}
}

// expectNoToken fails if the provider has sent a Recruitee token to Wintro since the last ClearRequests.
func (env *environment) expectNoToken(t *testing.T) {
	t.Helper()
	for _, r := range env.Requests().To(sandbox.Wintro) {
		if r.TokenFingerprint != "" || r.BearerFingerprint == sandbox.Fingerprint(env.Token) {
			t.Errorf("the provider sent a token to Wintro with %s %s", r.Method, r.Path)
		}
	}
}

// expectRequests fails if the number of requests of each kind since the last ClearRequests isn't the expected one. A
// kind is written as "SYSTEM METHOD".
func (env *environment) expectRequests(t *testing.T, expected map[string]int) {
	t.Helper()
	is := map[string]int{}
	for _, r := range env.Requests() {
		is[r.System+" "+r.Method]++
	}
	if fmt.Sprint(is) != fmt.Sprint(expected) {
		t.Errorf("the provider sent the requests %v instead of %v", is, expected)
	}
}

// afterCreate calls do for each connection right after Wintro has processed a create request, before the provider
// receives the response.
func (env *environment) afterCreate(t *testing.T, do func(id string)) {
	t.Helper()
	proxy := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		env.ServeHTTP(answer, r)
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/ats-connections") {
			for _, c := range env.Connections() {
				do(c.ID)
			}
		}
	}))
	t.Cleanup(proxy.Close)
	env.URL = proxy.URL
}
