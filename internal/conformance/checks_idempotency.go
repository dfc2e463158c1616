package conformance

import (
	"net/http"
	"strings"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

func idempotencyChecks() []Check {
	const (
		sameResponse = "If a later request has the same key and the same body, the server returns the first response again, even if the connection no longer exists."
		required     = "If the key is missing, or isn't 1 to 128 printable ASCII characters, the server returns 400 `BAD_REQUEST`."
	)
	return []Check{
		{"idempotency/key-required", unlinkedCompany,
			"A create request without a key, or with a malformed key, returns 400 BAD_REQUEST and creates nothing.",
			required,
			func(c *checkRun) {
				for what, key := range map[string][]string{
					"no key": nil, "an empty key": {""}, "a key of 129 characters": {strings.Repeat("k", 129)}, "a key in UTF-8": {"schlüssel"},
				} {
					call := createCall("", encode(c.newConnection(nil)))
					call.header = http.Header{"Idempotency-Key": key}
					if !c.expectError(c.do(call), what, contract.CodeBadRequest) {
						c.unlinked()
					}
				}
				c.expectOnly()
			}},
		{"idempotency/any-key", unlinkedCompany,
			"A key can consist of any 1 to 128 printable ASCII characters.",
			required,
			func(c *checkRun) {
				key := c.newKey() + ` "!#$%&'()*+,-./:;<=>?@[\]^_{|}~ `
				key += strings.Repeat("k", 128-len(key))
				c.success(c.do(createCall(key, encode(c.newConnection(nil)))))
			}},
		{"idempotency/same-body", unlinkedCompany,
			"The same key with the same body returns the same response, and creates no second connection.",
			sameResponse,
			func(c *checkRun) { c.repeat(1) }},
		{"idempotency/ten-times", unlinkedCompany,
			"Ten repetitions return the same response, and create no second connection.",
			sameResponse,
			func(c *checkRun) { c.repeat(10) }},
		{"idempotency/concurrent", unlinkedCompany,
			"Concurrent requests with the same key return the same connection or 409 IDEMPOTENCY_KEY_IN_USE.",
			"While the first request is in flight, the same key returns 409 `IDEMPOTENCY_KEY_IN_USE`.",
			func(c *checkRun) {
				exchanges := c.sendAtOnce(c.newCreate(nil), 5)
				var created *exchange
				for _, e := range exchanges {
					switch {
					case e.isSuccess() && created == nil:
						created = e
					case e.isSuccess() && e.data().id() != created.data().id():
						c.fatalf([]*exchange{created, e}, "two requests with the same key created two connections, %s and %s",
							created.data().id(), e.data().id())
					case !e.isSuccess() && (e.status != http.StatusConflict || e.errorCode() != contract.CodeIdempotencyKeyInUse):
						c.errorf([]*exchange{e}, "the response is %s instead of 201 or 409 "+contract.CodeIdempotencyKeyInUse, statusAndCode(e))
					}
				}
				if created == nil {
					c.fatalf(exchanges, "none of the requests created a connection")
				}
				c.expectOnly(created.data().id())
			}},
		{"idempotency/other-body", unlinkedCompany,
			"The same key with another body returns 409 IDEMPOTENCY_KEY_REUSED and changes nothing.",
			"If the body differs, the server returns 409 `IDEMPOTENCY_KEY_REUSED`.",
			func(c *checkRun) {
				key, body := c.newKey(), c.newConnection(nil)
				made := c.success(c.do(createCall(key, encode(body))))
				for field, value := range map[string]any{"name": c.marker + " other", "enabled": false} {
					e := c.do(createCall(key, encode(c.newConnection(object{field: value}))))
					c.expectError(e, "the same key and another "+field, contract.CodeIdempotencyKeyReused)
				}
				c.expectFields("after the refused requests", c.get(made.id()), made)
				c.expectOnly(made.id())
			}},
		{"idempotency/other-key", unlinkedCompany,
			"The same body with another key is another create request, so it returns 409 ALREADY_LINKED.",
			"A key that the client chooses for a create request, and sends again if it repeats the request.",
			func(c *checkRun) {
				body := encode(c.newConnection(nil))
				id := c.success(c.do(createCall(c.newKey(), body))).id()
				c.expectError(c.do(createCall(c.newKey(), body)), "another key", contract.CodeAlreadyLinked)
				c.expectOnly(id)
			}},
		{"idempotency/after-delete", unlinkedCompany,
			"After DELETE, the same key still returns the first response, and creates nothing.",
			sameResponse,
			func(c *checkRun) {
				call := c.newCreate(nil)
				id := c.success(c.do(call)).id()
				first := c.last
				c.delete(id)
				e := c.do(call)
				if !e.isSuccess() || e.data().id() != id {
					c.errorf([]*exchange{first, e}, "the response is %s with the ID %q instead of 201 with the ID %q",
						statusAndCode(e), e.data().id(), id)
				}
				c.expectOnly()
			}},
		{"idempotency/errors-are-forgotten", company,
			"A client can repeat a failed create request with the same key. The repetition can succeed.",
			"The server doesn't remember failed requests.",
			func(c *checkRun) {
				existing := c.connection().id()
				call := c.newCreate(object{"name": c.marker + " again"})
				e := c.do(call)
				c.expectError(e, "while the company is linked", contract.CodeAlreadyLinked)
				c.delete(existing)
				if again := c.do(call); !again.isSuccess() {
					c.errorf([]*exchange{e, again}, "after DELETE, the repeated request returns %s instead of 201", statusAndCode(again))
				}
			}},
		{"idempotency/changes-nothing-later", unlinkedCompany,
			"A repeated create request doesn't undo later changes.",
			sameResponse,
			func(c *checkRun) {
				call := c.newCreate(nil)
				id := c.success(c.do(call)).id()
				changed := object{"name": c.marker + " changed", "enabled": false}
				c.update(id, changed)
				c.success(c.do(call))
				c.expectFields("after the repetition", c.get(id), changed)
			}},
	}
}

// repeat sends a create request and repeats it n times. It expects the same status and ID each time, and only one
// connection.
func (c *checkRun) repeat(n int) {
	call := c.newCreate(nil)
	made := c.success(c.do(call))
	first := c.last
	for i := range n {
		e := c.do(call)
		if e.status != first.status || e.data().id() != made.id() {
			c.fatalf([]*exchange{first, e}, "the response to repetition %d is %s with the ID %q instead of %d with the ID %q",
				i+1, statusAndCode(e), e.data().id(), first.status, made.id())
		}
	}
	c.expectOnly(made.id())
}
