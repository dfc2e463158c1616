package provider

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

func TestEachAttributeHasADescription(t *testing.T) {
	t.Parallel()
	schemas, err := NewServer("test").GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || len(schemas.Diagnostics) > 0 {
		t.Fatalf("%v %v", err, schemas.Diagnostics)
	}
	all := map[string]*tfprotov6.Schema{"provider": schemas.Provider}
	for kind, some := range map[string]map[string]*tfprotov6.Schema{
		"resource": schemas.ResourceSchemas, "data source": schemas.DataSourceSchemas, "ephemeral resource": schemas.EphemeralResourceSchemas, "list resource": schemas.ListResourceSchemas,
	} {
		for name, schema := range some {
			all[kind+" "+name] = schema
		}
	}
	for name, schema := range schemas.ActionSchemas {
		all["action "+name] = schema.Schema
	}
	for name, schema := range all {
		expectDescriptions(t, name, schema.Block)
	}
	for name, function := range schemas.Functions {
		if function.Description == "" || function.Summary == "" {
			t.Errorf("%s has no description", name)
		}
	}
	if len(all) != 7 || len(schemas.Functions) != 2 {
		t.Errorf("the provider has %d schemas and %d functions", len(all), len(schemas.Functions))
	}
}

func expectDescriptions(t *testing.T, name string, block *tfprotov6.SchemaBlock) {
	t.Helper()
	for _, attribute := range block.Attributes {
		expectDescription(t, name, attribute)
	}
	for _, nested := range block.BlockTypes {
		expectDescriptions(t, name+"."+nested.TypeName, nested.Block)
	}
}

func expectDescription(t *testing.T, name string, attribute *tfprotov6.SchemaAttribute) {
	t.Helper()
	if attribute.Description == "" {
		t.Errorf("%s.%s has no description", name, attribute.Name)
	}
	if attribute.NestedType != nil {
		for _, nested := range attribute.NestedType.Attributes {
			expectDescription(t, name+"."+attribute.Name, nested)
		}
	}
}
