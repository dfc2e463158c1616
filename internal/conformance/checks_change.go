package conformance

import (
	"maps"
	"net/http"
	"strings"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

const notFound = "404 `NOT_FOUND` if the organisation has no such connection."

func changeChecks() []Check {
	const (
		untouched = "Changes only the fields in the body, so `{}` changes nothing."
		badField  = "400 has `error.fields`, a list of objects with `field` and `message`."
	)
	return []Check{
		{"read/connection", company,
			"GET returns the connection with the values of the create request, and with the same createdAt.",
			"200; 404 `NOT_FOUND`",
			func(c *checkRun) {
				made := c.connection()
				c.expectFields("GET", c.get(made.id()), made)
			}},
		{"read/repeatable", company,
			"Two GET requests return the same connection.",
			"200; 404 `NOT_FOUND`",
			func(c *checkRun) {
				first := c.checkedConnection()
				second := c.get(first.id())
				for name, value := range first {
					if asJSON(second[name]) != asJSON(value) {
						c.errorf(nil, "%s is %s in the first response and %s in the second", name, asJSON(value), asJSON(second[name]))
					}
				}
			}},
		{"read/unknown", noNeeds,
			"An unknown ID returns 404 NOT_FOUND.",
			notFound,
			func(c *checkRun) {
				for _, id := range []string{unknownID, "0", strings.Repeat("x", 128)} {
					c.expectError(c.sendAlways(getCall(id)), "the ID "+id, contract.CodeNotFound)
				}
			}},

		{"update/name", company,
			"PATCH with a name changes only the name.",
			untouched,
			func(c *checkRun) {
				// The connection is disabled, so that the check notices a PATCH that sets missing fields to their
				// defaults.
				c.unlinked()
				before := c.create(object{"enabled": false})
				// If the server caches responses, it returns this response again after the update, so the check
				// fails.
				c.get(before.id())
				c.expectUpdate(before, object{"name": c.marker + " renamed"})
			}},
		{"update/enabled", company,
			"PATCH with enabled changes only enabled and the status. A disabled connection has the status inactive.",
			"False pauses syncing. Wintro keeps the credentials.",
			func(c *checkRun) {
				before := c.connection()
				after := c.expectUpdate(before, object{"enabled": false})
				if after.text("status") != contract.ConnectionInactive {
					c.errorf(nil, "the connection's status is %q instead of \"inactive\"", after.text("status"))
				}
				if fingerprint := after["tokenFingerprint"]; fingerprint != before["tokenFingerprint"] {
					c.errorf(nil, "a PATCH without a token changed tokenFingerprint to %s", asJSON(fingerprint))
				}
				c.expectUpdate(before, object{"enabled": true})
			}},
		{"update/token", unlinkedCompany,
			"PATCH with a token keeps the name, and doesn't enable a disabled connection.",
			untouched,
			func(c *checkRun) {
				before := c.create(object{"enabled": false, "name": c.marker + " with a token"})
				c.expectUpdate(before, object{"apiToken": c.config.RecruiteeAPIToken})
			}},
		{"update/nothing", unlinkedCompany,
			"PATCH with {} returns 200 and changes nothing.",
			untouched,
			func(c *checkRun) {
				before := c.create(object{"enabled": false, "name": c.marker + " unchanged"})
				c.expectUpdate(before, object{})
			}},
		{"update/null", company,
			"PATCH with a field that is null returns 400 with the field in error.fields, and changes nothing.",
			"Returns 400 `BAD_REQUEST` if a field is `null`.",
			func(c *checkRun) {
				c.refuseUpdates(badValues{"name": {nil}, "enabled": {nil}, "apiToken": {nil}}, nil)
			}},
		{"update/bad-values", company,
			"PATCH with a value that isn't valid in a create request returns 400 with the field in error.fields, and changes nothing.",
			badField,
			func(c *checkRun) {
				c.refuseUpdates(badValues{
					"name":    {"", c.marker + " ", c.marker + strings.Repeat("ü", 101-len(c.marker)), 1},
					"enabled": {"yes"}, "apiToken": {""},
				}, nil)
			}},
		{"update/all-or-nothing", company,
			"A refused PATCH changes nothing, not even the fields with valid values.",
			badField,
			func(c *checkRun) {
				c.refuseUpdates(badValues{"apiToken": {""}}, object{"name": c.marker + " in part", "enabled": false})
			}},
		{"update/unknown-fields", company,
			"PATCH ignores unknown fields, and fields that can't be changed.",
			"The server ignores unknown fields in requests.",
			func(c *checkRun) {
				before := c.connection()
				for field, value := range map[string]any{
					"conformanceUnknown": true,
					"atsCompanyId":       "999999999",
					"createdAt":          "2001-01-01T00:00:00Z",
				} {
					e := c.do(updateCall(before.id(), object{field: value}))
					if !e.isSuccess() {
						c.errorf(nil, "%s: the response is %s instead of 200", field, statusAndCode(e))
					}
				}
				c.expectFields("after the unknown fields", c.get(before.id()), before)
			}},
		{"update/unknown", noNeeds,
			"PATCH of an unknown ID returns 404 NOT_FOUND.",
			notFound,
			func(c *checkRun) {
				c.expectError(c.do(updateCall(unknownID, object{"name": c.marker})), "an unknown ID", contract.CodeNotFound)
			}},

		{"delete/connection", company,
			"DELETE returns 204. Then GET returns 404, and the list no longer contains the connection.",
			"Wintro has deleted the connection and its credentials.",
			func(c *checkRun) {
				id := c.anyConnection().id()
				if e := c.delete(id); e.status != http.StatusNoContent {
					c.errorf(nil, "the HTTP status is %d instead of 204", e.status)
				}
				c.expectError(c.do(getCall(id)), "GET after DELETE", contract.CodeNotFound)
				if indexOf(c.ofCompany(), id) >= 0 {
					c.errorf(nil, "after DELETE, the list still contains the connection %s", id)
					c.made[id] = c.config.CompanyID
				}
			}},
		{"delete/twice", company,
			"The second DELETE of a connection returns 404 NOT_FOUND.",
			notFound,
			func(c *checkRun) {
				id := c.connection().id()
				c.delete(id)
				c.expectError(c.do(deleteCall(id)), "the second DELETE", contract.CodeNotFound)
			}},
		{"delete/then-update", company,
			"PATCH after DELETE returns 404 NOT_FOUND, and doesn't create the connection again.",
			notFound,
			func(c *checkRun) {
				id := c.connection().id()
				c.delete(id)
				e := c.do(updateCall(id, object{"name": c.marker + " after DELETE"}))
				c.expectError(e, "PATCH after DELETE", contract.CodeNotFound)
				c.expectOnly()
			}},
		{"delete/unknown", noNeeds,
			"DELETE of an unknown ID returns 404 NOT_FOUND.",
			notFound,
			func(c *checkRun) {
				c.expectError(c.do(deleteCall(unknownID)), "an unknown ID", contract.CodeNotFound)
			}},
	}
}

// expectUpdate sends a PATCH, and expects that the response and the next GET show this change and no other change
// to the fields that expectFields compares. It returns the connection in the response to the PATCH.
func (c *checkRun) expectUpdate(before, change object) (after object) {
	want := maps.Clone(before)
	maps.Copy(want, change)
	after = c.update(before.id(), change)
	what := "after " + asJSON(change)
	c.expectFields(what, after, want)
	c.expectFields("GET "+what, c.get(before.id()), want)
	return after
}

// refuseUpdates sends a PATCH for each invalid value, together with the valid fields. It expects 400 or 422 each
// time, and an unchanged connection at the end.
func (c *checkRun) refuseUpdates(bad badValues, valid object) {
	before := c.connection()
	for field, values := range bad {
		for _, value := range values {
			change := object{field: value}
			maps.Copy(change, valid)
			e := c.do(updateCall(before.id(), change))
			if c.isAbsent(e) {
				c.expectSuccess(e)
			}
			c.expectBadField(e, field+" is "+asJSON(value), field)
		}
	}
	c.expectFields("after the refused changes", c.get(before.id()), before)
}
