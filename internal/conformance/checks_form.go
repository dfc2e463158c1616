package conformance

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

func robustnessChecks() []Check {
	const (
		form      = "Only an error with `error.code` and `error.message` is from Wintro."
		writeOnly = "It is write-only, so no response contains it."
	)
	return []Check{
		{"robustness/unknown-fields", unlinkedCompany,
			"POST ignores unknown fields.",
			"The server ignores unknown fields in requests.",
			func(c *checkRun) {
				made := c.create(object{"conformanceUnknown": object{"a": []int{1}}, "status": contract.ConnectionInvalid})
				if made.text("status") == contract.ConnectionInvalid {
					c.awaitStatus(made.id(), contract.ConnectionActive)
				}
			}},
		{"robustness/large-body", unlinkedCompany,
			"A body of 900 kB returns an error in Wintro's format, and creates nothing.",
			form,
			func(c *checkRun) {
				e := c.do(c.newCreate(object{"name": c.marker + strings.Repeat("x", 900_000)}))
				c.expectRefusal(e, "900 kB")
				c.expectOnly()
			}},
		{"robustness/content-type", unlinkedCompany,
			"A Content-Type other than application/json returns an error in Wintro's format, and creates nothing.",
			form,
			func(c *checkRun) {
				for _, contentType := range []string{"text/plain", "application/x-www-form-urlencoded"} {
					call := c.newCreate(nil)
					call.header.Set("Content-Type", contentType)
					e := c.do(call)
					c.expectRefusal(e, contentType)
					if e.isSuccess() {
						c.unlinked()
					}
				}
				c.expectOnly()
			}},
		{"robustness/head", noNeeds,
			"HEAD returns no 5xx error, except 501 if the server doesn't support HEAD.",
			"| 500 | `INTERNAL_ERROR` | Wintro failed |",
			func(c *checkRun) {
				e := c.sendAlways(call{method: http.MethodHead, path: "/ats-connections"})
				if e.err != nil || e.status >= http.StatusInternalServerError && e.status != http.StatusNotImplemented {
					c.errorf(nil, "HEAD returns %s", statusAndCode(e))
				}
			}},
		{"robustness/other-methods", noNeeds,
			"An unsupported method returns an error in Wintro's format.",
			form,
			func(c *checkRun) {
				// Don't send PUT or DELETE to /ats-connections: some servers would replace or remove all
				// connections.
				for _, call := range []call{
					{method: http.MethodPut, path: "/ats-connections/" + unknownID, body: []byte("{}")},
					{method: http.MethodPost, path: "/ats-connections/" + unknownID, body: []byte("{}")},
				} {
					c.expectRefusal(c.sendAlways(call), call.method+" "+call.path)
				}
			}},
		{"robustness/unknown-path", noNeeds,
			"An unknown path returns 404 in Wintro's format.",
			form,
			func(c *checkRun) {
				for _, path := range []string{"/conformance-unknown", "/ats-connections/" + unknownID + "/unknown"} {
					e := c.sendAlways(call{method: http.MethodGet, path: path})
					if c.expectRefusal(e, path) && e.status != http.StatusNotFound {
						c.errorf(nil, "%s: the response is %s instead of 404", path, statusAndCode(e))
					}
				}
			}},
		{"robustness/strange-ids", noNeeds,
			"An ID that no connection can have returns an error in Wintro's format.",
			form,
			func(c *checkRun) {
				for _, id := range []string{"%20", "%27%20OR%201%3D1", "%F0%9F%92%A5", "%00", strings.Repeat("x", 2000)} {
					e := c.sendAlways(call{method: http.MethodGet, path: "/ats-connections/" + id})
					c.expectRefusal(e, "the ID "+id[:min(len(id), 20)])
				}
			}},

		{"secrecy/successes", unlinkedCompany,
			"No successful response contains a token or a piece of a token, in any usual encoding. It may contain the token's fingerprint.",
			writeOnly,
			func(c *checkRun) {
				id := c.create(nil).id()
				c.get(id)
				c.update(id, object{"apiToken": c.config.RecruiteeAPIToken})
				c.ofCompany()
				c.reportFindings(c.leaks, (*exchange).isSuccess)
			}},
		{"secrecy/errors", company,
			"No error contains a token, regardless of the mistake in the request.",
			writeOnly,
			func(c *checkRun) {
				id, token := c.connection().id(), c.config.RecruiteeAPIToken
				body := c.newConnection(nil)
				for _, call := range []call{
					createCall(c.newKey(), encode(body)),
					c.newCreate(object{"name": ""}),
					c.newCreate(object{"apiToken": []string{token}}),
					c.newCreate(object{"atsCompanyId": token}),
					createCall(c.newKey(), append(encode(body), "and more"...)),
					updateCall(id, object{"name": "", "apiToken": token}),
					updateCall(id, object{"enabled": token}),
					{op: opList, method: http.MethodGet, path: "/ats-connections", token: c.unknownToken},
				} {
					c.sendAlways(call)
				}
				c.reportFindings(c.leaks, func(e *exchange) bool { return !e.isSuccess() })
			}},
		{"secrecy/headers", unlinkedCompany,
			"No header of a response contains a token.",
			writeOnly,
			func(c *checkRun) {
				c.create(nil)
				c.reportFindings(c.headerLeaks, func(*exchange) bool { return true })
			}},
	}
}

// expectRefusal expects an error with any 4xx status, in Wintro's format: error.code and error.message. It reports
// whether the response is one.
func (c *checkRun) expectRefusal(e *exchange, what string) bool {
	switch problem := e.errorFormProblem(); {
	case e.err != nil:
		c.errorf([]*exchange{e}, "%s: the server sent no complete response: %v", what, e.err)
	case e.status < 400 || e.status > 499:
		c.errorf([]*exchange{e}, "%s: the response is %s instead of a 4xx error", what, statusAndCode(e))
	case problem != "":
		c.errorf([]*exchange{e}, "%s: the response is %d, but %s", what, e.status, problem)
	default:
		return true
	}
	return false
}

// reportFindings adds a failure for each finding in an exchange that isMeant selects.
func (c *checkRun) reportFindings(findings []finding, isMeant func(*exchange) bool) {
	for _, found := range findings {
		if isMeant(found.exchange) {
			c.errorf([]*exchange{found.exchange}, "%s", found.text)
		}
	}
}

// documentChecks returns checks that compare all responses with openapi.yaml, including the responses that earlier
// checks received.
func documentChecks() []Check {
	contract := "Our design follows the published conventions, so that Wintro could add it to its API."
	samples := map[string]func(*checkRun){
		opList: func(c *checkRun) {
			if c.config.CompanyID != "" && c.blocked == "" {
				c.connection()
			}
			c.list("")
		},
		opCreate: func(c *checkRun) { c.connection() },
		opGet:    func(c *checkRun) { c.get(c.connection().id()) },
		opUpdate: func(c *checkRun) { c.update(c.connection().id(), object{}) },
		opDelete: func(c *checkRun) { c.delete(c.connection().id()) },
		opStartSync: func(c *checkRun) {
			c.success(c.do(startSyncCall(c.checkedConnection().id())))
		},
		opGetSync: func(c *checkRun) {
			id := c.checkedConnection().id()
			c.success(c.do(getSyncCall(id, c.success(c.do(startSyncCall(id))).id())))
		},
	}
	var checks []Check
	for _, op := range operations() {
		needs := company
		if op == opList {
			needs = 0
		}
		checks = append(checks, Check{"document/" + op, needs,
			"Each successful response to the call has the status, envelope, fields and headers that openapi.yaml defines.",
			contract,
			func(c *checkRun) {
				samples[op](c)
				c.reportFindings(c.problems, func(e *exchange) bool { return e.op == op && e.status < http.StatusBadRequest })
			}})
	}
	return append(checks, []Check{
		{"document/errors", noNeeds,
			"Each error response matches openapi.yaml and has Wintro's format.",
			`{"error": {"code": "UNAUTHORIZED", "message": "Missing or invalid Authorization header"}}`,
			func(c *checkRun) {
				for _, call := range c.everyCall()[2:] {
					c.sendAlways(call)
				}
				c.sendAlways(listCall("page=0"))
				c.reportFindings(c.problems, func(e *exchange) bool {
					return e.op != "" && e.status >= http.StatusBadRequest && !c.isAbsent(e)
				})
			}},
		{"document/generated-at", noNeeds,
			"meta.generatedAt is the time of the response.",
			"required: [generatedAt]",
			func(c *checkRun) {
				c.list("")
				c.expectNow("meta.generatedAt", c.last.meta().text("generatedAt"))
			}},
		{"document/organisation-id", noNeeds,
			"All successful responses have the same meta.organisationId, or none has one.",
			"The ID of the API token's organisation. Absent if the server doesn't report the organisation.",
			func(c *checkRun) {
				c.list("")
				if _, isLeftOut := c.organisations[""]; isLeftOut && len(c.organisations) == 1 {
					c.end(statusNotOffered, "the server doesn't report the organisation")
				}
				if len(c.organisations) > 1 {
					ids := slices.Sorted(maps.Keys(c.organisations))
					c.errorf([]*exchange{c.organisations[ids[0]], c.organisations[ids[1]]},
						"the responses contain %d different values of meta.organisationId: %s", len(ids), asJSON(ids))
				}
			}},
	}...)
}

func rateLimitChecks() []Check {
	const contract = "The headers `X-RateLimit-Limit`, `X-RateLimit-Remaining` and `X-RateLimit-Reset` of each response describe the limit."
	return []Check{
		{"rate-limit/headers", noNeeds,
			"Successful responses and errors have the three headers of the rate limit, with whole numbers.",
			contract,
			func(c *checkRun) {
				for _, call := range []call{listCall(""), listCall("page=0"), getCall(unknownID)} {
					e := c.sendAlways(call)
					for _, name := range []string{"Limit", "Remaining", "Reset"} {
						if limitHeader(e, name) < 0 {
							value := e.responseHeader.Get("X-RateLimit-" + name)
							c.errorf(nil, "%s %s (%d): X-RateLimit-%s is %q instead of a whole number", call.method, call.path, e.status, name, value)
						}
					}
				}
			}},
		{"rate-limit/countdown", noNeeds,
			"X-RateLimit-Remaining falls with each request in a window. X-RateLimit-Limit stays the same.",
			"The number of requests that Wintro still accepts in the current window.",
			func(c *checkRun) {
				const attempts = 3
				for range attempts {
					one, two := c.sendAlways(listCall("")), c.sendAlways(listCall(""))
					if one.responseHeader.Get("X-RateLimit-Reset") != two.responseHeader.Get("X-RateLimit-Reset") {
						continue // a new window has begun
					}
					limit, before, after := limitHeader(one, "Limit"), limitHeader(one, "Remaining"), limitHeader(two, "Remaining")
					if after < 0 || after >= before || before >= limit || limitHeader(two, "Limit") != limit {
						c.errorf([]*exchange{one, two}, "X-RateLimit-Remaining and X-RateLimit-Limit are %d and %d, and in the next response %d and %d",
							before, limit, after, limitHeader(two, "Limit"))
					}
					return
				}
				c.errorf(nil, "X-RateLimit-Reset changes with each request, so no window ever ends")
			}},
		{"rate-limit/reset", noNeeds,
			"X-RateLimit-Reset is the end of the window, as a Unix time in seconds.",
			"The end of the current window, as a Unix time in seconds.",
			func(c *checkRun) {
				e := c.sendAlways(listCall(""))
				reset, now := limitHeader(e, "Reset"), e.serverTime()
				if left := time.Unix(int64(reset), 0).Sub(now); left < -clockTolerance || left > longestWindow {
					c.errorf(nil, "X-RateLimit-Reset is %q, and the current time is %d", e.responseHeader.Get("X-RateLimit-Reset"), now.Unix())
				}
			}},
		{"rate-limit/refusal", usingUp,
			"Above the limit, the response is 429 RATE_LIMITED with X-RateLimit-Remaining 0, until the window ends.",
			"Above the limit, the response is 429 `RATE_LIMITED`.",
			(*checkRun).useUp},
	}
}

// limitHeader returns the number in the header X-RateLimit-<name>, or -1 if the header is missing or isn't a number.
func limitHeader(e *exchange, name string) int {
	n, err := strconv.Atoi(e.responseHeader.Get("X-RateLimit-" + name))
	if err != nil {
		return -1
	}
	return n
}

// useUp sends requests until the server returns 429, and checks this response. Then it waits for the next window,
// and expects that the server accepts a request again.
func (c *checkRun) useUp() {
	const mostRequests = 1000
	limit := limitHeader(c.sendAlways(listCall("")), "Limit")
	if limit < 1 || limit > mostRequests {
		c.end(statusNotRun, "the server's limit is %d, and the check needs a limit of 1 to %d", limit, mostRequests)
	}
	// Allow for more than twice the limit, because a new window may begin during the loop.
	for range 2*limit + 1 {
		if c.ctx.Err() != nil {
			c.end(statusNotRun, "interrupted")
		}
		c.last = c.client.sendNow(c.ctx, listCall("pageSize=1"))
		if c.last.err != nil {
			c.fatalf(nil, "the server sent no complete response: %v", c.last.err)
		}
		c.client.record(c.last)
		c.note(c.last)
		if c.last.status == http.StatusTooManyRequests {
			break
		}
	}
	e := c.last
	if !c.expectError(e, fmt.Sprintf("after more than %d requests", limit), contract.CodeRateLimited) {
		return
	}
	if remaining := limitHeader(e, "Remaining"); remaining != 0 {
		c.errorf(nil, "X-RateLimit-Remaining is %d instead of 0", remaining)
	}
	if again := c.sendAlways(listCall("")); !again.isSuccess() {
		c.errorf([]*exchange{e, again}, "after the window has ended, the response is %s instead of a success", statusAndCode(again))
	}
}
