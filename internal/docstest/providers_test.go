package docstest

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	wintro "github.com/wintro-ai/terraform-provider-wintro/internal/provider"
)

// providers lists the providers that examples and guides use, with the version to install. All but the first are
// stand-ins: they have the same names and attributes as the real ones, but call no service.
var providers = []struct{ source, version string }{
	{"wintro-ai/wintro", "0.1.0"},
	{"hashicorp/vault", "5.0.0"},
	{"hashicorp/aws", "5.100.0"},
	{"1password/onepassword", "3.2.0"},
}

// storedToken is the environment variable that contains the token. The stand-ins for secret stores return this
// token.
const storedToken = "STAND_IN_TOKEN"

var standIns = map[string]*standIn{
	"vault": {
		ephemerals: []ephemeralStandIn{{"vault_kv_secret_v2", "mount! name! mount_id? data{}", func(token string) (string, any) {
			return "data", map[string]string{"api_token": token}
		}}},
	},
	"aws": {
		settings:   "region?",
		ephemerals: []ephemeralStandIn{{"aws_secretsmanager_secret_version", "secret_id! version_id? version_stage? secret_string", func(token string) (string, any) { return "secret_string", token }}},
	},
	"onepassword": {
		ephemerals: []ephemeralStandIn{{"onepassword_item", "vault! title? uuid? credential", func(token string) (string, any) { return "credential", token }}},
	},
}

// attributes creates attributes from a list of names. After a name, "!" means required, "?" optional, and "{}" a
// computed map. An attribute without a mark is computed. All attributes except maps are strings, because Terraform
// converts other types to strings.
func attributes[A any](spec string, newAttribute func(required, optional, isMap bool) A) map[string]A {
	all := map[string]A{}
	for name := range strings.FieldsSeq(spec) {
		all[strings.TrimRight(name, "!?{}")] = newAttribute(strings.HasSuffix(name, "!"), strings.HasSuffix(name, "?"), strings.HasSuffix(name, "{}"))
	}
	return all
}

func ephemeralAttribute(required, optional, isMap bool) ephemeralschema.Attribute {
	if isMap {
		return ephemeralschema.MapAttribute{Computed: true, ElementType: types.StringType}
	}
	return ephemeralschema.StringAttribute{Required: required, Optional: optional, Computed: !required}
}

func settingsAttribute(required, optional, _ bool) providerschema.Attribute {
	return providerschema.StringAttribute{Required: required, Optional: optional}
}

// serve runs the provider with this name. Terraform starts this program under that name.
func serve(name string) {
	name, providerVersion, _ := strings.Cut(name, "_v")
	server, address := func() tfprotov6.ProviderServer { return wintro.NewServer(providerVersion) }, "registry.terraform.io/wintro-ai/wintro"
	if name != "wintro" {
		stand, found := standIns[name]
		if !found {
			log.Fatalf("there is no provider %q", name)
		}
		stand.name = name
		server, address = providerserver.NewProtocol6(stand), "registry.terraform.io/example/"+name
	}
	if err := tf6server.Serve(address, server); err != nil {
		log.Fatal(err)
	}
}

var mirror struct {
	once   sync.Once
	folder string
	err    error
}

// cliConfigFile returns a CLI configuration file that makes Terraform install providers from a local folder. In
// that folder, each provider is a symbolic link to this program.
func cliConfigFile(t *testing.T) string {
	t.Helper()
	mirror.once.Do(func() {
		var program string
		if program, mirror.err = os.Executable(); mirror.err != nil {
			return
		}
		if mirror.folder, mirror.err = os.MkdirTemp("", "wintro-docs"); mirror.err != nil { //nolint:usetesting // it outlives each test
			return
		}
		for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
			for _, one := range providers {
				dir := filepath.Join(mirror.folder, host, filepath.FromSlash(one.source), one.version, runtime.GOOS+"_"+runtime.GOARCH)
				executable := filepath.Join(dir, fmt.Sprintf("terraform-provider-%s_v%s", filepath.Base(one.source), one.version))
				if mirror.err = os.MkdirAll(dir, 0o700); mirror.err == nil {
					mirror.err = os.Symlink(program, executable)
				}
				if mirror.err != nil {
					return
				}
			}
		}
		settings := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror.folder)
		mirror.err = os.WriteFile(filepath.Join(mirror.folder, "terraform.rc"), []byte(settings), 0o600)
	})
	if mirror.err != nil {
		t.Fatal(mirror.err)
	}
	return filepath.Join(mirror.folder, "terraform.rc")
}

// standIn is a provider that stands in for a real one.
type standIn struct {
	name, settings string
	ephemerals     []ephemeralStandIn
}

var _ provider.ProviderWithEphemeralResources = (*standIn)(nil)

func (s *standIn) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = s.name
}

func (s *standIn) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerschema.Schema{Attributes: attributes(s.settings, settingsAttribute)}
}

func (s *standIn) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (s *standIn) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (s *standIn) Resources(context.Context) []func() resource.Resource { return nil }

func (s *standIn) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	var all []func() ephemeral.EphemeralResource
	for _, one := range s.ephemerals {
		all = append(all, func() ephemeral.EphemeralResource { return one })
	}
	return all
}

// ephemeralStandIn is an ephemeral resource that reads a secret from a store. result returns the attribute that
// contains the token, and its value.
type ephemeralStandIn struct {
	name, attributes string
	result           func(token string) (attribute string, value any)
}

func (e ephemeralStandIn) Metadata(_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = e.name
}

func (e ephemeralStandIn) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = ephemeralschema.Schema{Attributes: attributes(e.attributes, ephemeralAttribute)}
}

func (e ephemeralStandIn) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	resp.Result.Raw = req.Config.Raw
	attribute, value := e.result(os.Getenv(storedToken))
	resp.Diagnostics.Append(resp.Result.SetAttribute(ctx, path.Root(attribute), value)...)
}
