package docstest

import (
	"encoding/json"
	"maps"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
)

// TestAccProviderSchemaEqualsTerraforms compares the output of tools/provider-schema with the schema that
// Terraform prints. An older Terraform doesn't print the kinds of objects that it doesn't know, so the test
// ignores them.
func TestAccProviderSchemaEqualsTerraforms(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "schema.json")
	if out, err := exec.CommandContext(t.Context(), "go", "run", "../../tools/provider-schema", path).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	e := newExample(t, "provider")
	e.terraform(0, "init", "-no-color", "-input=false")
	_, printed := e.execute(nil, cli(t).Path, "providers", "schema", "-json")
	var schemas [2]map[string]any
	for i, text := range []string{read(t, path), printed} {
		var all struct {
			Schemas map[string]map[string]any `json:"provider_schemas"`
		}
		if err := json.Unmarshal([]byte(text), &all); err != nil || len(all.Schemas) != 1 {
			t.Fatalf("%v: %s", err, text)
		}
		schemas[i] = slices.Collect(maps.Values(all.Schemas))[0]
	}
	ours, theirs := schemas[0], schemas[1]
	if len(theirs) < 5 || len(ours) != 8 {
		t.Errorf("%d kinds of objects here, %d there", len(ours), len(theirs))
	}
	for kind, expected := range theirs {
		if !reflect.DeepEqual(ours[kind], expected) {
			t.Errorf("%s differ:\n%v\n%v", kind, ours[kind], expected)
		}
	}
}
