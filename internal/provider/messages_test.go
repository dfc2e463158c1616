package provider

import (
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

func TestExplainForbiddenDependsOnCode(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  connection.APIError
		want string
	}{
		"missing scope": {
			connection.APIError{Status: 403, Code: "MISSING_SCOPE", Message: "No.", Scope: "ats-connections:read"},
			"The provider's API token lacks the scope ats-connections:read",
		},
		"other code": {
			connection.APIError{Status: 403, Code: "PLAN_LIMIT", Message: "Your plan has no integrations."},
			"Wintro refused the request",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := explain(&test.err, paths{})
			if len(got) != 1 || got[0].summary != test.want || !strings.Contains(got[0].detail, test.err.Code) {
				t.Errorf("%+v", got)
			}
		})
	}
}
