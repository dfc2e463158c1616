package provider

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

func TestResolve(t *testing.T) {
	t.Parallel()
	withToken := map[string]string{"WINTRO_API_TOKEN": "t"}
	usual := connection.Settings{
		WintroEndpoint:    "https://www.wintro.app/api/v1",
		RecruiteeEndpoint: "https://api.recruitee.com",
		WintroToken:       "t",
		Verification:      connection.VerificationPlan,
		MaxRetries:        4,
		RequestTimeout:    30 * time.Second,
	}
	with := func(change func(*connection.Settings)) connection.Settings {
		settings := usual
		change(&settings)
		return settings
	}
	for _, test := range []struct {
		name        string
		model       providerModel
		environment map[string]string
		settings    connection.Settings
		unknown     []string
		// wrong is "attribute: word" of an error.
		wrong string
	}{
		{name: "only a token, from the environment", environment: withToken, settings: usual},
		{
			name: "all from the environment",
			environment: map[string]string{
				"WINTRO_ENDPOINT": "https://wintro.example/api", "WINTRO_API_TOKEN": "e", "RECRUITEE_ENDPOINT": "https://recruitee.example",
			},
			settings: with(func(s *connection.Settings) {
				s.WintroEndpoint, s.WintroToken, s.RecruiteeEndpoint = "https://wintro.example/api", "e", "https://recruitee.example"
			}),
		},
		{
			name: "the configuration comes first",
			model: providerModel{
				Endpoint: types.StringValue("https://c.example"), APIToken: types.StringValue("c"), RecruiteeEndpoint: types.StringValue("https://cr.example"),
				RecruiteeVerification: types.StringValue("apply"), MaxRetries: types.Int64Value(0), RequestTimeout: types.StringValue("1m30s"),
			},
			environment: map[string]string{"WINTRO_ENDPOINT": "ftp://wrong", "WINTRO_API_TOKEN": "e", "RECRUITEE_ENDPOINT": "ftp://wrong"},
			settings: connection.Settings{
				WintroEndpoint: "https://c.example", WintroToken: "c", RecruiteeEndpoint: "https://cr.example",
				Verification: connection.VerificationApply, MaxRetries: 0, RequestTimeout: 90 * time.Second,
			},
		},
		{name: "no token at all", wrong: "api_token: WINTRO_API_TOKEN"},
		{name: "an empty variable is none", environment: map[string]string{"WINTRO_API_TOKEN": ""}, wrong: "api_token: WINTRO_API_TOKEN"},
		{
			name: "an empty string in the configuration is not the environment's", environment: withToken,
			model: providerModel{APIToken: types.StringValue("")}, wrong: "api_token: The token is empty.",
		},
		{name: "a bad token in the environment", environment: map[string]string{"WINTRO_API_TOKEN": "hunter2\n"}, wrong: "api_token: environment variable WINTRO_API_TOKEN"},
		{
			name:        "a bad endpoint in the environment",
			environment: map[string]string{"WINTRO_API_TOKEN": "t", "WINTRO_ENDPOINT": "http://hunter2@wintro.app"}, wrong: "endpoint: environment variable WINTRO_ENDPOINT",
		},
		{
			name: "a bad endpoint of Recruitee in the environment", environment: map[string]string{"WINTRO_API_TOKEN": "t", "RECRUITEE_ENDPOINT": "api"},
			wrong: "recruitee_endpoint: environment variable RECRUITEE_ENDPOINT",
		},
		{
			name: "what is unknown is named, not wrong, and the environment is not asked instead", environment: withToken,
			model:    providerModel{APIToken: types.StringUnknown(), Endpoint: types.StringUnknown(), MaxRetries: types.Int64Unknown()},
			settings: with(func(s *connection.Settings) { s.WintroToken, s.WintroEndpoint = "", "" }),
			unknown:  []string{"endpoint", "api_token", "max_retries"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			settings, unknown, diags := resolve(test.model, func(name string) (string, bool) {
				value, set := test.environment[name]
				return value, set
			})
			if test.wrong != "" {
				attribute, words, _ := strings.Cut(test.wrong, ": ")
				expectAttributeError(t, diags, attribute, words)
				return
			}
			if diags.HasError() || !reflect.DeepEqual(settings, test.settings) || !reflect.DeepEqual(unknown, test.unknown) {
				t.Errorf("settings %+v, unknown %q, %v", settings, unknown, diags)
			}
		})
	}
}

func expectAttributeError(t *testing.T, diags diag.Diagnostics, attribute, words string) {
	t.Helper()
	for _, d := range diags.Errors() {
		at, ok := d.(diag.DiagnosticWithPath)
		if strings.Contains(d.Detail(), "hunter2") {
			t.Errorf("a secret is quoted: %s", d.Detail())
		}
		if ok && at.Path().String() == attribute && strings.Contains(d.Detail(), words) {
			return
		}
	}
	t.Errorf("there is no error on %s that says %q: %v", attribute, words, diags)
}
