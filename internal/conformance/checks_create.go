package conformance

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

// clockTolerance is the largest clock error that the checks accept. It is shorter than the smallest difference
// between two UTC offsets, so the checks notice a time in the wrong zone.
const clockTolerance = 5 * time.Minute

func createChecks() []Check {
	const badField = "400 `BAD_REQUEST`, with `error.fields`, if a field is invalid."
	return []Check{
		{"create/all-fields", unlinkedCompany,
			"POST returns 201, with an ID and the values of the request.",
			"201; 400; 409 `ALREADY_LINKED`, `IDEMPOTENCY_KEY_REUSED` or `IDEMPOTENCY_KEY_IN_USE`",
			func(c *checkRun) {
				made := c.create(nil)
				if c.last.status != http.StatusCreated {
					c.errorf(nil, "the HTTP status is %d instead of 201", c.last.status)
				}
				if made.id() == "" {
					c.errorf(nil, "data.id is missing")
				}
				c.expectFields("the new connection", made, object{
					"ats": contract.Recruitee, "name": c.marker, "atsCompanyId": c.config.CompanyID, "enabled": true,
				})
				// Let the next checks use this connection if this check has passed.
				if len(c.failures) == 0 {
					c.shared[c.config.CompanyID] = made
				}
			}},
		{"create/kept", unlinkedCompany,
			"The first GET returns the same connection as the create request.",
			"404 `NOT_FOUND` if the organisation has no such connection.",
			func(c *checkRun) {
				made := c.create(object{"name": c.marker + " Zürich & Sons' <\"Ltd\">"})
				c.expectFields("GET after the create request", c.get(made.id()), made)
			}},
		{"create/disabled", unlinkedCompany,
			"POST can create a disabled connection. Its status is inactive.",
			"`inactive`: `enabled` is false.",
			func(c *checkRun) {
				made := c.create(object{"enabled": false})
				if made["enabled"] != false || made.text("status") != contract.ConnectionInactive {
					c.errorf(nil, "enabled is %s instead of false, or status is %s instead of \"inactive\"", asJSON(made["enabled"]), asJSON(made["status"]))
				}
			}},
		{"create/created-at", unlinkedCompany,
			"createdAt is the time of the create request.",
			"createdAt: { type: string, format: date-time }",
			func(c *checkRun) {
				made := c.create(nil)
				c.expectNow("createdAt", made.text("createdAt"))
			}},
		{"create/longest-name", unlinkedCompany,
			"A name can have 100 characters, even if they need more than 100 bytes.",
			"1 to 100 characters, no leading or trailing white space, compared in NFC",
			func(c *checkRun) {
				name := c.marker + strings.Repeat("ü", 100-len(c.marker))
				c.expectFields("a name with 100 characters", c.create(object{"name": name}), object{"name": name})
			}},
		{"create/name-in-nfd", unlinkedCompany,
			"The server keeps all characters of a name. It may only convert the name to NFC.",
			"Names are compared in NFC.",
			func(c *checkRun) {
				name := c.marker + " " + norm.NFD.String("Zürich Ångström 東京 🏢")
				got := c.create(object{"name": name}).text("name")
				if norm.NFC.String(got) != norm.NFC.String(name) {
					c.errorf(nil, "the name is %s instead of %s", asJSON(got), asJSON(norm.NFC.String(name)))
				}
			}},
		{"create/bad-name", unlinkedCompany,
			"A name that is empty or too long, or that begins or ends with white space, returns 400 with name in error.fields, and creates nothing.",
			"The label in Wintro's settings, without leading or trailing white space.",
			func(c *checkRun) {
				c.refuseCreates(badValues{"name": {"", " ", c.marker + " ", " " + c.marker, "\t" + c.marker, c.marker + strings.Repeat("ü", 101-len(c.marker))}})
			}},
		{"create/bad-company", unlinkedCompany,
			"An atsCompanyId that isn't a numeric ID returns 400 with atsCompanyId in error.fields, and creates nothing.",
			"The numeric ID of a company in Recruitee.",
			func(c *checkRun) {
				c.refuseCreates(badValues{"atsCompanyId": {"", "acme", "0", "-1", "0" + c.config.CompanyID, strings.Repeat("9", 20)}})
			}},
		{"create/unknown-ats", unlinkedCompany,
			"An unknown ats returns 400 with ats in error.fields, and creates nothing.",
			badField,
			func(c *checkRun) {
				c.refuseCreates(badValues{"ats": {"conformance-unknown", ""}})
			}},
		{"create/required-fields", unlinkedCompany,
			"A create request that lacks one of the five fields returns 400 with the field in error.fields.",
			"required: [ats, name, atsCompanyId, apiToken, enabled]",
			func(c *checkRun) {
				c.refuseCreates(badValues{
					"ats": {nothing{}}, "name": {nothing{}}, "atsCompanyId": {nothing{}}, "apiToken": {nothing{}}, "enabled": {nothing{}},
				})
			}},
		{"create/null", unlinkedCompany,
			"A create request in which one of the five fields is null returns 400 with the field in error.fields.",
			badField,
			func(c *checkRun) {
				c.refuseCreates(badValues{"ats": {nil}, "name": {nil}, "atsCompanyId": {nil}, "apiToken": {nil}, "enabled": {nil}})
			}},
		{"create/wrong-types", unlinkedCompany,
			"A value of the wrong type returns 400 with the field in error.fields.",
			badField,
			func(c *checkRun) {
				c.refuseCreates(badValues{"name": {1}, "atsCompanyId": {816}, "apiToken": {object{}}, "enabled": {"yes"}})
			}},
		{"create/empty-token", unlinkedCompany,
			"An empty apiToken returns 400 with apiToken in error.fields, and creates nothing.",
			badField,
			func(c *checkRun) {
				c.refuseCreates(badValues{"apiToken": {""}})
			}},
		{"create/not-an-object", unlinkedCompany,
			"A body that isn't a JSON object returns 400 BAD_REQUEST.",
			"Wintro has published the codes 400 `BAD_REQUEST`",
			func(c *checkRun) {
				for _, body := range []string{"", "{", "[]", "null", `"text"`} {
					c.expectError(c.do(createCall(c.newKey(), []byte(body))), fmt.Sprintf("the body %q", body), contract.CodeBadRequest)
				}
				c.expectOnly()
			}},
	}
}

// badValues maps each field to invalid values. The value nothing{} leaves the field out.
type badValues map[string][]any

// refuseCreates sends a create request for each value. It expects 400 or 422 each time, and no connection at the
// end.
func (c *checkRun) refuseCreates(bad badValues) {
	for field, values := range bad {
		for _, value := range values {
			what := field + " is " + asJSON(value)
			if value == (nothing{}) {
				what = field + " is missing"
			}
			e := c.do(c.newCreate(object{field: value}))
			c.expectBadField(e, what, field)
			if e.isSuccess() {
				// Remove the connection. Otherwise, the next create request would fail with ALREADY_LINKED.
				c.unlinked()
			}
		}
	}
	c.expectOnly()
}

// expectNow expects that text is a time in the format of RFC 3339, close to the time of the last response.
func (c *checkRun) expectNow(what, text string) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		c.errorf(nil, "%s is not a time in the format of RFC 3339: %s", what, asJSON(text))
		return
	}
	if off := at.Sub(c.last.serverTime()).Abs(); off > clockTolerance {
		c.errorf(nil, "%s is %s, which differs from the time of the response by %s", what, text, off.Round(time.Second))
	}
}

func uniquenessChecks() []Check {
	return []Check{
		{"uniqueness/second-connection", company,
			"Creating a second connection for a company returns 409 ALREADY_LINKED with the ID of the first, and creates nothing.",
			"409 `ALREADY_LINKED` if the company already has a connection. `error.connectionId` then contains the ID of that connection",
			func(c *checkRun) {
				id := c.connection().id()
				e := c.do(c.newCreate(object{"name": c.marker + " second"}))
				if c.expectError(e, "a second create request with another key and another name", contract.CodeAlreadyLinked) {
					if got := e.errorObject().text("connectionId"); got != id {
						c.errorf(nil, "error.connectionId is %q instead of %q", got, id)
					}
				}
				c.expectOnly(id)
			}},
		{"uniqueness/disabled", unlinkedCompany,
			"Creating a second connection returns 409 ALREADY_LINKED, even if the first is disabled.",
			"409 `ALREADY_LINKED` if the company already has a connection. `error.connectionId` then contains the ID of that connection",
			func(c *checkRun) {
				id := c.create(object{"enabled": false}).id()
				c.expectError(c.do(c.newCreate(nil)), "a company with a disabled connection", contract.CodeAlreadyLinked)
				c.expectOnly(id)
			}},
		{"uniqueness/after-delete", company,
			"After DELETE, a create request for the company succeeds, and returns another ID.",
			"Wintro has deleted the connection and its credentials.",
			func(c *checkRun) {
				// The check compares the new ID with those of removed connections, so remove a connection if the
				// run hasn't removed any yet.
				if len(c.ours) == len(c.made) {
					c.delete(c.connection().id())
				}
				c.unlinked()
				earlier := maps.Clone(c.ours)
				if id := c.create(nil).id(); earlier[id] {
					c.errorf(nil, "the new connection has the same ID as a removed connection: %s", id)
				}
			}},
	}
}
