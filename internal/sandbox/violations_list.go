package sandbox

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

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

// violations is all of them, by what they are about.
var violations = slices.Concat(
	accessViolations(), listViolations(), createViolations(), idempotencyViolations(), changeViolations(),
	statusViolations(), syncViolations(), formViolations(), secrecyViolations(), rateLimitViolations(),
)

func newViolation(name Violation, does string, before, after func(*violatedCall)) violation {
	return violation{ViolationInfo{name, does}, before, after}
}

// page is an HTML page, as a router or a proxy answers it.
const page = "<html><head><title>Error</title></head><body><h1>Error</h1><hr>nginx</body></html>\n"

func accessViolations() []violation {
	// setToken sends the request with the first organisation's token.
	setToken := func(c *violatedCall) { c.r.Header.Set("Authorization", "Bearer "+c.s.WintroToken()) }
	isReader := func(c *violatedCall) (is bool) {
		c.s.read(func(st *store) {
			organisation, found := st.Wintro.organisationOf(bearerToken(c.r))
			is = found && !slices.Contains(organisation.Scopes, contract.ScopeWrite)
		})
		return is
	}
	return []violation{
		newViolation("token-not-required", "carry out calls without a token", func(c *violatedCall) {
			if c.r.Header.Get("Authorization") == "" {
				setToken(c)
			}
		}, nil),
		newViolation("any-token", "take any token for the right one", func(c *violatedCall) {
			if bearerToken(c.r) != "" && !isReader(c) {
				setToken(c)
			}
		}, nil),
		newViolation("no-bearer-needed", "take the token under any scheme", func(c *violatedCall) {
			if header := c.r.Header.Get("Authorization"); !strings.HasPrefix(header, "Bearer ") && header != "" {
				setToken(c)
			}
		}, nil),
		newViolation("404-before-401", "look for the connection before the token: 404 without one", func(c *violatedCall) {
			if c.id == "" || c.r.Header.Get("Authorization") != "" {
				return
			}
			if _, found := c.s.Connection(c.id); !found {
				c.refuse(http.StatusNotFound, contract.CodeNotFound, "There is no such connection.")
			}
		}, nil),
		newViolation("scope-not-checked", "let a token without the write scope write", func(c *violatedCall) {
			if isReader(c) {
				setToken(c)
			}
		}, nil),
		newViolation("missing-scope-as-401", "answer 401 for a missing scope", nil, func(c *violatedCall) {
			if c.errorCode() == contract.CodeMissingScope {
				c.refuse(http.StatusUnauthorized, contract.CodeUnauthorized, "Not allowed.")
			}
		}),
		newViolation("read-needs-write", "need the write scope for reading", func(c *violatedCall) {
			if c.r.Method == http.MethodGet && isReader(c) {
				c.refuse(http.StatusForbidden, contract.CodeMissingScope, "The API token lacks a scope.")
			}
		}, nil),
	}
}

func listViolations() []violation {
	// inList is a change of the query of a list.
	inList := func(alter func(url.Values)) func(*violatedCall) {
		return func(c *violatedCall) {
			if c.is("listConnections") {
				c.alterQuery(alter)
			}
		}
	}
	number := func(query url.Values, name string, otherwise int) int {
		n, err := strconv.Atoi(query.Get(name))
		if err != nil {
			return otherwise
		}
		return n
	}
	// cut makes a violation that cuts the list into pages as it likes.
	cut := func(name Violation, does string, pages func(items []any, page, size int) []any) violation {
		return newViolation(name, does, nil, func(c *violatedCall) {
			query := c.r.URL.Query()
			page, size := number(query, "page", 1), number(query, "pageSize", defaultMaxPageSize)
			if !c.is("listConnections") || !c.isSuccess() {
				return
			}
			answered := c.resp
			c.alterQuery(func(query url.Values) {
				query.Del("page")
				query.Del("pageSize")
			})
			c.carryOut()
			var all []any
			c.alterAnswer(func(answer map[string]any) { all, _ = answer["data"].([]any) })
			c.resp = answered
			c.alterAnswer(func(answer map[string]any) { answer["data"] = pages(all, page, size) })
		})
	}
	slice := func(items []any, from, to int) []any {
		from, to = min(max(from, 0), len(items)), min(max(to, 0), len(items))
		return append([]any{}, items[from:max(from, to)]...)
	}
	pagination := func(c *violatedCall, alter func(pagination map[string]any, items []any)) {
		if !c.is("listConnections") || !c.isSuccess() {
			return
		}
		c.alterAnswer(func(answer map[string]any) {
			meta, _ := answer["meta"].(map[string]any)
			pagination, _ := meta["pagination"].(map[string]any)
			items, _ := answer["data"].([]any)
			alter(pagination, items)
		})
	}
	integer := func(value any) int {
		number, _ := value.(json.Number)
		n, _ := number.Int64()
		return int(n)
	}
	return []violation{
		newViolation("list-404-when-empty", "answer 404 for an empty list", nil, func(c *violatedCall) {
			isEmpty := false
			pagination(c, func(_ map[string]any, items []any) { isEmpty = len(items) == 0 })
			if isEmpty {
				c.refuse(http.StatusNotFound, contract.CodeNotFound, "There are no connections.")
			}
		}),
		cut("list-newest-first", "list the newest connection first", func(items []any, page, size int) []any {
			slices.Reverse(items)
			return slice(items, (page-1)*size, page*size)
		}),
		cut("list-page-starts-late", "begin each page but the first one item late", func(items []any, page, size int) []any {
			from := (page - 1) * size
			if page > 1 {
				from++
			}
			return slice(items, from, page*size)
		}),
		cut("list-item-on-two-pages", "begin each page with the last item of the one before", func(items []any, page, size int) []any {
			from := (page - 1) * size
			if page > 1 {
				from--
			}
			return slice(items, from, from+size)
		}),
		cut("list-last-page-again", "answer the last page for each one beyond the end", func(items []any, page, size int) []any {
			last := max(1, (len(items)+size-1)/size)
			page = min(page, last)
			return slice(items, (page-1)*size, page*size)
		}),
		newViolation("list-404-beyond-the-end", "answer 404 for a page beyond the end", nil, func(c *violatedCall) {
			isBeyond := false
			pagination(c, func(p map[string]any, items []any) { isBeyond = len(items) == 0 && integer(p["page"]) > 1 })
			if isBeyond {
				c.refuse(http.StatusNotFound, contract.CodeNotFound, "There is no such page.")
			}
		}),
		newViolation("list-filter-ignored", "ignore atsCompanyId", inList(func(query url.Values) { query.Del("atsCompanyId") }), nil),
		newViolation("list-filter-by-prefix", "list all companies whose ID begins with atsCompanyId", nil, func(c *violatedCall) {
			companyID := c.r.URL.Query().Get("atsCompanyId")
			if !c.is("listConnections") || companyID == "" {
				return
			}
			c.alterQuery(func(query url.Values) { query.Del("atsCompanyId") })
			c.carryOut()
			c.alterAnswer(func(answer map[string]any) {
				items, _ := answer["data"].([]any)
				answer["data"] = slices.DeleteFunc(items, func(item any) bool {
					connection, _ := item.(map[string]any)
					id, _ := connection["atsCompanyId"].(string)
					return !strings.HasPrefix(id, companyID)
				})
			})
		}),
		newViolation("list-ats-ignored", "ignore ats", inList(func(query url.Values) { query.Del("ats") }), nil),
		newViolation("list-page-size-ignored", "have 100 items on a page, whatever pageSize says",
			inList(func(query url.Values) { query.Del("pageSize") }), nil),
		newViolation("list-large-page-refused", "answer 400 for a pageSize above the largest", func(c *violatedCall) {
			if c.is("listConnections") && number(c.r.URL.Query(), "pageSize", 1) > defaultMaxPageSize {
				c.refuse(http.StatusBadRequest, contract.CodeBadRequest, "pageSize is too large.")
			}
		}, nil),
		newViolation("list-other-default-size", "have 10 items on a page without pageSize", inList(func(query url.Values) {
			if !query.Has("pageSize") {
				query.Set("pageSize", "10")
			}
		}), nil),
		newViolation("list-page-0-taken", "take page 0 for the first one", inList(func(query url.Values) {
			if query.Get("page") == "0" {
				query.Set("page", "1")
			}
		}), nil),
		newViolation("list-total-of-page", "count the items of the page as totalItems", nil, func(c *violatedCall) {
			pagination(c, func(p map[string]any, items []any) { p["totalItems"] = len(items) })
		}),
		newViolation("list-pages-rounded-down", "round totalPages down", nil, func(c *violatedCall) {
			pagination(c, func(p map[string]any, _ []any) {
				p["totalPages"] = integer(p["totalItems"]) / max(1, integer(p["pageSize"]))
			})
		}),
		newViolation("list-total-unfiltered", "count all connections as totalItems, whatever the filter", nil, func(c *violatedCall) {
			pagination(c, func(p map[string]any, _ []any) { p["totalItems"] = len(c.s.Connections()) })
		}),
		newViolation("list-other-created-at", "round createdAt up to the next second in the list", nil, func(c *violatedCall) {
			if !c.is("listConnections") {
				return
			}
			c.alterConnections(func(connection map[string]any) {
				text, _ := connection["createdAt"].(string)
				at, err := time.Parse(time.RFC3339, text)
				if err == nil {
					connection["createdAt"] = at.Add(time.Second).Truncate(time.Second).Format(time.RFC3339)
				}
			})
		}),
	}
}

// inCreation is a change of the body of a creation.
func inCreation(alter func(fields map[string]any)) func(*violatedCall) {
	return func(c *violatedCall) {
		if c.is("createConnection") {
			c.alterSent(alter)
		}
	}
}

// isStrange matches what is not ASCII.
var isStrange = regexp.MustCompile(`[^ -~]`)

func createViolations() []violation {
	alreadyLinked := func(then func(*violatedCall)) func(*violatedCall) {
		return func(c *violatedCall) {
			if c.errorCode() == contract.CodeAlreadyLinked {
				then(c)
			}
		}
	}
	text := func(fields map[string]any, name string) string {
		value, _ := fields[name].(string)
		return value
	}
	return []violation{
		newViolation("create-200", "answer 200 for 201", nil, func(c *violatedCall) {
			if c.resp.status == http.StatusCreated {
				c.resp.status = http.StatusOK
			}
		}),
		newViolation("create-name-trimmed", "cut white space off a name", inCreation(func(fields map[string]any) {
			if name, isText := fields["name"].(string); isText {
				fields["name"] = strings.TrimSpace(name)
			}
		}), nil),
		newViolation("create-name-in-bytes", "count the bytes of a name", func(c *violatedCall) {
			if c.is("createConnection") && len(text(c.sent(), "name")) > 100 {
				c.write(http.StatusBadRequest, contract.ErrorResponse{Error: invalidFields(
					contract.FieldError{Field: "name", Message: "has more than 100 characters"}).body})
			}
		}, nil),
		newViolation("create-name-in-ascii", "keep the ASCII characters of a name", inCreation(func(fields map[string]any) {
			if name, isText := fields["name"].(string); isText && utf8.RuneCountInString(name) < 50 {
				fields["name"] = strings.TrimSpace(isStrange.ReplaceAllString(name, ""))
			}
		}), nil),
		newViolation("create-name-escaped", "keep a name with HTML's escapes", inCreation(func(fields map[string]any) {
			if name, isText := fields["name"].(string); isText {
				fields["name"] = html.EscapeString(name)
			}
		}), func(c *violatedCall) {
			if !c.is("createConnection") {
				return
			}
			c.alterConnections(func(connection map[string]any) {
				connection["name"] = html.UnescapeString(text(connection, "name"))
			})
		}),
		newViolation("create-always-enabled", "enable each new connection", inCreation(func(fields map[string]any) {
			if fields["enabled"] == false {
				fields["enabled"] = true
			}
		}), nil),
		newViolation("created-at-in-local-time", "answer local time as UTC in createdAt", nil, func(c *violatedCall) {
			c.alterConnections(func(connection map[string]any) {
				if at, err := time.Parse(time.RFC3339, text(connection, "createdAt")); err == nil {
					connection["createdAt"] = at.Add(2 * time.Hour).Format(time.RFC3339Nano)
				}
			})
		}),
		newViolation("create-company-as-number", "take atsCompanyId for a number, with zeros before it", inCreation(func(fields map[string]any) {
			if id := strings.TrimLeft(text(fields, "atsCompanyId"), "0"); id != "" {
				fields["atsCompanyId"] = id
			}
		}), nil),
		newViolation("create-any-ats", "take any ats for recruitee", inCreation(func(fields map[string]any) {
			if text(fields, "ats") != "" {
				fields["ats"] = "recruitee"
			}
		}), nil),
		newViolation("create-enabled-optional", "take a missing enabled for true", inCreation(func(fields map[string]any) {
			if _, isThere := fields["enabled"]; !isThere {
				fields["enabled"] = true
			}
		}), nil),
		newViolation("create-null-as-default", "take null for the default of enabled", inCreation(func(fields map[string]any) {
			if value, isThere := fields["enabled"]; isThere && value == nil {
				fields["enabled"] = true
			}
		}), nil),
		newViolation("create-types-coerced", `take "yes" for true`, inCreation(func(fields map[string]any) {
			if fields["enabled"] == "yes" {
				fields["enabled"] = true
			}
		}), nil),
		newViolation("create-empty-token", "take an empty token", inCreation(func(fields map[string]any) {
			if token, isText := fields["apiToken"].(string); isText && token == "" {
				fields["apiToken"] = "none"
			}
		}), nil),
		newViolation("create-500-for-bad-json", "answer 500 for a body that isn't JSON", func(c *violatedCall) {
			if c.is("createConnection") && !json.Valid(c.body) {
				c.refuse(http.StatusInternalServerError, contract.CodeInternalError, "Unexpected end of JSON input.")
			}
		}, nil),
		newViolation("create-before-checking", "make the connection before the name is checked", nil, func(c *violatedCall) {
			if c.is("createConnection") && c.resp.status == http.StatusBadRequest && strings.HasSuffix(text(c.sent(), "name"), " ") {
				answered := c.resp
				c.createAnyway()
				c.resp = answered
			}
		}),
		newViolation("no-error-fields", "answer 400 without error.fields", nil, func(c *violatedCall) {
			c.alterError(func(problem map[string]any) { delete(problem, "fields") })
		}),
		newViolation("second-connection-of-company", "make a second connection of a company", nil,
			alreadyLinked((*violatedCall).createAnyway)),
		newViolation("already-linked-without-id", "answer ALREADY_LINKED without connectionId", nil,
			alreadyLinked(func(c *violatedCall) {
				c.alterError(func(problem map[string]any) { delete(problem, "connectionId") })
			})),
		newViolation("disabled-not-counted", "make a second connection beside a disabled one", nil,
			alreadyLinked(func(c *violatedCall) {
				for _, connection := range c.s.Connections() {
					if connection.AtsCompanyID == text(c.sent(), "atsCompanyId") && connection.Enabled {
						return
					}
				}
				c.createAnyway()
			})),
		newViolation("id-of-company", "make the connection's ID of the company's, so that it comes again", nil, func(c *violatedCall) {
			if !c.is("createConnection") || !c.isSuccess() {
				return
			}
			c.alterConnections(func(connection map[string]any) {
				old, id := text(connection, "id"), "conn_"+text(connection, "atsCompanyId")
				connection["id"] = id
				c.withStore(func(st *store) {
					if conn, err := st.Wintro.connection(old); err == nil {
						conn.ID = id
					}
					for i := range st.Wintro.Successes {
						if st.Wintro.Successes[i].Created.ID == old {
							st.Wintro.Successes[i].Created.ID = id
						}
					}
				})
			})
		}),
		newViolation("removed-still-counts", "answer ALREADY_LINKED for the company of a removed connection", func(c *violatedCall) {
			c.memory.mu.Lock()
			defer c.memory.mu.Unlock()
			if c.is("deleteConnection") {
				c.withConnection(func(_ *store, conn *connection) { c.memory.counts[conn.CompanyID]++ })
			}
			if c.is("createConnection") && c.memory.counts[text(c.sent(), "atsCompanyId")] > 0 {
				c.refuse(http.StatusConflict, contract.CodeAlreadyLinked, "The company is linked already.")
			}
		}, nil),
	}
}

func idempotencyViolations() []violation {
	return []violation{
		newViolation("second-connection-for-key", "make a second connection for the same key", func(c *violatedCall) {
			if _, known := c.success(c.hasKey); known {
				c.createAnyway()
			}
		}, nil),
		newViolation("key-not-required", "take a creation without a key", func(c *violatedCall) {
			if c.is("createConnection") && c.key() == "" {
				c.r.Header.Set("Idempotency-Key", randomHex(8))
			}
		}, nil),
		newViolation("key-of-64-characters", "refuse a key of more than 64 characters", func(c *violatedCall) {
			if c.is("createConnection") && len(c.key()) > 64 {
				c.refuse(http.StatusBadRequest, contract.CodeBadRequest, "The Idempotency-Key is too long.")
			}
		}, nil),
		newViolation("key-forgotten-soon", "forget a key after five requests", func(c *violatedCall) {
			c.memory.mu.Lock()
			defer c.memory.mu.Unlock()
			if c.memory.counts[c.key()]++; c.memory.counts[c.key()] > 5 {
				c.forget()
			}
		}, nil),
		newViolation("key-race", "look for the key before another request with it has been carried out", func(c *violatedCall) {
			if _, known := c.success(c.hasKey); !c.is("createConnection") || known || !c.memory.meet(c.key()) {
				return
			}
			c.createAnyway()
		}, nil),
		newViolation("key-in-use-for-ever", "answer IDEMPOTENCY_KEY_IN_USE to each repetition", func(c *violatedCall) {
			if _, known := c.success(c.hasKey); known {
				c.refuse(http.StatusConflict, contract.CodeIdempotencyKeyInUse, "The Idempotency-Key is in use.")
			}
		}, nil),
		newViolation("key-with-other-body", "answer as the first time for another body", func(c *violatedCall) {
			if record, known := c.success(c.hasKey); known {
				c.withStore(func(st *store) {
					c.write(http.StatusCreated, contract.ConnectionResponse{
						Data: record.Created, Meta: (&wintroAPI{s: c.s}).meta(st, record.OrganisationID),
					})
				})
			}
		}, nil),
		newViolation("key-of-body", "take the body for the key", func(c *violatedCall) {
			fingerprint, err := bodyFingerprint(c.body)
			record, known := c.success(func(r idempotencyRecord) bool { return err == nil && r.Body == fingerprint })
			if known {
				c.r.Header.Set("Idempotency-Key", record.Key)
			}
		}, nil),
		newViolation("key-removed-with-connection", "forget a key when its connection is removed", func(c *violatedCall) {
			if record, known := c.success(c.hasKey); known {
				if _, found := c.s.Connection(record.Created.ID); !found {
					c.forget()
				}
			}
		}, nil),
		newViolation("errors-remembered", "answer a refused creation's error again", func(c *violatedCall) {
			c.memory.mu.Lock()
			defer c.memory.mu.Unlock()
			if answered := c.memory.answers[c.key()]; c.is("createConnection") && answered != nil {
				c.write(answered.status, json.RawMessage(answered.body.Bytes()))
			}
		}, func(c *violatedCall) {
			c.memory.mu.Lock()
			defer c.memory.mu.Unlock()
			if c.is("createConnection") && !c.isSuccess() && c.memory.answers[c.key()] == nil {
				answered := *c.resp
				c.memory.answers[c.key()] = &answered
			}
		}),
		newViolation("repetition-sets-again", "set the connection again with each repetition", func(c *violatedCall) {
			record, known := c.success(c.hasKey)
			if !known {
				return
			}
			c.withStore(func(st *store) {
				if conn, err := st.Wintro.connection(record.Created.ID); err == nil {
					conn.Name = record.Created.Name
					st.setEnabled(conn, record.Created.Enabled)
				}
			})
		}, nil),
	}
}

// meet reports whether another request with this key comes while this one waits a moment.
func (m *violationMemory) meet(key string) bool {
	m.mu.Lock()
	waiting, isSecond := m.waiting[key]
	if !isSecond {
		waiting = make(chan struct{})
		m.waiting[key] = waiting
	} else if m.counts[key]++; m.counts[key] == 1 {
		close(waiting)
	}
	m.mu.Unlock()
	if isSecond {
		return true
	}
	const moment = 20 * time.Millisecond
	timer := time.NewTimer(moment)
	defer timer.Stop()
	select {
	case <-waiting:
		return true
	case <-timer.C:
		return false
	}
}

func changeViolations() []violation {
	inUpdate := func(alter func(fields map[string]any)) func(*violatedCall) {
		return func(c *violatedCall) {
			if c.is("updateConnection") {
				c.alterSent(alter)
			}
		}
	}
	refused := func(status int, code string, operations ...string) func(*violatedCall) {
		return func(c *violatedCall) {
			if c.is(operations...) && c.errorCode() == contract.CodeNotFound {
				c.refuse(status, code, "Not found.")
			}
		}
	}
	return []violation{
		newViolation("read-other-id", "answer another ID to a read than to the creation", nil, func(c *violatedCall) {
			if c.is("getConnection") {
				c.alterConnections(func(connection map[string]any) { connection["id"] = "internal_1" })
			}
		}),
		newViolation("read-counts", "change lastSyncedAt with each read", nil, func(c *violatedCall) {
			if !c.is("getConnection") {
				return
			}
			c.memory.mu.Lock()
			defer c.memory.mu.Unlock()
			c.memory.counts[c.id]++
			at := c.s.timestamp().Add(time.Duration(c.memory.counts[c.id]) * time.Second)
			c.alterConnections(func(connection map[string]any) { connection["lastSyncedAt"] = at })
		}),
		newViolation("read-from-cache", "answer the first read of a connection again", func(c *violatedCall) {
			c.memory.mu.Lock()
			defer c.memory.mu.Unlock()
			if answered := c.memory.answers[c.id]; c.is("getConnection") && answered != nil {
				c.carryOut() // for the headers
				c.write(answered.status, json.RawMessage(answered.body.Bytes()))
			}
		}, func(c *violatedCall) {
			c.memory.mu.Lock()
			defer c.memory.mu.Unlock()
			if c.is("getConnection") && c.isSuccess() && c.memory.answers[c.id] == nil {
				answered := *c.resp
				c.memory.answers[c.id] = &answered
			}
		}),
		newViolation("unknown-403", "answer 403 for an unknown connection", nil,
			refused(http.StatusForbidden, "FORBIDDEN", "getConnection", "updateConnection", "deleteConnection")),
		newViolation("update-unknown-200", "answer 200 for a change of an unknown connection", nil, func(c *violatedCall) {
			if c.is("updateConnection") && c.errorCode() == contract.CodeNotFound {
				c.write(http.StatusOK, map[string]any{"data": nil, "meta": contract.Meta{GeneratedAt: c.s.timestamp()}})
			}
		}),
		newViolation("update-enables", "enable a connection with each change that doesn't say enabled", inUpdate(func(fields map[string]any) {
			if _, isThere := fields["enabled"]; !isThere {
				fields["enabled"] = true
			}
		}), nil),
		newViolation("update-name-lost", "give a connection another name with each change that doesn't say one", inUpdate(func(fields map[string]any) {
			if _, isThere := fields["name"]; !isThere {
				fields["name"] = "Recruitee"
			}
		}), nil),
		newViolation("update-enabled-ignored", "ignore enabled in a change", inUpdate(func(fields map[string]any) {
			if _, isBool := fields["enabled"].(bool); isBool {
				delete(fields, "enabled")
			}
		}), nil),
		newViolation("update-token-enables", "enable a connection with a new token", inUpdate(func(fields map[string]any) {
			if _, isThere := fields["apiToken"]; isThere && fields["enabled"] == nil {
				fields["enabled"] = true
			}
		}), nil),
		newViolation("update-nothing-400", "answer 400 for {}", func(c *violatedCall) {
			if fields := c.sent(); c.is("updateConnection") && fields != nil && len(fields) == 0 {
				c.refuse(http.StatusBadRequest, contract.CodeBadRequest, "There is nothing to change.")
			}
		}, nil),
		newViolation("update-null-ignored", "ignore null in a change", inUpdate(func(fields map[string]any) {
			for name, value := range fields {
				if value == nil {
					delete(fields, name)
				}
			}
		}), nil),
		newViolation("update-name-cut", "cut a name in a change to what it may be", inUpdate(func(fields map[string]any) {
			if name, isText := fields["name"].(string); isText {
				runes := []rune(strings.TrimSpace(name))
				fields["name"] = string(runes[:min(len(runes), 100)])
			}
		}), nil),
		newViolation("update-in-part", "carry out what is right in a refused change", nil, func(c *violatedCall) {
			name, isText := c.sent()["name"].(string)
			if c.is("updateConnection") && c.resp.status == http.StatusBadRequest && isText && name != "" {
				c.withConnection(func(_ *store, conn *connection) { conn.Name = name })
			}
		}),
		newViolation("update-unknown-field-400", "answer 400 for an unknown field in a change", func(c *violatedCall) {
			for name := range c.sent() {
				if c.is("updateConnection") && !slices.Contains(fieldNames, name) {
					c.write(http.StatusBadRequest, contract.ErrorResponse{Error: invalidFields(
						contract.FieldError{Field: name, Message: "is unknown"}).body})
				}
			}
		}, nil),
		newViolation("update-moves", "move a connection to the company in a change", nil, func(c *violatedCall) {
			companyID, isText := c.sent()["atsCompanyId"].(string)
			if c.is("updateConnection") && c.isSuccess() && isText {
				c.withConnection(func(_ *store, conn *connection) { conn.CompanyID = companyID })
			}
		}),
		newViolation("update-answers-change", "answer only what was changed", nil, func(c *violatedCall) {
			if !c.is("updateConnection") {
				return
			}
			sent := c.sent()
			c.alterConnections(func(connection map[string]any) {
				for name := range connection {
					if _, isChanged := sent[name]; !isChanged && name != "id" {
						delete(connection, name)
					}
				}
			})
		}),
		newViolation("delete-200", "answer 200 with a body for 204", nil, func(c *violatedCall) {
			if c.is("deleteConnection") && c.isSuccess() {
				c.write(http.StatusOK, map[string]any{"data": nil, "meta": contract.Meta{GeneratedAt: c.s.timestamp()}})
			}
		}),
		newViolation("delete-keeps", "answer 204 and keep the connection", func(c *violatedCall) {
			if _, found := c.s.Connection(c.id); c.is("deleteConnection") && found {
				c.resp = newResponse()
				c.resp.WriteHeader(http.StatusNoContent)
			}
		}, nil),
		newViolation("delete-always-204", "answer 204 for an unknown connection", nil, func(c *violatedCall) {
			if c.is("deleteConnection") && c.errorCode() == contract.CodeNotFound {
				c.resp.status = http.StatusNoContent
				c.resp.body.Reset()
				c.resp.header.Del("Content-Type")
			}
		}),
		newViolation("update-revives", "bring a removed connection back with a change", func(c *violatedCall) {
			c.memory.mu.Lock()
			defer c.memory.mu.Unlock()
			switch {
			case c.is("deleteConnection"):
				c.withConnection(func(_ *store, conn *connection) {
					kept := *conn
					c.memory.removed[c.id] = &kept
				})
			case c.is("updateConnection") && c.memory.removed[c.id] != nil:
				c.withStore(func(st *store) {
					if _, err := st.Wintro.connection(c.id); err != nil {
						st.Wintro.Connections = append(st.Wintro.Connections, c.memory.removed[c.id])
					}
				})
			}
		}, nil),
	}
}

func statusViolations() []violation {
	setStatus := func(is func(connection map[string]any) bool, status contract.ConnectionStatus) func(*violatedCall) {
		return func(c *violatedCall) {
			c.alterConnections(func(connection map[string]any) {
				if is(connection) {
					connection["status"] = status
				}
			})
		}
	}
	isEnabled := func(connection map[string]any) bool { return connection["enabled"] == true }
	isDisabled := func(connection map[string]any) bool { return connection["enabled"] == false }
	fingerprints := func(change func(string) string) func(*violatedCall) {
		return func(c *violatedCall) {
			c.alterConnections(func(connection map[string]any) {
				if fingerprint, isText := connection["tokenFingerprint"].(string); isText {
					connection["tokenFingerprint"] = change(fingerprint)
				}
			})
		}
	}
	return []violation{
		newViolation("pending-for-ever", "answer pending for ever", nil, setStatus(isEnabled, contract.ConnectionPending)),
		newViolation("disabled-is-active", "answer active for a disabled connection", nil, setStatus(isDisabled, contract.ConnectionActive)),
		newViolation("token-not-checked", "answer active for a token that Recruitee rejects", nil,
			setStatus(func(connection map[string]any) bool {
				return connection["status"] == "invalid"
			}, contract.ConnectionActive)),
		newViolation("token-not-checked-again", "stay active when the token is replaced by one that Recruitee rejects", nil, func(c *violatedCall) {
			if c.is("updateConnection") && c.isSuccess() {
				c.withConnection(func(_ *store, conn *connection) {
					if conn.Status == contract.ConnectionInvalid {
						conn.Status = contract.ConnectionActive
					}
				})
			}
		}),
		newViolation("enabled-stays-inactive", "stay inactive when enabled again", nil, func(c *violatedCall) {
			if c.is("updateConnection") && c.isSuccess() && c.sent()["enabled"] == true {
				c.withConnection(func(_ *store, conn *connection) { conn.Status = contract.ConnectionInactive })
			}
		}),
		newViolation("fingerprint-in-hex", "report fingerprints in hexadecimal digits", nil, fingerprints(func(fingerprint string) string {
			sum, _ := base64.RawStdEncoding.DecodeString(strings.TrimPrefix(fingerprint, "SHA256:"))
			return "SHA256:" + hex.EncodeToString(sum)
		})),
		newViolation("fingerprint-padded", "pad fingerprints with =", nil,
			fingerprints(func(fingerprint string) string { return fingerprint + "=" })),
		newViolation("fingerprint-of-line", "make fingerprints of the token with a line break", nil, func(c *violatedCall) {
			c.alterConnections(func(connection map[string]any) {
				id, _ := connection["id"].(string)
				c.withStore(func(st *store) {
					if conn, err := st.Wintro.connection(id); err == nil {
						connection["tokenFingerprint"] = Fingerprint(conn.Token + "\n")
					}
				})
			})
		}),
		newViolation("fingerprint-of-first-token", "report the first token's fingerprint for ever", nil, func(c *violatedCall) {
			c.memory.mu.Lock()
			defer c.memory.mu.Unlock()
			c.alterConnections(func(connection map[string]any) {
				id, _ := connection["id"].(string)
				fingerprint, _ := connection["tokenFingerprint"].(string)
				c.memory.fingerprints[id] = cmp.Or(c.memory.fingerprints[id], fingerprint)
				connection["tokenFingerprint"] = c.memory.fingerprints[id]
			})
		}),
		newViolation("company-name-is-label", "answer the connection's name as atsCompanyName", nil, func(c *violatedCall) {
			c.alterConnections(func(connection map[string]any) { connection["atsCompanyName"] = connection["name"] })
		}),
	}
}

func syncViolations() []violation {
	alterSync := func(c *violatedCall, alter func(sync map[string]any)) {
		if !c.is("startSync", "getSync") || !c.isSuccess() {
			return
		}
		c.alterAnswer(func(answer map[string]any) {
			if sync, ok := answer["data"].(map[string]any); ok {
				alter(sync)
			}
		})
	}
	return []violation{
		newViolation("sync-200", "answer 200 for 202", nil, func(c *violatedCall) {
			if c.resp.status == http.StatusAccepted {
				c.resp.status = http.StatusOK
			}
		}),
		newViolation("sync-for-ever", "let a sync run for ever", nil, func(c *violatedCall) {
			alterSync(c, func(sync map[string]any) { sync["status"], sync["finishedAt"] = contract.SyncRunning, nil })
		}),
		newViolation("sync-not-noted", "leave lastSyncedAt null after a sync", nil, func(c *violatedCall) {
			c.alterConnections(func(connection map[string]any) { connection["lastSyncedAt"] = nil })
		}),
		newViolation("sync-of-disabled", "sync a disabled connection", nil, func(c *violatedCall) {
			if c.errorCode() == contract.CodeDisabled {
				c.write(http.StatusAccepted, contract.SyncResponse{
					Data: contract.Sync{ID: "sync_" + randomHex(10), Status: contract.SyncQueued, StartedAt: c.s.timestamp()},
					Meta: contract.Meta{GeneratedAt: c.s.timestamp()},
				})
			}
		}),
		newViolation("sync-unknown-500", "answer 500 for an unknown sync", nil, func(c *violatedCall) {
			if c.is("getSync") && c.errorCode() == contract.CodeNotFound {
				c.refuse(http.StatusInternalServerError, contract.CodeInternalError, "Cannot read properties of null.")
			}
		}),
		newViolation("sync-without-vacancies", "answer null for vacanciesSynced", nil, func(c *violatedCall) {
			alterSync(c, func(sync map[string]any) { sync["vacanciesSynced"] = nil })
		}),
	}
}

var idForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

func formViolations() []violation {
	return []violation{
		newViolation("unknown-field-400", "answer 400 for an unknown field in a creation", func(c *violatedCall) {
			for name := range c.sent() {
				if c.is("createConnection") && !slices.Contains(fieldNames, name) {
					c.write(http.StatusBadRequest, contract.ErrorResponse{Error: invalidFields(
						contract.FieldError{Field: name, Message: "is unknown"}).body})
				}
			}
		}, nil),
		newViolation("large-body-html", "answer 413 in HTML for a large body", func(c *violatedCall) {
			if len(c.body) > maxBody/2 {
				c.writeText(http.StatusRequestEntityTooLarge, "text/html", page)
			}
		}, nil),
		newViolation("any-content-type", "take a body for JSON, whatever it is called", func(c *violatedCall) {
			c.r.Header.Set("Content-Type", "application/json")
		}, nil),
		newViolation("head-500", "answer 500 to HEAD", func(c *violatedCall) {
			if c.r.Method == http.MethodHead {
				c.refuse(http.StatusInternalServerError, contract.CodeInternalError, "Unexpected method.")
			}
		}, nil),
		newViolation("405-in-text", "answer 405 as plain text", nil, func(c *violatedCall) {
			if c.resp.status == http.StatusMethodNotAllowed {
				c.writeText(http.StatusMethodNotAllowed, "text/plain", "Method Not Allowed\n")
			}
		}),
		newViolation("unknown-path-html", "answer 404 in HTML for an unknown path", nil, func(c *violatedCall) {
			if c.operation == "" && c.resp.status == http.StatusNotFound {
				c.writeText(http.StatusNotFound, "text/html", page)
			}
		}),
		newViolation("strange-id-500", "answer 500 for an ID in an impossible form", func(c *violatedCall) {
			if c.id != "" && !idForm.MatchString(c.id) {
				c.refuse(http.StatusInternalServerError, contract.CodeInternalError, "Invalid input syntax for type uuid.")
			}
		}, nil),
		newViolation("404-in-html", "answer 404 in HTML for an unknown connection", nil, func(c *violatedCall) {
			if c.errorCode() == contract.CodeNotFound {
				c.writeText(http.StatusNotFound, "text/html", page)
			}
		}),
		newViolation("error-as-text", "answer the error as a text instead of an object", nil, func(c *violatedCall) {
			c.alterAnswer(func(answer map[string]any) {
				if problem, ok := answer["error"].(map[string]any); ok {
					answer["error"] = problem["message"]
				}
			})
		}),
		newViolation("id-numeric", "answer IDs as numbers", func(c *violatedCall) {
			if c.id == "" {
				return
			}
			c.withStore(func(st *store) {
				for _, conn := range st.Wintro.Connections {
					if number(conn.ID) == c.id {
						c.r.URL.Path = strings.Replace(c.r.URL.Path, "/"+c.id, "/"+conn.ID, 1)
						c.id = conn.ID
					}
				}
			})
		}, func(c *violatedCall) {
			c.alterConnections(func(connection map[string]any) {
				id, _ := connection["id"].(string)
				connection["id"] = json.Number(number(id))
			})
		}),
		newViolation("snake-case", "answer created_at instead of createdAt", nil, func(c *violatedCall) {
			c.alterConnections(func(connection map[string]any) {
				connection["created_at"] = connection["createdAt"]
				delete(connection, "createdAt")
			})
		}),
		newViolation("read-without-envelope", "answer a connection without data and meta", nil, func(c *violatedCall) {
			if c.is("getConnection") && c.isSuccess() {
				c.alterAnswer(func(answer map[string]any) {
					data, _ := answer["data"].(map[string]any)
					clear(answer)
					for name, value := range data {
						answer[name] = value
					}
				})
			}
		}),
		newViolation("list-without-pagination", "answer a list without meta.pagination", nil, func(c *violatedCall) {
			if c.is("listConnections") {
				c.alterAnswer(func(answer map[string]any) {
					if meta, ok := answer["meta"].(map[string]any); ok {
						delete(meta, "pagination")
					}
				})
			}
		}),
		newViolation("generated-at-in-local-time", "answer local time as UTC in meta.generatedAt", nil, func(c *violatedCall) {
			c.alterAnswer(func(answer map[string]any) {
				if meta, ok := answer["meta"].(map[string]any); ok {
					meta["generatedAt"] = c.s.timestamp().Add(2 * time.Hour)
				}
			})
		}),
		newViolation("other-organisation", "report another organisation with a list than with a connection", nil, func(c *violatedCall) {
			if c.is("listConnections") {
				c.alterAnswer(func(answer map[string]any) {
					if meta, ok := answer["meta"].(map[string]any); ok {
						meta["organisationId"] = "org_of_the_list"
					}
				})
			}
		}),
	}
}

// number makes a number of an ID.
func number(id string) string {
	n := 0
	for _, r := range id {
		n = (n*31 + int(r)) % 1_000_000_007
	}
	return strconv.Itoa(n)
}

func secrecyViolations() []violation {
	// tokenOf is the Recruitee token that Wintro keeps for a connection.
	tokenOf := func(c *violatedCall, connection map[string]any) (token string) {
		id, _ := connection["id"].(string)
		c.withStore(func(st *store) {
			if conn, err := st.Wintro.connection(id); err == nil {
				token = conn.Token
			}
		})
		return token
	}
	inErrors := func(message func(c *violatedCall) string) func(*violatedCall) {
		return func(c *violatedCall) {
			c.alterError(func(problem map[string]any) {
				text, _ := problem["message"].(string)
				problem["message"] = text + " " + message(c)
			})
		}
	}
	return []violation{
		newViolation("token-in-connection", "answer apiToken with a connection", nil, func(c *violatedCall) {
			c.alterConnections(func(connection map[string]any) { connection["apiToken"] = tokenOf(c, connection) })
		}),
		newViolation("token-in-part", "answer the first half of the token", nil, func(c *violatedCall) {
			c.alterConnections(func(connection map[string]any) {
				token := tokenOf(c, connection)
				connection["tokenHint"] = token[:len(token)/2] + "..."
			})
		}),
		newViolation("token-in-error", "repeat the body of the request in an error", nil,
			inErrors(func(c *violatedCall) string { return string(c.body) })),
		newViolation("token-in-base64", "repeat the body of the request in an error, in base64", nil,
			inErrors(func(c *violatedCall) string { return base64.StdEncoding.EncodeToString(c.body) })),
		newViolation("wintro-token-in-error", "repeat the headers of the request in an error", nil,
			inErrors(func(c *violatedCall) string { return c.r.Header.Get("Authorization") })),
		newViolation("token-in-header", "repeat the request's Authorization in a header of the answer", nil, func(c *violatedCall) {
			c.resp.header.Set("X-Debug-Authorization", c.r.Header.Get("Authorization"))
		}),
	}
}

func rateLimitViolations() []violation {
	alterHeader := func(name string, change func(c *violatedCall, value string) string) func(*violatedCall) {
		return func(c *violatedCall) {
			if value := c.resp.header.Get(name); value != "" {
				c.resp.header.Set(name, change(c, value))
			}
		}
	}
	return []violation{
		newViolation("no-limit-headers-on-errors", "leave the headers of the rate limit out of errors", nil, func(c *violatedCall) {
			if !c.isSuccess() {
				for _, name := range []string{"Limit", "Remaining", "Reset"} {
					c.resp.header.Del("X-RateLimit-" + name)
				}
			}
		}),
		newViolation("no-countdown", "answer the same X-RateLimit-Remaining each time", nil,
			alterHeader("X-RateLimit-Remaining", func(c *violatedCall, _ string) string { return c.resp.header.Get("X-RateLimit-Limit") })),
		newViolation("reset-in-seconds", "answer X-RateLimit-Reset in seconds from now", nil,
			alterHeader("X-RateLimit-Reset", func(*violatedCall, string) string { return "60" })),
		newViolation("reset-in-milliseconds", "answer X-RateLimit-Reset in milliseconds", nil,
			alterHeader("X-RateLimit-Reset", func(_ *violatedCall, value string) string { return value + "000" })),
		newViolation("429-in-text", "answer 429 as plain text", nil, func(c *violatedCall) {
			if c.resp.status == http.StatusTooManyRequests {
				c.writeText(http.StatusTooManyRequests, "text/plain", "Too Many Requests\n")
			}
		}),
		newViolation("503-for-429", "answer 503 past the limit", nil, func(c *violatedCall) {
			if c.errorCode() == contract.CodeRateLimited {
				c.refuse(http.StatusServiceUnavailable, contract.CodeInternalError, "Busy.")
			}
		}),
	}
}
