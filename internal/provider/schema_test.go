package provider

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

func TestEveryAttributeIsDescribed(t *testing.T) {
	t.Parallel()
	server, err := providerserver.NewProtocol6WithError(New("test")())()
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || len(schemas.Diagnostics) > 0 {
		t.Fatalf("%v %v", err, schemas.Diagnostics)
	}
	described(t, "provider", schemas.Provider.Block)
	for name, schema := range schemas.ResourceSchemas {
		described(t, name, schema.Block)
	}
	for name, schema := range schemas.DataSourceSchemas {
		described(t, name, schema.Block)
	}
	for name, function := range schemas.Functions {
		if function.Description == "" || function.Summary == "" {
			t.Errorf("%s has no description", name)
		}
	}
	if len(schemas.ResourceSchemas) == 0 {
		t.Error("there is no resource")
	}
}

func described(t *testing.T, name string, block *tfprotov6.SchemaBlock) {
	t.Helper()
	for _, attribute := range block.Attributes {
		describedAttribute(t, name, attribute)
	}
	for _, nested := range block.BlockTypes {
		described(t, name+"."+nested.TypeName, nested.Block)
	}
}

func describedAttribute(t *testing.T, name string, attribute *tfprotov6.SchemaAttribute) {
	t.Helper()
	if attribute.Description == "" {
		t.Errorf("%s.%s has no description", name, attribute.Name)
	}
	if attribute.NestedType != nil {
		for _, nested := range attribute.NestedType.Attributes {
			describedAttribute(t, name+"."+attribute.Name, nested)
		}
	}
}
