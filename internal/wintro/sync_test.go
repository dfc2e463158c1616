package wintro_test

import (
	"strings"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

const syncJSON = `{"id":"syn_1-A","status":"failed","vacanciesSynced":12,"error":"Recruitee is down.",` +
	`"startedAt":"2026-04-21T07:31:15Z","finishedAt":"2026-04-21T07:32:15Z"}`

// synced returns the Sync that syncJSON must decode to.
func synced() wintro.Sync {
	return wintro.Sync{
		ID: "syn_1-A", Status: wintro.SyncFailed, VacanciesSynced: 12, Error: new("Recruitee is down."),
		StartedAt:  time.Date(2026, 4, 21, 7, 31, 15, 0, time.UTC),
		FinishedAt: new(time.Date(2026, 4, 21, 7, 32, 15, 0, time.UTC)),
	}
}

// syncCalls are the calls whose response is a sync.
var syncCalls = []string{"StartSync", "GetSync"}

func TestSync(t *testing.T) {
	t.Parallel()
	status := func(want string) func(*wintro.Sync) {
		return func(s *wintro.Sync) { s.Status = want }
	}
	failure := func(want *string) func(*wintro.Sync) {
		return func(s *wintro.Sync) { s.Error = want }
	}
	for name, test := range map[string]struct {
		replaced, by string
		want         func(*wintro.Sync)
	}{
		"unknown fields are ignored":                  {`{"id"`, `{"pages":[1],"vacancies":"x","id"`, func(*wintro.Sync) {}},
		"an unknown status":                           {`"failed"`, `"paused"`, status("paused")},
		"a status with control characters":            {`"failed"`, `"\u001b[2Jpaused"`, status("[2Jpaused")},
		"a long status is cut":                        {`"failed"`, `"` + long('s') + `"`, status(cut('s', 40))},
		"a status that contains the token":            {`"failed"`, `"` + wintroToken + `"`, status("(secret)")},
		"no number of vacancies counts as 0":          {`"vacanciesSynced":12,`, ``, func(s *wintro.Sync) { s.VacanciesSynced = 0 }},
		"no error":                                    {`"error":"Recruitee is down.",`, ``, failure(nil)},
		"control characters in the error are removed": {`"Recruitee is down."`, `"\u001b[31mRecruitee\r\nis\u0000down."`, failure(new("[31mRecruitee is down."))},
		"a long error is cut":                         {`"Recruitee is down."`, `"` + long('e') + `"`, failure(new(cut('e', 500)))},
		"an error that contains the token":            {`"Recruitee is down."`, `"Not for ` + wintroToken + `"`, failure(new("Not for (secret)"))},
		"an unfinished sync":                          {`"2026-04-21T07:32:15Z"`, `null`, func(s *wintro.Sync) { s.FinishedAt = nil }},
	} {
		for _, call := range syncCalls {
			t.Run(name+", from "+call, func(t *testing.T) {
				t.Parallel()
				got, err := callWith(t, call, success(calls[call].status, envelope(strings.Replace(syncJSON, test.replaced, test.by, 1))))
				if err != nil {
					t.Fatal(err)
				}
				want := synced()
				test.want(&want)
				same(t, got, want)
			})
		}
	}
}

func TestSyncRejectsInvalidResponses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ replaced, by, want string }{
		"without an id":                       {`"id":"syn_1-A",`, ``, "its sync has no valid id"},
		"with a path as id":                   {`"syn_1-A"`, `"../syn"`, "its sync has no valid id"},
		"without a status":                    {`"status":"failed",`, ``, "its sync has no status"},
		"with an invisible status":            {`"failed"`, `"\u001b"`, "its sync has no status"},
		"with a number as status":             {`"failed"`, `3`, "its JSON has an invalid value for status"},
		"with a negative number of vacancies": {`12`, `-1`, "its sync has a negative number of vacancies"},
		"with an invalid time":                {`"2026-04-21T07:31:15Z"`, `"` + recruiteeToken + `"`, "its JSON is incomplete or violates the contract"},
	} {
		for _, call := range syncCalls {
			t.Run(name+", from "+call, func(t *testing.T) {
				t.Parallel()
				got, err := callWith(t, call, success(calls[call].status, envelope(strings.Replace(syncJSON, test.replaced, test.by, 1))))
				if failure := typed[*transport.UnavailableError](t, err); !strings.HasSuffix(failure.Reason, "; "+test.want) {
					t.Errorf("%v doesn't end with %q", failure, test.want)
				}
				isNothing(t, got)
			})
		}
	}
}

func TestGetSyncRejectsAnotherSync(t *testing.T) {
	t.Parallel()
	other := envelope(strings.Replace(syncJSON, "syn_1-A", "syn_2", 1))
	got, err := callWith(t, "GetSync", success(200, other))
	same(t, typed[*transport.UnavailableError](t, err).Reason, "it returned 200 OK; it is about another sync")
	isNothing(t, got)
	started, err := callWith(t, "StartSync", success(202, other))
	want := synced()
	want.ID = "syn_2"
	same(t, err, nil)
	same(t, started, want)
}
