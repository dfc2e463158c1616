package sandbox_test

import (
	"net/http"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

func (c *client) startSync(id string) contract.Sync {
	c.t.Helper()
	return decodeData[contract.Sync](c.wintro(http.MethodPost, "/ats-connections/"+id+"/syncs", "").want(http.StatusAccepted))
}

func (c *client) followSync(id, sync string) reply {
	c.t.Helper()
	return c.wintro(http.MethodGet, "/ats-connections/"+id+"/syncs/"+sync, "")
}

func TestSyncOfAnotherConnection(t *testing.T) {
	t.Parallel()
	c := start(t)
	started := c.startSync(c.connect().ID)
	other := c.Connect(817, "Globex", "token")
	c.followSync(other, started.ID).wantError(http.StatusNotFound, contract.CodeNotFound)
}

func TestSyncWithRevokedToken(t *testing.T) {
	t.Parallel()
	c := start(t)
	id := c.connect().ID
	started := c.startSync(id)
	c.RevokeToken(c.Token)
	var got contract.Sync
	for range 3 {
		got = decodeData[contract.Sync](c.followSync(id, started.ID).want(http.StatusOK))
	}
	if got.Status != contract.SyncFailed || got.Error == nil || *got.Error != "Recruitee rejected the API token." || got.FinishedAt == nil {
		t.Errorf("the failed sync is %+v", got)
	}
	if after := c.get(id); after.LastSyncedAt != nil || after.Status != contract.ConnectionActive {
		t.Errorf("after the failed sync, the connection is %+v", after)
	}
}
