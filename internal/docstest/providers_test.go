package docstest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/wintro-ai/terraform-provider-wintro/internal/terraformcli"
)

// providers lists the providers that examples and guides use, with the version to install. All except the first are
// stand-ins. They have the names of the real providers, and the attributes that the examples and guides use, but they
// call no service.
var providers = []struct{ source, version string }{
	{"wintro-ai/wintro", "0.1.0"},
	{"hashicorp/vault", "5.0.0"},
	{"hashicorp/aws", "5.100.0"},
	{"1password/onepassword", "3.2.0"},
}

// storedToken is the name of an environment variable. Its value is the token that the stand-ins for secret stores
// return.
const storedToken = "STAND_IN_TOKEN"

// standIn is a provider that replaces the real provider of a secret store. Its only ephemeral resource returns the
// token.
type standIn struct {
	name string
	// setting is the name of an optional attribute in the provider block, or "" if the examples set none.
	setting string
	// secret is the type of the ephemeral resource. required and optional are its arguments.
	secret             string
	required, optional []string
	// result is the attribute that contains the token. If key is set, the attribute is a map that contains the token
	// under this key.
	result, key string
}

var standIns = []standIn{
	{name: "vault", secret: "vault_kv_secret_v2", required: []string{"mount", "name"}, optional: []string{"mount_id"}, result: "data", key: "api_token"},
	{name: "aws", setting: "region", secret: "aws_secretsmanager_secret_version", required: []string{"secret_id"}, optional: []string{"version_id", "version_stage"}, result: "secret_string"},
	{name: "onepassword", secret: "onepassword_item", required: []string{"vault"}, optional: []string{"title", "uuid"}, result: "credential"},
}

// serve runs the stand-in with this name, which can end with a version, as in vault_v5.0.0.
func serve(name string) error {
	name, _, _ = strings.Cut(name, "_v")
	for _, s := range standIns {
		if s.name == name {
			return tf6server.Serve("registry.terraform.io/example/"+name, providerserver.NewProtocol6(s))
		}
	}
	return errors.New("there is no stand-in for the provider " + name)
}

// pluginFolder is the folder from which Terraform installs the providers. TestMain creates and removes it.
var pluginFolder string

// builtProvider returns the path of the provider binary. The binary is always built without the race detector, with
// which Terraform's commands take three times as long.
func builtProvider() string { return filepath.Join(pluginFolder, "built") }

// installPlugins builds the provider, and creates links to the provider and the stand-ins in pluginFolder. The link of
// a stand-in leads to this test program. installPlugins returns the path of a CLI configuration file with which
// Terraform installs providers from pluginFolder.
var installPlugins = sync.OnceValues(func() (configuration string, err error) {
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-trimpath", "-o", builtProvider(), root)
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, output)
	}
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		for _, p := range providers {
			target, name := program, filepath.Base(p.source)
			if name == "wintro" {
				target = builtProvider()
			}
			dir := filepath.Join(pluginFolder, host, filepath.FromSlash(p.source), p.version, runtime.GOOS+"_"+runtime.GOARCH)
			if err := os.MkdirAll(dir, 0o700); err != nil {
				return "", err
			}
			if err := os.Symlink(target, filepath.Join(dir, "terraform-provider-"+name+"_v"+p.version)); err != nil {
				return "", err
			}
		}
	}
	configuration = filepath.Join(pluginFolder, "terraform.rc")
	return configuration, os.WriteFile(configuration, []byte(terraformcli.MirrorConfig(pluginFolder)), 0o600)
})

func (s standIn) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = s.name
}

func (s standIn) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	if s.setting != "" {
		resp.Schema.Attributes = map[string]providerschema.Attribute{s.setting: providerschema.StringAttribute{Optional: true}}
	}
}

func (standIn) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (standIn) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (standIn) Resources(context.Context) []func() resource.Resource { return nil }

func (s standIn) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{func() ephemeral.EphemeralResource { return secretOf(s) }}
}

// secretOf implements the ephemeral resource of a stand-in.
type secretOf standIn

func (s secretOf) Metadata(_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = s.secret
}

func (s secretOf) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema.Attributes = map[string]schema.Attribute{s.result: schema.StringAttribute{Computed: true}}
	if s.key != "" {
		resp.Schema.Attributes[s.result] = schema.MapAttribute{Computed: true, ElementType: types.StringType}
	}
	for _, name := range s.required {
		resp.Schema.Attributes[name] = schema.StringAttribute{Required: true}
	}
	for _, name := range s.optional {
		resp.Schema.Attributes[name] = schema.StringAttribute{Optional: true}
	}
}

func (s secretOf) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	resp.Result.Raw = req.Config.Raw
	var value any = os.Getenv(storedToken)
	if s.key != "" {
		value = map[string]string{s.key: os.Getenv(storedToken)}
	}
	resp.Diagnostics.Append(resp.Result.SetAttribute(ctx, path.Root(s.result), value)...)
}
