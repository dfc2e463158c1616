package docstest

import (
	"archive/zip"
	"bytes"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

// TestGitHubWorkflowsAreLinted expects each workflow in the examples to have the file name github-workflow.yml, because
// make lint checks only workflows with this name.
func TestGitHubWorkflowsAreLinted(t *testing.T) {
	t.Parallel()
	eachFile(t, examples, func(name, text string) {
		if matched, _ := filepath.Match("*/github-workflow.yml", name); strings.Contains(text, "\njobs:\n") && !matched {
			t.Errorf("examples/%s is a workflow, so its name must be github-workflow.yml", name)
		}
	})
	if !strings.Contains(read(t, filepath.Join(root, "GNUmakefile")), "examples/*/github-workflow.yml") {
		t.Error("make lint doesn't check the workflows in the examples")
	}
}

func TestAccProviderTrustsAPrivateAuthority(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("SSL_CERT_FILE has an effect on Linux only")
	}
	e := newExample(t, "ci")
	target, err := url.Parse(e.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewUnstartedServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }})
	proxy.Config.ErrorLog = log.New(io.Discard, "", 0)
	proxy.StartTLS()
	defer proxy.Close()
	e.set("WINTRO_ENDPOINT", proxy.URL+sandbox.WintroPath)
	e.set("RECRUITEE_ENDPOINT", proxy.URL+sandbox.RecruiteePath)
	e.init()
	e.expectOutput(e.plan(2), "set SSL_CERT_FILE")
	e.write("company-ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: proxy.Certificate().Raw})))
	e.set("HOME", e.dir)
	bundle := blockWith(t, guide(t, "ci", "sh"), "SSL_CERT_FILE")
	e.write("bundle.sh", strings.Replace(bundle, "/etc/ssl/certs/ca-certificates.crt", "/dev/null", 1)+"terraform apply -input=false -no-color -auto-approve\n")
	e.set("PATH", e.commands())
	e.expectOutput(e.run(0, "sh", "-e", "bundle.sh"), "1 added, 0 changed, 0 destroyed")
}

// TestAccOfflineRunnerInstallsFromAnArchive installs the provider with the guide's settings, from an archive in the
// format of a release.
func TestAccOfflineRunnerInstallsFromAnArchive(t *testing.T) {
	t.Parallel()
	e := newExample(t, "ci")
	registry := "registry.terraform.io"
	if cli(t).OpenTofu {
		registry = "registry.opentofu.org"
	}
	platform := runtime.GOOS + "_" + runtime.GOARCH
	program := &fstest.MapFile{Data: []byte("#!/bin/sh\nexec " + builtProvider() + " \"$@\"\n"), Mode: 0o755}
	var archive bytes.Buffer
	zipped := zip.NewWriter(&archive)
	if err := errors.Join(zipped.AddFS(fstest.MapFS{"terraform-provider-wintro_v0.1.0": program}), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	e.write("plugins/"+registry+"/wintro-ai/wintro/terraform-provider-wintro_0.1.0_"+platform+".zip", archive.String())

	plugins := filepath.Join(e.dir, "plugins")
	settings := strings.NewReplacer("/opt/terraform/plugins", plugins, "registry.terraform.io", registry).
		Replace(blockWith(t, guide(t, "ci", "text"), "provider_installation"))
	e.write("offline.tfrc", settings)
	e.set("TF_CLI_CONFIG_FILE", filepath.Join(e.dir, "offline.tfrc"))
	lock := strings.NewReplacer("/opt/terraform/plugins", plugins, "linux_amd64", platform).Replace(blockWith(t, guide(t, "ci", "sh"), "providers lock"))
	e.set("PATH", e.commands())
	e.run(0, "sh", "-e", "-c", lock)
	e.terraform(0, "init", "-no-color", "-input=false", "-lockfile=readonly")
	e.plan(2)
}

// commands returns a value for PATH with which the command terraform runs the Terraform or OpenTofu of these tests.
func (e *example) commands() string {
	e.t.Helper()
	return commandsPath(e.t, "terraform", `exec "`+cli(e.t).Path+`" "$@"`)
}

// commandsPath returns a value for PATH with which the command with this name runs the shell script. If jq isn't
// installed, the command jq runs gojq.
func commandsPath(t *testing.T, name, script string) string {
	t.Helper()
	dir := t.TempDir()
	err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script), 0o700)
	if _, notFound := exec.LookPath("jq"); notFound != nil {
		// Under the name jq, this test program runs gojq: see TestMain.
		program, failed := os.Executable()
		err = errors.Join(err, failed, os.Symlink(program, filepath.Join(dir, "jq")))
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir + string(os.PathListSeparator) + os.Getenv("PATH")
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
