package wintro_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro"
)

const syncJSON = `{"id":"syn_1-A","status":"failed","vacancies_synced":12,"error":"Recruitee is down.",` +
	`"started_at":"2026-04-21T07:31:15Z","finished_at":"2026-04-21T07:32:15Z"}`

// synced is syncJSON, decoded.
func synced() wintro.Sync {
	return wintro.Sync{
		ID: "syn_1-A", Status: wintro.SyncFailed, VacanciesSynced: 12, Error: new("Recruitee is down."),
		StartedAt:  time.Date(2026, 4, 21, 7, 31, 15, 0, time.UTC),
		FinishedAt: new(time.Date(2026, 4, 21, 7, 32, 15, 0, time.UTC)),
	}
}

// syncCalls are the calls that answer with a sync.
var syncCalls = map[string]struct {
	status      int
	method, uri string
	call        func(*testing.T, *remote) (wintro.Sync, error)
}{
	"StartSync": {http.StatusAccepted, http.MethodPost, "/api/v1/ats-connections/con_1-A/syncs", func(t *testing.T, r *remote) (wintro.Sync, error) {
		return r.StartSync(t.Context(), "con_1-A")
	}},
	"GetSync": {http.StatusOK, http.MethodGet, "/api/v1/ats-connections/con_1-A/syncs/syn_1-A", func(t *testing.T, r *remote) (wintro.Sync, error) {
		return r.GetSync(t.Context(), "con_1-A", "syn_1-A")
	}},
}

func TestTheRequestOfASync(t *testing.T) {
	t.Parallel()
	for name, test := range syncCalls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := answering(t, success(test.status, syncJSON))
			got, err := test.call(t, r)
			if err != nil {
				t.Fatal(err)
			}
			same(t, got, synced())
			sent := r.Requests()
			if len(sent) != 1 {
				t.Fatalf("%d requests", len(sent))
			}
			same(t, sent[0].Method+" "+sent[0].URI, test.method+" "+test.uri)
			same(t, sent[0].Body, "")
			same(t, sent[0].Header.Get("Authorization"), "Bearer "+wintroToken)
			same(t, sent[0].Header.Get("Accept"), "application/json, application/problem+json")
		})
	}
}

func TestSync(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		replaced, by string
		want         func(*wintro.Sync)
	}{
		"unknown fields are ignored":    {`{"id"`, `{"pages":[1],"id"`, func(*wintro.Sync) {}},
		"queued is a status":            {`"failed"`, `"queued"`, func(s *wintro.Sync) { s.Status = wintro.SyncQueued }},
		"running is a status":           {`"failed"`, `"running"`, func(s *wintro.Sync) { s.Status = wintro.SyncRunning }},
		"succeeded is a status":         {`"failed"`, `"succeeded"`, func(s *wintro.Sync) { s.Status = wintro.SyncSucceeded }},
		"no error is none":              {`"error":"Recruitee is down.",`, ``, func(s *wintro.Sync) { s.Error = nil }},
		"a null error is none":          {`"Recruitee is down."`, `null`, func(s *wintro.Sync) { s.Error = nil }},
		"an unfinished sync has no end": {`"2026-04-21T07:32:15Z"`, `null`, func(s *wintro.Sync) { s.FinishedAt = nil }},
		"control characters in the error don't reach a terminal": {
			`"Recruitee is down."`, `"\u001b[31mRecruitee\r\nis\u0000down."`, func(s *wintro.Sync) { s.Error = new("[31mRecruitee is down.") }},
		"a long error is cut": {
			`"Recruitee is down."`, `"` + long('e') + `"`, func(s *wintro.Sync) { s.Error = new(cut('e', 500)) }},
		"the error doesn't bring back a token": {
			`"Recruitee is down."`, `"Not for ` + wintroToken + `"`, func(s *wintro.Sync) { s.Error = new("Not for (secret)") }},
	} {
		for call, made := range syncCalls {
			t.Run(name+", from "+call, func(t *testing.T) {
				t.Parallel()
				got, err := made.call(t, answering(t, success(made.status, strings.Replace(syncJSON, test.replaced, test.by, 1))))
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

func TestASyncThatIsNotTheContracts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ replaced, by, want string }{
		"without an id":                       {`"id":"syn_1-A",`, ``, "its sync has no valid id"},
		"with a path as id":                   {`"syn_1-A"`, `"../syn"`, "its sync has no valid id"},
		"without a status":                    {`"status":"failed",`, ``, `its sync has the unknown status ""`},
		"with an unknown status":              {`"failed"`, `"\u001bpaused"`, `its sync has the unknown status "paused"`},
		"with a negative number of vacancies": {`12`, `-1`, "its sync has a negative number of vacancies"},
		"with a text as number of vacancies":  {`12`, `"12"`, "the JSON's vacancies_synced isn't what the contract says"},
		"that breaks off":                     {`:15Z"}`, `:15Z"`, "its JSON isn't complete or isn't what the contract says"},
		"that is null":                        {syncJSON, `null`, "its sync has no valid id"},
		"that is a list":                      {syncJSON, `[]`, "its JSON isn't complete or isn't what the contract says"},
	} {
		for call, made := range syncCalls {
			t.Run(name+", from "+call, func(t *testing.T) {
				t.Parallel()
				got, err := made.call(t, answering(t, success(made.status, strings.Replace(syncJSON, test.replaced, test.by, 1))))
				if failure := typed[*transport.NoAnswerError](t, err); !strings.HasSuffix(failure.Reason, "; "+test.want) {
					t.Error(failure)
				}
				same(t, got, wintro.Sync{})
			})
		}
	}
}

func TestAnotherSyncThanAskedFor(t *testing.T) {
	t.Parallel()
	other := strings.Replace(syncJSON, "syn_1-A", "syn_2", 1)
	_, err := syncCalls["GetSync"].call(t, answering(t, success(200, other)))
	same(t, typed[*transport.NoAnswerError](t, err).Reason, "it answered 200 OK; it is about another sync")
	started, err := syncCalls["StartSync"].call(t, answering(t, success(202, other)))
	if err != nil || started.ID != "syn_2" {
		t.Errorf("%+v, %v", started, err)
	}
}

func TestARefusedSync(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   wintro.APIError
	}{
		"an unknown connection or sync": {problem(404, `{"title":"Not Found","status":404}`), wintro.APIError{Status: 404, Title: "Not Found"}},
		"a disabled connection": {problem(409, `{"title":"Conflict","status":409,"detail":"The connection is disabled."}`),
			wintro.APIError{Status: 409, Title: "Conflict", Detail: "The connection is disabled."}},
	} {
		for call, made := range syncCalls {
			t.Run(name+", from "+call, func(t *testing.T) {
				t.Parallel()
				_, err := made.call(t, answering(t, test.answer))
				same(t, *typed[*wintro.APIError](t, err), test.want)
			})
		}
	}
	for call, made := range syncCalls {
		t.Run("a proxy's HTML 404 is no refusal, from "+call, func(t *testing.T) {
			t.Parallel()
			_, err := made.call(t, answering(t, transporttest.HTML(404)))
			same(t, typed[*transport.NoAnswerError](t, err).Status, 404)
		})
	}
}

func TestASyncIsNotStartedTwice(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		first    http.HandlerFunc
		requests int
	}{
		"a lost answer is not asked for again":    {transporttest.LoseAnswer, 1},
		"a server error is not asked for again":   {transporttest.HTML(500), 1},
		"an unavailable server isn't asked again": {transporttest.HTML(503), 1},
		"too many requests are no start":          {transporttest.Answer(429, "text/plain", "Too Many Requests"), 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := answering(t, test.first, success(202, syncJSON))
			_, err := r.StartSync(t.Context(), "con_1-A")
			same(t, len(r.Requests()), test.requests)
			if test.requests > 1 {
				same(t, err, nil)
				return
			}
			_ = typed[*transport.NoAnswerError](t, err)
		})
	}
}
