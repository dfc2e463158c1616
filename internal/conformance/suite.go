package conformance

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// A suite contains the state of one run of the checks. Checks share a company's connection if they can, because
// the rate limit allows few requests.
type suite struct {
	config   Config
	client   *client
	document *document
	// marker is a random prefix for the names of the connections that this run creates.
	marker string
	// unknownToken is a random token that the server must reject.
	unknownToken string
	began        time.Time

	// foreign contains the IDs of the connections that start found. The run must not change these connections.
	foreign map[string]bool
	// ours contains the IDs of all connections that this run is known to have created. made contains only those
	// that the run hasn't removed yet, and maps the ID of each to the ID of its company.
	ours map[string]bool
	made map[string]string
	// shared maps the ID of a company to the connection that the checks of this company share. The suite removes
	// an entry as soon as a request may have changed the connection.
	shared map[string]object
	// created identifies the successful create requests, each by its Idempotency-Key and the ID in the response.
	created map[string]bool
	// lost contains the IDs of companies for which a create request got no usable response. These companies may
	// have a connection whose ID the suite doesn't know. findOurs removes a company after reading its list.
	// lastLost is the time when the last such request ended.
	lost     map[string]bool
	lastLost time.Time
	// blocked is the reason why the checks must not create connections, or "" if they may.
	blocked string
	// absent contains each operation that the server lacks, as soon as a check has failed for this reason. After
	// that, checkRun.do ends each check that would try the operation again.
	absent map[string]bool
	// obstacles counts the checks that a server problem kept from running, by reason.
	obstacles map[string]int
	calls     map[string]*callCount

	// problems lists differences between responses and openapi.yaml. leaks and headerLeaks list the bodies and the
	// headers that contain a token.
	problems, leaks, headerLeaks []finding
	// organisations maps each value of meta.organisationId to a successful exchange with the value. The key ""
	// stands for successes with a meta that lacks the field.
	organisations map[string]*exchange

	results []Result
	// fatal is the reason why the run must stop, or nil.
	fatal error
	keys  int
}

// A finding is a problem in a response. note collects the findings of the whole run, and a few checks report them.
type finding struct {
	text     string
	exchange *exchange
}

const (
	// maxPages and maxItems limit each read of the list.
	maxPages = 200
	maxItems = 20_000
	// maxFindings limits each list of findings, and maxFailures limits the failures of a check.
	maxFindings = 100
	maxFailures = 10
	// cleanupTime limits the duration of the cleanup. It is longer than the usual window of the rate limit,
	// because the cleanup may have to wait for the next window.
	cleanupTime           = 3 * time.Minute
	cleanupRequestTimeout = 10 * time.Second
	// lateCreate is the time after a failed create request in which the server may still create the connection.
	// The cleanup waits until this time has passed, and then looks for the connection again.
	lateCreate = 10 * time.Second
)

func newSuite(config Config) *suite {
	s := &suite{
		config:        config,
		client:        newClient(config),
		document:      contractDocument(),
		marker:        "conformance-" + strings.ToLower(rand.Text()[:8]),
		unknownToken:  "wintro_" + rand.Text(),
		began:         time.Now(),
		foreign:       map[string]bool{},
		ours:          map[string]bool{},
		made:          map[string]string{},
		shared:        map[string]object{},
		created:       map[string]bool{},
		lost:          map[string]bool{},
		absent:        map[string]bool{},
		obstacles:     map[string]int{},
		calls:         map[string]*callCount{},
		organisations: map[string]*exchange{},
	}
	for _, token := range append(config.tokens(), namedToken{value: s.unknownToken}) {
		transport.RememberSecret(token.value)
	}
	for _, op := range operations() {
		s.calls[op] = &callCount{Call: s.document.title(op)}
	}
	return s
}

// companies returns the IDs of the configured companies.
func (s *suite) companies() []string {
	return slices.DeleteFunc([]string{s.config.CompanyID, s.config.SecondCompanyID}, func(id string) bool { return id == "" })
}

// start reads the list, and stores the IDs of the existing connections in foreign. It returns an error if the
// server can't be reached or rejects the token, if a configured company already has a connection, or if ctx ends.
// If reading the list fails for another reason, start sets blocked.
func (s *suite) start(ctx context.Context) error {
	// The empty ID makes listed return all connections, or only those on the first page if no company is
	// configured.
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
			return fmt.Errorf("WINTRO_API_TOKEN lacks the permission to list connections (403 %s)", e.errorCode())
		case err != nil:
			s.blocked = fmt.Sprintf("%s failed, so the company may already have a connection (%v)", s.document.title(opList), err)
			return nil
		case companyID != "" && len(found) > 0:
			return fmt.Errorf("company %s is already linked, with the connection %s. Remove the connection first, or use another "+
				"company: the checks create and remove connections of the company", companyID, found[0].id())
		}
		for _, connection := range found {
			s.foreign[connection.id()] = true
		}
	}
	return nil
}

// listed returns the connections of a company, or all connections if companyID is empty. If no company is
// configured, listed returns only the first page, because the run then creates no connections. e is the exchange
// of the last request, and is never nil.
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
		if e.status == http.StatusNotFound && e.errorCode() == contract.CodeNotFound {
			// The contract requires an empty list instead of NOT_FOUND. The check list/empty reports this mistake.
			return found, e, nil
		}
		if !e.isSuccess() || !isList {
			return nil, e, fmt.Errorf("the response is %d without a list", e.status)
		}
		isNew := false
		for _, item := range items {
			isNew = isNew || !seen[item.id()]
			seen[item.id()] = true
			// If the server ignores the filter, the list also contains connections of other companies.
			if companyID == "" || item.text("atsCompanyId") == companyID {
				found = append(found, item)
			}
		}
		total := e.pagination("totalPages")
		switch {
		case !isNew || total >= 0 && page >= total || s.config.CompanyID == "":
			return found, e, nil
		case page == maxPages || len(seen) > maxItems:
			return nil, e, fmt.Errorf("the list has more than %d pages or %d items", maxPages, maxItems)
		}
	}
}

// send sends a call, and notes the exchange. It returns an error only if ctx ends before the request, or before a
// repetition after the status 429.
func (s *suite) send(ctx context.Context, call call) (*exchange, error) {
	e, err := s.client.send(ctx, call)
	if err != nil {
		return nil, err
	}
	s.note(e)
	return e, nil
}

// note counts the request, and records the findings in the response and any change to a connection.
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
			s.headerLeaks = s.add(s.headerLeaks, "the header "+name+" contains a token", e)
		}
	}
	s.noteConnection(e)
}

// add adds a finding, unless findings is full, or already contains the same text. A success and an error with the
// same text count as two findings.
func (s *suite) add(findings []finding, problem string, e *exchange) []finding {
	path := e.path
	if route := s.document.routes[e.op]; route != nil {
		path = route.Path
	}
	text := fmt.Sprintf("%s %s: %s", e.method, path, problem)
	isKnown := slices.ContainsFunc(findings, func(known finding) bool {
		return known.text == text && known.exchange.isSuccess() == e.isSuccess()
	})
	if isKnown || len(findings) >= maxFindings {
		return findings
	}
	return append(findings, finding{text, e})
}

// noteConnection updates the suite's records after a request that may have created, changed or deleted a
// connection. It sets fatal if a create request returns an unsafe ID or a connection that isn't the new one.
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
			// The response doesn't identify the connection, so the cleanup must search the company's list for it.
			if isKnown {
				s.lost[companyID], s.lastLost = true, time.Now()
			}
			return
		}
		if !e.isSuccess() {
			return
		}
		// A repeated request creates no connection, and the connection in its response may no longer exist.
		key := e.sentHeader.Get("Idempotency-Key") + " " + made.id()
		if s.created[key] {
			return
		}
		s.created[key] = true
		if !isPathSegment(made.id()) {
			s.fatal = fmt.Errorf("the response to a create request has the ID %q, which isn't safe in a path. "+
				"The run stopped, and could not remove this connection: remove it yourself", made.id())
			return
		}
		if !s.isOurs(made, sent) {
			s.fatal = fmt.Errorf("the response to a create request isn't the new connection: it is %s of company %q, named %q. "+
				"The run stopped, and it neither changed nor removed this connection", made.id(), made.text("atsCompanyId"), made.text("name"))
			return
		}
		s.own(made, companyID)
		delete(s.shared, companyID)
	case opUpdate:
		// Even if the server returned an error, it may have changed the connection.
		if !hasAbsentStatus(e) {
			s.unshare(id)
		}
	case opDelete:
		// A server without DELETE may return NOT_FOUND because it doesn't know the path, so trust NOT_FOUND only
		// after a DELETE has succeeded.
		didNotExist := e.status == http.StatusNotFound && e.errorCode() == contract.CodeNotFound && s.calls[opDelete].Successes > 0
		if !e.isSuccess() && !didNotExist {
			return
		}
		delete(s.made, id)
		s.unshare(id)
	}
}

// unshare removes a connection from shared, because it may no longer have the values that checks expect.
func (s *suite) unshare(id string) {
	maps.DeleteFunc(s.shared, func(_ string, shared object) bool { return shared.id() == id })
}

// isOurs reports whether this run created the connection, according to the connection's ID, name and company. sent
// contains the fields of the create request. The run must not change or remove other connections.
func (s *suite) isOurs(connection, sent object) bool {
	name, companyID := connection.text("name"), connection.text("atsCompanyId")
	hasName := strings.HasPrefix(name, s.marker) || strings.TrimSpace(name) == strings.TrimSpace(sent.text("name"))
	hasCompany := companyID == sent.text("atsCompanyId") || slices.Contains(s.companies(), companyID)
	return hasName && hasCompany && isPathSegment(connection.id()) && !s.foreign[connection.id()]
}

// isPathSegment reports whether an ID can't change the structure of a path, even if a proxy decodes or cleans the
// path.
func isPathSegment(id string) bool {
	return id != "" && id != "." && id != ".." && url.PathEscape(id) == id
}

// own records a connection that this run created.
func (s *suite) own(connection object, companyID string) {
	s.ours[connection.id()], s.made[connection.id()] = true, companyID
}

// ownListed records the connections in a company's list that this run created, including those whose create
// request got no usable response.
func (s *suite) ownListed(listed []object, companyID string) {
	for _, connection := range listed {
		// Here, isOurs also accepts a new connection without a name. Only this run sends empty names, because the
		// contract forbids them.
		if s.isOurs(connection, object{"atsCompanyId": companyID}) {
			s.own(connection, companyID)
		}
	}
}

// newKey returns an Idempotency-Key that this run hasn't used yet.
func (s *suite) newKey() string {
	s.keys++
	return fmt.Sprintf("%s-%d", s.marker, s.keys)
}

// An outcome is the result of a check, apart from its failures. To end early, a check panics with its outcome.
type outcome struct {
	status checkStatus
	reason string
}

// run runs one check, records its result, and passes it to OnResult.
func (s *suite) run(ctx context.Context, check Check) {
	c := &checkRun{ctx: ctx, suite: s, check: check}
	began, sent := time.Now(), s.client.sent
	ended := c.outcome()
	if len(c.failures) > 0 {
		ended = outcome{status: statusFailed}
	}
	result := Result{
		Check: check, Status: ended.status, Reason: ended.reason, Failures: c.failures,
		Seconds: time.Since(began).Seconds(), Requests: s.client.sent - sent,
	}
	s.results = append(s.results, result)
	if s.config.OnResult != nil {
		s.config.OnResult(result)
	}
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

// removeAll removes the connections of this run. If a create request has recently got no usable response, it waits until
// lateCreate has passed, and searches for the connection again. It returns a description of each connection that
// still exists or may exist.
func (s *suite) removeAll(ctx context.Context) (left []string) {
	if s.calls[opCreate].Requests == 0 {
		return nil
	}
	reasons := s.removeFound(ctx)
	if d := time.Until(s.lastLost.Add(lateCreate)); d > 0 {
		s.client.onWait(d, "a connection whose create request got no response")
		if transport.Sleep(ctx, d) {
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

// removeFound removes the connections of this run, including those that it finds in the list. For each connection
// that it tried to remove, reasons maps the ID to an explanation, which applies if the connection still exists.
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
				reasons[id] = fmt.Sprintf("DELETE returned %d, and the list still contains the connection", e.status)
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

// findOurs searches the list of each configured company for connections of this run, and records them. If a list
// is readable, it removes the company from lost. It reports whether the server responded to any request.
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

// errLinkedElsewhere stops the run, because a company that another organisation has linked can't get a connection.
var errLinkedElsewhere = errors.New("another organisation has already linked the company: use another company")
