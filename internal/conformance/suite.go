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
)

// A suite is one run of the checks. They share one connection of the company, as far as they can, since
// requests are scarce.
type suite struct {
	config   Config
	client   *client
	document *document
	// marker begins the name of each connection that this run makes: what else is in Wintro isn't ours.
	marker string
	// unknownToken is a token that Wintro can't know. It must not come back in an answer, either.
	unknownToken string
	began        time.Time

	connections map[string]*fixture
	// made are the connections of this run that have not been removed yet: their companies by their IDs.
	made map[string]string
	// removed are the IDs of those that have been.
	removed map[string]bool
	// answered are the answers to creations, as key and ID.
	answered map[string]bool
	// blocked is why nothing may be made, if so.
	blocked string
	// absent are the calls that the server doesn't have, with the check that failed because of it, if it was
	// that check's turn.
	absent map[string]string
	// obstacles are why checks could not be run though everything was configured, with their number.
	obstacles map[string]int
	// calls is how often each operation was answered, and how often with success.
	calls map[string]*CallCount

	// problems are the answers that are not as the document wants them, leaks those that hold a token.
	problems []finding
	leaks    []finding
	// successes are the answers with a meta.
	successes []*exchange

	results     []Result
	fatal       error
	interrupted bool
	keys        int
}

// A fixture is the connection that checks share.
type fixture struct {
	object
	// changed is whether a check has changed it, so that the next one gets a new one; doubtful is whether one
	// has tried to, and was refused.
	changed, doubtful bool
}

// A finding is an answer that shows a problem, whichever check it came in.
type finding struct {
	problem  string
	exchange *exchange
}

func newSuite(ctx context.Context, config Config) (*suite, error) {
	document, err := newDocument()
	if err != nil {
		return nil, err
	}
	s := &suite{
		config:       config,
		client:       newClient(config),
		document:     document,
		marker:       "conformance-" + randomHex(4),
		unknownToken: "wintro_" + randomHex(20),
		began:        time.Now(),
		connections:  map[string]*fixture{},
		made:         map[string]string{},
		removed:      map[string]bool{},
		answered:     map[string]bool{},
		absent:       map[string]string{},
		obstacles:    map[string]int{},
		calls:        map[string]*CallCount{},
	}
	s.client.secrets.add(namedToken{"a made-up token", s.unknownToken})
	for _, op := range operations() {
		s.calls[op] = &CallCount{Call: document.title(op)}
	}
	return s, ctx.Err()
}

func randomHex(n int) string {
	random := make([]byte, n)
	_, _ = rand.Read(random)
	return hex.EncodeToString(random)
}

// companies are the companies of which the suite makes connections.
func (s *suite) companies() (ids []string) {
	for _, id := range []string{s.config.CompanyID, s.config.SecondCompanyID} {
		if id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// start finds out whether the checks may begin: the server answers, takes the token, and the companies are
// not linked.
func (s *suite) start(ctx context.Context) error {
	listed := append(s.companies(), "")
	for _, companyID := range listed[:max(1, len(listed)-1)] {
		found, e, err := s.listed(ctx, companyID)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case e.err != nil:
			return fmt.Errorf("%s can't be reached: %w", s.config.Endpoint, e.err)
		case e.status == http.StatusUnauthorized:
			return fmt.Errorf("the server refuses WINTRO_API_TOKEN (401 %s)", e.errorCode())
		case e.status == http.StatusForbidden:
			return fmt.Errorf("WINTRO_API_TOKEN may not list connections (403 %s)", e.errorCode())
		case err != nil:
			s.blocked = fmt.Sprintf("%s can't be read, so it isn't known whether the company is linked already (%v)",
				s.document.title(opList), err)
		case len(found) > 0:
			return fmt.Errorf("company %s is linked already, with the connection %s. Remove it first, or use another company: "+
				"the checks make connections of the company and remove them", companyID, found[0].id())
		}
	}
	return nil
}

// maxPages bounds what is read of an organisation with very many connections.
const maxPages = 1000

// listed are the connections of a company. The error says why the list can't be read.
func (s *suite) listed(ctx context.Context, companyID string) (found []object, e *exchange, err error) {
	query := url.Values{}
	if companyID != "" {
		query.Set("atsCompanyId", companyID)
	}
	seen := map[string]bool{}
	for page := 1; page <= maxPages; page++ {
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
			// A mistake, but the answer says what has to be known here.
			return found, e, nil
		}
		if !e.isSuccess() || !isList {
			return nil, e, fmt.Errorf("it answers %d without a list", e.status)
		}
		fresh := false
		for _, item := range items {
			fresh = fresh || !seen[item.id()]
			seen[item.id()] = true
			// A server that doesn't know the filter answers all connections.
			if item.text("atsCompanyId") == companyID {
				found = append(found, item)
			}
		}
		if total := e.pagination("totalPages"); !fresh || companyID == "" || total >= 0 && page >= total {
			return found, e, nil
		}
	}
	return found, e, nil
}

// send sends a call and keeps what its answer shows beyond the check that it is for.
func (s *suite) send(ctx context.Context, call call) (*exchange, error) {
	e, err := s.client.send(ctx, call)
	if err != nil {
		return nil, err
	}
	s.note(e)
	return e, nil
}

// note keeps what an answer shows.
func (s *suite) note(e *exchange) {
	if count := s.calls[e.op]; count != nil {
		count.Requests++
		if e.isSuccess() {
			count.Successes++
		}
	}
	if e.isSuccess() && e.decode().Meta != nil {
		s.successes = append(s.successes, e)
	}
	for _, problem := range s.document.compare(e) {
		s.problems = append(s.problems, finding{problem, e})
	}
	if token, found := s.client.secrets.find(string(e.answer)); found {
		s.leaks = append(s.leaks, finding{"the body holds " + token.name, e})
	}
	for name, values := range e.header {
		if token, found := s.client.secrets.find(strings.Join(values, "\n")); found {
			s.leaks = append(s.leaks, finding{"the header " + name + " holds " + token.name, e})
		}
	}
	s.noteConnection(e)
}

// noteConnection remembers what has been made, changed and removed.
func (s *suite) noteConnection(e *exchange) {
	id := strings.TrimPrefix(e.path, "/ats-connections/")
	switch e.op {
	case opCreate:
		// A connection whose ID can't be read is found by its name in the end.
		made := e.data()
		if !e.isSuccess() || made.id() == "" {
			return
		}
		// A repetition makes nothing, though the connection may be gone by now.
		answer := e.sent.Get("Idempotency-Key") + " " + made.id()
		if s.answered[answer] {
			return
		}
		s.answered[answer] = true
		companyID := sentCompany(e.body)
		if !slices.Contains(s.companies(), companyID) {
			companyID = s.config.CompanyID
		}
		s.made[made.id()] = companyID
		s.connections[companyID] = &fixture{object: made, changed: true}
	case opUpdate:
		isRefused := e.err == nil && e.status >= http.StatusBadRequest && e.status < http.StatusInternalServerError
		for _, fixture := range s.connections {
			if fixture.id() != id || hasAbsentStatus(e) {
				continue
			}
			fixture.changed = fixture.changed || !isRefused
			fixture.doubtful = true
		}
	case opDelete:
		// A server that doesn't have the call may say NOT_FOUND, too.
		wasGone := e.status == http.StatusNotFound && e.errorCode() == "NOT_FOUND" && s.calls[opDelete].Successes > 0
		if !e.isSuccess() && !wasGone {
			return
		}
		s.removed[id] = true
		delete(s.made, id)
		for companyID, fixture := range s.connections {
			if fixture.id() == id {
				delete(s.connections, companyID)
			}
		}
	}
}

// newKey is an Idempotency-Key that nobody has used.
func (s *suite) newKey() string {
	s.keys++
	return fmt.Sprintf("%s-%d", s.marker, s.keys)
}

// An outcome ends a check before its end.
type outcome struct {
	status Status
	reason string
}

// run runs one check.
func (s *suite) run(ctx context.Context, check Check) (result Result) {
	c := &checkRun{ctx: ctx, suite: s, check: check}
	began := time.Now()
	sent := s.client.sent
	result = Result{Check: check, Status: Passed}
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
		result.Status, result.Reason, result.Failures = Failed, "", c.failures
	}
	for _, fixture := range s.connections {
		// A refused change may have been carried out all the same, which is what the check has found then.
		fixture.changed = fixture.changed || fixture.doubtful && result.Status == Failed
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

// cleanupTime bounds the removal of what was made. It is longer than a window of the rate limit.
const cleanupTime = 3 * time.Minute

// finish removes what was made and reports everything. It does so also after ctx has ended.
func (s *suite) finish(ctx context.Context) *Report {
	s.interrupted = ctx.Err() != nil
	cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	report := &Report{
		Endpoint:    s.config.Endpoint,
		CompanyID:   s.config.CompanyID,
		Began:       s.began.UTC().Truncate(time.Second),
		Interrupted: s.interrupted,
		LeftBehind:  s.removeAll(cleanup),
		Results:     s.results,
		Requests:    s.client.sent,
		Refused:     s.client.refused,
	}
	for _, op := range operations() {
		report.Calls = append(report.Calls, *s.calls[op])
	}
	for _, obstacle := range slices.Sorted(maps.Keys(s.obstacles)) {
		report.Obstacles = append(report.Obstacles, Obstacle{Reason: obstacle, Checks: s.obstacles[obstacle]})
	}
	report.Seconds = time.Since(s.began).Seconds()
	return report
}

// removeAll removes everything that this run has made, and lists what it could not remove.
func (s *suite) removeAll(ctx context.Context) (left []string) {
	if s.calls[opCreate].Requests == 0 {
		return nil
	}
	reasons := map[string]string{}
	const attempts = 3
	for range attempts {
		s.findOurs(ctx)
		if len(s.made) == 0 {
			break
		}
		for id := range s.made {
			e, err := s.send(ctx, deleteCall(id))
			switch {
			case err != nil:
				reasons[id] = err.Error()
			case e.err != nil:
				reasons[id] = e.err.Error()
			case !e.isSuccess() && e.status != http.StatusNotFound:
				reasons[id] = strings.TrimSpace(fmt.Sprintf("DELETE answered %d %s", e.status, e.errorCode()))
			default:
				reasons[id] = fmt.Sprintf("DELETE answered %d, and it is still listed", e.status)
			}
		}
	}
	if len(reasons) > 0 {
		s.findOurs(ctx)
	}
	for id, companyID := range s.made {
		left = append(left, s.client.secrets.redact(fmt.Sprintf("connection %s of company %s: %s", id, companyID, reasons[id])))
	}
	slices.Sort(left)
	return left
}

// findOurs looks for connections of this run whose creation we have no answer to, and for those that were not
// removed.
func (s *suite) findOurs(ctx context.Context) {
	for _, companyID := range s.companies() {
		found, _, err := s.listed(ctx, companyID)
		if err != nil {
			continue
		}
		for _, connection := range found {
			if s.isOurs(connection) {
				s.made[connection.id()] = companyID
			}
		}
	}
}

// isOurs reports whether this run has made the connection.
func (s *suite) isOurs(connection object) bool {
	name := connection.text("name")
	// By the contract nobody can make one without a name. If there is one, it is of a check for just that.
	return strings.HasPrefix(name, s.marker) || strings.TrimSpace(name) == ""
}

// errLinkedElsewhere ends the run: nothing that needs a connection can be checked.
var errLinkedElsewhere = errors.New("the company is linked already, and not by this organisation: use another company")
