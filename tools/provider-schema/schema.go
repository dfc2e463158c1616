package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/wintro-ai/terraform-provider-wintro/internal/provider"
)

// schemaJSON returns the provider's schema as `terraform providers schema -json` prints it, for
// terraform-plugin-docs. It doesn't run Terraform, so it includes all kinds of objects. Terraform prints
// identities only from version 1.12 on, and list resources and actions only from 1.14 on.
func schemaJSON(ctx context.Context) ([]byte, error) {
	server := provider.NewServer("docs")
	described, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err == nil {
		err = errorIn(described.Diagnostics)
	}
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err == nil {
		err = errorIn(identities.Diagnostics)
	}
	if err != nil {
		return nil, fmt.Errorf("identities: %w", err)
	}
	return json.MarshalIndent(document{
		FormatVersion: "1.0",
		// terraform-plugin-docs expects this name or an address below registry.terraform.io/hashicorp.
		ProviderSchemas: map[string]providerSchema{"wintro": {
			Provider:                 schemaOf(described.Provider),
			ResourceSchemas:          each(described.ResourceSchemas, schemaOf),
			DataSourceSchemas:        each(described.DataSourceSchemas, schemaOf),
			EphemeralResourceSchemas: each(described.EphemeralResourceSchemas, schemaOf),
			ListResourceSchemas:      each(described.ListResourceSchemas, schemaOf),
			ActionSchemas:            each(described.ActionSchemas, actionOf),
			Functions:                each(described.Functions, functionOf),
			ResourceIdentitySchemas:  each(identities.IdentitySchemas, identityOf),
		}},
	}, "", "  ")
}

func errorIn(diagnostics []*tfprotov6.Diagnostic) error {
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return fmt.Errorf("%s: %s", d.Summary, d.Detail)
		}
	}
	return nil
}
