package conformance

import (
	"net/http"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

func authenticationChecks() []Check {
	return []Check{
		{"authentication/no-token", noNeeds,
			"Each call without an Authorization header returns 401 UNAUTHORIZED.",
			"401 `UNAUTHORIZED` (the API token is missing, invalid or revoked)",
			func(c *checkRun) { c.expectAllUnauthorized(noToken) }},
		{"authentication/unknown-token", noNeeds,
			"Each call with an unknown token returns 401 UNAUTHORIZED.",
			"401 `UNAUTHORIZED` (the API token is missing, invalid or revoked)",
			func(c *checkRun) { c.expectAllUnauthorized(c.unknownToken) }},
		{"authentication/not-a-bearer", noNeeds,
			"The right token with a scheme other than Bearer, or without a scheme, returns 401 UNAUTHORIZED.",
			"Each request has the header `Authorization: Bearer wintro_...`.",
			func(c *checkRun) {
				for _, scheme := range []string{"Basic ", ""} {
					call := listCall("")
					call.header = http.Header{"Authorization": {scheme + c.config.APIToken}}
					c.expectRefusedEarly(call, contract.CodeUnauthorized)
				}
			}},
	}
}

func (c *checkRun) expectAllUnauthorized(token string) {
	for _, call := range c.everyCall() {
		call.token = token
		c.expectRefusedEarly(call, contract.CodeUnauthorized)
	}
}

// expectRefusedEarly expects that the server returns this error before it validates the path and the body.
func (c *checkRun) expectRefusedEarly(call call, code string) {
	e := c.sendAlways(call)
	// If the server lacks the operation, ignore the response: other checks report the missing operation.
	isSync := call.op == opStartSync || call.op == opGetSync
	if hasAbsentStatus(e) && (isSync || e.errorCode() != contract.CodeNotFound) {
		return
	}
	c.expectError(e, call.method+" "+call.path, code)
}

func scopeChecks() []Check {
	return []Check{
		{"scopes/read", company | readOnlyToken,
			"A token without the write scope can list and read connections.",
			"Each operation needs the scope in its `x-required-scope`.",
			func(c *checkRun) {
				id := c.connection().id()
				for _, call := range []call{listCall(""), getCall(id)} {
					call.token = c.config.ReadOnlyAPIToken
					if e := c.do(call); !e.isSuccess() {
						c.errorf(nil, "%s %s: the response is %s instead of a success", call.method, call.path, statusAndCode(e))
					}
				}
			}},
		{"scopes/no-write", company | readOnlyToken,
			"With a token without the write scope, each create, update, delete and sync returns 403 MISSING_SCOPE, and changes nothing.",
			"Without the scope, the response is 403 `MISSING_SCOPE`.",
			func(c *checkRun) {
				id := c.connection().id()
				calls := []call{
					c.newCreate(nil),
					updateCall(id, object{"name": c.marker + " read-only"}),
					deleteCall(id),
				}
				if c.calls[opStartSync].Successes > 0 {
					calls = append(calls, startSyncCall(id))
				}
				for _, call := range calls {
					call.token = c.config.ReadOnlyAPIToken
					c.expectRefusedEarly(call, contract.CodeMissingScope)
				}
				if c.made[id] != "" {
					c.expectFields("after the refused calls", c.get(id), object{"id": id, "name": c.marker})
				}
			}},
	}
}
