package conformance

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// A suite is one run of the checks. Checks share the company's connection if they can, because requests are
// scarce.
type suite struct {
	config   Config
	client   *client
	document *document
	// marker begins the name of each connection that this run creates.
	marker string
	// unknownToken is a token that Wintro can't know.
	unknownToken string
	began        time.Time

	// foreign contains the IDs of all connections from before the run. The suite never writes to them.
	foreign map[string]bool
	// ours contains the IDs of all connections that this run created, and made those that still exist, with
	// their companies.
	ours map[string]bool
	made map[string]string
	// shared contains the connection of each company that the checks share.
	shared map[string]*fixture
	// created contains the responses to create requests, as key and ID.
	created map[string]bool
	// lost contains the companies that may have a connection whose create request got no usable response, and
	// lastLost is the time of the last such request.
	lost     map[string]bool
	lastLost time.Time
	// blocked is the reason if the checks must not create anything.
	blocked string
	// absent contains the operations that the server doesn't have, and the check that failed because of it. The
	// check is empty if its turn has yet to come.
	absent map[string]string
	// obstacles counts the checks that could not run, by reason.
	obstacles map[string]int
	calls     map[string]*callCount

	// problems are responses that differ from the document, leaks those that contain a token. Both have each kind
	// once.
	problems []finding
	leaks    []finding
	// organisations has a response for each meta.organisationId.
	organisations map[string]*exchange

	results []Result
	// fatal is the reason if the run must stop.
	fatal error
	keys  int
}

// A fixture is the connection that the checks of a company share.
type fixture struct {
	object
	// changed reports whether a check has changed the connection, so that the next check needs a new one.
	// doubtful reports whether the server refused a change.
	changed, doubtful bool
}

// A finding is a response with a problem, regardless of the check that received it.
type finding struct {
	kind, problem string
	exchange      *exchange
}

const (
	// maxPages and maxItems bound the list of an organisation.
	maxPages = 200
	maxItems = 20_000
	// maxFindings bounds the findings of a run, and the failures of a check.
	maxFindings = 100
	maxFailures = 10
	// cleanupTime bounds the cleanup. It is longer than a window of the rate limit.
	cleanupTime           = 3 * time.Minute
	cleanupRequestTimeout = 10 * time.Second
	// lateCreate is the time after a lost create request in which the server may still create the connection.
	lateCreate = 10 * time.Second
)

func newSuite(config Config) (*suite, error) {
	document, err := newDocument()
	if err != nil {
		return nil, err
	}
	s := &suite{
		config:        config,
		client:        newClient(config),
		document:      document,
		marker:        "conformance-" + randomHex(4),
		unknownToken:  "wintro_" + randomHex(20),
		began:         time.Now(),
		foreign:       map[string]bool{},
		ours:          map[string]bool{},
		made:          map[string]string{},
		shared:        map[string]*fixture{},
		created:       map[string]bool{},
		lost:          map[string]bool{},
		absent:        map[string]string{},
		obstacles:     map[string]int{},
		calls:         map[string]*callCount{},
		organisations: map[string]*exchange{},
	}
	for _, token := range append(config.tokens(), namedToken{value: s.unknownToken}) {
		transport.RememberSecret(token.value)
	}
	for _, op := range operations() {
		s.calls[op] = &callCount{Call: document.title(op)}
	}
	return s, nil
}

func randomHex(n int) string {
	random := make([]byte, n)
	_, _ = rand.Read(random)
	return hex.EncodeToString(random)
}

// companies returns the configured companies.
func (s *suite) companies() (ids []string) {
	for _, id := range []string{s.config.CompanyID, s.config.SecondCompanyID} {
		if id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// start decides whether the checks may begin: the server responds, accepts the token, and has no connection of
// the companies. It remembers all existing connections.
func (s *suite) start(ctx context.Context) error {
	// Without a company, reading one page is enough.
	for _, companyID := range append(s.companies(), "") {
		found, e, err := s.listed(ctx, companyID)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case e.err != nil:
			return fmt.Errorf("%s can't be reached: %w", s.config.Endpoint, e.err)
		case e.status == http.StatusUnauthorized:
			return fmt.Errorf("the server rejects WINTRO_API_TOKEN (401 %s)", e.errorCode())
		case e.status == http.StatusForbidden:
			return fmt.Errorf("WINTRO_API_TOKEN may not list connections (403 %s)", e.errorCode())
		case err != nil:
			s.blocked = fmt.Sprintf("reading %s failed, so the company may be linked already (%v)", s.document.title(opList), err)
			return nil
		case companyID != "" && len(found) > 0:
			return fmt.Errorf("company %s is linked already, with the connection %s. Remove the connection first, or use another "+
				"company: the checks create connections of the company and remove them", companyID, found[0].id())
		}
		for _, connection := range found {
			s.foreign[connection.id()] = true
		}
	}
	return nil
}

// listed returns the connections of a company, or all of them without a company. The error says why the list
// can't be read.
func (s *suite) listed(ctx context.Context, companyID string) (found []object, e *exchange, err error) {
	query := url.Values{"pageSize": {"100"}}
	if companyID != "" {
		query.Set("atsCompanyId", companyID)
	}
	seen := map[string]bool{}
	for page := 1; ; page++ {
		if page > 1 {
			query.Set("page", strconv.Itoa(page))
		}
		e, err = s.send(ctx, listCall(query.Encode()))
		if err != nil {
			return nil, &exchange{err: err}, err
		}
		if e.err != nil {
			return nil, e, e.err
		}
		items, isList := e.items()
		if e.status == http.StatusNotFound && e.errorCode() == "NOT_FOUND" {
			// A mistake, but the meaning is clear.
			return found, e, nil
		}
		if !e.isSuccess() || !isList {
			return nil, e, fmt.Errorf("the response is %d without a list", e.status)
		}
		isNew := false
		for _, item := range items {
			isNew = isNew || !seen[item.id()]
			seen[item.id()] = true
			// A server that ignores the filter returns other companies, too.
			if companyID == "" || item.text("atsCompanyId") == companyID {
				found = append(found, item)
			}
		}
		total := e.pagination("totalPages")
		switch {
		case !isNew || total >= 0 && page >= total || s.config.CompanyID == "":
			return found, e, nil
		case page == maxPages || len(seen) > maxItems:
			return nil, e, fmt.Errorf("it has more than %d pages or %d items", maxPages, maxItems)
		}
	}
}

// send sends a call, and notes what the response shows.
func (s *suite) send(ctx context.Context, call call) (*exchange, error) {
	e, err := s.client.send(ctx, call)
	if err != nil {
		return nil, err
	}
	s.note(e)
	return e, nil
}

// note remembers what a response shows, regardless of the check.
func (s *suite) note(e *exchange) {
	if count := s.calls[e.op]; count != nil {
		count.Requests++
		if e.isSuccess() {
			count.Successes++
		}
	}
	if organisation := e.meta().text("organisationId"); e.isSuccess() && e.meta() != nil && len(s.organisations) < maxFindings {
		s.organisations[organisation] = e
	}
	for _, problem := range s.document.compare(e) {
		s.problems = s.add(s.problems, problem, e)
	}
	if text := string(e.responseBody); transport.Redact(text) != text {
		s.leaks = s.add(s.leaks, "the body contains a token", e)
	}
	for name, values := range e.responseHeader {
		if text := strings.Join(values, "\n"); transport.Redact(text) != text {
			s.leaks = s.add(s.leaks, "the header "+name+" contains a token", e)
		}
	}
	s.noteConnection(e)
}

// add adds a finding, unless there is one of the same kind.
func (s *suite) add(findings []finding, problem string, e *exchange) []finding {
	path := e.path
	if route := s.document.routes[e.op]; route != nil {
		path = route.Path
	}
	kind := fmt.Sprintf("%s %s: %s", e.method, path, problem)
	isKnown := slices.ContainsFunc(findings, func(known finding) bool {
		return known.kind == kind && known.exchange.isSuccess() == e.isSuccess()
	})
	if isKnown || len(findings) >= maxFindings {
		return findings
	}
	return append(findings, finding{kind, problem, e})
}

// noteConnection remembers the connections that this run creates, changes and removes.
func (s *suite) noteConnection(e *exchange) {
	id := e.id()
	switch e.op {
	case opCreate:
		made, sent := e.data(), decodeObject(e.body)
		companyID := sent.text("atsCompanyId")
		isKnown := slices.Contains(s.companies(), companyID)
		if !isKnown {
			companyID = s.config.CompanyID
		}
		hasFailed := e.err != nil || e.status >= http.StatusInternalServerError && !hasAbsentStatus(e)
		if hasFailed || e.isSuccess() && made.id() == "" {
			// The cleanup finds the connection by its name.
			if isKnown {
				s.lost[companyID], s.lastLost = true, time.Now()
			}
			return
		}
		if !e.isSuccess() {
			return
		}
		// A repetition creates nothing, and the connection may no longer exist.
		key := e.sentHeader.Get("Idempotency-Key") + " " + made.id()
		if s.created[key] {
			return
		}
		s.created[key] = true
		if !isPathSegment(made.id()) {
			s.fatal = fmt.Errorf("the response to a create request has the ID %q, which isn't safe in a path. "+
				"The run stopped, and it could not remove this connection", made.id())
			return
		}
		if !s.isOurs(made, sent) {
			s.fatal = fmt.Errorf("the response to a create request isn't the new connection: it is %s of company %q, named %q. "+
				"The run stopped, and it neither changed nor removed this connection", made.id(), made.text("atsCompanyId"), made.text("name"))
			return
		}
		s.own(made, companyID)
		s.shared[companyID] = &fixture{object: made, changed: true}
	case opUpdate:
		isRefused := e.err == nil && e.status >= http.StatusBadRequest && e.status < http.StatusInternalServerError
		for _, fixture := range s.shared {
			if fixture.id() != id || hasAbsentStatus(e) {
				continue
			}
			fixture.changed = fixture.changed || !isRefused
			fixture.doubtful = true
		}
	case opDelete:
		// A server without this call may return NOT_FOUND, too.
		didNotExist := e.status == http.StatusNotFound && e.errorCode() == "NOT_FOUND" && s.calls[opDelete].Successes > 0
		if !e.isSuccess() && !didNotExist {
			return
		}
		delete(s.made, id)
		maps.DeleteFunc(s.shared, func(_ string, fixture *fixture) bool { return fixture.id() == id })
	}
}

// isOurs reports whether a create request with these fields created the connection. Only a connection that is
// ours may be changed or removed.
func (s *suite) isOurs(connection, sent object) bool {
	name, companyID := connection.text("name"), connection.text("atsCompanyId")
	hasName := strings.HasPrefix(name, s.marker) || strings.TrimSpace(name) == strings.TrimSpace(sent.text("name"))
	hasCompany := companyID == sent.text("atsCompanyId") || slices.Contains(s.companies(), companyID)
	return hasName && hasCompany && isPathSegment(connection.id()) && !s.foreign[connection.id()]
}

// isPathSegment reports whether an ID names a single resource in a path, even if a proxy decodes or cleans the path.
func isPathSegment(id string) bool {
	return id != "" && id != "." && id != ".." && url.PathEscape(id) == id
}

// own remembers a connection that this run created.
func (s *suite) own(connection object, companyID string) {
	s.ours[connection.id()], s.made[connection.id()] = true, companyID
}

// ownListed remembers the connections in a list of the company that this run created. Their create requests got
// no usable response.
func (s *suite) ownListed(listed []object, companyID string) {
	for _, connection := range listed {
		// By the contract, no other program can create a connection without a name.
		if s.isOurs(connection, object{"atsCompanyId": companyID}) {
			s.own(connection, companyID)
		}
	}
}

// newKey returns an Idempotency-Key.
func (s *suite) newKey() string {
	s.keys++
	return fmt.Sprintf("%s-%d", s.marker, s.keys)
}

// An outcome ends a check early.
type outcome struct {
	status checkStatus
	reason string
}

// run runs one check.
func (s *suite) run(ctx context.Context, check Check) (result Result) {
	c := &checkRun{ctx: ctx, suite: s, check: check}
	began := time.Now()
	sent := s.client.sent
	result = Result{Check: check, Status: statusPassed}
	func() {
		defer func() {
			if ended := recover(); ended != nil {
				outcome, ok := ended.(outcome)
				if !ok {
					panic(ended)
				}
				result.Status, result.Reason = outcome.status, outcome.reason
			}
		}()
		c.checkNeeds()
		check.run(c)
	}()
	if len(c.failures) > 0 {
		result.Status, result.Reason, result.Failures = statusFailed, "", c.failures
	}
	for _, fixture := range s.shared {
		// If the check failed, the server may have carried out a refused change.
		fixture.changed = fixture.changed || fixture.doubtful && result.Status == statusFailed
		fixture.doubtful = false
	}
	result.Seconds = time.Since(began).Seconds()
	result.Requests = s.client.sent - sent
	s.results = append(s.results, result)
	if s.config.OnResult != nil {
		s.config.OnResult(result)
	}
	return result
}

// finish removes the connections of this run and returns the report, even if ctx has ended.
func (s *suite) finish(ctx context.Context) *Report {
	report := &Report{
		Endpoint:  s.config.Endpoint,
		CompanyID: s.config.CompanyID,
		Began:     s.began.UTC().Truncate(time.Second),
		Results:   s.results,
	}
	switch {
	case s.fatal != nil:
		report.Stopped = message("%v", s.fatal)
	case ctx.Err() != nil:
		report.Stopped = "it was interrupted"
	}
	cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	s.client.timeout = cleanupRequestTimeout
	report.LeftBehind = s.removeAll(cleanup)
	report.Requests, report.Refused = s.client.sent, s.client.refused
	for _, op := range operations() {
		report.Calls = append(report.Calls, *s.calls[op])
	}
	for _, reason := range slices.Sorted(maps.Keys(s.obstacles)) {
		report.Obstacles = append(report.Obstacles, obstacle{Reason: reason, Checks: s.obstacles[reason]})
	}
	report.Seconds = time.Since(s.began).Seconds()
	return report
}

// removeAll removes the connections of this run, and returns those that are left or may be left.
func (s *suite) removeAll(ctx context.Context) (left []string) {
	if s.calls[opCreate].Requests == 0 {
		return nil
	}
	reasons := s.removeFound(ctx)
	if d := time.Until(s.lastLost.Add(lateCreate)); d > 0 {
		s.client.onWait(d, "the connection of a create request that got no response")
		if sleep(ctx, d) == nil {
			maps.Copy(reasons, s.removeFound(ctx))
		}
	}
	for id, companyID := range s.made {
		left = append(left, message("connection %s of company %s: %s", id, companyID, reasons[id]))
	}
	for companyID := range s.lost {
		left = append(left, message("company %s: a create request got no usable response, and the list can't be read. "+
			"A connection may exist whose name begins with %s", companyID, s.marker))
	}
	slices.Sort(left)
	return left
}

// removeFound removes the connections of this run that are known or in the list. If some are left, it returns the
// reasons.
func (s *suite) removeFound(ctx context.Context) (reasons map[string]string) {
	reasons = map[string]string{}
	const attempts = 3
	for range attempts {
		responds := s.findOurs(ctx)
		if len(s.made) == 0 {
			break
		}
		for id := range s.made {
			e, err := s.send(ctx, deleteCall(id))
			if err == nil {
				err = e.err
			}
			switch {
			case err != nil:
				reasons[id] = err.Error()
			case !e.isSuccess() && e.status != http.StatusNotFound:
				reasons[id] = "DELETE returned " + statusAndCode(e)
			default:
				reasons[id] = fmt.Sprintf("DELETE returned %d, and the list still contains it", e.status)
			}
			responds = responds || err == nil
		}
		if !responds {
			break
		}
	}
	if len(reasons) > 0 {
		s.findOurs(ctx)
	}
	return reasons
}

// findOurs looks for connections of this run in the list. It reports whether the server responded.
func (s *suite) findOurs(ctx context.Context) (responds bool) {
	for _, companyID := range s.companies() {
		listed, e, err := s.listed(ctx, companyID)
		if err == nil {
			s.ownListed(listed, companyID)
			delete(s.lost, companyID)
		}
		responds = responds || e.err == nil
	}
	return responds
}

// errLinkedElsewhere stops the run: no check can create a connection.
var errLinkedElsewhere = errors.New("another organisation has linked the company already: use another company")
