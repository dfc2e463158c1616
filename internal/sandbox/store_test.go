package sandbox_test

import (
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

func open(t *testing.T, path string) *sandbox.Sandbox {
	t.Helper()
	s, err := sandbox.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStateSurvivesRestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sandbox.json")
	before := serve(t, open(t, path))
	before.Token = before.Seed()
	revoked := before.IssueToken(816, 1704)
	before.RevokeToken(revoked)
	before.SetRole(1704, "Chief", true)
	before.StayPending(3)
	before.SetVacancies(9)
	before.SetRecruiteeRateLimit(1000)
	body := newConnection("816", before.Token)
	created := before.create(body, "a key").want(http.StatusCreated)
	id := decodeData[contract.Connection](created).ID
	before.get(id)
	started := before.startSync(id)
	before.followSync(id, started.ID)
	before.Connect(817, "Globex", "by hand")

	// As after a crash, nothing is closed.
	after := serve(t, open(t, path))
	if !reflect.DeepEqual(after.Connections(), before.Connections()) {
		t.Errorf("before %+v\nafter  %+v", before.Connections(), after.Connections())
	}
	if !reflect.DeepEqual(after.Secrets(), before.Secrets()) {
		t.Error("not the same secrets")
	}
	if got, want := after.admin("816", before.Token).want(http.StatusOK).body, before.admin("816", before.Token).body; got != want {
		t.Errorf("before %s\nafter  %s", want, got)
	}
	after.admin("816", revoked).want(http.StatusUnauthorized)
	if again := after.create(body, "a key"); decodeData[contract.Connection](again).ID != id {
		t.Errorf("the same key answers %s", again.body)
	}
	for i, want := range []contract.ConnectionStatus{"pending", "pending", "active"} {
		if got := after.get(id).Status; got != want {
			t.Errorf("read %d: %s instead of %s", i+1, got, want)
		}
	}
	if got := after.followSync(id, started.ID).VacanciesSynced; got != 6 {
		t.Errorf("the sync has read %d vacancies", got)
	}
	if got := after.followSync(id, started.ID).Status; got != contract.SyncSucceeded {
		t.Errorf("the sync is %s", got)
	}
	if len(open(t, path).Requests()) != 0 {
		t.Error("the request log has been kept")
	}
}

func TestStateFile(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	path := filepath.Join(directory, "sandbox.json")
	s := open(t, path)
	token := s.Seed()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("mode %o", mode)
	}
	c := serve(t, s)
	c.create(newConnection("816", token), "a key").want(http.StatusCreated)
	c.create(newConnection("817", "only-in-a-body"), "another key").want(http.StatusCreated)
	c.Disconnect(c.Connections()[1].ID)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(content), "only-in-a-body") {
		t.Error("a token is in an idempotency record")
	}
	entries, err := os.ReadDir(directory)
	if err != nil || len(entries) != 1 {
		t.Errorf("the directory holds %v (%v)", entries, err)
	}
}

func TestBadStateFile(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	for name, test := range map[string]struct{ content, words string }{
		"no JSON":         {"{", "unexpected end of JSON input"},
		"another version": {`{"version":7}`, "version 7"},
	} {
		path := filepath.Join(directory, name)
		if err := os.WriteFile(path, []byte(test.content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := sandbox.Open(path); err == nil || !strings.Contains(err.Error(), test.words) ||
			!strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
		if content, _ := os.ReadFile(path); string(content) != test.content {
			t.Errorf("%s: the file has been overwritten with %s", name, content)
		}
	}
	if _, err := sandbox.Open(directory); err == nil {
		t.Error("a directory passes for a state file")
	}
	if _, err := sandbox.Open(filepath.Join(directory, "none", "sandbox.json")); err == nil {
		t.Error("a directory that is not there passes")
	}
}

// What cannot be kept must not be promised.
func TestStateCannotBeSaved(t *testing.T) {
	t.Parallel()
	directory := filepath.Join(t.TempDir(), "state")
	if err := os.Mkdir(directory, 0o700); err != nil {
		t.Fatal(err)
	}
	c := serve(t, open(t, filepath.Join(directory, "sandbox.json")))
	c.Token = c.Seed()
	if err := os.RemoveAll(directory); err != nil {
		t.Fatal(err)
	}
	request := []string{
		"Authorization", "Bearer " + c.WintroToken(), "Content-Type", "application/json", "Idempotency-Key", "a key",
	}
	answer := c.send(http.MethodPost, sandbox.WintroPath+"/ats-connections", newConnection("816", c.Token), request...)
	if answer.want(http.StatusInternalServerError); !strings.Contains(answer.body, "saving the state") || c.Err() == nil {
		t.Errorf("%s (%v)", answer.body, c.Err())
	}
	c.send(http.MethodPost, sandbox.ControlPath+"/wintro/stay-pending", `{"n":0}`).want(http.StatusInternalServerError)
	if err := os.Mkdir(directory, 0o700); err != nil {
		t.Fatal(err)
	}
	c.wintro(http.MethodGet, "/ats-connections/"+c.Connections()[0].ID, "").want(http.StatusOK)
	if err := c.Err(); err != nil {
		t.Error(err)
	}
}
