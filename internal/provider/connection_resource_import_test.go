package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

func TestImportByIDIdentityOrCompanyFindsTheConnection(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	id := env.Connect(acme, "By hand", env.Token)
	p := env.protocol(t)
	for name, req := range map[string]*tfprotov6.ImportResourceStateRequest{
		"ID":       {ID: id},
		"identity": {Identity: p.identity(id)},
		"company":  {ID: "company_id=816"},
	} {
		// Use a new provider for each import, because a provider warns if it imports the same connection twice.
		p := env.protocol(t)
		is, diagnostics := p.importState(req)
		p.expectNone(diagnostics)
		state := p.readConnection(is.state)
		if state["id"] != id || state["company_id"] != "816" || state["name"] != "By hand" || state["status"] != "active" ||
			state["require_administrator"] != true || state["api_token"] != nil {
			t.Errorf("the import by %s returned %v", name, state)
		}
	}
}

func TestImportOfAnInvalidIDIsAnError(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	p := env.protocol(t)
	noIdentity := &tfprotov6.ResourceIdentityData{IdentityData: connectionSchema().identity.pack(nil)}
	for name, test := range map[string]struct {
		req   *tfprotov6.ImportResourceStateRequest
		words string
	}{
		"an unknown ID":                {&tfprotov6.ImportResourceStateRequest{ID: "conn_missing"}, "There is no connection with this ID in Wintro"},
		"a company that isn't linked":  {&tfprotov6.ImportResourceStateRequest{ID: "company_id=816"}, "Recruitee company 816 is not linked with Wintro"},
		"a company without its prefix": {&tfprotov6.ImportResourceStateRequest{ID: "816"}, "write company_id=816"},
		"a malformed ID":               {&tfprotov6.ImportResourceStateRequest{ID: "a/b"}, "isn't the ID of a connection"},
		"a malformed identity":         {&tfprotov6.ImportResourceStateRequest{Identity: p.identity("")}, "The ID to import is empty"},
		"an empty ID":                  {&tfprotov6.ImportResourceStateRequest{Identity: noIdentity}, "The ID to import is empty"},
		"a malformed company":          {&tfprotov6.ImportResourceStateRequest{ID: "company_id=acme"}, "isn't a numeric Recruitee company ID"},
	} {
		_, diagnostics := p.importState(test.req)
		if len(diagnostics) != 1 || !strings.Contains(diagnostics[0].Summary+diagnostics[0].Detail, test.words) {
			t.Errorf("%s: %+v", name, diagnostics)
		}
	}
}

// Identities of each version must stay readable. So far, the only version is 0, which needs no upgrade, so the
// framework rejects an upgrade. If you raise the version, add an upgrader, and test it here.
func TestIdentityOfEachVersionCanBeRead(t *testing.T) {
	t.Parallel()
	p := newProtocol(t)
	if version := must(p.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})).IdentitySchemas[connectionType].Version; version != 0 {
		t.Fatalf("this test has no case for version %d", version)
	}
	resp, err := p.UpgradeResourceIdentity(t.Context(), &tfprotov6.UpgradeResourceIdentityRequest{
		TypeName: connectionType, Version: 0, RawIdentity: &tfprotov6.RawState{JSON: []byte(`{"id":"conn_1"}`)},
	})
	if err != nil || len(resp.Diagnostics) != 1 || !strings.Contains(resp.Diagnostics[0].Detail, "matches the current version") {
		t.Errorf("upgrading from the current version returned %v, %v", err, resp.Diagnostics)
	}
}
