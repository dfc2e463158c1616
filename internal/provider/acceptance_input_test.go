package provider

import (
	"fmt"
	"strings"
	"testing"
)

// The TestAcc3xx tests use bad input. Most of them expect an error that points at the attribute, before the provider
// sends any request.

// badInputs collects objects with bad arguments, so that one plan shows the error of each.
type badInputs struct {
	config   string
	expected map[string][]string
}

// add adds an object and the error that it must cause: the error's summary, and words that the error contains. In
// address and config, NAME stands for the object's name.
func (b *badInputs) add(address, config string, words ...string) {
	if b.expected == nil {
		b.expected = map[string][]string{}
	}
	name := strings.NewReplacer("NAME", fmt.Sprintf("bad_%d", len(b.expected)))
	b.config += name.Replace(config)
	b.expected[name.Replace(address)] = words
}

// expectErrors fails unless a plan reports each error before the provider sends any request.
func (b *badInputs) expectErrors(t *testing.T) {
	t.Helper()
	env := newEnvironment(t)
	for _, d := range env.terraform(t, env.provider(), b.config).plan().expectErrors(b.expected).diagnostics {
		if strings.Contains(d.Detail, "hunter2") || strings.Contains(d.Detail, "abc") {
			t.Errorf("the message contains a secret: %s", d.Detail)
		}
	}
	env.expectRequests(t, map[string]int{})
}

func TestAcc301_BadArgumentOfTheResourceIsAnErrorOnIt(t *testing.T) {
	t.Parallel()
	badToken := map[string]string{
		"":           "The token is empty",
		"abc def":    "white space or a line break",
		"abcdef\n":   "white space or a line break",
		"abc\u0001x": "control or invisible characters",
	}
	var bad badInputs
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
		for input, words := range inputs {
			summary, line := "Invalid "+argument, argument+" = "+hcl(input)
			block := resourceBlock(plain, line)
			switch argument {
			case "company_id":
				block = strings.Replace(resourceBlock(plain), `company_id = "816"`, line, 1)
			case "api_token", "api_token_wo":
				block = resourceBlock(mode{"", line})
			case "create":
				summary, block = "Invalid timeouts.create", resourceBlock(plain, "timeouts {\n    "+line+"\n  }")
			}
			bad.add(connectionType+".NAME", strings.Replace(block, "acme", "NAME", 1), summary, words, argument)
		}
	}
	both := mode{"", `api_token = "t"` + "\n  " + `api_token_wo = "t"`}
	bad.add(connectionType+".NAME", strings.Replace(resourceBlock(both), "acme", "NAME", 1), "Invalid Attribute Combination", "api_token", "api_token_wo")
	bad.add("ephemeral.wintro_recruitee_token.NAME", "ephemeral \"wintro_recruitee_token\" \"NAME\" {\n  company_id = \"816\"\n  api_token = \"abc def\"\n}\n",
		"Invalid api_token", badToken["abc def"], "api_token")
	bad.expectErrors(t)
}

// addProvider adds a provider block with this setting, and a data source that uses the provider.
func (b *badInputs) addProvider(setting string, words ...string) {
	b.add("].NAME", "provider \"wintro\" {\n  alias = \"NAME\"\n  api_token = \"t\"\n  "+setting+
		"\n}\ndata \"wintro_recruitee_connections\" \"NAME\" {\n  provider = wintro.NAME\n}\n", words...)
}

func TestAcc305_BadEndpointIsAnErrorWithoutItsCredentials(t *testing.T) {
	t.Parallel()
	var bad badInputs
	for _, attribute := range []string{"endpoint", "recruitee_endpoint"} {
		for input, words := range map[string]string{
			"":                                "The address is empty",
			"www.wintro.app/api/v1":           "has no scheme",
			"ftp://www.wintro.app":            "scheme ftp",
			"https://user:hunter2@wintro.app": "has credentials in it",
			"http://www.wintro.app":           "plain http",
			"https://wintro.app/?a=b":         "has a query",
		} {
			bad.addProvider(attribute+" = "+hcl(input), "Invalid "+attribute, words, attribute)
		}
	}
	bad.expectErrors(t)
}

func TestAcc306_BadProviderSettingIsAnError(t *testing.T) {
	t.Parallel()
	var bad badInputs
	bad.addProvider("max_retries = -1", "", "max_retries", "between 0 and 20")
	bad.addProvider("max_retries = 21", "", "max_retries", "between 0 and 20")
	bad.addProvider(`request_timeout = "half an hour"`, "", "request_timeout", "isn't a duration")
	bad.addProvider(`request_timeout = "0s"`, "", "request_timeout", "must be positive")
	bad.addProvider(`recruitee_verification = "always"`, "", "recruitee_verification", `one of "plan", "apply", "off"`)
	bad.expectErrors(t)
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

// hcl returns text as a quoted string for a Terraform configuration.
func hcl(text string) string {
	return strings.NewReplacer(`\x01`, `\u0001`).Replace(fmt.Sprintf("%q", text))
}
