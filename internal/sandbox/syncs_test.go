package sandbox_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

func (c *client) startSync(id string) contract.Sync {
	c.t.Helper()
	return decodeData[contract.Sync](c.wintro(http.MethodPost, "/ats-connections/"+id+"/syncs", "").want(http.StatusAccepted))
}

func (c *client) followSync(id, sync string) contract.Sync {
	c.t.Helper()
	response := c.wintro(http.MethodGet, "/ats-connections/"+id+"/syncs/"+sync, "")
	return decodeData[contract.Sync](response.want(http.StatusOK))
}

func TestSync(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *client) {
		c.SetVacancies(40)
		id := c.connect().ID
		started := c.startSync(id)
		if started.Status != contract.SyncQueued || started.VacanciesSynced != 0 || started.FinishedAt != nil {
			t.Errorf("the new sync is %+v", started)
		}
		time.Sleep(time.Second)
		for i, want := range []struct {
			status    contract.SyncStatus
			vacancies int
		}{
			{contract.SyncRunning, 13}, {contract.SyncRunning, 26}, {contract.SyncSucceeded, 40}, {contract.SyncSucceeded, 40},
		} {
			got := c.followSync(id, started.ID)
			if got.Status != want.status || got.VacanciesSynced != want.vacancies || got.Error != nil {
				t.Errorf("read %d returned %+v", i+1, got)
			}
			finished := want.status == contract.SyncSucceeded
			if (got.FinishedAt != nil) != finished || (c.get(id).LastSyncedAt != nil) != finished {
				t.Errorf("read %d: finishedAt is %v, and lastSyncedAt is %v", i+1, got.FinishedAt, c.get(id).LastSyncedAt)
			}
		}
		if got, want := *c.get(id).LastSyncedAt, started.StartedAt.Add(time.Second); !got.Equal(want) {
			t.Errorf("lastSyncedAt is %s instead of %s", got, want)
		}
		other := c.Connect(817, "Globex", "token")
		c.wintro(http.MethodGet, "/ats-connections/"+other+"/syncs/"+started.ID, "").wantError(http.StatusNotFound, contract.CodeNotFound)
		expectPanic(t, "-1 vacancies", func() { c.SetVacancies(-1) })
	})
}

func TestFailedSync(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		happened func(*client)
		reason   string
	}{
		"FailSyncs":     {func(c *client) { c.FailSyncs("No response.") }, "No response."},
		"token revoked": {func(c *client) { c.RevokeToken(c.Token) }, "Recruitee rejected the API token."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t)
			id := c.connect().ID
			started := c.startSync(id)
			test.happened(c)
			for range 2 {
				c.followSync(id, started.ID)
			}
			got := c.followSync(id, started.ID)
			if got.Status != contract.SyncFailed || got.Error == nil || *got.Error != test.reason || got.FinishedAt == nil {
				t.Errorf("the failed sync is %+v", got)
			}
			if after := c.get(id); after.LastSyncedAt != nil || after.Status != contract.ConnectionActive {
				t.Errorf("after the failed sync, the connection is %+v", after)
			}
		})
	}
}
