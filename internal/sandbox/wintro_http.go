package sandbox

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro/contract"
)

// wintroAPI is Wintro's connections API. The generated server does the routing and the decoding.
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
	if p := api.s.authorize(bearerToken(r)); p != nil {
		if p.Status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", "Bearer")
		}
		writeProblem(w, p)
		return
	}
	if handler, pattern := api.mux.Handler(r); pattern == "" || path.Clean(r.URL.Path) != r.URL.Path {
		api.unknownRoute(w, r, handler)
		return
	}
	if p := checkBody(r); p != nil {
		writeProblem(w, p)
		return
	}
	api.mux.ServeHTTP(w, r)
}

// authorize returns the problem with the caller's API token, if there is one.
func (s *Sandbox) authorize(token string) (p *problem) {
	s.read(func(st *store) {
		switch {
		case st.Wintro.Access == AccessForbidden:
			p = newProblem(http.StatusForbidden, "The API token may not manage connections.")
		case st.Wintro.Access == AccessUnauthorized || token != st.Wintro.Token:
			p = newProblem(http.StatusUnauthorized, "The API token is missing, mistyped or revoked.")
		}
	})
	return p
}

// unknownRoute makes a problem document of what the router says to a path or a method that it does not know.
func (api *wintroAPI) unknownRoute(w http.ResponseWriter, r *http.Request, router http.Handler) {
	routed := newResponse()
	router.ServeHTTP(routed, r)
	if routed.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", routed.header.Get("Allow"))
		writeProblem(w, newProblem(routed.status, "%s is not possible here, only %s.", r.Method, routed.header.Get("Allow")))
		return
	}
	writeProblem(w, newProblem(http.StatusNotFound, "There is nothing at this path."))
}

// checkBody checks what the generated server is lax about: it reads the first value of a body and
// takes it for JSON whatever it is called.
func checkBody(r *http.Request) *problem {
	body := rawBody(r.Context())
	if len(body) == 0 {
		return nil
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return newProblem(http.StatusUnsupportedMediaType, "A body has to be application/json.")
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil || object == nil {
		return newProblem(http.StatusBadRequest, "The body is not a JSON object.")
	}
	return nil
}

func (api *wintroAPI) ListConnections(
	_ context.Context, request contract.ListConnectionsRequestObject,
) (contract.ListConnectionsResponseObject, error) {
	params := request.Params
	limit, after, p := checkListing(params)
	if p != nil {
		return nil, p
	}
	page := contract.ListConnections200JSONResponse{Data: []contract.Connection{}}
	api.s.read(func(st *store) {
		var last int64
		for _, conn := range st.Wintro.Connections {
			if conn.Sequence <= after || params.CompanyID != nil && conn.CompanyID != *params.CompanyID {
				continue
			}
			if len(page.Data) == limit {
				cursor := cursorAfter(last)
				page.NextCursor = &cursor
				break
			}
			page.Data, last = append(page.Data, st.Wintro.show(conn)), conn.Sequence
		}
	})
	return page, nil
}

// checkListing returns the size of the page that is asked for and the sequence number that it begins
// after.
func checkListing(params contract.ListConnectionsParams) (limit int, after int64, p *problem) {
	if params.Ats != nil && !params.Ats.Valid() {
		return 0, 0, newProblem(http.StatusBadRequest, "ats can only be %q.", contract.Recruitee)
	}
	if params.CompanyID != nil && !companyIDForm.MatchString(*params.CompanyID) {
		return 0, 0, newProblem(http.StatusBadRequest, "company_id has to be a number of up to 19 digits.")
	}
	limit = 100
	if params.Limit != nil {
		limit = *params.Limit
	}
	if limit < 1 || limit > 100 {
		return 0, 0, newProblem(http.StatusBadRequest, "limit has to be between 1 and 100, not %d.", limit)
	}
	if params.Cursor != nil {
		var ok bool
		if after, ok = readCursor(*params.Cursor); !ok {
			return 0, 0, newProblem(http.StatusBadRequest, "cursor is not one that was given out.")
		}
	}
	return limit, after, nil
}

// A cursor names the connection that a page ended with, so that what is removed between two pages
// neither hides nor repeats another connection.
const cursorPrefix = "after:"

func cursorAfter(sequence int64) string {
	return base64.RawURLEncoding.EncodeToString([]byte(cursorPrefix + strconv.FormatInt(sequence, 10)))
}

func readCursor(cursor string) (sequence int64, ok bool) {
	decoded, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return 0, false
	}
	number, found := strings.CutPrefix(string(decoded), cursorPrefix)
	sequence, err = strconv.ParseInt(number, 10, 64)
	return sequence, found && err == nil
}

func (api *wintroAPI) CreateConnection(
	ctx context.Context, request contract.CreateConnectionRequestObject,
) (contract.CreateConnectionResponseObject, error) {
	key := request.Params.IdempotencyKey
	if key == "" || len(key) > 128 {
		return nil, newProblem(http.StatusBadRequest, "Idempotency-Key has to have 1 to 128 characters.")
	}
	var created contract.Connection
	err := api.s.change(func(st *store) (err error) {
		created, err = st.Wintro.once(key, rawBody(ctx), api.s.now(), func() (contract.Connection, *problem) {
			return st.create(rawBody(ctx), *request.Body, api.s.timestamp())
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return contract.CreateConnection201JSONResponse(created), nil
}

func (st *store) create(sent []byte, wanted contract.NewConnection, now time.Time) (contract.Connection, *problem) {
	if wrong := checkNew(sent, wanted); len(wrong) > 0 {
		return contract.Connection{}, invalid(wrong...)
	}
	w := &st.Wintro
	if i := slices.IndexFunc(w.Connections, func(conn *connection) bool {
		return conn.CompanyID == wanted.CompanyID
	}); i >= 0 {
		p := newProblem(http.StatusConflict, "Recruitee company %s is connected already.", wanted.CompanyID)
		p.ExistingID = &w.Connections[i].ID
		return contract.Connection{}, p
	}
	conn := st.newConnection(wanted.Name, wanted.CompanyID, wanted.APIToken, wanted.Enabled, now)
	conn.PendingReads = w.StayPending
	return w.show(conn), nil
}

func (api *wintroAPI) GetConnection(
	_ context.Context, request contract.GetConnectionRequestObject,
) (contract.GetConnectionResponseObject, error) {
	var shown contract.Connection
	err := api.s.change(func(st *store) error {
		conn, err := st.Wintro.connection(request.ID)
		if err != nil {
			return notFound(err)
		}
		shown = st.Wintro.show(conn)
		if conn.Enabled && conn.PendingReads > 0 {
			conn.PendingReads--
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return contract.GetConnection200JSONResponse(shown), nil
}

func (api *wintroAPI) UpdateConnection(
	ctx context.Context, request contract.UpdateConnectionRequestObject,
) (contract.UpdateConnectionResponseObject, error) {
	change := *request.Body
	var shown contract.Connection
	err := api.s.change(func(st *store) error {
		conn, err := st.Wintro.connection(request.ID)
		if err != nil {
			return notFound(err)
		}
		if wrong := checkChange(rawBody(ctx), change); len(wrong) > 0 {
			return invalid(wrong...)
		}
		if change.Name != nil {
			conn.Name = *change.Name
		}
		if change.Enabled != nil {
			st.setEnabled(conn, *change.Enabled)
		}
		if change.APIToken != nil {
			conn.Token, conn.PendingReads = *change.APIToken, st.Wintro.StayPending
			st.login(conn)
		}
		shown = st.Wintro.show(conn)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return contract.UpdateConnection200JSONResponse(shown), nil
}

func (api *wintroAPI) DeleteConnection(
	_ context.Context, request contract.DeleteConnectionRequestObject,
) (contract.DeleteConnectionResponseObject, error) {
	err := api.s.change(func(st *store) error {
		if _, err := st.Wintro.connection(request.ID); err != nil {
			return notFound(err)
		}
		st.Wintro.remove(request.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return contract.DeleteConnection204Response{}, nil
}
