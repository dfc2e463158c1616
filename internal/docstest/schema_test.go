package docstest

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"
)

// TestAccProviderSchemaEqualsTerraforms compares the output of provider-schema with Terraform's. An older Terraform leaves
// out kinds of objects that it doesn't know.
func TestAccProviderSchemaEqualsTerraforms(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "schema.json")
	if out, err := exec.CommandContext(t.Context(), "go", "run", "../../tools/provider-schema", file).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text := []byte(read(t, file))
	env := newEnvironment(t)
	e := &example{folder: newFolder(t, env.variables()...), environment: env, t: t}
	e.write("provider.tf", read(t, examples+"/provider/provider.tf"))
	e.terraform(0, "init", "-no-color", "-input=false")
	code, printed := e.execute(nil, cli(t).Path, "providers", "schema", "-json")
	if code != 0 {
		t.Fatal(printed)
	}
	ours, theirs := wintroSchema(t, text), wintroSchema(t, []byte(printed))
	if len(theirs) < 5 || len(ours) != 8 {
		t.Errorf("%d kinds of objects here, %d there", len(ours), len(theirs))
	}
	for kind, expected := range theirs {
		if !reflect.DeepEqual(ours[kind], expected) {
			t.Errorf("%s differ:\n%v\n%v", kind, ours[kind], expected)
		}
	}
}

func wintroSchema(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var all struct {
		Schemas map[string]map[string]any `json:"provider_schemas"`
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for _, one := range all.Schemas {
		return one
	}
	return nil
}
