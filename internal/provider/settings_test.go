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

func TestResolvePrefersTheConfiguration(t *testing.T) {
	t.Parallel()
	withToken := map[string]string{"WINTRO_API_TOKEN": "t"}
	usual := connection.Settings{
		WintroEndpoint:    "https://app.wintro.ai/api/v1",
		RecruiteeEndpoint: "https://api.recruitee.com",
		WintroToken:       "t",
		VerifyMode:        connection.VerifyPlan,
		MaxRetries:        4,
		RequestTimeout:    30 * time.Second,
	}
	with := func(change func(*connection.Settings)) connection.Settings {
		settings := usual
		change(&settings)
		return settings
	}
	withoutWintro := with(func(s *connection.Settings) { s.WintroToken, s.WintroEndpoint = "", "" })
	for _, test := range []struct {
		name        string
		model       providerModel
		environment map[string]string
		settings    connection.Settings
		unknown     []string
		// wrong contains words of the expected error. wintro is the problem that the provider is expected to report when
		// it needs Wintro, as "summary: words".
		wrong, wintro string
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
			name: "the configuration overrides the environment",
			model: providerModel{
				Endpoint: types.StringValue("https://c.example"), APIToken: types.StringValue("c"), RecruiteeEndpoint: types.StringValue("https://cr.example"),
				RecruiteeVerification: types.StringValue("apply"), MaxRetries: types.Int64Value(0), RequestTimeout: types.StringValue("1m30s"),
			},
			environment: map[string]string{"WINTRO_ENDPOINT": "ftp://wrong", "WINTRO_API_TOKEN": "e", "RECRUITEE_ENDPOINT": "ftp://wrong"},
			settings: connection.Settings{
				WintroEndpoint: "https://c.example", WintroToken: "c", RecruiteeEndpoint: "https://cr.example",
				VerifyMode: connection.VerifyApply, MaxRetries: 0, RequestTimeout: 90 * time.Second,
			},
		},
		{
			name: "no token is a problem only for Wintro", environment: nil,
			settings: withoutWintro, wintro: "Missing api_token of the provider: WINTRO_API_TOKEN",
		},
		{
			name: "an empty variable counts as unset", environment: map[string]string{"WINTRO_API_TOKEN": "t", "WINTRO_ENDPOINT": ""},
			settings: usual,
		},
		{
			name: "an empty string in the configuration overrides the environment", environment: withToken,
			model:    providerModel{APIToken: types.StringValue("")},
			settings: withoutWintro, wintro: "Invalid api_token of the provider: The token is empty.",
		},
		{
			name: "a bad token in the environment", environment: map[string]string{"WINTRO_API_TOKEN": "hunter2\n"},
			settings: withoutWintro, wintro: "Invalid api_token of the provider: environment variable WINTRO_API_TOKEN",
		},
		{
			name:        "a bad endpoint in the environment",
			environment: map[string]string{"WINTRO_API_TOKEN": "t", "WINTRO_ENDPOINT": "http://hunter2@wintro.ai"},
			settings:    withoutWintro, wintro: "Invalid endpoint of the provider: environment variable WINTRO_ENDPOINT",
		},
		{
			name: "a bad endpoint of Recruitee in the environment", environment: map[string]string{"WINTRO_API_TOKEN": "t", "RECRUITEE_ENDPOINT": "api"},
			wrong: "environment variable RECRUITEE_ENDPOINT",
		},
		{
			name: "unknown settings are named, and override the environment", environment: withToken,
			model:    providerModel{APIToken: types.StringUnknown(), Endpoint: types.StringUnknown(), MaxRetries: types.Int64Unknown()},
			settings: withoutWintro,
			unknown:  []string{"api_token", "endpoint", "max_retries"},
		},
		{
			name: "an unknown endpoint of Recruitee is named", environment: withToken,
			model:    providerModel{RecruiteeEndpoint: types.StringUnknown()},
			settings: with(func(s *connection.Settings) { s.RecruiteeEndpoint = "" }),
			unknown:  []string{"recruitee_endpoint"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			settings, data, diags := resolve(test.model, func(name string) (string, bool) {
				value, set := test.environment[name]
				return value, set
			})
			if test.wrong != "" {
				if len(diags) != 1 || !strings.Contains(diags[0].Detail(), test.wrong) {
					t.Errorf("resolve returned the errors %v", diags)
				}
				return
			}
			if diags.HasError() || !reflect.DeepEqual(settings, test.settings) || !reflect.DeepEqual(data.unknownSettings(), test.unknown) {
				t.Errorf("resolve returned the settings %+v, the unknown settings %q and %v", settings, data.unknownSettings(), diags)
			}
			var problem string
			for _, p := range data.wintro.problems {
				problem += p.summary + ": " + p.detail
			}
			summary, words, _ := strings.Cut(test.wintro, ": ")
			isExpected := strings.HasPrefix(problem, summary) && strings.Contains(problem, words)
			if !isExpected || test.wintro == "" && problem != "" || strings.Contains(problem, "hunter2") {
				t.Errorf("the problem is %q instead of %q", problem, test.wintro)
			}
		})
	}
}

// Features that use only Recruitee need no settings for Wintro, and features that use only Wintro need none for
// Recruitee.
func TestGetServiceNeedsOnlySettingsOfItsSystems(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		model             providerModel
		wintro, recruitee bool
	}{
		"nothing is set":                  {providerModel{}, false, true},
		"Wintro's token is unknown":       {providerModel{APIToken: types.StringUnknown()}, false, true},
		"Wintro's endpoint is unknown":    {providerModel{APIToken: types.StringValue("t"), Endpoint: types.StringUnknown()}, false, true},
		"Recruitee's endpoint is unknown": {providerModel{APIToken: types.StringValue("t"), RecruiteeEndpoint: types.StringUnknown()}, true, false},
		"a setting of both is unknown":    {providerModel{APIToken: types.StringValue("t"), MaxRetries: types.Int64Unknown()}, false, false},
		"all is set":                      {providerModel{APIToken: types.StringValue("t")}, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, data, diags := resolve(test.model, func(string) (string, bool) { return "", false })
			if diags.HasError() {
				t.Fatal(diags)
			}
			for system, get := range map[string]struct {
				service func(*diag.Diagnostics) (*connection.Service, bool)
				works   bool
			}{
				"Wintro":    {data.getWintroService, test.wintro},
				"Recruitee": {data.getRecruiteeService, test.recruitee},
				"both":      {data.getService, test.wintro && test.recruitee},
			} {
				var diags diag.Diagnostics
				if _, ok := get.service(&diags); ok != get.works || diags.HasError() == get.works {
					t.Errorf("the service for %s is available: %t, %v", system, ok, diags)
				}
			}
		})
	}
}
