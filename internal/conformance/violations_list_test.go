package conformance

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// page is an error page, as a router or a proxy may send it.
const page = "<html><head><title>Error</title></head><body><h1>Error</h1><hr>nginx</body></html>\n"

// Most of the following functions return a function for the field run of a violation.

// on returns a function that calls run only for the requests of one operation.
func on(op string, run func(*violatedCall)) func(*violatedCall) {
	return func(c *violatedCall) {
		if c.is(op) {
			run(c)
		}
	}
}

// onQuery changes the query of each list request.
func onQuery(change func(query url.Values)) func(*violatedCall) {
	return on(opList, func(c *violatedCall) {
		query := c.r.URL.Query()
		change(query)
		c.r.URL.RawQuery = query.Encode()
	})
}

// onFields changes the fields in those requests of one operation that have a JSON object as their body.
func onFields(op string, change func(fields object)) func(*violatedCall) {
	return func(c *violatedCall) {
		if fields := c.sent(); c.is(op) && fields != nil {
			change(fields)
			c.body = encode(fields)
		}
	}
}

// onField changes the value of one field in those requests of an operation that contain the field.
func onField(op, name string, change func(value any) any) func(*violatedCall) {
	return onFields(op, func(fields object) {
		if value, found := fields[name]; found {
			fields[name] = change(value)
		}
	})
}

func onConnections(change func(connection object)) func(*violatedCall) {
	return func(c *violatedCall) { c.changeConnections(change) }
}

func onConnectionField(name string, change func(text string) any) func(*violatedCall) {
	return onConnections(func(connection object) {
		if text, isText := connection[name].(string); isText {
			connection[name] = change(text)
		}
	})
}

// onPagination changes meta.pagination in each successful response with a list.
func onPagination(change func(c *violatedCall, pagination object)) func(*violatedCall) {
	return func(c *violatedCall) {
		if c.is(opList) && c.isSuccess() {
			c.changeObject("meta", func(meta object) { change(c, meta["pagination"].(map[string]any)) })
		}
	}
}

// onError calls the given function if the response is an error with this code.
func onError(code string, then func(*violatedCall)) func(*violatedCall) {
	return func(c *violatedCall) {
		if c.errorCode() == code {
			then(c)
		}
	}
}

// onSync changes the sync in each successful response.
func onSync(change func(sync object)) func(*violatedCall) {
	return func(c *violatedCall) {
		if c.is(opStartSync, opGetSync) && c.isSuccess() {
			c.changeResponse(func(response object) { change(response["data"].(map[string]any)) })
		}
	}
}

// onHeader changes one header of each response that has this header.
func onHeader(name string, change func(c *violatedCall, value string) string) func(*violatedCall) {
	return func(c *violatedCall) {
		if value := c.response().Header().Get(name); value != "" {
			c.resp.Header().Set(name, change(c, value))
		}
	}
}

// inErrors adds a text to the message of each error.
func inErrors(text func(c *violatedCall) string) func(*violatedCall) {
	return func(c *violatedCall) {
		c.changeObject("error", func(problem object) { problem["message"] = problem.text("message") + " " + text(c) })
	}
}

// withStatus replaces one status with another.
func withStatus(from, to int) func(*violatedCall) {
	return func(c *violatedCall) {
		if c.response().Code == from {
			c.resp.Code = to
		}
	}
}

// refused responds with this status and error code if isRefused returns true.
func refused(status int, code string, isRefused func(*violatedCall) bool) func(*violatedCall) {
	return func(c *violatedCall) {
		if isRefused(c) {
			c.refuse(status, code)
		}
	}
}

// newConnectionFields lists the fields of a create request.
var newConnectionFields = []string{"ats", "name", "atsCompanyId", "apiToken", "enabled"}

// unknownFieldRefused refuses the requests of an operation that contain unknown fields.
func unknownFieldRefused(op string) func(*violatedCall) {
	return func(c *violatedCall) {
		for name := range c.sent() {
			if c.is(op) && !slices.Contains(newConnectionFields, name) {
				c.refuseField(name)
			}
		}
	}
}

// paged replaces the sandbox's division of the list into pages. cut returns the bounds of a page, as in
// items[from:to].
func paged(cut func(items []any, page, size int) (from, to int)) func(*violatedCall) {
	return func(c *violatedCall) {
		if !c.is(opList) || !c.isSuccess() {
			return
		}
		page, size := queryNumber(c, "page", 1), queryNumber(c, "pageSize", 100)
		query := c.r.URL.Query()
		query.Del("page")
		query.Del("pageSize")
		all := c.send(http.MethodGet, "/ats-connections?"+query.Encode(), nil).items()
		from, to := cut(all, page, size)
		from, to = min(max(from, 0), len(all)), min(max(to, 0), len(all))
		c.changeResponse(func(response object) { response["data"] = append([]any{}, all[from:max(from, to)]...) })
	}
}

func queryNumber(c *violatedCall, name string, otherwise int) int {
	n, err := strconv.Atoi(c.r.URL.Query().Get(name))
	if err != nil {
		return otherwise
	}
	return n
}

func number(value any) int {
	text, _ := value.(json.Number)
	n, _ := text.Int64()
	return int(n)
}

// remembered repeats an old response if keyOf returns the same key for both requests. It stores only the responses
// that isKept selects.
func remembered(op string, keyOf func(*violatedCall) string, isKept func(*violatedCall) bool) func(*violatedCall) {
	return on(op, func(c *violatedCall) {
		name := "remembered " + keyOf(c)
		if old := c.responses[name]; old != nil {
			c.replay(old)
		} else if isKept(c) {
			c.responses[name] = c.resp
		}
	})
}

// replaced returns a function that replaces one value, and returns all other values unchanged.
func replaced(from, to any) func(value any) any {
	return func(value any) any {
		if value == from {
			return to
		}
		return value
	}
}

// onName changes the name in the requests of an operation.
func onName(op string, change func(name string) string) func(*violatedCall) {
	return onField(op, "name", func(value any) any {
		if name, isText := value.(string); isText {
			return change(name)
		}
		return value
	})
}

var (
	isStrange = regexp.MustCompile(`[^ -~]`)
	isID      = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)
)

var violations = map[string]violation{
	// Violations of the rules for access:
	"token-not-required": {"authentication/no-token", func(c *violatedCall) {
		if c.authorization() == "" {
			c.useAdminToken()
		}
	}},
	"any-token": {"authentication/unknown-token", func(c *violatedCall) {
		if strings.HasPrefix(c.authorization(), "Bearer ") && !c.isReader() {
			c.useAdminToken()
		}
	}},
	"no-bearer-needed": {"authentication/not-a-bearer", func(c *violatedCall) {
		if c.authorization() != "" && !strings.HasPrefix(c.authorization(), "Bearer ") {
			c.useAdminToken()
		}
	}},
	"404-before-401": {"authentication/no-token", refused(404, "NOT_FOUND", func(c *violatedCall) bool {
		return c.id != "" && c.authorization() == "" && c.get(c.id) == nil
	})},
	"scope-not-checked": {"scopes/no-write", func(c *violatedCall) {
		if c.isReader() {
			c.useAdminToken()
		}
	}},
	"missing-scope-as-401": {"scopes/no-write", onError("MISSING_SCOPE", func(c *violatedCall) { c.refuse(401, "UNAUTHORIZED") })},
	"read-needs-write": {"scopes/read", refused(403, "MISSING_SCOPE", func(c *violatedCall) bool {
		return c.r.Method == http.MethodGet && c.isReader()
	})},

	// Violations of the rules for the list:
	"list-404-when-empty": {"list/empty", refused(404, "NOT_FOUND", func(c *violatedCall) bool {
		return c.is(opList) && c.isSuccess() && len(c.items()) == 0
	})},
	"list-newest-first": {"list/order", paged(func(items []any, page, size int) (int, int) {
		slices.Reverse(items)
		return (page - 1) * size, page * size
	})},
	"list-page-starts-late": {"list/pages", paged(func(_ []any, page, size int) (int, int) {
		return (page-1)*size + min(page-1, 1), page * size
	})},
	"list-item-on-two-pages": {"list/pages", paged(func(_ []any, page, size int) (int, int) {
		return (page-1)*size - 1, page*size - min(page-1, 1)
	})},
	"list-last-page-again": {"list/beyond-the-end", paged(func(items []any, page, size int) (int, int) {
		page = min(page, max(1, (len(items)+size-1)/size))
		return (page - 1) * size, page * size
	})},
	"list-filter-ignored": {"list/filter-company", onQuery(func(query url.Values) { query.Del("atsCompanyId") })},
	"list-filter-by-prefix": {"list/second-company", func(c *violatedCall) {
		companyID := c.r.URL.Query().Get("atsCompanyId")
		onQuery(func(query url.Values) { query.Del("atsCompanyId") })(c)
		if c.is(opList) {
			c.changeResponse(func(response object) {
				response["data"] = slices.DeleteFunc(c.items(), func(item any) bool {
					return !strings.HasPrefix(object(item.(map[string]any)).text("atsCompanyId"), companyID)
				})
			})
		}
	}},
	"list-ats-ignored":       {"list/filter-ats", onQuery(func(query url.Values) { query.Del("ats") })},
	"list-page-size-ignored": {"list/page-size", onQuery(func(query url.Values) { query.Del("pageSize") })},
	"list-large-page-refused": {"list/largest-page-size", refused(400, "BAD_REQUEST", func(c *violatedCall) bool {
		return c.is(opList) && queryNumber(c, "pageSize", 1) > 100
	})},
	"list-other-default-size": {"list/default-page", onQuery(func(query url.Values) {
		query.Set("pageSize", cmp.Or(query.Get("pageSize"), "10"))
	})},
	"list-page-0-taken": {"list/bad-parameters", onQuery(func(query url.Values) {
		if query.Get("page") == "0" {
			query.Set("page", "1")
		}
	})},
	"list-total-of-page": {"list/beyond-the-end", onPagination(func(c *violatedCall, pagination object) {
		pagination["totalItems"] = len(c.items())
	})},
	"list-pages-rounded-down": {"list/totals", onPagination(func(_ *violatedCall, pagination object) {
		pagination["totalPages"] = number(pagination["totalItems"]) / max(1, number(pagination["pageSize"]))
	})},
	"list-total-unfiltered": {"list/filter-company", onPagination(func(c *violatedCall, pagination object) {
		pagination["totalItems"] = len(c.send(http.MethodGet, "/ats-connections", nil).items())
	})},
	"list-other-created-at": {"list/connection", on(opList, func(c *violatedCall) {
		onConnectionField("createdAt", func(text string) any {
			at, _ := time.Parse(time.RFC3339, text)
			return at.Add(time.Second).Truncate(time.Second)
		})(c)
	})},

	// Violations of the rules for create requests:
	"create-200":          {"create/all-fields", withStatus(201, 200)},
	"create-name-trimmed": {"create/bad-name", onName(opCreate, strings.TrimSpace)},
	"create-name-in-bytes": {"create/longest-name", func(c *violatedCall) {
		if c.is(opCreate) && len(c.sent().text("name")) > 100 {
			c.refuseField("name")
		}
	}},
	"create-name-in-ascii": {"create/name-in-nfd", onName(opCreate, func(name string) string {
		if utf8.RuneCountInString(name) >= 50 {
			return name
		}
		return strings.TrimSpace(isStrange.ReplaceAllString(name, ""))
	})},
	"create-name-escaped": {"create/kept", func(c *violatedCall) {
		onName(opCreate, html.EscapeString)(c)
		if c.is(opCreate) {
			onConnectionField("name", func(name string) any { return html.UnescapeString(name) })(c)
		}
	}},
	"create-always-enabled": {"create/disabled", onField(opCreate, "enabled", replaced(false, true))},
	"created-at-in-local-time": {"create/created-at", onConnectionField("createdAt", func(text string) any {
		at, _ := time.Parse(time.RFC3339, text)
		return at.Add(2 * time.Hour)
	})},
	"create-company-as-number": {"create/bad-company", onField(opCreate, "atsCompanyId", func(value any) any {
		if id, isText := value.(string); isText {
			return cmp.Or(strings.TrimLeft(id, "0"), id)
		}
		return value
	})},
	"create-any-ats": {"create/unknown-ats", onFields(opCreate, func(fields object) {
		if fields.text("ats") != "" {
			fields["ats"] = "recruitee"
		}
	})},
	"create-enabled-optional": {"create/required-fields", onFields(opCreate, func(fields object) {
		if _, found := fields["enabled"]; !found {
			fields["enabled"] = true
		}
	})},
	"create-null-as-default": {"create/null", onField(opCreate, "enabled", replaced(nil, true))},
	"create-types-coerced":   {"create/wrong-types", onField(opCreate, "enabled", replaced("yes", true))},
	"create-empty-token":     {"create/empty-token", onField(opCreate, "apiToken", replaced("", "none"))},
	"create-500-for-bad-json": {"create/not-an-object", refused(500, "INTERNAL_ERROR", func(c *violatedCall) bool {
		return c.is(opCreate) && !json.Valid(c.body)
	})},
	"create-before-checking": {"create/bad-name", func(c *violatedCall) {
		if sent := c.sent(); c.is(opCreate) && c.response().Code == 400 && strings.HasSuffix(sent.text("name"), " ") {
			sent["name"] = strings.TrimSpace(sent.text("name"))
			c.send(http.MethodPost, "/ats-connections", sent)
		}
	}},
	"no-error-fields": {"update/bad-values", func(c *violatedCall) {
		c.changeObject("error", func(problem object) { delete(problem, "fields") })
	}},
	"second-connection-of-company": {"uniqueness/second-connection", onError("ALREADY_LINKED", (*violatedCall).createAnyway)},
	"already-linked-without-id": {"uniqueness/second-connection", onError("ALREADY_LINKED", func(c *violatedCall) {
		c.changeObject("error", func(problem object) { delete(problem, "connectionId") })
	})},
	"disabled-not-counted": {"uniqueness/disabled", onError("ALREADY_LINKED", func(c *violatedCall) {
		linked := ""
		c.changeObject("error", func(problem object) { linked = problem.text("connectionId") })
		if c.get(linked)["enabled"] == false {
			c.createAnyway()
		}
	})},
	"id-of-company": {"uniqueness/after-delete", func(c *violatedCall) {
		if id := c.texts["ID for "+c.id]; id != "" {
			c.r.URL.Path = strings.Replace(c.r.URL.Path, "/"+c.id, "/"+id, 1)
		}
		c.changeConnections(func(connection object) {
			other := "conn_" + connection.text("atsCompanyId")
			c.texts["ID for "+other] = connection.id()
			connection["id"] = other
		})
	}},

	// Violations of the rules for idempotency:
	"second-connection-for-key": {"idempotency/same-body", func(c *violatedCall) {
		if c.firstCreated() != nil {
			c.createAnyway()
		}
	}},
	"key-not-required": {"idempotency/key-required", func(c *violatedCall) {
		if c.is(opCreate) && c.key() == "" {
			c.useNewKey()
		}
	}},
	"key-of-64-characters": {"idempotency/any-key", refused(400, "BAD_REQUEST", func(c *violatedCall) bool {
		return c.is(opCreate) && len(c.key()) > 64
	})},
	"key-forgotten-soon": {"idempotency/ten-times", func(c *violatedCall) {
		if c.counts[c.key()]++; c.firstCreated() != nil && c.counts[c.key()] > 5 {
			c.useNewKey()
		}
	}},
	"key-race": {"idempotency/concurrent", func(c *violatedCall) {
		if !c.is(opCreate) || c.firstCreated() != nil {
			return
		}
		key := c.key()
		c.counts[key]++
		c.mu.Unlock()
		time.Sleep(20 * time.Millisecond) // synctest ends the sleep when all other requests in the bubble are waiting
		c.mu.Lock()
		if c.counts[key] > 1 {
			c.createAnyway()
		}
	}},
	"key-always-in-use": {"idempotency/same-body", refused(409, "IDEMPOTENCY_KEY_IN_USE", func(c *violatedCall) bool {
		return c.firstCreated() != nil
	})},
	"key-with-other-body": {"idempotency/other-body", func(c *violatedCall) {
		if c.firstCreated() != nil {
			c.replay(c.responses["created "+c.key()])
		}
	}},
	"key-of-body": {"idempotency/other-key", func(c *violatedCall) {
		if key := c.texts[string(c.body)]; c.is(opCreate) && key != "" {
			c.r.Header.Set("Idempotency-Key", key)
		} else if c.is(opCreate) && c.isSuccess() {
			c.texts[string(c.body)] = c.key()
		}
	}},
	"key-removed-with-connection": {"idempotency/after-delete", func(c *violatedCall) {
		if first := c.firstCreated(); first != nil && c.get(first.id()) == nil {
			c.useNewKey()
		}
	}},
	"errors-remembered": {"idempotency/errors-are-forgotten", remembered(opCreate, (*violatedCall).key,
		func(c *violatedCall) bool { return !c.isSuccess() })},
	"repetition-sets-again": {"idempotency/changes-nothing-later", func(c *violatedCall) {
		if first := c.firstCreated(); first != nil {
			c.send(http.MethodPatch, "/ats-connections/"+first.id(), object{"name": first["name"], "enabled": first["enabled"]})
		}
	}},

	// Violations of the rules for GET, PATCH and DELETE:
	"read-other-id": {"read/connection", on(opGet, func(c *violatedCall) {
		c.changeConnections(func(connection object) { connection["id"] = "internal_1" })
	})},
	"read-counts": {"read/repeatable", on(opGet, func(c *violatedCall) {
		c.counts[c.id]++
		at := time.Now().UTC().Add(time.Duration(c.counts[c.id]) * time.Second)
		c.changeConnections(func(connection object) { connection["lastSyncedAt"] = at })
	})},
	"read-from-cache": {"update/name", remembered(opGet, func(c *violatedCall) string { return c.id }, (*violatedCall).isSuccess)},
	"unknown-403":     {"read/unknown", onError("NOT_FOUND", func(c *violatedCall) { c.refuse(403, "FORBIDDEN") })},
	"update-unknown-200": {"update/unknown", onError("NOT_FOUND", on(opUpdate, func(c *violatedCall) {
		c.write(200, object{"data": nil, "meta": object{"generatedAt": time.Now().UTC()}})
	}))},
	"update-enables": {"update/nothing", onFields(opUpdate, func(fields object) {
		if _, found := fields["enabled"]; !found {
			fields["enabled"] = true
		}
	})},
	"update-name-lost": {"update/token", onFields(opUpdate, func(fields object) {
		if _, found := fields["name"]; !found {
			fields["name"] = "Recruitee"
		}
	})},
	"update-enabled-ignored": {"update/enabled", onFields(opUpdate, func(fields object) {
		if _, isBool := fields["enabled"].(bool); isBool {
			delete(fields, "enabled")
		}
	})},
	"update-token-enables": {"update/token", onFields(opUpdate, func(fields object) {
		if _, found := fields["apiToken"]; found && fields["enabled"] == nil {
			fields["enabled"] = true
		}
	})},
	"update-nothing-400": {"update/nothing", refused(400, "BAD_REQUEST", func(c *violatedCall) bool {
		sent := c.sent()
		return c.is(opUpdate) && sent != nil && len(sent) == 0
	})},
	"update-null-ignored": {"update/null", onFields(opUpdate, func(fields object) {
		for name, value := range fields {
			if value == nil {
				delete(fields, name)
			}
		}
	})},
	"update-name-cut": {"update/bad-values", onName(opUpdate, func(name string) string {
		runes := []rune(strings.TrimSpace(name))
		return string(runes[:min(len(runes), 100)])
	})},
	"update-in-part": {"update/all-or-nothing", func(c *violatedCall) {
		if name := c.sent().text("name"); c.is(opUpdate) && c.response().Code == 400 && name != "" {
			c.send(http.MethodPatch, "/ats-connections/"+c.id, object{"name": name})
		}
	}},
	"update-unknown-field-400": {"update/unknown-fields", unknownFieldRefused(opUpdate)},
	"update-moves": {"update/unknown-fields", func(c *violatedCall) {
		if companyID := c.sent().text("atsCompanyId"); c.is(opUpdate) && companyID != "" {
			c.texts["moved "+c.id] = companyID
		}
		c.changeConnections(func(connection object) {
			connection["atsCompanyId"] = cmp.Or(c.texts["moved "+connection.id()], connection.text("atsCompanyId"))
		})
	}},
	"update-returns-change": {"document/updateConnection", func(c *violatedCall) {
		if !c.is(opUpdate) {
			return
		}
		sent := c.sent()
		c.changeConnections(func(connection object) {
			for name := range connection {
				if _, isChanged := sent[name]; !isChanged && name != "id" {
					delete(connection, name)
				}
			}
		})
	}},
	"delete-200": {"delete/connection document/deleteConnection", func(c *violatedCall) {
		if c.is(opDelete) && c.isSuccess() {
			c.write(200, object{"data": nil, "meta": object{"generatedAt": time.Now().UTC()}})
		}
	}},
	"delete-keeps": {"delete/connection", func(c *violatedCall) {
		if c.is(opDelete) && c.get(c.id) != nil {
			c.writeText(204, "", "")
		}
	}},
	"delete-always-204": {"delete/twice delete/unknown", onError("NOT_FOUND", on(opDelete, func(c *violatedCall) {
		c.writeText(204, "", "")
	}))},
	"update-revives": {"delete/then-update", func(c *violatedCall) {
		switch name := "body of " + c.id; {
		case c.is(opCreate) && c.isSuccess():
			c.changeConnections(func(connection object) { c.texts["body of "+connection.id()] = string(c.body) })
		case c.is(opUpdate) && c.errorCode() == "NOT_FOUND" && c.texts[name] != "":
			var body object
			_ = json.Unmarshal([]byte(c.texts[name]), &body)
			c.resp = c.send(http.MethodPost, "/ats-connections", body).resp
		}
	}},

	// Violations of the rules for statuses, fingerprints and names:
	"always-pending": {"status/becomes-active", onConnections(func(connection object) {
		if connection["enabled"] == true {
			connection["status"] = "pending"
		}
	})},
	"disabled-is-active": {"status/stays-inactive", onConnectionField("status", func(status string) any {
		return strings.TrimPrefix(status, "in")
	})},
	"token-not-checked": {"status/rejected-when-created", onConnectionField("status", func(status string) any {
		return strings.Replace(status, "invalid", "active", 1)
	})},
	"token-not-checked-again": {"status/rejected-when-updated", func(c *violatedCall) {
		if c.is(opUpdate) {
			c.counts[c.id]++
		}
		c.changeConnections(func(connection object) {
			if c.counts[connection.id()] > 0 && connection["status"] == "invalid" {
				connection["status"] = "active"
			}
		})
	}},
	"enabled-stays-inactive": {"status/enabled-again", func(c *violatedCall) {
		if c.is(opUpdate) && c.sent()["enabled"] == true {
			c.counts[c.id]++
		}
		c.changeConnections(func(connection object) {
			if c.counts[connection.id()] > 0 {
				connection["status"] = "inactive"
			}
		})
	}},
	"fingerprint-in-hex": {"document/createConnection", onConnectionField("tokenFingerprint", func(text string) any {
		sum, _ := base64.RawStdEncoding.DecodeString(strings.TrimPrefix(text, "SHA256:"))
		return "SHA256:" + hex.EncodeToString(sum)
	})},
	"fingerprint-padded": {"fingerprint/of-token", onConnectionField("tokenFingerprint", func(text string) any { return text + "=" })},
	"fingerprint-of-first-token": {"fingerprint/after-update", func(c *violatedCall) {
		c.changeConnections(func(connection object) {
			name := "fingerprint of " + connection.id()
			c.texts[name] = cmp.Or(c.texts[name], connection.text("tokenFingerprint"))
			connection["tokenFingerprint"] = c.texts[name]
		})
	}},
	"company-name-is-label": {"company-name/not-the-label", onConnections(func(connection object) {
		connection["atsCompanyName"] = connection["name"]
	})},

	// Violations of the rules for syncs:
	"sync-200":            {"syncs/start document/startSync", withStatus(202, 200)},
	"sync-never-finishes": {"syncs/finish", onSync(func(sync object) { sync["status"], sync["finishedAt"] = "running", nil })},
	"sync-not-noted": {"syncs/last-synced-at", onConnections(func(connection object) {
		connection["lastSyncedAt"] = nil
	})},
	"sync-of-disabled": {"syncs/disabled", onError("DISABLED", func(c *violatedCall) {
		now := time.Now().UTC()
		c.write(202, object{"data": object{"id": "sync_1", "status": "queued", "startedAt": now}, "meta": object{"generatedAt": now}})
	})},
	"sync-unknown-500": {"syncs/unknown", onError("NOT_FOUND", on(opGetSync, func(c *violatedCall) {
		c.refuse(500, "INTERNAL_ERROR")
	}))},
	"sync-without-vacancies": {"document/getSync", onSync(func(sync object) { sync["vacanciesSynced"] = nil })},

	// Violations of the rules for the format of requests and responses:
	"unknown-field-400": {"robustness/unknown-fields", unknownFieldRefused(opCreate)},
	"large-body-html": {"robustness/large-body", func(c *violatedCall) {
		if len(c.body) > 500_000 {
			c.writeText(413, "text/html", page)
		}
	}},
	"any-content-type": {"robustness/content-type", func(c *violatedCall) { c.r.Header.Set("Content-Type", "application/json") }},
	"head-500": {"robustness/head", refused(500, "INTERNAL_ERROR", func(c *violatedCall) bool {
		return c.r.Method == http.MethodHead
	})},
	"405-in-text": {"robustness/other-methods", func(c *violatedCall) {
		if c.response().Code == 405 {
			c.writeText(405, "text/plain", "Method Not Allowed\n")
		}
	}},
	"unknown-path-html": {"robustness/unknown-path", func(c *violatedCall) {
		if c.op == "" && c.response().Code == 404 {
			c.writeText(404, "text/html", page)
		}
	}},
	"strange-id-500": {"robustness/strange-ids", refused(500, "INTERNAL_ERROR", func(c *violatedCall) bool {
		return c.id != "" && !isID.MatchString(c.id)
	})},
	"404-in-html": {"document/errors", onError("NOT_FOUND", func(c *violatedCall) { c.writeText(404, "text/html", page) })},
	"error-as-text": {"document/errors", func(c *violatedCall) {
		c.changeResponse(func(response object) {
			if problem, ok := response["error"].(map[string]any); ok {
				response["error"] = problem["message"]
			}
		})
	}},
	"snake-case": {"document/listConnections", onConnections(func(connection object) {
		connection["created_at"] = connection["createdAt"]
		delete(connection, "createdAt")
	})},
	"read-without-envelope": {"document/getConnection", func(c *violatedCall) {
		if c.is(opGet) && c.isSuccess() {
			var data any
			c.changeResponse(func(response object) { data = response["data"] })
			c.write(200, data)
		}
	}},
	"list-without-pagination": {"document/listConnections", func(c *violatedCall) {
		c.changeObject("meta", func(meta object) { delete(meta, "pagination") })
	}},
	"generated-at-in-local-time": {"document/generated-at", func(c *violatedCall) {
		c.changeObject("meta", func(meta object) { meta["generatedAt"] = time.Now().UTC().Add(2 * time.Hour) })
	}},
	"other-organisation": {"document/organisation-id", on(opList, func(c *violatedCall) {
		c.changeObject("meta", func(meta object) { meta["organisationId"] = "org_of_the_list" })
	})},

	// Violations of the rules for secrets:
	"token-in-connection": {"secrecy/successes", func(c *violatedCall) {
		c.changeConnections(func(connection object) { connection["apiToken"] = c.tokenOf(connection) })
	}},
	"token-in-error":        {"secrecy/errors", inErrors(func(c *violatedCall) string { return string(c.body) })},
	"wintro-token-in-error": {"secrecy/errors", inErrors((*violatedCall).authorization)},
	"token-in-header": {"secrecy/headers", func(c *violatedCall) {
		c.response().Header().Set("X-Debug-Authorization", c.authorization())
	}},

	// Violations of the rules for the rate limit:
	"no-limit-headers-on-errors": {"rate-limit/headers", func(c *violatedCall) {
		if !c.isSuccess() {
			for _, name := range []string{"Limit", "Remaining", "Reset"} {
				c.resp.Header().Del("X-RateLimit-" + name)
			}
		}
	}},
	"no-countdown": {"rate-limit/countdown", onHeader("X-RateLimit-Remaining", func(c *violatedCall, _ string) string {
		return c.resp.Header().Get("X-RateLimit-Limit")
	})},
	"reset-in-seconds":      {"rate-limit/reset", onHeader("X-RateLimit-Reset", func(*violatedCall, string) string { return "60" })},
	"reset-in-milliseconds": {"rate-limit/reset", onHeader("X-RateLimit-Reset", func(_ *violatedCall, value string) string { return value + "000" })},
	"429-in-text": {"rate-limit/refusal", func(c *violatedCall) {
		if c.response().Code == 429 {
			c.writeText(429, "text/plain", "Too Many Requests\n")
		}
	}},
	"503-for-429": {"rate-limit/refusal", onError("RATE_LIMITED", func(c *violatedCall) { c.refuse(503, "INTERNAL_ERROR") })},
}
