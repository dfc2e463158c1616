package main

import (
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

func TestJudge(t *testing.T) {
	t.Parallel()
	s := step{args: []string{"plan"}, status: planChanges, says: "Warning: Recruitee rejected"}
	for name, c := range map[string]struct {
		is    result
		words string
	}{
		"as expected":     {result{2, "│ Warning: Recruitee rejected the API token"}, ""},
		"with styles":     {result{2, "\x1b[33m│\x1b[0m \x1b[0m\x1b[1m\x1b[33mWarning: \x1b[0m\x1b[0m\x1b[1mRecruitee rejected\x1b[0m"}, ""},
		"another status":  {result{0, "Warning: Recruitee rejected"}, "fake plan ended with status 0 instead of 2"},
		"says other text": {result{2, "No changes."}, `fake plan did not print "Warning: Recruitee rejected"`},
	} {
		err := s.judge("fake", c.is)
		if (err == nil) != (c.words == "") || err != nil && err.Error() != c.words {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPlayStep(t *testing.T) {
	p, shown := fakePlayer(t, `echo "$@ with $TF_VAR_recruitee_api_token"; echo trouble >&2; exit 2`)
	checked := false
	s := step{
		args: []string{"plan", "-input=false"}, status: planChanges, says: "trouble",
		happens: func(context.Context) error { p.variables[recruiteeToken] = "another"; return nil },
		check:   func(context.Context) error { checked = true; return nil },
	}
	if err := p.play(t.Context(), s); err != nil || !checked {
		t.Errorf("checked %t, %v", checked, err)
	}
	if want := "$ fake plan -input=false\nplan -no-color -input=false with another\ntrouble\n"; shown.String() != want {
		t.Errorf("shown: %q", shown)
	}
	s.status = planClean
	checked = false
	if err := p.play(t.Context(), s); err == nil || checked {
		t.Errorf("checked %t, %v", checked, err)
	}
	s.happens = func(context.Context) error { return errors.New("nothing happens") }
	if err := p.play(t.Context(), s); err == nil || err.Error() != "nothing happens" {
		t.Error(err)
	}
}

func TestPlayIsInterrupted(t *testing.T) {
	p, _ := fakePlayer(t, `trap 'exit 1' INT; sleep 60`)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	began := time.Now()
	err := p.play(ctx, step{args: []string{"apply"}})
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > endTime {
		t.Errorf("%v after %v", err, time.Since(began))
	}
}

func TestCheckState(t *testing.T) {
	p, shown := fakePlayer(t, "")
	if err := p.checkState(t.Context()); err == nil {
		t.Error("there is no state")
	}
	state := filepath.Join(p.stage.dir, "terraform.tfstate")
	for content, good := range map[string]bool{`{"api_token_wo":null}`: true, `{"api_token_wo":"s3cret"}`: false} {
		if err := os.WriteFile(state, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		shown.Reset()
		if err := p.checkState(t.Context()); (err == nil) != good || strings.Contains(shown.String(), "not in") != good {
			t.Errorf("%s: %v, %s", content, err, shown)
		}
	}
}

// What happens outside does happen in the sandbox.
func TestControl(t *testing.T) {
	t.Parallel()
	box := sandbox.New()
	server := httptest.NewServer(box)
	defer server.Close()
	p := &player{
		control:   control{server.URL + sandbox.ControlPath},
		variables: map[string]string{recruiteeToken: box.Seed()},
	}
	first := p.variables[recruiteeToken]
	if err := p.revokeToken(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, found := box.TokenOf(sandbox.SeedOwnerID); found {
		t.Error("the token was not revoked")
	}
	if err := p.revokeToken(t.Context()); err == nil || !strings.Contains(err.Error(), "no such token") {
		t.Error(err)
	}
	if err := p.renewToken(t.Context()); err != nil {
		t.Fatal(err)
	}
	if now, _ := box.TokenOf(sandbox.SeedOwnerID); now == first || p.variables[recruiteeToken] != now {
		t.Error("the new token was not taken")
	}
	if err := p.checkNothingLeft(t.Context()); err != nil {
		t.Error(err)
	}
	box.Connect(sandbox.SeedCompanyID, "By hand", p.variables[recruiteeToken])
	if err := p.checkNothingLeft(t.Context()); err == nil {
		t.Error("there is a connection left")
	}
}
