package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A Check is one thing that a server has to do.
type Check struct {
	// Name is the subject and a name, such as idempotency/same-body.
	Name string `json:"name"`
	// Expects is what the server has to do.
	Expects string `json:"expects"`
	// Contract is the sentence of openapi.yaml, or of the README beside it, that says so.
	Contract string `json:"contract"`

	needs need
	run   func(*checkRun)
}

// Subject is the part of the name before the slash.
func (c Check) Subject() string {
	subject, _, _ := strings.Cut(c.Name, "/")
	return subject
}

// Needs is what must be configured for the check, as the command's options and variables, or "".
func (c Check) Needs() string {
	var texts []string
	for _, each := range needTexts {
		if c.needs&each.need != 0 {
			texts = append(texts, each.text)
		}
	}
	return strings.Join(texts, ", ")
}

// A need is something that not everybody configures.
type need int

const (
	company need = 1 << iota
	secondCompany
	readOnlyToken
	rejectedToken
	usingUp
)

var needTexts = []struct {
	need need
	text string
}{
	{company, "-company and RECRUITEE_API_TOKEN"},
	{secondCompany, "-second-company and RECRUITEE_SECOND_API_TOKEN"},
	{readOnlyToken, "WINTRO_READ_ONLY_API_TOKEN"},
	{rejectedToken, "RECRUITEE_REJECTED_API_TOKEN"},
	{usingUp, "-use-up-rate-limit"},
}

// Checks lists all checks in the order in which they run.
func Checks() []Check {
	return slices.Concat(
		authenticationChecks(),
		// Early, so that a server that can't remove connections yet is checked with the one that is made here.
		createChecks(),
		scopeChecks(),
		listChecks(),
		uniquenessChecks(),
		idempotencyChecks(),
		readChecks(),
		updateChecks(),
		deleteChecks(),
		statusChecks(),
		fingerprintChecks(),
		companyNameChecks(),
		syncChecks(),
		robustnessChecks(),
		secrecyChecks(),
		documentChecks(),
		rateLimitChecks(),
	)
}

// A checkRun is a check while it runs.
type checkRun struct {
	*suite
	ctx      context.Context
	check    Check
	last     *exchange
	failures []Failure
}

// end ends the check without a failure of its own.
func (c *checkRun) end(status Status, format string, args ...any) {
	panic(outcome{status, c.client.secrets.redact(fmt.Sprintf(format, args...))})
}

// errorf notes a failure, which the exchanges show, or else the last one.
func (c *checkRun) errorf(exchanges []*exchange, format string, args ...any) {
	if exchanges == nil && c.last != nil {
		exchanges = []*exchange{c.last}
	}
	failure := Failure{Message: c.client.secrets.redact(fmt.Sprintf(format, args...))}
	for _, e := range exchanges {
		failure.Exchanges = append(failure.Exchanges, c.client.show(e))
	}
	c.failures = append(c.failures, failure)
}

// fatalf notes a failure and ends the check.
func (c *checkRun) fatalf(exchanges []*exchange, format string, args ...any) {
	c.errorf(exchanges, format, args...)
	c.end(Failed, "")
}

// checkNeeds ends a check that can't be run here.
func (c *checkRun) checkNeeds() {
	has := map[need]bool{
		company:       c.config.CompanyID != "",
		secondCompany: c.config.SecondCompanyID != "",
		readOnlyToken: c.config.ReadOnlyAPIToken != "",
		rejectedToken: c.config.RejectedRecruiteeAPIToken != "",
		usingUp:       c.config.UseUpRateLimit,
	}
	for _, each := range needTexts {
		switch {
		case c.check.needs&each.need == 0 || has[each.need]:
		case each.need == readOnlyToken:
			c.end(NotOffered, "no token without the write scope was given; if there can be one, set %s", each.text)
		default:
			c.end(NotRun, "it needs %s", each.text)
		}
	}
	if c.check.needs&company != 0 && c.blocked != "" {
		c.obstruct(c.blocked)
	}
	if c.ctx.Err() != nil {
		c.end(NotRun, "interrupted")
	}
}

// obstruct ends a check that can't be run because of a mistake that another check is about.
func (c *checkRun) obstruct(obstacle string) {
	c.obstacles[obstacle]++
	c.end(NotRun, "%s", obstacle)
}

// do sends a call. It ends the check if another one has found that the server doesn't have it.
func (c *checkRun) do(call call) *exchange {
	if finder := c.absent[call.op]; finder != "" {
		if call.op == opStartSync {
			c.end(NotOffered, "the server has no %s", c.document.title(call.op))
		}
		c.end(NotRun, "the server has no %s: see %s", c.document.title(call.op), finder)
	}
	return c.sendAlways(call)
}

func (c *checkRun) sendAlways(call call) *exchange {
	e, err := c.send(c.ctx, call)
	if err != nil {
		c.end(NotRun, "interrupted")
	}
	c.last = e
	return e
}

// doAtOnce sends a call n times at the same time.
func (c *checkRun) doAtOnce(call call, n int) []*exchange {
	exchanges, err := c.client.sendAtOnce(c.ctx, call, n)
	if err != nil {
		c.end(NotRun, "interrupted")
	}
	for _, e := range exchanges {
		c.note(e)
	}
	c.last = exchanges[n-1]
	return exchanges
}

// Each operation of the contract as a call.

func listCall(query string) call {
	return call{op: opList, method: http.MethodGet, path: "/ats-connections", query: query}
}

func createCall(key string, body []byte) call {
	return call{
		op: opCreate, method: http.MethodPost, path: "/ats-connections", body: body,
		header: http.Header{"Idempotency-Key": {key}},
	}
}

func getCall(id string) call {
	return call{op: opGet, method: http.MethodGet, path: "/ats-connections/" + url.PathEscape(id)}
}

func updateCall(id string, body any) call {
	return call{op: opUpdate, method: http.MethodPatch, path: "/ats-connections/" + url.PathEscape(id), body: encode(body)}
}

func deleteCall(id string) call {
	return call{op: opDelete, method: http.MethodDelete, path: "/ats-connections/" + url.PathEscape(id)}
}

func startSyncCall(id string) call {
	return call{op: opStartSync, method: http.MethodPost, path: "/ats-connections/" + url.PathEscape(id) + "/syncs"}
}

func getSyncCall(id, syncID string) call {
	return call{
		op: opGetSync, method: http.MethodGet,
		path: "/ats-connections/" + url.PathEscape(id) + "/syncs/" + url.PathEscape(syncID),
	}
}

// everyCall has each operation, for checks in which all are refused.
func (c *checkRun) everyCall() []call {
	creation := object{}
	if c.config.CompanyID != "" && c.blocked == "" {
		creation = c.newConnection(nil)
	}
	return []call{
		listCall(""),
		createCall(c.newKey(), encode(creation)),
		getCall(unknownID),
		updateCall(unknownID, object{}),
		deleteCall(unknownID),
		startSyncCall(unknownID),
		getSyncCall(unknownID, unknownID),
	}
}

// unknownID is the ID of nothing.
const unknownID = "conformance-unknown"

func encode(body any) []byte {
	encoded, _ := json.Marshal(body) // what checks send can be encoded
	return encoded
}

// newConnection is the body of a creation, with some fields changed. A field that is changed to nothing is left
// out.
func (c *checkRun) newConnection(changes object) object {
	body := object{
		"ats":          "recruitee",
		"name":         c.marker,
		"atsCompanyId": c.config.CompanyID,
		"apiToken":     c.config.RecruiteeAPIToken,
		"enabled":      true,
	}
	for name, value := range changes {
		if _, isLeftOut := value.(nothing); isLeftOut {
			delete(body, name)
		} else {
			body[name] = value
		}
	}
	return body
}

type nothing struct{}

// sentCompany is the company in the body of a creation.
func sentCompany(body []byte) string {
	var sent object
	_ = json.Unmarshal(body, &sent)
	return sent.text("atsCompanyId")
}

// create sends a creation with a key of its own, and expects a connection.
func (c *checkRun) create(changes object) object {
	return c.success(c.do(createCall(c.newKey(), encode(c.newConnection(changes)))))
}

func (c *checkRun) get(id string) object { return c.success(c.do(getCall(id))) }
func (c *checkRun) update(id string, change object) object {
	return c.success(c.do(updateCall(id, change)))
}

// delete removes a connection.
func (c *checkRun) delete(id string) *exchange {
	e := c.do(deleteCall(id))
	c.expectSuccess(e)
	return e
}

// list sends the query and expects a list.
func (c *checkRun) list(query string) []object {
	e := c.do(listCall(query))
	c.expectSuccess(e)
	items, found := e.items()
	if !found {
		c.fatalf(nil, "the answer has no list in data")
	}
	return items
}

// ofCompany lists the company's connections.
func (c *checkRun) ofCompany() []object {
	return c.list("atsCompanyId=" + c.config.CompanyID)
}

// expectSuccess ends the check if the call is refused. Which success it is, is for the checks of the
// subject document.
func (c *checkRun) expectSuccess(e *exchange) {
	if e.isSuccess() {
		return
	}
	if e.err != nil {
		c.fatalf(nil, "%s %s: there is no complete answer: %v", e.method, e.path, e.err)
	}
	if c.isAbsent(e) {
		if c.check.Subject() != subjectOf[e.op] {
			c.obstructWith(e, "it needs this call")
		}
		c.absent[e.op] = c.check.Name
		if e.op == opStartSync {
			c.end(NotOffered, "the server has no %s (%d)", c.document.title(e.op), e.status)
		}
		c.fatalf(nil, "the server has no %s: it answers %d", c.document.title(e.op), e.status)
	}
	c.fatalf(nil, "%s %s answers %s instead of a success", e.method, e.path, statusAndCode(e))
}

// subjectOf is the subject of the checks that fail if the server doesn't have an operation. Others are not run.
var subjectOf = map[string]string{
	opList: "list", opCreate: "create", opGet: "read", opUpdate: "update", opDelete: "delete", opStartSync: "syncs", opGetSync: "syncs",
}

// isAbsent reports whether the answer means that the server doesn't have the call.
func (c *checkRun) isAbsent(e *exchange) bool {
	return e.op != "" && c.calls[e.op].Successes == 0 && hasAbsentStatus(e)
}

// hasAbsentStatus reports whether the answer's status is one of those for a path or a method that isn't there.
func hasAbsentStatus(e *exchange) bool {
	return e.status == http.StatusNotFound || e.status == http.StatusMethodNotAllowed || e.status == http.StatusNotImplemented
}

// success expects an answer with an object in data, and returns that.
func (c *checkRun) success(e *exchange) object {
	c.expectSuccess(e)
	data := e.data()
	if data == nil {
		c.fatalf(nil, "the answer to %s %s has no object in data", e.method, e.path)
	}
	return data
}

func statusAndCode(e *exchange) string {
	if e.err != nil {
		return "nothing (" + e.err.Error() + ")"
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", e.status, e.errorCode()))
}

// expectError expects a refusal with a status and a code. It reports whether it is one.
func (c *checkRun) expectError(e *exchange, what string, status int, code string) bool {
	if e.status == status && e.errorCode() == code {
		return true
	}
	c.errorf([]*exchange{e}, "%s: the answer is %s instead of %d %s", what, statusAndCode(e), status, code)
	return false
}

// isBadRequest is the status of a request that isn't valid: 400 and 422 mean the same.
func isBadRequest(status int) bool {
	return status == http.StatusBadRequest || status == http.StatusUnprocessableEntity
}

// expectBadField expects a refusal because of a field, which error.fields names.
func (c *checkRun) expectBadField(e *exchange, what, field string) {
	switch {
	case !isBadRequest(e.status):
		c.errorf([]*exchange{e}, "%s: the answer is %s instead of 400 BAD_REQUEST", what, statusAndCode(e))
	case !slices.Contains(e.errorFields(), field):
		c.errorf([]*exchange{e}, "%s: error.fields doesn't name the field %s", what, field)
	}
}

// expectFields compares what somebody set of a connection.
func (c *checkRun) expectFields(what string, got, want object) {
	for _, name := range []string{"id", "ats", "name", "atsCompanyId", "enabled", "createdAt"} {
		if value, wanted := want[name]; wanted && got[name] != value {
			c.errorf(nil, "%s: %s is %s instead of %s", what, name, shown(got[name]), shown(value))
		}
	}
}

// connection is the connection of the company that checks share: enabled, with the marker as its name. It is
// created if there is none, or if a check has changed it.
func (c *checkRun) connection() object { return c.connectionOf(c.config.CompanyID) }

func (c *checkRun) connectionOf(companyID string) object {
	if shared := c.connections[companyID]; shared != nil && !shared.changed {
		return shared.object
	}
	c.unlink(companyID)
	changes := object{}
	if companyID == c.config.SecondCompanyID {
		changes = object{"atsCompanyId": companyID, "apiToken": c.config.SecondRecruiteeAPIToken}
	}
	call := createCall(c.newKey(), encode(c.newConnection(changes)))
	if _, isAbsent := c.absent[opCreate]; isAbsent {
		c.obstruct("it needs a connection, and the server has no " + c.document.title(opCreate))
	}
	e := c.sendAlways(call)
	if e.errorCode() == "ALREADY_LINKED" {
		if c.calls[opCreate].Successes == 0 {
			c.fatal = errLinkedElsewhere
			c.end(NotRun, "%v", c.fatal)
		}
		// A check has left one whose ID was not in any answer.
		c.findOurs(c.ctx)
		c.unlink(companyID)
		e = c.sendAlways(call)
	}
	made := e.data()
	if !e.isSuccess() || made.id() == "" {
		c.obstructWith(e, "it needs a connection")
	}
	c.connections[companyID].changed = false
	return made
}

// anyConnection is a connection of this run, in whatever state, so that it can be removed. If removing doesn't
// work there can't be a new one.
func (c *checkRun) anyConnection() object {
	for _, connection := range c.ofCompany() {
		if c.isOurs(connection) {
			return connection
		}
	}
	return c.connection()
}

// obstructWith ends a check because of an answer to a call that only prepares it.
func (c *checkRun) obstructWith(e *exchange, need string) {
	if c.isAbsent(e) {
		// The check that is about the call may fail later.
		if _, isKnown := c.absent[e.op]; !isKnown {
			c.absent[e.op] = ""
		}
		if e.op == opStartSync {
			c.end(NotOffered, "the server has no %s", c.document.title(e.op))
		}
		c.obstruct(need + ", and the server has no " + c.document.title(e.op))
	}
	c.obstruct(fmt.Sprintf("%s, and %s answers %s", need, c.document.title(e.op), statusAndCode(e)))
}

// unlinked makes sure that the company has no connection.
func (c *checkRun) unlinked() { c.unlink(c.config.CompanyID) }

func (c *checkRun) unlink(companyID string) {
	const need = "it needs a company without a connection"
	for id, of := range c.made {
		if of != companyID {
			continue
		}
		if _, isAbsent := c.absent[opDelete]; isAbsent {
			c.obstruct(need + ", and the server has no " + c.document.title(opDelete))
		}
		e := c.sendAlways(deleteCall(id))
		if _, isLeft := c.made[id]; isLeft || c.isAbsent(e) {
			c.obstructWith(e, need)
		}
	}
}

// expectNone expects that nothing was made in spite of a refusal.
func (c *checkRun) expectNone() {
	if found := c.ofCompany(); len(found) > 0 {
		c.errorf(nil, "the refused request has made the connection %s all the same", found[0].id())
		for _, connection := range found {
			if c.isOurs(connection) {
				c.made[connection.id()] = c.config.CompanyID
			}
		}
	}
}

// expectOne expects that the company has just this connection.
func (c *checkRun) expectOne(id string) {
	var ids []string
	for _, connection := range c.ofCompany() {
		ids = append(ids, connection.id())
		if connection.id() != id && c.isOurs(connection) {
			c.made[connection.id()] = c.config.CompanyID
		}
	}
	if len(ids) != 1 || ids[0] != id {
		c.errorf(nil, "the company's connections are %s instead of just %s", shown(ids), id)
	}
}

// await asks until an answer is what it should be in the end, and returns the last one.
func (c *checkRun) await(call call, isDone func(object) bool) (data object, done bool) {
	deadline := time.Now().Add(c.config.MaxWait)
	const longest = 5 * time.Second
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, longest) {
		data = c.success(c.do(call))
		if isDone(data) {
			return data, true
		}
		if time.Now().Add(pause).After(deadline) {
			return data, false
		}
		if sleep(c.ctx, pause) != nil {
			c.end(NotRun, "interrupted")
		}
	}
}

// awaitChecked waits until a connection is no longer pending.
func (c *checkRun) awaitChecked(id string) object {
	data, done := c.await(getCall(id), func(connection object) bool { return connection.text("status") != "pending" })
	if !done {
		c.fatalf(nil, "the status is still pending after %s", c.config.MaxWait)
	}
	return data
}

// awaitStatus waits until a connection is no longer pending, and expects a status.
func (c *checkRun) awaitStatus(id, status string) {
	if got := c.awaitChecked(id).text("status"); got != status {
		c.errorf(nil, "the status is %q instead of %q", got, status)
	}
}
