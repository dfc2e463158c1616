package provider

import (
	"fmt"
	"strings"
	"testing"
)

// The TestAcc3xx tests use bad input. Most of them expect an error that points at the attribute, before the provider
// sends any request.

func TestAcc301_BadArgumentOfTheResourceIsAnErrorOnIt(t *testing.T) {
	t.Parallel()
	badToken := map[string]string{
		"":           "The token is empty",
		"abc def":    "white space or a line break",
		"abcdef\n":   "white space or a line break",
		"abc\u0001x": "control or invisible characters",
	}
	for argument, inputs := range map[string]map[string]string{
		"company_id": {
			"":                     "The company ID is empty",
			" 816":                 "white space around it",
			"0":                    "begins with a zero",
			"007":                  "begins with a zero",
			"acme":                 "isn't a numeric Recruitee company ID",
			"12345678901234567890": "more than 19 digits",
			"https://app.recruitee.com/#/dashboard/overview?company=38422": `The company ID in it is "38422"`,
			"https://acme.recruitee.com":                                   "This address has no company ID",
		},
		"api_token":    badToken,
		"api_token_wo": badToken,
		"name":         {"": "The name is empty", strings.Repeat("x", 101): "The name has 101 characters"},
		"create":       {"soon": "isn't a duration", "10": "isn't a duration", "-5s": "must be positive"},
	} {
		summary := "Invalid " + argument
		if argument == "create" {
			summary = "Invalid timeouts.create"
		}
		badInput(t, inputs, summary, argument, func(env *environment, bad string) string {
			line := argument + " = " + hcl(bad)
			switch argument {
			case "company_id":
				return env.provider() + strings.Replace(resourceBlock(plain), `company_id = "816"`, line, 1)
			case "api_token", "api_token_wo":
				return env.provider() + resourceBlock(mode{"", line})
			case "create":
				line = "timeouts {\n    " + line + "\n  }"
			}
			return env.provider() + resourceBlock(plain, line)
		})
	}
}

func TestAcc305_BadEndpointIsAnErrorWithoutItsCredentials(t *testing.T) {
	t.Parallel()
	for _, attribute := range []string{"endpoint", "recruitee_endpoint"} {
		badInput(t, map[string]string{
			"":                                "The address is empty",
			"www.wintro.app/api/v1":           "has no scheme",
			"ftp://www.wintro.app":            "scheme ftp",
			"https://user:hunter2@wintro.app": "has credentials in it",
			"http://www.wintro.app":           "plain http",
			"https://wintro.app/?a=b":         "has a query",
		}, "Invalid "+attribute, attribute, func(env *environment, bad string) string {
			lines := strings.Split(env.provider(), "\n")
			for i, line := range lines {
				if strings.HasPrefix(strings.TrimSpace(line), attribute+" ") {
					lines[i] = "  " + attribute + " = " + hcl(bad)
				}
			}
			return strings.Join(lines, "\n") + resourceBlock(plain)
		})
	}
}

func TestAcc306_BadProviderSettingIsAnError(t *testing.T) {
	t.Parallel()
	for setting, expected := range map[string][]string{
		"":                                  {"api_token", "api_token_wo"},
		"max_retries = -1":                  {"max_retries", "between 0 and 20"},
		"max_retries = 21":                  {"max_retries", "between 0 and 20"},
		`request_timeout = "half an hour"`:  {"request_timeout", "isn't a duration"},
		`request_timeout = "0s"`:            {"request_timeout", "must be positive"},
		`recruitee_verification = "always"`: {"recruitee_verification", `one of "plan", "apply", "off"`},
	} {
		env := newEnvironment(t)
		block, summary := resourceBlock(plain), ""
		if setting == "" {
			block, summary = resourceBlock(plain, "api_token_wo = var.token"), "Invalid Attribute Combination"
		}
		tf := env.terraform(t, env.provider(setting), block)
		tf.plan().expectError(summary, expected...)
		env.expectRequests(t, map[string]int{})
	}
}

func TestAcc308_MissingWintroTokenIsAnErrorWithTheNextStep(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	tf := env.terraform(t, strings.ReplaceAll(env.provider(), fmt.Sprintf("%q", env.WintroToken()), "null"), resourceBlock(plain))
	tf.plan().expectError("Missing api_token of the provider", "WINTRO_API_TOKEN", "Settings > API Tokens")
	env.expectRequests(t, map[string]int{"recruitee GET": 1})
}

func TestAcc309_PlainTokenComesWithAHintAtTheWriteOnlyOne(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.terraform(t, env.provider(), resourceBlock(plain)).plan().expectExit(2).expectWarning("Available Write-Only Attribute Alternative", "api_token")
	env.terraform(t, env.provider(), resourceBlock(writeOnly)).plan().expectExit(2).expectNoWarning("")
}

func badInput(t *testing.T, inputs map[string]string, summary, attribute string, config func(*environment, string) string) {
	t.Helper()
	for bad, expected := range inputs {
		env := newEnvironment(t)
		result := env.terraform(t, config(env, bad)).plan()
		result.expectError(summary, expected)
		found := false
		for _, d := range result.diagnostics {
			found = found || d.Snippet != nil && strings.Contains(d.Snippet.Code, attribute)
			if strings.Contains(d.Detail, "hunter2") || strings.Contains(d.Detail, "abc") {
				t.Errorf("a secret is quoted: %s", d.Detail)
			}
		}
		if !found {
			t.Errorf("the error doesn't point at %s:\n%s", attribute, result.output)
		}
		for _, r := range env.Requests() {
			t.Errorf("%q: the provider sent %s a request for %s", bad, r.System, r.Path)
		}
	}
}

// hcl returns text as a quoted string for a Terraform configuration.
func hcl(text string) string {
	return strings.NewReplacer(`\x01`, `\u0001`).Replace(fmt.Sprintf("%q", text))
}
