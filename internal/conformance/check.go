package conformance

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// A Check tests one requirement of the contract.
type Check struct {
	// Name consists of the subject, a slash and a title, such as idempotency/same-body.
	Name  string `json:"name"`
	needs need
	// Expects describes, in full sentences, the behaviour that the check expects.
	Expects string `json:"expects"`
	// Contract quotes openapi.yaml or the README of package contract.
	Contract string `json:"contract"`
	run      func(*checkRun)
}

// Subject returns the part of the name before the slash.
func (c Check) Subject() string {
	subject, _, _ := strings.Cut(c.Name, "/")
	return subject
}

// Needs lists the flags and environment variables that the check needs. It returns "" if the check needs none.
func (c Check) Needs() string {
	var texts []string
	for _, each := range needTexts {
		if c.needs&each.need != 0 {
			texts = append(texts, each.text)
		}
	}
	return strings.Join(texts, ", ")
}

// A need is a bit set of conditions for running a check, such as a configured token without the write scope.
type need int

const (
	company need = 1 << iota
	secondCompany
	readOnlyToken
	rejectedToken
	usingUp
	noConnection

	noNeeds need = 0
	// unlinkedCompany means that the check needs a company without a connection. checkNeeds removes the connection
	// that earlier checks created.
	unlinkedCompany = company | noConnection
)

var needTexts = []struct {
	need  need
	text  string
	isMet func(Config) bool
}{
	{company, "-company and RECRUITEE_API_TOKEN", func(c Config) bool { return c.CompanyID != "" }},
	{secondCompany, "-second-company and RECRUITEE_SECOND_API_TOKEN", func(c Config) bool { return c.SecondCompanyID != "" }},
	{readOnlyToken, "WINTRO_READ_ONLY_API_TOKEN", func(c Config) bool { return c.ReadOnlyAPIToken != "" }},
	{rejectedToken, "RECRUITEE_REJECTED_API_TOKEN", func(c Config) bool { return c.RejectedRecruiteeAPIToken != "" }},
	{usingUp, "-use-up-rate-limit", func(c Config) bool { return c.UseUpRateLimit }},
}

// Checks returns all checks in the order in which they run.
func Checks() []Check {
	return slices.Concat(
		authenticationChecks(),
		// These checks run early, because later checks use their connection if the server has no DELETE yet.
		createChecks(),
		scopeChecks(),
		listChecks(),
		uniquenessChecks(),
		idempotencyChecks(),
		changeChecks(),
		statusChecks(),
		robustnessChecks(),
		documentChecks(),
		rateLimitChecks(),
	)
}

// A checkRun runs one check. To end the check early, a method panics with an outcome. The method outcome recovers
// the panic.
type checkRun struct {
	*suite
	ctx      context.Context
	check    Check
	last     *exchange
	failures []failure
}

// outcome runs the check, and recovers the panic of a check that ends early. It ignores the failures: if there are
// any, suite.run changes the status to statusFailed.
func (c *checkRun) outcome() (ended outcome) {
	defer func() {
		switch value := recover().(type) {
		case nil:
		case outcome:
			ended = value
		default:
			panic(value)
		}
	}()
	c.checkNeeds()
	c.check.run(c)
	return outcome{status: statusPassed}
}

// end ends the check with this status and reason, without adding a failure.
func (c *checkRun) end(status checkStatus, format string, args ...any) {
	panic(outcome{status, message(format, args...)})
}

// errorf adds a failure and the exchanges that prove it. If exchanges is nil, errorf adds the last exchange. It
// drops failures beyond maxFailures.
func (c *checkRun) errorf(exchanges []*exchange, format string, args ...any) {
	if len(c.failures) >= maxFailures {
		return
	}
	if exchanges == nil && c.last != nil {
		exchanges = []*exchange{c.last}
	}
	failure := failure{Message: message(format, args...)}
	for _, e := range exchanges {
		failure.Exchanges = append(failure.Exchanges, e.show())
	}
	c.failures = append(c.failures, failure)
}

// fatalf adds a failure and ends the check.
func (c *checkRun) fatalf(exchanges []*exchange, format string, args ...any) {
	c.errorf(exchanges, format, args...)
	c.end(statusFailed, "")
}

// checkNeeds ends the check if one of the check's conditions isn't met, if the check needs a company but blocked
// is set, or if ctx has ended. If the check needs a company without a connection, checkNeeds removes the
// connections that this run created for the company.
func (c *checkRun) checkNeeds() {
	for _, each := range needTexts {
		switch {
		case c.check.needs&each.need == 0 || each.isMet(c.config):
		case each.need == readOnlyToken:
			c.end(statusNotOffered, "no token without the write scope is configured. If Wintro has such tokens, set %s", each.text)
		default:
			c.end(statusNotRun, "the check needs %s", each.text)
		}
	}
	if c.check.needs&company != 0 && c.blocked != "" {
		c.obstruct("%s", c.blocked)
	}
	if c.ctx.Err() != nil {
		c.end(statusNotRun, "interrupted")
	}
	if c.check.needs&noConnection != 0 {
		c.unlinked()
	}
}

// obstruct ends a check that can't run because of a server problem, and counts the check in the report.
func (c *checkRun) obstruct(format string, args ...any) {
	reason := message(format, args...)
	c.obstacles[reason]++
	c.end(statusNotRun, "%s", reason)
}

// do calls sendAlways, unless an earlier check has failed because the server lacks the operation. In that case, it
// ends the check.
func (c *checkRun) do(call call) *exchange {
	if c.absent[call.op] {
		c.endAbsent(call.op)
	}
	return c.sendAlways(call)
}

// endAbsent ends the check because the server lacks an operation. A missing startSync isn't a server problem,
// because syncs are optional.
func (c *checkRun) endAbsent(op string) {
	if op == opStartSync {
		c.end(statusNotOffered, "the server has no %s", c.document.title(op))
	}
	c.obstruct("the server has no %s", c.document.title(op))
}

// sendAlways sends a call, even if the server seems to lack the operation. It ends the check instead of changing a
// connection that this run didn't create. It also ends the check if ctx ends before the request, or if the
// response is a reason to stop the run.
func (c *checkRun) sendAlways(call call) *exchange {
	isWrite := call.op == opUpdate || call.op == opDelete || call.op == opStartSync
	if isWrite && call.id() != unknownID && !c.ours[call.id()] {
		c.end(statusNotRun, "the connection %s isn't one that the checks created", call.id())
	}
	e, err := c.send(c.ctx, call)
	if err != nil {
		c.end(statusNotRun, "interrupted")
	}
	c.last = e
	c.stopIfFatal()
	return e
}

// sendAtOnce sends n copies of a call concurrently, and notes the exchanges. It ends the check if ctx ends before
// the requests, or at the first response that is a reason to stop the run.
func (c *checkRun) sendAtOnce(call call, n int) []*exchange {
	exchanges, err := c.client.sendAtOnce(c.ctx, call, n)
	if err != nil {
		c.end(statusNotRun, "interrupted")
	}
	for _, e := range exchanges {
		c.note(e)
		c.last = e
		c.stopIfFatal()
	}
	return exchanges
}

// stopIfFatal makes the check fail and ends it, if note has found a reason to stop the run.
func (c *checkRun) stopIfFatal() {
	if c.fatal != nil {
		c.fatalf(nil, "%v", c.fatal)
	}
}

func listCall(query string) call {
	return call{op: opList, method: http.MethodGet, path: "/ats-connections", query: query}
}

func createCall(key string, body []byte) call {
	return call{
		op: opCreate, method: http.MethodPost, path: "/ats-connections", body: body,
		header: http.Header{"Idempotency-Key": {key}},
	}
}

func pathOf(id string) string { return "/ats-connections/" + url.PathEscape(id) }

func getCall(id string) call { return call{op: opGet, method: http.MethodGet, path: pathOf(id)} }

func updateCall(id string, body any) call {
	return call{op: opUpdate, method: http.MethodPatch, path: pathOf(id), body: encode(body)}
}

func deleteCall(id string) call {
	return call{op: opDelete, method: http.MethodDelete, path: pathOf(id)}
}

func startSyncCall(id string) call {
	return call{op: opStartSync, method: http.MethodPost, path: pathOf(id) + "/syncs"}
}

func getSyncCall(id, syncID string) call {
	return call{op: opGetSync, method: http.MethodGet, path: pathOf(id) + "/syncs/" + url.PathEscape(syncID)}
}

// everyCall returns one call of each operation, for checks that expect only errors.
func (c *checkRun) everyCall() []call {
	fields := object{}
	if c.config.CompanyID != "" && c.blocked == "" {
		fields = c.newConnection(nil)
	}
	return []call{
		listCall(""),
		createCall(c.newKey(), encode(fields)),
		getCall(unknownID),
		updateCall(unknownID, object{}),
		deleteCall(unknownID),
		startSyncCall(unknownID),
		getSyncCall(unknownID, unknownID),
	}
}

// newCreate returns a create request with a new key and the fields of newConnection(changes).
func (c *checkRun) newCreate(changes object) call {
	return createCall(c.newKey(), encode(c.newConnection(changes)))
}

// unknownID is an ID that no connection and no sync has.
const unknownID = "conformance-unknown"

// newConnection applies changes to the fields of a valid create request, and returns the result. The value
// nothing{} removes a field.
func (c *checkRun) newConnection(changes object) object {
	body := object{
		"ats":          contract.Recruitee,
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

// nothing marks a field that a request must leave out.
type nothing struct{}

// create sends a create request with a new key, and returns the new connection. If the request fails, create ends
// the check.
func (c *checkRun) create(changes object) object {
	return c.success(c.do(c.newCreate(changes)))
}

func (c *checkRun) get(id string) object { return c.success(c.do(getCall(id))) }

func (c *checkRun) update(id string, change object) object {
	return c.success(c.do(updateCall(id, change)))
}

// delete deletes a connection, and returns the exchange. If the request fails, delete ends the check.
func (c *checkRun) delete(id string) *exchange {
	e := c.do(deleteCall(id))
	c.expectSuccess(e)
	return e
}

// list sends a list request with the query, and returns the items of the page. If the response has no list, list
// ends the check.
func (c *checkRun) list(query string) []object {
	e := c.do(listCall(query))
	c.expectSuccess(e)
	items, found := e.items()
	if !found {
		c.fatalf(nil, "the response has no list in data")
	}
	return items
}

// ofCompany lists the connections of the first configured company.
func (c *checkRun) ofCompany() []object {
	return c.list("atsCompanyId=" + c.config.CompanyID)
}

// expectSuccess ends the check if the call failed. If the server lacks the operation, the status of the check
// depends on subjectOf. expectSuccess accepts every 2xx status, because the checks of the subject "document"
// compare the status with openapi.yaml.
func (c *checkRun) expectSuccess(e *exchange) {
	if e.isSuccess() {
		return
	}
	if e.err != nil {
		c.fatalf(nil, "%s %s got no complete response: %v", e.method, e.path, e.err)
	}
	if c.isAbsent(e) {
		if c.check.Subject() != subjectOf[e.op] || e.op == opStartSync {
			c.endAbsent(e.op)
		}
		c.absent[e.op] = true
		c.fatalf(nil, "the server has no %s, because it returns %d", c.document.title(e.op), e.status)
	}
	c.fatalf(nil, "%s %s returns %s instead of a success", e.method, e.path, statusAndCode(e))
}

// subjectOf maps each operation to a subject. If the server lacks the operation, one check of this subject fails,
// and the other checks that need the operation get the status statusNotRun. A missing startSync fails no check,
// because syncs are optional.
var subjectOf = map[string]string{
	opList: "list", opCreate: "create", opGet: "read", opUpdate: "update", opDelete: "delete", opStartSync: "syncs", opGetSync: "syncs",
}

// isAbsent reports whether the server seems to lack the operation: none of the operation's calls has succeeded,
// and the response has the status of a missing operation.
func (c *checkRun) isAbsent(e *exchange) bool {
	return e.op != "" && c.calls[e.op].Successes == 0 && hasAbsentStatus(e)
}

// hasAbsentStatus reports whether the response has a status that servers return for an unknown path or method.
func hasAbsentStatus(e *exchange) bool {
	return e.status == http.StatusNotFound || e.status == http.StatusMethodNotAllowed || e.status == http.StatusNotImplemented
}

// success expects a successful response with an object in data, and returns the object. Otherwise, it ends the
// check.
func (c *checkRun) success(e *exchange) object {
	c.expectSuccess(e)
	data := e.data()
	if data == nil {
		c.fatalf(nil, "the response to %s %s has no object in data", e.method, e.path)
	}
	return data
}

func statusAndCode(e *exchange) string {
	if e.err != nil {
		return "no response (" + e.err.Error() + ")"
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", e.status, e.errorCode()))
}

// statusOf maps each error code that a check expects to the HTTP status of the error.
var statusOf = map[string]int{
	contract.CodeBadRequest:           http.StatusBadRequest,
	contract.CodeUnauthorized:         http.StatusUnauthorized,
	contract.CodeMissingScope:         http.StatusForbidden,
	contract.CodeNotFound:             http.StatusNotFound,
	contract.CodeAlreadyLinked:        http.StatusConflict,
	contract.CodeDisabled:             http.StatusConflict,
	contract.CodeIdempotencyKeyReused: http.StatusConflict,
	contract.CodeRateLimited:          http.StatusTooManyRequests,
}

// expectError expects an error with this code, and reports whether the response is that error.
func (c *checkRun) expectError(e *exchange, what, code string) bool {
	status := statusOf[code]
	hasStatus := e.status == status || status == http.StatusBadRequest && isBadRequest(e.status)
	if hasStatus && e.errorCode() == code {
		return true
	}
	c.errorf([]*exchange{e}, "%s: the response is %s instead of %d %s", what, statusAndCode(e), status, code)
	return false
}

// isBadRequest reports whether the status means an invalid request. In the contract, 400 and 422 have the same
// meaning.
func isBadRequest(status int) bool {
	return status == http.StatusBadRequest || status == http.StatusUnprocessableEntity
}

// expectBadField expects a 400 or 422 that names the field in error.fields.
func (c *checkRun) expectBadField(e *exchange, what, field string) {
	switch {
	case !isBadRequest(e.status):
		c.errorf([]*exchange{e}, "%s: the response is %s instead of 400 "+contract.CodeBadRequest, what, statusAndCode(e))
	case !slices.Contains(e.errorFields(), field):
		c.errorf([]*exchange{e}, "%s: error.fields doesn't name the field %s", what, field)
	}
}

// expectFields compares the ID, createdAt, and the fields that a client sets, except the token. It ignores fields
// that are missing in want.
func (c *checkRun) expectFields(what string, got, want object) {
	for _, name := range []string{"id", "ats", "name", "atsCompanyId", "enabled", "createdAt"} {
		if value, wanted := want[name]; wanted && got[name] != value {
			c.errorf(nil, "%s: %s is %s instead of %s", what, name, asJSON(got[name]), asJSON(value))
		}
	}
}

// connection returns the shared connection of the first configured company. The shared connection is enabled, and
// its name is the marker. If there is no shared connection yet, or a check may have changed it, connection removes
// all connections that this run created for the company, and creates a new one.
func (c *checkRun) connection() object { return c.connectionOf(c.config.CompanyID) }

func (c *checkRun) connectionOf(companyID string) object {
	if shared := c.shared[companyID]; shared != nil {
		return shared
	}
	c.unlink(companyID)
	changes := object{}
	if companyID == c.config.SecondCompanyID {
		changes = object{"atsCompanyId": companyID, "apiToken": c.config.SecondRecruiteeAPIToken}
	}
	call := c.newCreate(changes)
	e := c.do(call)
	if !e.isSuccess() && e.errorCode() == contract.CodeAlreadyLinked {
		if c.calls[opCreate].Successes == 0 {
			c.fatal = errLinkedElsewhere
			c.end(statusNotRun, "%v", c.fatal)
		}
		// Probably, an earlier check left a connection behind, and no response contained the connection's ID. So
		// search the list for it.
		c.findOurs(c.ctx)
		c.unlink(companyID)
		e = c.sendAlways(call)
	}
	made := e.data()
	if !e.isSuccess() || made.id() == "" {
		c.obstructWith(e)
	}
	c.shared[companyID] = made
	return made
}

// anyConnection returns any connection that this run created for the first configured company, even if a check has
// changed it. If there is none, anyConnection creates one. The check delete/connection uses anyConnection, so that
// it can report a missing DELETE. On a server without DELETE, the method connection can't replace a changed
// connection, and would end the check before its own DELETE.
func (c *checkRun) anyConnection() object {
	for _, connection := range c.ofCompany() {
		if c.ours[connection.id()] {
			return connection
		}
	}
	return c.connection()
}

// obstructWith ends a check that can't run because a call that prepares it failed. e is that call's exchange.
func (c *checkRun) obstructWith(e *exchange) {
	if c.isAbsent(e) {
		c.endAbsent(e.op)
	}
	c.obstruct("%s returns %s", c.document.title(e.op), statusAndCode(e))
}

// unlinked removes all connections that this run has created for the first configured company. It ends the check
// if it can't remove one.
func (c *checkRun) unlinked() { c.unlink(c.config.CompanyID) }

func (c *checkRun) unlink(companyID string) {
	for id, of := range c.made {
		if of != companyID {
			continue
		}
		e := c.do(deleteCall(id))
		if _, isLeft := c.made[id]; isLeft || c.isAbsent(e) {
			c.obstructWith(e)
		}
	}
}

// expectOnly expects that the first configured company has exactly the connections with these IDs. Otherwise, it
// adds a failure and records the listed connections of this run, so that the suite can remove them.
func (c *checkRun) expectOnly(ids ...string) {
	found := c.ofCompany()
	var got []string
	for _, connection := range found {
		got = append(got, connection.id())
	}
	if !slices.Equal(got, ids) {
		c.errorf(nil, "the company's connections are %q instead of %q", got, ids)
		c.ownListed(found, c.config.CompanyID)
	}
}

// await polls until isDone accepts the response's data, or until MaxWait would end before the next poll. It
// returns the data of the last poll, and whether isDone accepted the data. If a poll fails or ctx ends, await ends
// the check.
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
		if !transport.Sleep(c.ctx, pause) {
			c.end(statusNotRun, "interrupted")
		}
	}
}

// awaitChecked polls until a connection is no longer pending, and returns the connection. If it is still pending
// after MaxWait, the check fails and ends.
func (c *checkRun) awaitChecked(id string) object {
	data, done := c.await(getCall(id), func(connection object) bool { return connection.text("status") != contract.ConnectionPending })
	if !done {
		c.fatalf(nil, "the connection's status is still pending after %s", c.config.MaxWait)
	}
	return data
}

// checkedConnection returns the company's shared connection, after Wintro has finished its first check.
func (c *checkRun) checkedConnection() object { return c.awaitChecked(c.connection().id()) }

// awaitStatus polls until a connection is no longer pending, and expects this status.
func (c *checkRun) awaitStatus(id, status string) {
	if got := c.awaitChecked(id).text("status"); got != status {
		c.errorf(nil, "the connection's status is %q instead of %q", got, status)
	}
}
