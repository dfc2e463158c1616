package docstest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-version"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox/sandboxtest"
	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

// oldest is the oldest version that can run the examples, which use ephemeral variables and write-only attributes.
var oldest = version.Must(version.NewVersion("1.11.0"))

var findCLI = sync.OnceValues(func() (terraformcli.CLI, error) {
	found, err := terraformcli.Find(context.Background(), "")
	if err == nil && found.Version.Core().LessThan(oldest) {
		err = errors.New("the examples need Terraform or OpenTofu " + oldest.String())
	}
	return found, err
})

// cli returns the Terraform or OpenTofu that the tests run.
func cli(t *testing.T) terraformcli.CLI {
	t.Helper()
	found, err := findCLI()
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// terraformEnvironment returns the environment in which the tests run Terraform. GORACE has an effect only if this
// program is built with the race detector: by default, each stand-in for a provider would wait for a second before it
// exits.
func terraformEnvironment(extra ...string) []string {
	return terraformcli.Environment(append([]string{"GORACE=atexit_sleep_ms=0"}, extra...)...)
}

// folder is a temporary working directory for Terraform or a script, with the environment in which to run them.
type folder struct {
	t   *testing.T
	dir string
	env []string
}

func newFolder(t *testing.T, env ...string) *folder {
	t.Helper()
	configuration, err := installPlugins()
	if err != nil {
		t.Fatal(err)
	}
	return &folder{t: t, dir: t.TempDir(), env: append(terraformEnvironment("TF_CLI_CONFIG_FILE="+configuration), env...)}
}

func (f *folder) write(name, text string) {
	f.t.Helper()
	path, mode := filepath.Join(f.dir, name), os.FileMode(0o600)
	if strings.HasSuffix(name, ".sh") {
		mode = 0o700
	}
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), mode)); err != nil {
		f.t.Fatal(err)
	}
}

func (f *folder) set(name, value string) {
	f.env = append(f.env, name+"="+value)
}

// terraform runs Terraform and expects this exit code. It returns the output. A single space replaces each sequence of
// white space and of the characters that frame diagnostics, so that tests can search for sentences.
func (f *folder) terraform(exit int, arguments ...string) string {
	f.t.Helper()
	return f.run(exit, cli(f.t).Path, arguments...)
}

func (f *folder) run(exit int, name string, arguments ...string) string {
	f.t.Helper()
	code, printed := f.execute(nil, name, arguments...)
	if code != exit {
		f.t.Fatalf("%s %s: exit code %d instead of %d\n%s", filepath.Base(name), strings.Join(arguments, " "), code, exit, printed)
	}
	unframed := strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(printed)
	return strings.Join(strings.Fields(unframed), " ")
}

func (f *folder) execute(input []byte, name string, arguments ...string) (code int, printed string) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), 3*time.Minute)
	defer cancel()
	run, err := terraformcli.Command{Program: name, Arguments: arguments, Dir: f.dir, Env: f.env, Input: bytes.NewReader(input)}.Run(ctx)
	if err != nil {
		f.t.Fatalf("%s %s: %v\n%s", name, strings.Join(arguments, " "), err, run.Output)
	}
	return run.ExitCode, run.Output
}

// example is a working directory with its own sandbox. The sandbox has the same data and the same rate limit as the
// command wintro-sandbox.
type example struct {
	*folder
	*sandboxtest.Server
}

// newEmptyExample returns an example without files. Its environment contains the variables that wintro-sandbox prints,
// the input variables of the examples, and the token that the stand-ins for secret stores return.
func newEmptyExample(t *testing.T) *example {
	t.Helper()
	server := sandboxtest.StartExamples(t)
	organisations, tokens := server.Organisations(), map[int64]string{}
	for _, owner := range server.Owners() {
		tokens[owner.CompanyID], _ = server.TokenOf(owner.ID)
	}
	return &example{newFolder(t, append(server.Environment(), storedToken+"="+server.Token,
		fmt.Sprintf("TF_VAR_wintro_api_tokens={europe=%q,americas=%q}", organisations[0].Token, organisations[1].Token),
		fmt.Sprintf("TF_VAR_recruitee_api_tokens={acme_netherlands=%q,acme_poland=%q,acme_canada=%q}", tokens[816], tokens[817], tokens[818]))...), server}
}

// newToken creates another token for Ada, the owner of the first token.
func (e *example) newToken() string {
	return e.IssueToken(sandbox.SeedCompanyID, sandbox.SeedOwnerID)
}

// useToken sets the Recruitee token in the input variable recruitee_api_token and in the stand-ins for secret stores.
func (e *example) useToken(token string) {
	e.set("TF_VAR_recruitee_api_token", token)
	e.set(storedToken, token)
}
