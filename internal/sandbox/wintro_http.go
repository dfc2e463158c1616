package sandbox

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

// A wintroRequest is a request from one of Wintro's organisations.
type wintroRequest struct {
	*http.Request
	organisationID string
	// body is a JSON object, or empty.
	body []byte
}

// A wintroCall carries out a request and returns the status and the body of the response. It runs with the store
// locked.
type wintroCall func(st *store, r *wintroRequest) (status int, body any, err error)

func (s *Sandbox) newWintroMux() *http.ServeMux {
	mux := http.NewServeMux()
	const list = WintroPath + "/ats-connections"
	mux.Handle("GET "+list, s.handle(listConnections))
	mux.Handle("POST "+list, s.handle(createConnection))
	mux.Handle("GET "+list+"/{id}", s.handleConnection(getConnection))
	mux.Handle("PATCH "+list+"/{id}", s.handleConnection(updateConnection))
	mux.Handle("DELETE "+list+"/{id}", s.handleConnection(deleteConnection))
	mux.Handle("POST "+list+"/{id}/syncs", s.handleConnection(startSync))
	mux.Handle("GET "+list+"/{id}/syncs/{syncId}", s.handleConnection(getSync))
	return mux
}

// serveWintro serves Wintro's API for ATS connections. Like Wintro, it authorizes a request before it reports that the
// path doesn't exist.
func (s *Sandbox) serveWintro(w http.ResponseWriter, r *http.Request) {
	handler, pattern := s.wintro.Handler(r)
	if pattern != "" && path.Clean(r.URL.Path) == r.URL.Path {
		s.wintro.ServeHTTP(w, r)
		return
	}
	if _, err := s.authorize(w.Header(), r); err != nil {
		writeFailure(w, err)
		return
	}
	routed := newResponse()
	handler.ServeHTTP(routed, r)
	if allow := routed.Header().Get("Allow"); allow != "" {
		w.Header().Set("Allow", allow)
		writeError(w, newError(http.StatusMethodNotAllowed, contract.CodeMethodNotAllowed,
			"%s is not allowed here. Use %s.", r.Method, allow))
		return
	}
	writeError(w, newError(http.StatusNotFound, contract.CodeNotFound, "There is nothing at this path."))
}

// handle returns a handler that authorizes a request, reads its body, and then runs call.
func (s *Sandbox) handle(call wintroCall) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var status int
		var response any
		request := &wintroRequest{Request: r}
		var err error
		if request.organisationID, err = s.authorize(w.Header(), r); err == nil {
			request.body, err = readObject(r)
		}
		if err == nil {
			s.locked(func(st *store) { status, response, err = call(st, request) })
		}
		switch {
		case err != nil:
			writeFailure(w, err)
		case response == nil:
			w.WriteHeader(status)
		default:
			writeJSON(w, "application/json", status, response)
		}
	}
}

// handleConnection returns a handler for a path that contains the ID of a connection. Like the handlers of handle, it
// authorizes a request and then runs call. It returns 404 if the organisation has no connection with the ID.
func (s *Sandbox) handleConnection(
	call func(st *store, r *wintroRequest, conn *connection) (status int, body any, err error),
) http.HandlerFunc {
	return s.handle(func(st *store, r *wintroRequest) (int, any, error) {
		conn, err := st.Wintro.connection(r.PathValue("id"))
		if err != nil || conn.OrganisationID != r.organisationID {
			return 0, nil, noConnection(r.PathValue("id"))
		}
		return call(st, r, conn)
	})
}

// readObject reads a body, and checks that it is empty or a JSON object.
func readObject(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil || len(body) == 0 {
		return nil, err
	}
	if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "application/json" {
		return nil, badRequest("A body must be application/json.")
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil || object == nil {
		return nil, badRequest("The body is not a JSON object.")
	}
	return body, nil
}

// decode decodes the body into input. It returns a 400 error if the body is missing, or if a field has the wrong JSON
// type.
func (r *wintroRequest) decode(input any) error {
	if len(r.body) == 0 {
		return badRequest("A body is required.")
	}
	err := json.Unmarshal(r.body, input)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return invalidFields(contract.FieldError{
			Field: wrong.Field, Message: "must not be a JSON " + wrong.Value,
		})
	}
	return err
}

// authorize returns the ID of the organisation to which the request's API token belongs, or an error if Wintro rejects
// the request. If the token is valid and there is a rate limit, it counts the request and sets the rate-limit headers.
func (s *Sandbox) authorize(header http.Header, r *http.Request) (organisationID string, problem error) {
	token, now := bearerToken(r.Header), time.Now()
	s.locked(func(st *store) {
		w := &st.Wintro
		organisation, found := w.organisationOf(token)
		if !found || w.Access == AccessUnauthorized {
			header.Set("WWW-Authenticate", "Bearer")
			problem = newError(http.StatusUnauthorized, contract.CodeUnauthorized, "Missing or invalid Authorization header")
			return
		}
		window, ok := s.usage.take(Wintro, token, w.RateLimit, now)
		if window != nil {
			setRateLimitHeaders(header, w.RateLimit, window, now)
		}
		scope := requiredScope(r.Method)
		switch {
		case !ok:
			problem = newError(http.StatusTooManyRequests, contract.CodeRateLimited,
				"The API token may make %d requests in %g seconds.", w.RateLimit.Requests, w.RateLimit.Window.Seconds())
		case w.WithholdAPI:
			problem = newError(http.StatusNotFound, contract.CodeNotFound, "There is nothing at this path.")
		case w.Access == AccessForbidden || !organisation.HasScope(scope):
			problem = newError(http.StatusForbidden, contract.CodeMissingScope, "The API token lacks the scope %s.", scope)
		default:
			organisationID = organisation.ID
		}
	})
	return organisationID, problem
}

func requiredScope(method string) string {
	if method == http.MethodGet || method == http.MethodHead {
		return contract.ScopeRead
	}
	return contract.ScopeWrite
}

// meta returns the meta object for a response to the organisation.
func (w *wintroStore) meta(organisationID string) contract.Meta {
	meta := contract.Meta{GeneratedAt: time.Now().UTC().Truncate(time.Millisecond)}
	if !w.HideOrganisation {
		meta.OrganisationID = &organisationID
	}
	return meta
}

func noConnection(id string) error {
	return newError(http.StatusNotFound, contract.CodeNotFound, "There is no connection with the ID %q.", id)
}

// respond returns the result of a wintroCall whose response contains one connection.
func respond(st *store, r *wintroRequest, status int, shown contract.Connection) (int, any, error) {
	return status, contract.ConnectionResponse{Data: shown, Meta: st.Wintro.meta(r.organisationID)}, nil
}

func listConnections(st *store, r *wintroRequest) (int, any, error) {
	query, err := readListQuery(r.URL.Query())
	if err != nil {
		return 0, nil, err
	}
	page, size := query.page, min(query.size, st.Wintro.MaxPageSize)
	found := slices.DeleteFunc(st.Wintro.inOrder(), func(conn *connection) bool {
		return conn.OrganisationID != r.organisationID ||
			query.companyID != "" && conn.CompanyID != query.companyID ||
			countDown(&conn.HiddenReads)
	})
	pages := (len(found) + size - 1) / size
	data := []contract.Connection{}
	if page <= pages {
		for _, conn := range found[(page-1)*size : min(page*size, len(found))] {
			data = append(data, st.Wintro.showRead(conn))
		}
	}
	meta := st.Wintro.meta(r.organisationID)
	total := len(found)
	if st.Wintro.EndlessList {
		for i := len(data); i < size; i++ {
			data = append(data, inventedConnection(page*size+i, meta.GeneratedAt))
		}
		pages = page + 1
		total = pages * size
	}
	return http.StatusOK, contract.ConnectionListResponse{Data: data, Meta: contract.ListMeta{
		GeneratedAt:    meta.GeneratedAt,
		OrganisationID: meta.OrganisationID,
		Pagination:     contract.Pagination{Page: page, PageSize: size, TotalItems: total, TotalPages: pages},
	}}, nil
}

func inventedConnection(n int, now time.Time) contract.Connection {
	company := strconv.Itoa(firstOtherCompany + n)
	return contract.Connection{
		ID: "conn_" + company, Ats: contract.Recruitee, Name: "Recruitee " + company, AtsCompanyID: company,
		Status: contract.ConnectionActive, Enabled: true, CreatedAt: now,
	}
}

// A listQuery contains the parameters of a list request. companyID is "" if the request is for all companies.
type listQuery struct {
	companyID  string
	page, size int
}

func readListQuery(query url.Values) (q listQuery, err error) {
	var wrong fieldErrors
	for _, name := range []string{"ats", "atsCompanyId", "page", "pageSize"} {
		if len(query[name]) > 1 {
			wrong.add(name, "must be sent once")
		}
	}
	number := func(name string, otherwise int) int {
		if !query.Has(name) {
			return otherwise
		}
		n, err := strconv.Atoi(query.Get(name))
		switch {
		case err != nil:
			wrong.add(name, "cannot be read")
		case n < 1:
			wrong.add(name, "must be at least 1")
		}
		return n
	}
	if query.Has("ats") && query.Get("ats") != contract.Recruitee {
		wrong.addWrongATS()
	}
	q.companyID = query.Get("atsCompanyId")
	if query.Has("atsCompanyId") && !contract.CompanyIDPattern.MatchString(q.companyID) {
		wrong.add("atsCompanyId", "must be a number of up to 19 digits")
	}
	q.page, q.size = number("page", 1), number("pageSize", defaultMaxPageSize)
	return q, wrong.err()
}

func createConnection(st *store, r *wintroRequest) (int, any, error) {
	keys := r.Header.Values("Idempotency-Key")
	if len(keys) != 1 || !idempotencyKeyForm.MatchString(keys[0]) {
		return 0, nil, invalidFields(contract.FieldError{
			Field: "Idempotency-Key", Message: "is required, with 1 to 128 printable ASCII characters",
		})
	}
	var input contract.NewConnection
	if err := r.decode(&input); err != nil {
		return 0, nil, err
	}
	created, err := st.Wintro.createOnce(r.organisationID, keys[0], r.body, time.Now(), func() (contract.Connection, error) {
		if err := checkNew(r.body, input); err != nil {
			return contract.Connection{}, err
		}
		return st.create(r.organisationID, input, timestamp())
	})
	if err != nil {
		return 0, nil, err
	}
	return respond(st, r, http.StatusCreated, created)
}

func (st *store) create(organisationID string, input contract.NewConnection, now time.Time) (contract.Connection, error) {
	w := &st.Wintro
	if err := w.checkNotLinked(organisationID, input.AtsCompanyID); err != nil {
		return contract.Connection{}, err
	}
	return w.show(st.addConnection(connection{
		OrganisationID: organisationID,
		Name:           input.Name,
		CompanyID:      input.AtsCompanyID,
		Enabled:        input.Enabled,
		Token:          input.APIToken,
		PendingReads:   w.StayPending,
		HiddenReads:    w.HideNewReads,
		CreatedAt:      now,
	})), nil
}

// checkNotLinked returns an error if any organisation has a connection for the company, or has deleted one that
// KeepDeletedLinks still keeps.
func (w *wintroStore) checkNotLinked(organisationID, companyID string) error {
	linked := func(owner, id string) error {
		problem := newError(http.StatusConflict, contract.CodeAlreadyLinked, "Recruitee company %s is already linked.", companyID)
		// Don't reveal the ID of another organisation's connection.
		if owner == organisationID {
			problem.body.ConnectionID = &id
		}
		return problem
	}
	var conflict error
	for _, conn := range w.Connections {
		if conn.CompanyID != companyID {
			continue
		}
		conflict = linked(conn.OrganisationID, conn.ID)
		if conn.OrganisationID == organisationID {
			return conflict
		}
	}
	for i := range w.Deleted {
		if deleted := &w.Deleted[i]; conflict == nil && deleted.CompanyID == companyID && countDown(&deleted.Creates) {
			conflict = linked(deleted.OrganisationID, deleted.ID)
		}
	}
	return conflict
}

func getConnection(st *store, r *wintroRequest, conn *connection) (int, any, error) {
	if countDown(&conn.HiddenReads) {
		return 0, nil, noConnection(conn.ID)
	}
	return respond(st, r, http.StatusOK, st.Wintro.showRead(conn))
}

func updateConnection(st *store, r *wintroRequest, conn *connection) (int, any, error) {
	var change contract.ConnectionChange
	if err := r.decode(&change); err != nil {
		return 0, nil, err
	}
	if err := checkChange(r.body, change); err != nil {
		return 0, nil, err
	}
	if change.Name != nil {
		conn.Name = *change.Name
	}
	if change.Enabled != nil {
		if *change.Enabled && !conn.Enabled {
			conn.PendingReads = st.Wintro.StayPending
		}
		st.setEnabled(conn, *change.Enabled)
	}
	if change.APIToken != nil {
		conn.Token, conn.PendingReads = *change.APIToken, st.Wintro.StayPending
		st.login(conn)
	}
	conn.ChangedByHand = false
	return respond(st, r, http.StatusOK, st.Wintro.show(conn))
}

func deleteConnection(st *store, _ *wintroRequest, conn *connection) (int, any, error) {
	st.Wintro.remove(conn.ID)
	if n := st.Wintro.KeepLinkCreates; n != 0 {
		st.Wintro.Deleted = append(st.Wintro.Deleted, deletedConnection{conn.ID, conn.OrganisationID, conn.CompanyID, n})
	}
	return http.StatusNoContent, nil, nil
}
