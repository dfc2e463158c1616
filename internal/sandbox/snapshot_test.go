package sandbox_test

import (
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

func TestProblems(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		happens func(c *client, id string)
		want    sandbox.Problem
		byHand  bool
	}{
		"nothing":       {func(*client, string) {}, "", false},
		"token revoked": {func(c *client, _ string) { c.RevokeToken(c.Token) }, sandbox.ProblemToken, false},
		"token unknown": {func(c *client, id string) { c.SwapToken(id, "another") }, sandbox.ProblemToken, true},
		"token of another company": {func(c *client, id string) {
			other := c.AddCompany(sandbox.Company{})
			c.MoveToCompany(id, other.ID)
		}, sandbox.ProblemOtherCompany, true},
		"owner left":     {func(c *client, _ string) { c.RemoveOwner(sandbox.SeedOwnerID) }, sandbox.ProblemOtherCompany, false},
		"owner inactive": {func(c *client, _ string) { c.SetActive(sandbox.SeedOwnerID, false) }, sandbox.ProblemInactive, false},
		"owner not an administrator": {func(c *client, _ string) { c.SetAdministrator(sandbox.SeedOwnerID, false) },
			sandbox.ProblemNotAdministrator, false},
		"off":             {func(c *client, id string) { c.SetEnabled(id, false) }, sandbox.ProblemDisabled, true},
		"invalid":         {func(c *client, id string) { c.SetStatus(id, contract.ConnectionInvalid) }, sandbox.ProblemStatus, true},
		"label":           {func(c *client, id string) { c.Relabel(id, "By hand") }, "", true},
		"unknown company": {func(c *client, id string) { c.MoveToCompany(id, 1) }, sandbox.ProblemUnknownCompany, true},
	} {
		c := start(t)
		id := c.connect().ID
		test.happens(c, id)
		got := c.Snapshot().Connections[0]
		if got.Problem != test.want || got.ChangedByHand != test.byHand {
			t.Errorf("%s: the problem is %q, and ChangedByHand is %t", name, got.Problem, got.ChangedByHand)
		}
		c.patch(id, `{"name":"Recruitee"}`)
		if c.Snapshot().Connections[0].ChangedByHand {
			t.Errorf("%s: ChangedByHand is true after a change through the API", name)
		}
	}
}

func TestSnapshot(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *client) {
		c.SetWintroRateLimit(10, time.Minute)
		c.connect()
		c.SetActive(sandbox.SeedOwnerID, false)
		c.RevokeToken(c.Token)
		shot := c.Snapshot()
		organisation := shot.Organisations[0]
		people := shot.Companies[0].People
		if len(shot.Companies) != 1 || len(people) != 1 || people[0].Active || len(people[0].Tokens) != 1 ||
			!people[0].Tokens[0].Revoked || shot.WintroLimit != 10 || organisation.Left != 9 ||
			!organisation.ResetAt.Equal(time.Now().Add(time.Minute)) || shot.Connections[0].TokenOwner != "Ada Byron" {
			t.Errorf("the snapshot is %+v", shot)
		}
		time.Sleep(time.Minute)
		if organisation := c.Snapshot().Organisations[0]; organisation.Left != 10 || !organisation.ResetAt.IsZero() {
			t.Errorf("after the window, the organisation is %+v", organisation)
		}
	})
}
