package provider

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

// The TestAcc7xx tests search for tokens in everything that Terraform and the provider write. Most of them run the
// provider as a separate process, as Terraform does for users.

func TestAcc701_NoTokenIsWrittenAnywhere(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	// This token looks different in each encoding that find searches for.
	env.Token = `K7+/q&\=~?p0Zx` + env.Token
	env.AddToken(acme, ada, env.Token)
	recruiter := env.AddOwner(sandbox.Owner{CompanyID: acme})
	rotated, notAdministrator := env.newToken(), env.IssueToken(acme, recruiter.ID)
	_, foreign := env.addCompany()
	mistyped := "mistyped-" + rotated

	tf := env.process(t, ephemeralVariable(env.provider("max_retries = 0")), resourceBlock(writeOnly))
	printed, run := tf.recorder()
	apply := func(exit int) { t.Helper(); run(exit, "apply", "-auto-approve", "-no-color") }
	plan := func(exit int) { t.Helper(); run(exit, "plan", "-out=plan", "-detailed-exitcode", "-no-color") }

	// Fail to create a connection, for various reasons.
	for _, wrong := range []string{mistyped, notAdministrator, foreign, "with space " + rotated} {
		tf.token = wrong
		apply(1)
	}
	tf.token = env.Token
	for _, system := range []string{sandbox.Recruitee, sandbox.Wintro} {
		for _, f := range []sandbox.Fault{{Status: http.StatusBadGateway}, {Kind: sandbox.CloseBefore}, {Status: http.StatusOK, Header: html, Body: env.Token}} {
			f.System = system
			env.Fail(f)
			apply(1)
			env.ClearFaults()
		}
	}
	echo := fmt.Sprintf(`{"error":{"code":"BAD_REQUEST","message":%q}}`, "Bearer "+env.WintroToken()+", token "+env.Token)
	env.Fail(sandbox.Fault{System: sandbox.Wintro, Method: http.MethodPost, Status: http.StatusUnprocessableEntity, Header: jsonType, Body: echo})
	apply(1)
	env.ClearFaults()
	env.SetWintroAccess(sandbox.AccessUnauthorized)
	apply(1)
	env.SetWintroAccess(sandbox.AccessGranted)

	// Create, change, import and destroy a connection.
	plan(2)
	run(0, "apply", "-no-color", "plan")
	tf.token = mistyped
	plan(1)
	tf.token = rotated
	plan(2)
	run(0, "apply", "-no-color", "plan")
	env.SwapToken(env.connectionID(t), env.Token)
	apply(0)
	env.RevokeToken(rotated)
	apply(1)
	tf.token = env.Token
	apply(0)
	env.Disconnect(env.connectionID(t))
	plan(2)
	id := env.Connect(acme, "By hand", env.Token)
	apply(1)
	run(0, "import", "-no-color", address, id)
	run(0, "show", "-json")
	plan(2)
	run(0, "show", "-json", "plan")
	apply(0)
	run(0, "destroy", "-auto-approve", "-no-color")

	written := everythingIn(t, os.DirFS(tf.dir))
	written["what Terraform printed"] = printed.String()
	written["the sandbox's log"] = fmt.Sprintf("%+v", env.Requests())
	if len(written["terraform.log"]) < 100_000 || !strings.Contains(written["terraform.log"], "HTTP request") {
		t.Error("the log lacks the provider's entries")
	}
	secrets := append(env.Secrets(), env.Token, rotated, notAdministrator, foreign, mistyped)
	for place, found := range find(written, secrets) {
		t.Errorf("%s contains a secret as %s", place, found)
	}
}

// State and saved plans always contain a plain token. If find didn't find it there, the other tests would prove nothing.
func TestAcc702_ThePlainTokenIsFoundInState(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	tf := env.process(t, env.provider(), resourceBlock(plain))
	tf.run("plan", "-out=plan").expectExit(0)
	tf.run("apply", "plan").expectExit(0)
	found := find(everythingIn(t, os.DirFS(tf.dir)), []string{env.Token})
	if found["terraform.tfstate"] == "" || found["plan/tfplan"] == "" || found["terraform.log"] != "" {
		t.Errorf("find found the token in %v", found)
	}
}

func TestFindFindsEachFormOfASecret(t *testing.T) {
	t.Parallel()
	const secret = `a+/b"<&>c`
	for _, text := range []string{
		`"a+/b\"<&>c"`, `a+/b"<&>c`, "a%2B%2Fb%22%3C%26%3Ec", `a+/b\"\u003c\u0026\u003ec`,
		base64.RawURLEncoding.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte("user:" + secret)),
	} {
		if len(find(map[string]string{"place": "before " + text + " after"}, []string{secret})) == 0 {
			t.Errorf("find doesn't find the secret in %s", text)
		}
	}
}

// In this test, both systems return the token in several encodings and in parts. The provider must recognise each of
// them, because the same process has received the token from Terraform.
func TestAcc704_ATokenThatAServerRepeatsInAnyFormIsWrittenNowhere(t *testing.T) {
	t.Parallel()
	for name, encodings := range map[string][]func(string) string{
		"clear text and parts": {
			func(token string) string { return token },
			func(token string) string { return token[:16] + "\u200b" + token[16:] },
			func(token string) string { return token[:20] + "…" },
			func(token string) string { return "…" + token[12:] },
		},
		"encoded": {
			func(token string) string { return strings.ReplaceAll(token, "/", `\u002f`) },
			url.QueryEscape,
			func(token string) string { return base64.StdEncoding.EncodeToString([]byte("Bearer " + token)) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			env.Token = "K7+/qdXk2/aB+9sTzQ1wErTy/iOp4gHj"
			env.AddToken(acme, ada, env.Token)
			var forms []string
			for _, encode := range encodings {
				forms = append(forms, encode(env.Token))
			}
			form := strings.Join(forms, " ")
			env.RenameCompany(acme, "Acme "+form)
			env.SetRole(ada, "Administrator "+form, true)
			env.StayPending(1)
			env.afterCreate(t, func(id string) { env.Relabel(id, forms[0]) })
			tf := env.process(t, ephemeralVariable(env.provider("max_retries = 0")), resourceBlock(writeOnly))
			printed, run := tf.recorder()
			run(0, "apply", "-auto-approve", "-no-color")
			if companyName := fmt.Sprint(tf.attributes()["company_name"]); !strings.HasPrefix(companyName, "Acme ") {
				t.Errorf("company_name is %q", companyName)
			}

			env.RenameCompany(acme, "Acme")
			env.SyncVacancies(env.connectionID(t))
			env.Relabel(env.connectionID(t), defaultName)
			tf.write(ephemeralVariable(env.provider("max_retries = 0")), resourceBlock(writeOnly, `name = "HR"`))
			said := must(json.Marshal(form))
			for _, f := range []sandbox.Fault{
				{System: sandbox.Wintro, Status: http.StatusConflict, Header: jsonType, Body: `{"error":{"code":"CONFLICT","message":` + string(said) + `}}`},
				{System: sandbox.Wintro, Status: http.StatusBadRequest, Header: jsonType, Body: `{"error":{"code":"BAD_REQUEST","message":"no","fields":[{"field":"name","message":` + string(said) + `}]}}`},
				{System: sandbox.Wintro, Status: http.StatusBadGateway, Header: http.Header{"Content-Type": {"text/" + url.PathEscape(form)}}, Body: form},
			} {
				f.Method = http.MethodPatch
				env.Fail(f)
				run(1, "apply", "-auto-approve", "-no-color")
				env.ClearFaults()
			}
			env.SetAdministrator(ada, false)
			run(0, "plan", "-no-color", "-out=plan")
			env.Fail(sandbox.Fault{System: sandbox.Recruitee, Status: http.StatusUnauthorized, Header: jsonType, Body: `{"error":` + string(said) + `,"error_code":"invalid_token"}`})
			run(0, "plan", "-no-color", "-out=plan")

			written := everythingIn(t, os.DirFS(tf.dir))
			written["what Terraform printed"] = printed.String()
			for place, text := range written {
				for start := 0; start+14 <= len(env.Token); start++ {
					if piece := env.Token[start : start+14]; strings.Contains(text, piece) {
						t.Fatalf("%s contains a piece of the token: %s", place, piece)
					}
				}
				for _, form := range forms {
					if strings.Contains(text, form) {
						t.Errorf("%s contains %s", place, form)
					}
				}
			}
		})
	}
}

// A plan reads the connection before it gets a write-only token, and validation runs in another process. So while
// reading, the provider can recognise the token only by its fingerprint.
func TestAcc705_ATokenInANameIsNotWrittenByALaterPlan(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	tf := env.process(t, ephemeralVariable(env.provider()), resourceBlock(writeOnly))
	tf.run("apply", "-auto-approve", "-no-color").expectExit(0)
	env.Relabel(env.connectionID(t), env.Token)
	env.RenameCompany(acme, "Acme "+env.Token)
	env.SyncVacancies(env.connectionID(t))
	printed := tf.run("plan", "-no-color", "-out=plan").expectExit(0).output
	printed += tf.run("apply", "-refresh-only", "-auto-approve", "-no-color").expectExit(0).output
	written := everythingIn(t, os.DirFS(tf.dir))
	written["what Terraform printed"] = printed
	for place, found := range find(written, []string{env.Token}) {
		t.Errorf("%s contains the token as %s", place, found)
	}
	tf.expectState(map[string]any{"name": "(secret)", "company_name": "Acme (secret)"})
}

func TestAcc706_ATokenInTheWrongArgumentIsNotQuoted(t *testing.T) {
	t.Parallel()
	const connection, data, all = `resource "wintro_recruitee_connection" "`, `data "wintro_recruitee_connection" "`, `data "wintro_recruitee_connections" "`
	// Each block contains one error, and one plan reports all errors.
	blocks := []string{
		connection + "company_id\" {\n  company_id = var.token\n  api_token = \"a-valid-token\"\n}",
		connection + "name\" {\n  company_id = \"816\"\n  api_token = \"a-valid-token\"\n  name = \" ${var.token}\"\n}",
		connection + "timeouts\" {\n  company_id = \"816\"\n  api_token = \"a-valid-token\"\n  timeouts {\n    create = var.token\n  }\n}",
		data + "company_id\" {\n  company_id = var.token\n}",
		data + "id\" {\n  id = var.token\n}",
		all + "status\" {\n  status = var.token\n}",
		all + "timeouts\" {\n  timeouts {\n    read = var.token\n  }\n}",
		"output \"id\" {\n  sensitive = true\n  value = provider::wintro::recruitee_company_id(var.token)\n}",
		"ephemeral \"wintro_recruitee_token\" \"acme\" {\n  company_id = var.token\n  api_token = \"a-valid-token\"\n}",
		"provider \"wintro\" {\n  alias = \"a\"\n  endpoint = var.token\n}\n" + all + "a\" {\n  provider = wintro.a\n}",
		"provider \"wintro\" {\n  alias = \"b\"\n  recruitee_verification = var.token\n}\n" + all + "b\" {\n  provider = wintro.b\n}",
	}
	env := newEnvironment(t)
	tf := env.terraform(t, append([]string{env.provider()}, blocks...)...)
	// The first token isn't valid as an ID, but the second one is.
	for _, tf.token = range []string{"K7+/qdXk2/aB+9sTzQ1wErTy/iOp4gHj", "K7qdXk2aB9sTzQ1wErTyiOp4gHj0zZ3x"} {
		r := tf.plan().expectExit(1)
		errors := 0
		for _, d := range r.diagnostics {
			if d.Severity == "error" {
				errors++
			}
		}
		if errors != len(blocks) || strings.Contains(r.output, tf.token) {
			t.Errorf("%d errors for %d blocks, or the output contains the token:\n%s", errors, len(blocks), r.output)
		}
	}
}

// net/http logs the beginning of any data that a server sends after a response. Here, that data contains the token.
func TestAcc707_TokenInAnUnexpectedResponseIsNotLogged(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = connection.Close() }()
		_, _ = fmt.Fprintf(connection, "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 %s", env.Token)
		_, _ = connection.Read(make([]byte, 1))
	}))
	defer server.Close()
	config := strings.Replace(env.provider(), fmt.Sprintf("%q", env.RecruiteeEndpoint()), fmt.Sprintf("%q", server.URL), 1)
	tf := env.process(t, ephemeralVariable(config), resourceBlock(writeOnly))
	tf.run("plan", "-no-color").expectExit(0)
	for place, found := range find(everythingIn(t, os.DirFS(tf.dir)), []string{env.Token}) {
		t.Errorf("%s contains the token as %s", place, found)
	}
}

// With verification off, a rename sends the token to neither system, but Wintro's error still contains the token.
func TestAcc708_ATokenThatIsNotSentIsNotWritten(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	settings := ephemeralVariable(env.provider("max_retries = 0", `recruitee_verification = "off"`))
	tf := env.process(t, settings, resourceBlock(writeOnly))
	tf.run("apply", "-auto-approve", "-no-color").expectExit(0)
	env.Fail(sandbox.Fault{System: sandbox.Wintro, Method: http.MethodPatch, Status: http.StatusConflict, Header: jsonType, Body: `{"error":{"code":"CONFLICT","message":"Not with ` + env.Token + `"}}`})
	tf.write(settings, resourceBlock(writeOnly, `name = "HR"`))
	r := tf.run("apply", "-auto-approve", "-no-color").expectExit(1)
	r.expectOutput("Not with (secret)")
	if strings.Contains(r.output, env.Token) {
		t.Error("Terraform printed the token")
	}
}

// recorder returns a function that runs Terraform and expects an exit code. printed collects the output of all runs.
func (tf *terraform) recorder() (printed *strings.Builder, run func(exit int, arguments ...string)) {
	printed = &strings.Builder{}
	return printed, func(exit int, arguments ...string) {
		tf.t.Helper()
		printed.WriteString(tf.run(arguments...).expectExit(exit).output)
	}
}

// find maps each place that contains a secret to a description of the secret's form.
func find(written map[string]string, secrets []string) map[string]string {
	found := map[string]string{}
	for place, text := range written {
		for _, secret := range secrets {
			for name, form := range forms(secret) {
				if strings.Contains(text, form) {
					found[place] = fmt.Sprintf("%s (%s…)", name, form[:4])
				}
			}
		}
	}
	return found
}

func forms(secret string) map[string]string {
	escaped, _ := json.Marshal(secret)
	var unescaped bytes.Buffer
	plainJSON := json.NewEncoder(&unescaped)
	plainJSON.SetEscapeHTML(false)
	_ = plainJSON.Encode(secret)
	all := map[string]string{
		"clear text":             secret,
		"JSON":                   strings.Trim(string(escaped), `"`),
		"JSON without HTML":      strings.Trim(strings.TrimSpace(unescaped.String()), `"`),
		"part of a query":        url.QueryEscape(secret),
		"part of a path":         url.PathEscape(secret),
		"a quoted Go string":     strings.Trim(fmt.Sprintf("%q", secret), `"`),
		"JSON in a JSON string":  strings.Trim(fmt.Sprintf("%q", escaped), `"`),
		"hexadecimal digits":     fmt.Sprintf("%x", secret),
		"upper hexadecimal form": fmt.Sprintf("%X", secret),
	}
	// The base64 form of the secret depends on the secret's offset in the encoded text, modulo three. The first
	// and last characters of this form also depend on the adjacent bytes, so leave them out.
	for offset := range 3 {
		for name, encoding := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "URL base64": base64.RawURLEncoding} {
			text := encoding.EncodeToString([]byte(strings.Repeat("x", offset) + secret))
			all[fmt.Sprintf("%s at offset %d", name, offset)] = text[[]int{0, 2, 3}[offset] : len(text)-2]
		}
	}
	return all
}

// everythingIn reads all files in a folder and its subfolders, and all files in saved plans, which are archives.
func everythingIn(t *testing.T, folder fs.FS) map[string]string {
	t.Helper()
	written := map[string]string{}
	err := fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(folder, name)
		written[name] = string(content)
		if archive, notAnArchive := zip.NewReader(bytes.NewReader(content), int64(len(content))); notAnArchive == nil {
			for inner, text := range everythingIn(t, archive) {
				written[name+"/"+inner] = text
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return written
}

// process returns a Terraform runner that starts the provider as a separate process and logs at every level.
func (env *environment) process(t *testing.T, config ...string) *terraform {
	t.Helper()
	tf := env.quietProcess(t, config...)
	tf.env = append(tf.env, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(tf.dir, "terraform.log"))
	return tf
}

// quietProcess returns a Terraform runner that starts the provider as a separate process.
func (env *environment) quietProcess(t *testing.T, config ...string) *terraform {
	t.Helper()
	if err := build(); err != nil {
		t.Fatal(err)
	}
	tf := &terraform{t: t, dir: t.TempDir(), token: env.Token}
	tf.addFile("terraform.rc", fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"wintro-ai/wintro\" = %q\n  }\n  direct {}\n}\n", builtFolder))
	tf.env = terraformcli.Environment(
		"TF_IN_AUTOMATION=1",
		"TF_CLI_CONFIG_FILE="+filepath.Join(tf.dir, "terraform.rc"),
		"WINTRO_API_TOKEN="+env.WintroToken(),
	)
	// Set Wintro's API token only in the environment, because a saved plan contains the configuration.
	tf.write(strings.Replace(strings.Join(config, "\n"), fmt.Sprintf("api_token          = %q", env.WintroToken()), "", 1))
	return tf
}

// builtFolder is the folder that contains the provider's binary, or "" before the build.
var builtFolder string

// build builds the provider once for all tests. TestMain removes the folder.
var build = sync.OnceValue(func() (err error) {
	builtFolder, err = os.MkdirTemp("", "terraform-provider-wintro")
	if err != nil {
		return err
	}
	command := exec.Command("go", "build", "-trimpath", "-o", filepath.Join(builtFolder, "terraform-provider-wintro"), "../..")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, output)
	}
	return nil
})
