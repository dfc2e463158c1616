package sandbox

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"path"
	"slices"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

// wintroAPI is Wintro's API for ATS connections. The generated server does the routing and the
// decoding.
type wintroAPI struct {
	s   *Sandbox
	mux *http.ServeMux
}

func newWintroAPI(s *Sandbox) *wintroAPI {
	api := &wintroAPI{s: s, mux: http.NewServeMux()}
	strict := contract.NewStrictHandlerWithOptions(api, nil, contract.StrictHTTPServerOptions{
		RequestErrorHandlerFunc:  writeBadRequest,
		ResponseErrorHandlerFunc: writeFailure,
	})
	contract.HandlerWithOptions(strict, contract.StdHTTPServerOptions{
		BaseURL:          WintroPath,
		BaseRouter:       api.mux,
		ErrorHandlerFunc: writeBadRequest,
	})
	return api
}

func (api *wintroAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	organisationID, err := api.s.authorize(w.Header(), r)
	if err != nil {
		if err.status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", "Bearer")
		}
		writeError(w, err)
		return
	}
	if handler, pattern := api.mux.Handler(r); pattern == "" || path.Clean(r.URL.Path) != r.URL.Path {
		api.unknownRoute(w, r, handler)
		return
	}
	if err := checkBody(r); err != nil {
		writeError(w, err)
		return
	}
	api.mux.ServeHTTP(w, r.WithContext(withOrganisation(r.Context(), organisationID)))
}

// authorize returns the organisation that the request's API token belongs to, or why the request
// stops here. It counts the request, and sets the headers that say how many are left.
func (s *Sandbox) authorize(header http.Header, r *http.Request) (organisationID string, problem *apiError) {
	token, now := bearerToken(r), s.now()
	s.read(func(st *store) {
		w := &st.Wintro
		organisation, found := w.organisationOf(token)
		if !found || w.Access == AccessUnauthorized {
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
		case w.Access == AccessForbidden || !slices.Contains(organisation.Scopes, scope):
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

type organisationKey struct{}

func withOrganisation(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, organisationKey{}, id)
}

// organisationOf is the ID of the organisation whose API token the request has.
func organisationOf(ctx context.Context) string {
	id, _ := ctx.Value(organisationKey{}).(string)
	return id
}

// unknownRoute turns what the router says about an unknown path or method into an error of Wintro's.
func (api *wintroAPI) unknownRoute(w http.ResponseWriter, r *http.Request, router http.Handler) {
	routed := newResponse()
	router.ServeHTTP(routed, r)
	if allow := routed.header.Get("Allow"); routed.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", allow)
		writeError(w, newError(routed.status, "METHOD_NOT_ALLOWED", "%s is not possible here, only %s.", r.Method, allow))
		return
	}
	writeError(w, newError(http.StatusNotFound, contract.CodeNotFound, "There is nothing at this path."))
}

// checkBody checks what the generated server is lax about: it reads the first value of a body and
// takes it for JSON whatever it is called.
func checkBody(r *http.Request) *apiError {
	body := rawBody(r.Context())
	if len(body) == 0 {
		return nil
	}
	if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "application/json" {
		return badRequest("A body must be application/json.")
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil || object == nil {
		return badRequest("The body is not a JSON object.")
	}
	return nil
}

// meta is the meta of an answer to the organisation.
func (api *wintroAPI) meta(st *store, organisationID string) contract.Meta {
	meta := contract.Meta{GeneratedAt: api.s.now().UTC().Truncate(time.Millisecond)}
	if !st.Wintro.HideOrganisation {
		meta.OrganisationID = &organisationID
	}
	return meta
}

// connectionOf finds a connection of the organisation. The error is the 404 for none.
func (w *wintroStore) connectionOf(organisationID, id string) (*connection, error) {
	conn, err := w.connection(id)
	if err == nil && conn.OrganisationID == organisationID {
		return conn, nil
	}
	return nil, newError(http.StatusNotFound, contract.CodeNotFound, "There is no connection with the ID %q.", id)
}

// ListConnections answers GET /ats-connections.
func (api *wintroAPI) ListConnections(
	ctx context.Context, request contract.ListConnectionsRequestObject,
) (contract.ListConnectionsResponseObject, error) {
	params := request.Params
	page, size, err := checkListParams(params)
	if err != nil {
		return nil, err
	}
	response := contract.ConnectionListResponse{Data: []contract.Connection{}}
	err = api.s.change(func(st *store) error {
		organisationID := organisationOf(ctx)
		size = min(size, st.Wintro.MaxPageSize)
		found := slices.DeleteFunc(st.Wintro.inOrder(), func(conn *connection) bool {
			return conn.OrganisationID != organisationID ||
				params.AtsCompanyID != nil && conn.CompanyID != *params.AtsCompanyID
		})
		pages := (len(found) + size - 1) / size
		if page <= pages {
			for _, conn := range found[(page-1)*size : min(page*size, len(found))] {
				response.Data = append(response.Data, st.Wintro.showRead(conn))
			}
		}
		meta := api.meta(st, organisationID)
		response.Meta = contract.ListMeta{
			GeneratedAt:    meta.GeneratedAt,
			OrganisationID: meta.OrganisationID,
			Pagination: contract.Pagination{
				Page: page, PageSize: size, TotalItems: len(found), TotalPages: pages,
			},
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return contract.ListConnections200JSONResponse{Body: response}, nil
}

// checkListParams returns which page is asked for, and of which size.
func checkListParams(params contract.ListConnectionsParams) (page, size int, err error) {
	page, size = 1, defaultMaxPageSize
	if params.Page != nil {
		page = *params.Page
	}
	if params.PageSize != nil {
		size = *params.PageSize
	}
	var wrong fieldErrors
	if params.Ats != nil && *params.Ats != contract.Recruitee {
		wrong.add("ats", `can only be "recruitee"`)
	}
	if params.AtsCompanyID != nil && !companyIDForm.MatchString(*params.AtsCompanyID) {
		wrong.add("atsCompanyId", "must be a number of up to 19 digits")
	}
	if page < 1 {
		wrong.add("page", "must be at least 1")
	}
	if size < 1 {
		wrong.add("pageSize", "must be at least 1")
	}
	return page, size, wrong.err()
}

// CreateConnection answers POST /ats-connections.
func (api *wintroAPI) CreateConnection(
	ctx context.Context, request contract.CreateConnectionRequestObject,
) (contract.CreateConnectionResponseObject, error) {
	key, organisationID := request.Params.IdempotencyKey, organisationOf(ctx)
	if !idempotencyKeyForm.MatchString(key) {
		return nil, invalidFields(contract.FieldError{
			Field: "Idempotency-Key", Message: "has to have 1 to 128 printable ASCII characters",
		})
	}
	var response contract.ConnectionResponse
	err := api.s.change(func(st *store) (err error) {
		response.Meta = api.meta(st, organisationID)
		response.Data, err = st.Wintro.createOnce(organisationID, key, rawBody(ctx), api.s.now(), func() (contract.Connection, error) {
			if err := checkNew(rawBody(ctx), *request.Body); err != nil {
				return contract.Connection{}, err
			}
			return st.create(organisationID, *request.Body, api.s.timestamp())
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return contract.CreateConnection201JSONResponse{Body: response}, nil
}

func (st *store) create(organisationID string, input contract.NewConnection, now time.Time) (contract.Connection, error) {
	w := &st.Wintro
	if err := w.checkNotLinked(organisationID, input.AtsCompanyID); err != nil {
		return contract.Connection{}, err
	}
	conn := &connection{
		OrganisationID: organisationID,
		Name:           input.Name,
		CompanyID:      input.AtsCompanyID,
		Enabled:        input.Enabled,
		Token:          input.APIToken,
		PendingReads:   w.StayPending,
		CreatedAt:      now,
	}
	st.addConnection(conn)
	return w.show(conn), nil
}

// checkNotLinked returns the error for a company that is linked already. It names the connection only
// to the organisation that it belongs to.
func (w *wintroStore) checkNotLinked(organisationID, companyID string) error {
	var problem *apiError
	for _, conn := range w.Connections {
		if conn.CompanyID != companyID {
			continue
		}
		if problem == nil {
			problem = newError(http.StatusConflict, contract.CodeAlreadyLinked, "Recruitee company %s is linked already.", companyID)
		}
		if conn.OrganisationID == organisationID {
			problem.body.ConnectionID = &conn.ID
			break
		}
	}
	if problem == nil {
		return nil
	}
	return problem
}

// GetConnection answers GET /ats-connections/{id}.
func (api *wintroAPI) GetConnection(
	ctx context.Context, request contract.GetConnectionRequestObject,
) (contract.GetConnectionResponseObject, error) {
	data, meta, err := withConnection(ctx, api, request.ID, func(st *store, conn *connection) (contract.Connection, error) {
		return st.Wintro.showRead(conn), nil
	})
	if err != nil {
		return nil, err
	}
	return contract.GetConnection200JSONResponse{Body: contract.ConnectionResponse{Data: data, Meta: meta}}, nil
}

// UpdateConnection answers PATCH /ats-connections/{id}.
func (api *wintroAPI) UpdateConnection(
	ctx context.Context, request contract.UpdateConnectionRequestObject,
) (contract.UpdateConnectionResponseObject, error) {
	change := *request.Body
	data, meta, err := withConnection(ctx, api, request.ID, func(st *store, conn *connection) (contract.Connection, error) {
		if err := checkChange(rawBody(ctx), change); err != nil {
			return contract.Connection{}, err
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
		return st.Wintro.show(conn), nil
	})
	if err != nil {
		return nil, err
	}
	return contract.UpdateConnection200JSONResponse{Body: contract.ConnectionResponse{Data: data, Meta: meta}}, nil
}

// withConnection runs f with one of the organisation's connections, and returns the data and the meta of
// the answer.
func withConnection[Data any](
	ctx context.Context, api *wintroAPI, id string, f func(*store, *connection) (Data, error),
) (data Data, meta contract.Meta, err error) {
	err = api.s.change(func(st *store) error {
		organisationID := organisationOf(ctx)
		conn, err := st.Wintro.connectionOf(organisationID, id)
		if err != nil {
			return err
		}
		meta = api.meta(st, organisationID)
		data, err = f(st, conn)
		return err
	})
	return data, meta, err
}

// DeleteConnection answers DELETE /ats-connections/{id}.
func (api *wintroAPI) DeleteConnection(
	ctx context.Context, request contract.DeleteConnectionRequestObject,
) (contract.DeleteConnectionResponseObject, error) {
	err := api.s.change(func(st *store) error {
		conn, err := st.Wintro.connectionOf(organisationOf(ctx), request.ID)
		if err != nil {
			return err
		}
		st.Wintro.remove(conn.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return contract.DeleteConnection204Response{}, nil
}
