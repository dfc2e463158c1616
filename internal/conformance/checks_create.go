package conformance

import (
	"net/http"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// clockTolerance is how far a server's clock may be off. A time that is off by a time zone is a mistake.
const clockTolerance = 5 * time.Minute

func createChecks() []Check {
	const (
		badField = "400 `BAD_REQUEST`, with `error.fields`, if a field isn't valid."
		name     = "The label in Wintro's settings, without white space around it."
	)
	return []Check{
		{
			Name:     "create/all-fields",
			Expects:  "A new connection is 201, with an ID and what was sent.",
			Contract: "201; 400; 409 `ALREADY_LINKED`, `IDEMPOTENCY_KEY_REUSED` or `IDEMPOTENCY_KEY_IN_USE`",
			needs:    company,
			run: func(c *checkRun) {
				c.unlinked()
				made := c.create(nil)
				if c.last.status != http.StatusCreated {
					c.errorf(nil, "the status is %d instead of 201", c.last.status)
				}
				if made.id() == "" {
					c.errorf(nil, "there is no id")
				}
				c.expectFields("the new connection", made, object{
					"ats": "recruitee", "name": c.marker, "atsCompanyId": c.config.CompanyID, "enabled": true,
				})
				// It can be the one that checks share.
				if shared := c.connections[c.config.CompanyID]; shared != nil {
					shared.changed = len(c.failures) > 0
				}
			},
		},
		{
			Name:     "create/kept",
			Expects:  "What was answered to the creation is what a read answers at once.",
			Contract: "404 `NOT_FOUND` if the organisation has no such connection.",
			needs:    company,
			run: func(c *checkRun) {
				c.unlinked()
				made := c.create(object{"name": c.marker + " Zürich & Sons' <\"Ltd\">"})
				c.expectFields("read after the creation", c.get(made.id()), made)
			},
		},
		{
			Name:     "create/disabled",
			Expects:  "A connection can be created disabled. It is inactive then.",
			Contract: "`inactive`: `enabled` is false.",
			needs:    company,
			run: func(c *checkRun) {
				c.unlinked()
				made := c.create(object{"enabled": false})
				if made["enabled"] != false || made.text("status") != "inactive" {
					c.errorf(nil, "enabled is %s and status %s", shown(made["enabled"]), shown(made["status"]))
				}
			},
		},
		{
			Name:     "create/created-at",
			Expects:  "createdAt is when the connection was created.",
			Contract: "createdAt: { type: string, format: date-time }",
			needs:    company,
			run: func(c *checkRun) {
				c.unlinked()
				made := c.create(nil)
				c.expectNow("createdAt", made.text("createdAt"))
			},
		},
		{
			Name:     "create/longest-name",
			Expects:  "A name may have 100 characters, however many bytes they are.",
			Contract: "1 to 100 characters, no white space at either end, compared in NFC",
			needs:    company,
			run: func(c *checkRun) {
				c.unlinked()
				name := c.marker + strings.Repeat("ü", 100-len(c.marker))
				c.expectFields("with 100 characters", c.create(object{"name": name}), object{"name": name})
			},
		},
		{
			Name:     "create/name-in-nfd",
			Expects:  "A name keeps its characters; only their normal form may become NFC.",
			Contract: "Names are compared in NFC.",
			needs:    company,
			run: func(c *checkRun) {
				c.unlinked()
				name := c.marker + " " + norm.NFD.String("Zürich Ångström 東京 🏢")
				got := c.create(object{"name": name}).text("name")
				if norm.NFC.String(got) != norm.NFC.String(name) {
					c.errorf(nil, "the name is %s instead of %s", shown(got), shown(norm.NFC.String(name)))
				}
			},
		},
		{
			Name:     "create/bad-name",
			Expects:  "A name that is empty, too long or has white space around it is 400 with the field name, and makes nothing.",
			Contract: name,
			needs:    company,
			run: func(c *checkRun) {
				c.unlinked()
				c.refuseEach("name", "", " ", c.marker+" ", " "+c.marker, "\t"+c.marker, c.marker+strings.Repeat("ü", 101-len(c.marker)))
			},
		},
		{
			Name:     "create/bad-company",
			Expects:  "An atsCompanyId that isn't a numeric ID is 400 with the field atsCompanyId, and makes nothing.",
			Contract: "The numeric ID of a company in Recruitee.",
			needs:    company,
			run: func(c *checkRun) {
				c.unlinked()
				c.refuseEach("atsCompanyId", "", "acme", "0", "-1", "0"+c.config.CompanyID, strings.Repeat("9", 20))
			},
		},
		{
			Name:     "create/unknown-ats",
			Expects:  "An ats that the server doesn't know is 400 with the field ats, and makes nothing.",
			Contract: badField,
			needs:    company,
			run: func(c *checkRun) {
				c.unlinked()
				c.refuseEach("ats", "conformance-unknown", "")
			},
		},
		{
			Name:     "create/required-fields",
			Expects:  "Each of the five fields is required: without it the answer is 400 with its name.",
			Contract: "required: [ats, name, atsCompanyId, apiToken, enabled]",
			needs:    company,
			run: func(c *checkRun) {
				c.unlinked()
				for _, field := range newConnectionFields {
					c.refuse("without "+field, field, nothing{})
				}
				c.expectNone()
			},
		},
		{
			Name:     "create/null",
			Expects:  "Each of the five fields as null is 400 with its name.",
			Contract: badField,
			needs:    company,
			run: func(c *checkRun) {
				c.unlinked()
				for _, field := range newConnectionFields {
					c.refuse(field+" is null", field, nil)
				}
				c.expectNone()
			},
		},
		{
			Name:     "create/wrong-types",
			Expects:  "A number, a text or an object in the place of another type is 400 with the field's name.",
			Contract: badField,
			needs:    company,
			run: func(c *checkRun) {
				c.unlinked()
				for field, value := range map[string]any{
					"name": 1, "atsCompanyId": 816, "apiToken": object{}, "enabled": "yes",
				} {
					c.refuse(field+" is "+shown(value), field, value)
				}
				c.expectNone()
			},
		},
		{
			Name:     "create/empty-token",
			Expects:  "An empty apiToken is 400 with the field apiToken, and makes nothing.",
			Contract: badField,
			needs:    company,
			run: func(c *checkRun) {
				c.unlinked()
				c.refuseEach("apiToken", "")
			},
		},
		{
			Name:     "create/not-an-object",
			Expects:  "A body that isn't a JSON object is 400 BAD_REQUEST.",
			Contract: "Published: 400 `BAD_REQUEST`",
			needs:    company,
			run: func(c *checkRun) {
				c.unlinked()
				for _, body := range []string{"", "{", "[]", "null", `"text"`} {
					e := c.do(createCall(c.newKey(), []byte(body)))
					if !isBadRequest(e.status) || e.errorCode() != "BAD_REQUEST" {
						c.errorf(nil, "the body %q: the answer is %s instead of 400 BAD_REQUEST", body, statusAndCode(e))
					}
				}
				c.expectNone()
			},
		},
	}
}

// newConnectionFields are the fields of a creation.
var newConnectionFields = []string{"ats", "name", "atsCompanyId", "apiToken", "enabled"}

// refuse sends a creation in which one field is wrong.
func (c *checkRun) refuse(what, field string, value any) {
	e := c.do(createCall(c.newKey(), encode(c.newConnection(object{field: value}))))
	c.expectBadField(e, what, field)
	if e.isSuccess() {
		// It would be in the way of the next.
		c.unlinked()
	}
}

// refuseEach sends a creation with each of the wrong values of a field.
func (c *checkRun) refuseEach(field string, values ...string) {
	for _, value := range values {
		c.refuse(field+" is "+shown(value), field, value)
	}
	c.expectNone()
}

// expectNow expects a time to be that of the server's clock, or of this machine's.
func (c *checkRun) expectNow(what, text string) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		c.errorf(nil, "%s is not a time: %s", what, shown(text))
		return
	}
	now := c.last.at
	if date, err := http.ParseTime(c.last.header.Get("Date")); err == nil {
		now = date
	}
	if off := at.Sub(now).Abs(); off > clockTolerance {
		c.errorf(nil, "%s is %s, which is %s off", what, text, off.Round(time.Second))
	}
}

func uniquenessChecks() []Check {
	return []Check{
		{
			Name:     "uniqueness/second-connection",
			Expects:  "A second connection of a company is 409 ALREADY_LINKED, names the first one, and makes nothing.",
			Contract: "409 `ALREADY_LINKED` if the company has a connection; `error.connectionId` is its ID",
			needs:    company,
			run: func(c *checkRun) {
				id := c.connection().id()
				e := c.do(createCall(c.newKey(), encode(c.newConnection(object{"name": c.marker + " second"}))))
				if c.expectError(e, "another key and another name", http.StatusConflict, "ALREADY_LINKED") {
					if got := e.decode().Error.text("connectionId"); got != id {
						c.errorf(nil, "error.connectionId is %q instead of %q", got, id)
					}
				}
				c.expectOne(id)
			},
		},
		{
			Name:     "uniqueness/disabled",
			Expects:  "A disabled connection counts, too: a second one is 409 ALREADY_LINKED.",
			Contract: "409 `ALREADY_LINKED` if the company has a connection; `error.connectionId` is its ID",
			needs:    company,
			run: func(c *checkRun) {
				c.unlinked()
				id := c.create(object{"enabled": false}).id()
				e := c.do(createCall(c.newKey(), encode(c.newConnection(nil))))
				c.expectError(e, "beside a disabled connection", http.StatusConflict, "ALREADY_LINKED")
				c.expectOne(id)
			},
		},
		{
			Name:     "uniqueness/after-delete",
			Expects:  "Once its connection is removed, a company can get another, with another ID.",
			Contract: "The connection is gone, and Wintro has forgotten its credentials.",
			needs:    company,
			run: func(c *checkRun) {
				if len(c.removed) == 0 {
					c.delete(c.connection().id())
				}
				c.unlinked()
				if id := c.create(nil).id(); c.removed[id] {
					c.errorf(nil, "the new connection has the ID of a removed one, %s", id)
				}
			},
		},
	}
}
