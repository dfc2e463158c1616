package conformance

import "net/http"

func authenticationChecks() []Check {
	return []Check{
		{
			Name:     "authentication/no-token",
			Expects:  "Each call without an Authorization header is 401 UNAUTHORIZED.",
			Contract: "401 `UNAUTHORIZED` (the API token is missing, invalid or revoked)",
			run: func(c *checkRun) {
				for _, call := range c.everyCall() {
					call.noToken = true
					c.expectUnauthorized(call)
				}
			},
		},
		{
			Name:     "authentication/unknown-token",
			Expects:  "Each call with a token that Wintro has never given out is 401 UNAUTHORIZED.",
			Contract: "401 `UNAUTHORIZED` (the API token is missing, invalid or revoked)",
			run: func(c *checkRun) {
				for _, call := range c.everyCall() {
					call.token = c.unknownToken
					c.expectUnauthorized(call)
				}
			},
		},
		{
			Name:     "authentication/not-a-bearer",
			Expects:  "The right token under another scheme than Bearer is 401 UNAUTHORIZED.",
			Contract: "Each request carries `Authorization: Bearer wintro_...`.",
			run: func(c *checkRun) {
				for _, scheme := range []string{"Basic ", ""} {
					call := listCall("")
					call.header = http.Header{"Authorization": {scheme + c.config.APIToken}}
					c.expectUnauthorized(call)
				}
			},
		},
	}
}

func (c *checkRun) expectUnauthorized(call call) {
	c.expectRefusedEarly(call, http.StatusUnauthorized, "UNAUTHORIZED")
}

// expectRefusedEarly expects a refusal before anything else is looked at.
func (c *checkRun) expectRefusedEarly(call call, status int, code string) {
	e := c.sendAlways(call)
	// Only a router can be earlier. That a call isn't there is for other checks.
	isSync := call.op == opStartSync || call.op == opGetSync
	if hasAbsentStatus(e) && (isSync || e.errorCode() != "NOT_FOUND") {
		return
	}
	c.expectError(e, call.method+" "+call.path, status, code)
}

func scopeChecks() []Check {
	const contract = "Without the scope the answer is 403 `MISSING_SCOPE`."
	return []Check{
		{
			Name:     "scopes/read",
			Expects:  "A token without the write scope may list and read connections.",
			Contract: "Each operation needs the scope in its `x-required-scope`.",
			needs:    company | readOnlyToken,
			run: func(c *checkRun) {
				id := c.connection().id()
				for _, call := range []call{listCall(""), getCall(id)} {
					call.token = c.config.ReadOnlyAPIToken
					if e := c.do(call); !e.isSuccess() {
						c.errorf(nil, "%s %s: the answer is %s instead of a success", call.method, call.path, statusAndCode(e))
					}
				}
			},
		},
		{
			Name:     "scopes/no-write",
			Expects:  "A token without the write scope may not create, change, remove or sync, and nothing happens.",
			Contract: contract,
			needs:    company | readOnlyToken,
			run: func(c *checkRun) {
				id := c.connection().id()
				calls := []call{
					createCall(c.newKey(), encode(c.newConnection(nil))),
					updateCall(id, object{"name": c.marker + " by a reader"}),
					deleteCall(id),
				}
				if c.calls[opStartSync].Successes > 0 {
					calls = append(calls, startSyncCall(id))
				}
				for _, call := range calls {
					call.token = c.config.ReadOnlyAPIToken
					c.expectRefusedEarly(call, http.StatusForbidden, "MISSING_SCOPE")
				}
				if c.made[id] != "" {
					c.expectFields("after the refused calls", c.get(id), object{"id": id, "name": c.marker})
				}
			},
		},
	}
}
