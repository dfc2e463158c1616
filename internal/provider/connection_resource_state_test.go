package provider

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// States of each version of the schema must stay readable. If a change of the schema makes old states unreadable, raise
// the schema's version, add an upgrader, and add a state of the new version to testdata.
func TestStateOfEachVersionCanBeRead(t *testing.T) {
	t.Parallel()
	p := newEnvironment(t).protocol(t)
	if version := p.schemas.ResourceSchemas[connectionType].Version; version != 0 {
		t.Fatalf("testdata has no state of version %d", version)
	}
	raw, err := os.ReadFile(filepath.Join("testdata", "state_version_0.json"))
	if err != nil {
		t.Fatal(err)
	}
	resp := must(p.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{
		TypeName: connectionType, Version: 0, RawState: &tfprotov6.RawState{JSON: raw},
	}))
	p.expectNone(resp.Diagnostics)
	state := p.readConnection(resp.UpgradedState)
	for name, value := range map[string]any{
		"id": "conn_5744a6af4e341c965ffd", "company_id": "816", "name": "Recruitee", "enabled": true,
		"status": "active", "created_at": "2026-11-23T15:26:35.337882Z", "api_token_wo_version": "1",
	} {
		if state[name] != value {
			t.Errorf("%s is %v instead of %v", name, state[name], value)
		}
	}
}
