package conformance

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func robustnessChecks() []Check {
	const (
		form   = "Only an error with `error.code` and `error.message` is Wintro's own answer."
		ignore = "An unknown field is ignored."
	)
	return []Check{
		{
			Name:     "robustness/unknown-fields",
			Expects:  "Unknown fields in a creation are ignored.",
			Contract: ignore,
			needs:    company,
			run: func(c *checkRun) {
				c.unlinked()
				made := c.create(object{"conformanceUnknown": object{"a": []int{1}}, "status": "invalid"})
				if made.text("status") == "invalid" {
					c.awaitStatus(made.id(), "active")
				}
			},
		},
		{
			Name:     "robustness/large-body",
			Expects:  "A body of nearly a megabyte is refused in the published form, and makes nothing.",
			Contract: form,
			needs:    company,
			run: func(c *checkRun) {
				c.unlinked()
				e := c.do(createCall(c.newKey(), encode(c.newConnection(object{"name": c.marker + strings.Repeat("x", 900_000)}))))
				c.expectRefusal(e, "900 kB")
				c.expectNone()
			},
		},
		{
			Name:     "robustness/content-type",
			Expects:  "A body of another type than application/json is refused in the published form, and makes nothing.",
			Contract: form,
			needs:    company,
			run: func(c *checkRun) {
				c.unlinked()
				for _, contentType := range []string{"text/plain", "application/x-www-form-urlencoded"} {
					call := createCall(c.newKey(), encode(c.newConnection(nil)))
					call.header.Set("Content-Type", contentType)
					e := c.do(call)
					c.expectRefusal(e, contentType)
					if e.isSuccess() {
						c.unlinked()
					}
				}
				c.expectNone()
			},
		},
		{
			Name:     "robustness/head",
			Expects:  "HEAD is answered like GET without the body, or refused; it is no failure of the server's.",
			Contract: "| 500 | `INTERNAL_ERROR` | Wintro failed |",
			run: func(c *checkRun) {
				e := c.sendAlways(call{method: http.MethodHead, path: "/ats-connections"})
				if e.err != nil || e.status >= http.StatusInternalServerError && e.status != http.StatusNotImplemented {
					c.errorf(nil, "the answer is %s", statusAndCode(e))
				}
			},
		},
		{
			Name:     "robustness/other-methods",
			Expects:  "A method that a path doesn't have is refused in the published form.",
			Contract: form,
			run: func(c *checkRun) {
				for _, call := range []call{
					{method: http.MethodPut, path: "/ats-connections/" + unknownID, body: []byte("{}")},
					{method: http.MethodDelete, path: "/ats-connections"},
				} {
					c.expectRefusal(c.sendAlways(call), call.method+" "+call.path)
				}
			},
		},
		{
			Name:     "robustness/unknown-path",
			Expects:  "A path that isn't there is 404 in the published form.",
			Contract: form,
			run: func(c *checkRun) {
				for _, path := range []string{"/conformance-unknown", "/ats-connections/" + unknownID + "/unknown"} {
					e := c.sendAlways(call{method: http.MethodGet, path: path})
					if c.expectRefusal(e, path) && e.status != http.StatusNotFound {
						c.errorf(nil, "%s: the answer is %s instead of 404", path, statusAndCode(e))
					}
				}
			},
		},
		{
			Name:     "robustness/strange-ids",
			Expects:  "An ID in an impossible form is refused in the published form.",
			Contract: form,
			run: func(c *checkRun) {
				for _, id := range []string{"%20", "%27%20OR%201%3D1", "%F0%9F%92%A5", "%00", strings.Repeat("x", 2000)} {
					e := c.sendAlways(call{method: http.MethodGet, path: "/ats-connections/" + id})
					c.expectRefusal(e, "the ID "+id[:min(len(id), 20)])
				}
			},
		},
	}
}

// expectRefusal expects a refusal of any 4xx status, in the published form.
func (c *checkRun) expectRefusal(e *exchange, what string) bool {
	switch problems := e.errorFormProblems(); {
	case e.err != nil:
		c.errorf([]*exchange{e}, "%s: there is no complete answer: %v", what, e.err)
	case e.status < 400 || e.status > 499:
		c.errorf([]*exchange{e}, "%s: the answer is %s instead of a refusal with 4xx", what, statusAndCode(e))
	case len(problems) > 0:
		c.errorf([]*exchange{e}, "%s: the answer is %d, but %s", what, e.status, strings.Join(problems, "; "))
	default:
		return true
	}
	return false
}

func secrecyChecks() []Check {
	const contract = "It is write-only, so no answer ever holds it."
	return []Check{
		{
			Name:     "secrecy/successes",
			Expects:  "No success holds a token, or a piece of one, in any form but its fingerprint.",
			Contract: contract,
			needs:    company,
			run: func(c *checkRun) {
				c.unlinked()
				id := c.create(nil).id()
				c.get(id)
				c.update(id, object{"apiToken": c.config.RecruiteeAPIToken})
				c.ofCompany()
				c.reportLeaks(func(leak finding) bool {
					return leak.exchange.isSuccess() && strings.HasPrefix(leak.problem, "the body")
				})
			},
		},
		{
			Name:     "secrecy/errors",
			Expects:  "No error holds a token, whatever is wrong with the request that has one.",
			Contract: contract,
			needs:    company,
			run: func(c *checkRun) {
				id, token := c.connection().id(), c.config.RecruiteeAPIToken
				body := c.newConnection(nil)
				for _, call := range []call{
					createCall(c.newKey(), encode(body)),
					createCall(c.newKey(), encode(c.newConnection(object{"name": ""}))),
					createCall(c.newKey(), encode(c.newConnection(object{"apiToken": []string{token}}))),
					createCall(c.newKey(), encode(c.newConnection(object{"atsCompanyId": token}))),
					createCall(c.newKey(), append(encode(body), "and more"...)),
					updateCall(id, object{"name": "", "apiToken": token}),
					updateCall(id, object{"enabled": token}),
					{op: opList, method: http.MethodGet, path: "/ats-connections", token: c.unknownToken},
				} {
					c.sendAlways(call)
				}
				c.reportLeaks(func(leak finding) bool {
					return !leak.exchange.isSuccess() && strings.HasPrefix(leak.problem, "the body")
				})
			},
		},
		{
			Name:     "secrecy/headers",
			Expects:  "No header of an answer holds a token.",
			Contract: contract,
			needs:    company,
			run: func(c *checkRun) {
				c.unlinked()
				c.create(nil)
				c.reportLeaks(func(leak finding) bool { return strings.HasPrefix(leak.problem, "the header") })
			},
		},
	}
}

// reportLeaks reports the answers of the whole run that hold a token, each kind once.
func (c *checkRun) reportLeaks(isMeant func(finding) bool) {
	c.reportFindings(c.leaks, isMeant)
}

// maxFindings is how many of them a report shows.
const maxFindings = 10

func (c *checkRun) reportFindings(findings []finding, isMeant func(finding) bool) {
	known := map[string]bool{}
	for _, found := range findings {
		kind := found.exchange.method + " " + c.template(found.exchange) + ": " + found.problem
		if !isMeant(found) || known[kind] {
			continue
		}
		known[kind] = true
		if len(known) <= maxFindings {
			c.errorf([]*exchange{found.exchange}, "%s", kind)
		}
	}
	if more := len(known) - maxFindings; more > 0 {
		c.errorf([]*exchange{}, "and %d more", more)
	}
}

// template is the path of the call, without IDs if it is one of the contract's.
func (c *checkRun) template(e *exchange) string {
	if route := c.document.routes[e.op]; route != nil {
		return route.Path
	}
	return e.path
}

// documentChecks compare all answers of the whole run with openapi.yaml.
func documentChecks() []Check {
	contract := "All of it keeps to the published conventions, so that Wintro could add it to the API that it has."
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
			id := c.connection().id()
			c.awaitChecked(id)
			c.success(c.do(startSyncCall(id)))
		},
		opGetSync: func(c *checkRun) {
			id := c.connection().id()
			c.awaitChecked(id)
			c.success(c.do(getSyncCall(id, c.success(c.do(startSyncCall(id))).id())))
		},
	}
	var checks []Check
	for _, op := range operations() {
		needs := company
		if op == opList {
			needs = 0
		}
		checks = append(checks, Check{
			Name:     "document/" + op,
			Expects:  "Each success of the call is as openapi.yaml describes it: status, envelope, fields, headers.",
			Contract: contract,
			needs:    needs,
			run: func(c *checkRun) {
				samples[op](c)
				c.reportFindings(c.problems, func(found finding) bool {
					return found.exchange.op == op && found.exchange.status < http.StatusBadRequest
				})
			},
		})
	}
	return append(checks,
		Check{
			Name:     "document/errors",
			Expects:  "Each error of each call is in the published form, as openapi.yaml describes it.",
			Contract: `{"error": {"code": "UNAUTHORIZED", "message": "Missing or invalid Authorization header"}}`,
			run: func(c *checkRun) {
				for _, call := range c.everyCall()[2:] {
					c.sendAlways(call)
				}
				c.sendAlways(listCall("page=0"))
				c.reportFindings(c.problems, func(found finding) bool {
					e := found.exchange
					return e.op != "" && e.status >= http.StatusBadRequest && !c.isAbsent(e)
				})
			},
		},
		Check{
			Name:     "document/generated-at",
			Expects:  "meta.generatedAt is the time of the answer.",
			Contract: "required: [generatedAt]",
			run: func(c *checkRun) {
				c.list("")
				c.expectNow("meta.generatedAt", c.last.decode().Meta.text("generatedAt"))
			},
		},
		Check{
			Name:     "document/organisation-id",
			Expects:  "If meta.organisationId is reported, it is the same in each success.",
			Contract: "The organisation that the API token belongs to. A server that doesn't report it leaves it out.",
			run: func(c *checkRun) {
				c.list("")
				reported := map[string]*exchange{}
				for _, e := range c.successes {
					reported[e.decode().Meta.text("organisationId")] = e
				}
				if _, isLeftOut := reported[""]; isLeftOut && len(reported) == 1 {
					c.end(NotOffered, "the server doesn't report the organisation")
				}
				if len(reported) == 1 {
					return
				}
				var exchanges []*exchange
				var ids []string
				for id, e := range reported {
					ids, exchanges = append(ids, strconv.Quote(id)), append(exchanges, e)
				}
				slices.Sort(ids)
				c.errorf(exchanges[:2], "there are %d organisations in the answers: %s", len(ids), strings.Join(ids, ", "))
			},
		},
	)
}

func rateLimitChecks() []Check {
	const contract = "Each answer says how much is left, in `X-RateLimit-Limit`, `X-RateLimit-Remaining` and `X-RateLimit-Reset`"
	return []Check{
		{
			Name:     "rate-limit/headers",
			Expects:  "Successes and refusals have the three headers, as whole numbers.",
			Contract: contract,
			run: func(c *checkRun) {
				for _, call := range []call{listCall(""), listCall("page=0"), getCall(unknownID)} {
					e := c.sendAlways(call)
					for _, name := range []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} {
						if _, err := strconv.ParseUint(e.header.Get(name), 10, 64); err != nil {
							c.errorf(nil, "%s %s (%d): %s is %q", call.method, call.path, e.status, name, e.header.Get(name))
						}
					}
				}
			},
		},
		{
			Name:     "rate-limit/countdown",
			Expects:  "Each request within a window leaves fewer, of the same limit.",
			Contract: "How many of them are left in this window.",
			run: func(c *checkRun) {
				const attempts = 3
				for range attempts {
					one, two := c.sendAlways(listCall("")), c.sendAlways(listCall(""))
					if one.header.Get("X-RateLimit-Reset") != two.header.Get("X-RateLimit-Reset") {
						continue // another window has begun
					}
					limit, before, after := limitHeader(one, "Limit"), limitHeader(one, "Remaining"), limitHeader(two, "Remaining")
					if after < 0 || after >= before || before >= limit || limitHeader(two, "Limit") != limit {
						c.errorf([]*exchange{one, two}, "of a limit of %d, %d remain and then %d of %d",
							limit, before, after, limitHeader(two, "Limit"))
					}
					return
				}
				c.errorf(nil, "X-RateLimit-Reset changes with each request, so that a window never ends")
			},
		},
		{
			Name:     "rate-limit/reset",
			Expects:  "X-RateLimit-Reset is the end of the window, as a Unix time in seconds.",
			Contract: "When the window ends, as a Unix time in seconds.",
			run: func(c *checkRun) {
				e := c.sendAlways(listCall(""))
				reset, err := strconv.ParseInt(e.header.Get("X-RateLimit-Reset"), 10, 64)
				now := time.Now()
				if date, parseErr := http.ParseTime(e.header.Get("Date")); parseErr == nil {
					now = date
				}
				if left := time.Unix(reset, 0).Sub(now); err != nil || left < -clockTolerance || left > longestWindow {
					c.errorf(nil, "X-RateLimit-Reset is %q; now it is %d", e.header.Get("X-RateLimit-Reset"), now.Unix())
				}
			},
		},
		{
			Name:     "rate-limit/refusal",
			Expects:  "Past the limit the answer is 429 RATE_LIMITED with nothing remaining, until the window ends.",
			Contract: "Past the limit the answer is 429 `RATE_LIMITED`.",
			needs:    usingUp,
			run:      (*checkRun).useUp,
		},
	}
}

func limitHeader(e *exchange, name string) int {
	n, err := strconv.Atoi(e.header.Get("X-RateLimit-" + name))
	if err != nil {
		return -1
	}
	return n
}

// useUp sends requests until one is refused.
func (c *checkRun) useUp() {
	const mostRequests = 1000
	limit := limitHeader(c.sendAlways(listCall("")), "Limit")
	if limit < 1 || limit > mostRequests {
		c.end(NotRun, "the limit is %d; only one of 1 to %d can be used up", limit, mostRequests)
	}
	// Twice, since the window may end in the meantime.
	for range 2*limit + 1 {
		if c.ctx.Err() != nil {
			c.end(NotRun, "interrupted")
		}
		c.last = c.client.sendNow(c.ctx, listCall("pageSize=1"))
		if c.last.err != nil {
			c.fatalf(nil, "there is no complete answer: %v", c.last.err)
		}
		c.note(c.last)
		if c.last.status == http.StatusTooManyRequests {
			break
		}
	}
	e := c.last
	c.client.pacer(c.config.APIToken).note(e)
	if !c.expectError(e, fmt.Sprintf("more than %d requests", limit), http.StatusTooManyRequests, "RATE_LIMITED") {
		return
	}
	if remaining := limitHeader(e, "Remaining"); remaining != 0 {
		c.errorf(nil, "X-RateLimit-Remaining is %d instead of 0", remaining)
	}
	if again := c.sendAlways(listCall("")); !again.isSuccess() {
		c.errorf([]*exchange{e, again}, "after the window, the answer is %s", statusAndCode(again))
	}
}
