package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
)

func TestQueryFindsAllConnections(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	ids := map[string]bool{}
	for i := range 250 {
		ids[env.Connect(env.AddCompany(sandbox.Company{}).ID, fmt.Sprint("Connection ", i), "t")] = true
	}
	p := env.protocol(t)
	for _, result := range p.query(nil, 1000, false) {
		p.expectNone(result.Diagnostics)
		id, _ := p.readIdentity(result.Identity)["id"].(string)
		if !ids[id] {
			t.Errorf("the result %q is unexpected, or appears twice", id)
		}
		delete(ids, id)
		if result.Resource != nil {
			t.Error("a result contains the resource, which the query didn't include")
		}
	}
	if len(ids) > 0 {
		t.Errorf("%d connections are missing", len(ids))
	}
	if pages := env.Requests(); len(pages) != 3 {
		t.Errorf("%d requests instead of three, one for each page", len(pages))
	}
	env.ClearRequests()
	if found := p.query(nil, 20, false); len(found) != 20 || len(env.Requests()) != 1 {
		t.Errorf("with a limit of 20: %d results from %d requests", len(found), len(env.Requests()))
	}
}

func TestQueryWithFiltersReturnsOnlyMatches(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	id := env.Connect(acme, "Acme", "t")
	other := env.Connect(env.AddCompany(sandbox.Company{ID: 900}).ID, "Other", "t")
	env.SetStatus(id, "active")
	env.SetEnabled(other, false)
	p := env.protocol(t)
	for name, test := range map[string]struct {
		config   fields
		expected string
	}{
		"company":            {fields{"company_id": "816"}, "816: Acme"},
		"status":             {fields{"status": "disabled"}, "900: Other"},
		"company and status": {fields{"company_id": "900", "status": "disabled"}, "900: Other"},
		"no match":           {fields{"company_id": "900", "status": "active"}, ""},
	} {
		var names []string
		for _, result := range p.query(test.config, 100, true) {
			names = append(names, result.DisplayName)
			if state := p.readConnection(result.Resource); state["api_token"] != nil || state["api_token_wo"] != nil {
				t.Errorf("%s: the result contains a token: %v", name, state)
			}
		}
		if strings.Join(names, ", ") != test.expected {
			t.Errorf("%s: the query returned %q", name, names)
		}
	}
}

func TestQueryWhileWintroIsDownIsAnError(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.Fail(sandbox.Fault{System: sandbox.Wintro, Status: http.StatusBadGateway})
	found := env.protocol(t).query(nil, 100, false)
	if len(found) != 1 || len(found[0].Diagnostics) != 1 || !strings.Contains(found[0].Diagnostics[0].Detail, "502 Bad Gateway") {
		t.Errorf("the query returned %+v", found)
	}
}
