package sandbox

import (
	"slices"
	"strconv"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

// Access is a setting that decides whether Wintro accepts its API tokens.
type Access string

// The values of Access.
const (
	// AccessGranted makes Wintro accept its API tokens, and return 401 for any other token. This is the default.
	AccessGranted Access = "granted"
	// AccessUnauthorized makes Wintro return 401 for every call, as if the token were revoked.
	AccessUnauthorized Access = "unauthorized"
	// AccessForbidden makes Wintro return 403 for every call with one of its API tokens, as if the token had no scopes.
	AccessForbidden Access = "forbidden"
)

// An Organisation is a customer of Wintro. It has its own connections and API tokens.
type Organisation struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Token string `json:"token"`
	// Scopes contains the scopes of Token. The possible scopes are contract.ScopeRead and contract.ScopeWrite.
	Scopes []string `json:"scopes"`
	// ReadOnlyToken is a second API token, which lacks the write scope. It is "" until IssueReadOnlyToken creates it.
	ReadOnlyToken string `json:"read_only_token,omitempty"`
}

// HasScope reports whether Token has the scope.
func (o Organisation) HasScope(scope string) bool { return slices.Contains(o.Scopes, scope) }

func newWintroToken() string { return "wintro_" + randomHex(20) }

func newOrganisation(name string) *Organisation {
	return &Organisation{
		ID:     "org_" + randomHex(10),
		Name:   name,
		Token:  newWintroToken(),
		Scopes: []string{contract.ScopeRead, contract.ScopeWrite},
	}
}

// set holds mu while change reads or changes Wintro's data.
func (s *Sandbox) set(change func(*wintroStore)) {
	s.locked(func(st *store) { change(&st.Wintro) })
}

// Organisations returns Wintro's organisations. A new sandbox has one organisation. Methods without an organisation as
// an argument use the first organisation.
func (s *Sandbox) Organisations() []Organisation {
	list := []Organisation{}
	s.locked(func(st *store) {
		for _, o := range st.Wintro.Organisations {
			shown := *o
			shown.Scopes = slices.Clone(o.Scopes)
			list = append(list, shown)
		}
	})
	return list
}

// AddOrganisation adds an organisation with its own API token.
func (s *Sandbox) AddOrganisation(name string) Organisation {
	added := newOrganisation(name)
	s.set(func(w *wintroStore) { w.Organisations = append(w.Organisations, added) })
	list := s.Organisations()
	return list[len(list)-1]
}

// WintroToken returns the API token of the first organisation.
func (s *Sandbox) WintroToken() (token string) {
	s.locked(func(st *store) { token = st.Wintro.Organisations[0].Token })
	return token
}

// SetWintroToken replaces the API token of the first organisation. The new token has the same scopes.
func (s *Sandbox) SetWintroToken(token string) {
	if token == "" {
		refuse("the API token of Wintro cannot be empty")
	}
	s.set(func(w *wintroStore) {
		first := w.Organisations[0]
		if other, taken := w.organisationOf(token); taken && other != first {
			refuse("the token belongs to the organisation %s", other.ID)
		}
		first.Token = token
	})
}

// IssueReadOnlyToken creates an API token without the write scope for the first organisation. The new token replaces the
// previous read-only token.
func (s *Sandbox) IssueReadOnlyToken() (token string) {
	token = newWintroToken()
	s.set(func(w *wintroStore) { w.Organisations[0].ReadOnlyToken = token })
	return token
}

// RevokeScope removes a scope from one of Wintro's API tokens.
func (s *Sandbox) RevokeScope(token, scope string) { s.setScope(token, scope, false) }

// GrantScope gives a scope back to one of Wintro's API tokens.
func (s *Sandbox) GrantScope(token, scope string) { s.setScope(token, scope, true) }

func (s *Sandbox) setScope(token, scope string, granted bool) {
	s.set(func(w *wintroStore) {
		o, found := w.organisationOf(token)
		switch {
		case !found:
			refuse("there is no such API token in Wintro")
		case o.Token != token:
			refuse("the scopes of a read-only token can't be changed")
		case scope != contract.ScopeRead && scope != contract.ScopeWrite:
			refuse("a scope is %q or %q, not %q", contract.ScopeRead, contract.ScopeWrite, scope)
		}
		o.Scopes = slices.DeleteFunc(o.Scopes, func(s string) bool { return s == scope })
		if granted {
			o.Scopes = append(o.Scopes, scope)
		}
	})
}

// SetWintroAccess makes Wintro reject its API tokens, or accept them again.
func (s *Sandbox) SetWintroAccess(access Access) {
	if access != AccessGranted && access != AccessUnauthorized && access != AccessForbidden {
		refuse("access is %q, %q or %q, not %q", AccessGranted, AccessUnauthorized, AccessForbidden, access)
	}
	s.set(func(w *wintroStore) { w.Access = access })
}

// StayPending makes Wintro report a connection as pending after a request has created or enabled the connection, or
// replaced its token. The response and the next n reads, including reads of a list, report pending. A negative n means
// forever.
func (s *Sandbox) StayPending(n int) {
	s.set(func(w *wintroStore) { w.StayPending = n })
}

// HideNewConnections makes Wintro's reads eventually consistent. For each connection that is created through the API
// from now on, the first n reads, including reads of a list, don't find the connection. A negative n means forever.
func (s *Sandbox) HideNewConnections(n int) {
	s.set(func(w *wintroStore) { w.HideNewReads = n })
}

// KeepDeletedLinks makes Wintro's deletes eventually consistent. After a connection has been deleted through the API,
// the next n create requests for its company fail with ALREADY_LINKED and the ID of the deleted connection. A negative
// n means forever.
func (s *Sandbox) KeepDeletedLinks(n int) {
	s.set(func(w *wintroStore) { w.KeepLinkCreates = n })
}

// SetEndlessList makes Wintro's list endless, or finite again. Wintro fills up each page of an endless list with
// invented connections, and always reports that there is one more page.
func (s *Sandbox) SetEndlessList(endless bool) {
	s.set(func(w *wintroStore) { w.EndlessList = endless })
}

// countDown decrements n if it is positive. It reports whether n wasn't 0 before, so a negative n lasts forever.
func countDown(n *int) bool {
	if *n > 0 {
		*n--
		return true
	}
	return *n < 0
}

// FailLogins makes Wintro's logins to Recruitee fail with any token, or succeed again. The status of a connection
// changes only when Wintro next logs in with its token.
func (s *Sandbox) FailLogins(fail bool) {
	s.set(func(w *wintroStore) { w.FailLogins = fail })
}

// ReportFingerprints sets whether Wintro's responses contain the fingerprints of tokens, as they do by default. If
// report is false, they contain null instead.
func (s *Sandbox) ReportFingerprints(report bool) {
	s.set(func(w *wintroStore) { w.HideFingerprints = !report })
}

// ReportOrganisation sets whether Wintro's responses contain meta.organisationId, as they do by default.
func (s *Sandbox) ReportOrganisation(report bool) {
	s.set(func(w *wintroStore) { w.HideOrganisation = !report })
}

// OfferConnectionsAPI sets whether Wintro offers the endpoints for ATS connections, as it does by default. If offer is
// false, Wintro returns 404 NOT_FOUND for every path.
func (s *Sandbox) OfferConnectionsAPI(offer bool) {
	s.set(func(w *wintroStore) { w.WithholdAPI = !offer })
}

// defaultMaxPageSize is the default of both the page size and its limit.
const defaultMaxPageSize = 100

// SetMaxPageSize limits the items on a page of Wintro's list. The default is 100.
func (s *Sandbox) SetMaxPageSize(n int) {
	if n < 1 {
		refuse("a page can't have %d items", n)
	}
	s.set(func(w *wintroStore) { w.MaxPageSize = n })
}

// Connections lists the connections of all organisations as Wintro's API shows them, the oldest first. The call doesn't
// count as a read for StayPending and HideNewConnections.
func (s *Sandbox) Connections() []contract.Connection {
	list := []contract.Connection{}
	s.locked(func(st *store) {
		for _, conn := range st.Wintro.inOrder() {
			list = append(list, st.Wintro.show(conn))
		}
	})
	return list
}

// Connection returns one connection as Wintro's API shows it. The call doesn't count as a read for StayPending and
// HideNewConnections.
func (s *Sandbox) Connection(id string) (shown contract.Connection, found bool) {
	s.locked(func(st *store) {
		if conn, err := st.Wintro.connection(id); err == nil {
			shown, found = st.Wintro.show(conn), true
		}
	})
	return shown, found
}

// HoldsToken reports whether Wintro has stored this token for the connection.
func (s *Sandbox) HoldsToken(id, token string) (holds bool) {
	s.locked(func(st *store) {
		conn, err := st.Wintro.connection(id)
		holds = err == nil && conn.Token == token
	})
	return holds
}

// Connect creates a connection for the first organisation, as a user does by hand in Wintro's settings, and returns its
// ID. Unlike the API, it can create a second connection for a company.
func (s *Sandbox) Connect(companyID int64, name, token string) (id string) {
	s.locked(func(st *store) {
		id = st.addConnection(connection{
			OrganisationID: st.Wintro.Organisations[0].ID,
			Name:           name,
			CompanyID:      strconv.FormatInt(companyID, 10),
			Enabled:        true,
			Token:          token,
			CreatedAt:      timestamp(),
		}).ID
	})
	return id
}

// firstOtherCompany is the lowest company ID in the connections that AddConnections and an endless list invent.
const firstOtherCompany = 1_000_000

// AddConnections adds n active connections for companies that Recruitee doesn't know. The values of CreatedAt in these
// connections are one second apart, and the latest is one second ago.
func (s *Sandbox) AddConnections(n int) {
	if n < 0 {
		refuse("%d connections cannot be added", n)
	}
	s.set(func(w *wintroStore) {
		now, before := timestamp(), len(w.Connections)
		for i := range n {
			id := strconv.Itoa(firstOtherCompany + before + i)
			w.Connections = append(w.Connections, &connection{
				ID:             newConnectionID(),
				OrganisationID: w.Organisations[0].ID,
				Name:           "Recruitee " + id,
				CompanyID:      id,
				CompanyName:    new("Company " + id),
				Enabled:        true,
				Token:          newRecruiteeToken(),
				Status:         contract.ConnectionActive,
				CreatedAt:      now.Add(time.Duration(i-n) * time.Second),
			})
		}
	})
}

// Disconnect removes a connection, as a user does by hand in Wintro's settings.
func (s *Sandbox) Disconnect(id string) {
	s.set(func(w *wintroStore) { w.remove(must(w.connection(id)).ID) })
}

// Relabel changes a connection's name, as a user does by hand in Wintro's settings.
func (s *Sandbox) Relabel(id, name string) {
	s.changeConnection(id, func(_ *store, conn *connection) { conn.Name = name })
}

// SetEnabled pauses or resumes a connection, as a user does by hand in Wintro's settings.
func (s *Sandbox) SetEnabled(id string, enabled bool) {
	s.changeConnection(id, func(st *store, conn *connection) { st.setEnabled(conn, enabled) })
}

// SwapToken replaces a connection's Recruitee token, as a user does by hand in Wintro's settings. Wintro then logs in
// with the new token.
func (s *Sandbox) SwapToken(id, token string) {
	s.changeConnection(id, func(st *store, conn *connection) {
		conn.Token = token
		st.login(conn)
	})
}

// SyncVacancies makes Wintro read a connection's vacancies immediately, without a sync in the API. The real Wintro
// reads them every four hours.
func (s *Sandbox) SyncVacancies(id string) {
	s.locked(func(st *store) { st.sync(must(st.Wintro.connection(id)), timestamp()) })
}

// SetStatus makes Wintro report a status, even one that the contract doesn't define, until Wintro next logs in for
// the connection.
func (s *Sandbox) SetStatus(id string, status contract.ConnectionStatus) {
	s.changeConnection(id, func(_ *store, conn *connection) { conn.Status, conn.PendingReads = status, 0 })
}

// MoveToCompany links a connection to another company, which the API doesn't allow.
func (s *Sandbox) MoveToCompany(id string, companyID int64) {
	s.changeConnection(id, func(st *store, conn *connection) {
		conn.CompanyID = strconv.FormatInt(companyID, 10)
		conn.CompanyName = st.Recruitee.companyName(conn.CompanyID)
	})
}

// MoveToOrganisation makes a connection belong to another organisation.
func (s *Sandbox) MoveToOrganisation(id, organisationID string) {
	s.set(func(w *wintroStore) {
		must(w.connection(id)).OrganisationID = must(w.organisation(organisationID)).ID
	})
}

// changeConnection calls f with a connection, and marks the connection as changed by hand.
func (s *Sandbox) changeConnection(id string, f func(*store, *connection)) {
	s.locked(func(st *store) {
		conn := must(st.Wintro.connection(id))
		f(st, conn)
		conn.ChangedByHand = true
	})
}

func newConnectionID() string { return "conn_" + randomHex(10) }

// addConnection adds a connection and logs in to Recruitee with its token.
func (st *store) addConnection(added connection) *connection {
	w, conn := &st.Wintro, &added
	conn.ID = newConnectionID()
	// Give the connection a later CreatedAt than the previous one, because tests rely on the order.
	if n := len(w.Connections); n > 0 && !conn.CreatedAt.After(w.Connections[n-1].CreatedAt) {
		conn.CreatedAt = w.Connections[n-1].CreatedAt.Add(time.Microsecond)
	}
	st.login(conn)
	w.Connections = append(w.Connections, conn)
	return conn
}

// login logs in to Recruitee with an enabled connection's token, and sets the status and the company name. Wintro logs
// in only when a connection is created or resumed, or gets a new token, so it doesn't notice if the token stops working
// later.
func (st *store) login(conn *connection) {
	switch {
	case !conn.Enabled:
		conn.Status = contract.ConnectionInactive
	case !st.Wintro.FailLogins && st.Recruitee.accepts(conn.Token, conn.CompanyID):
		conn.Status = contract.ConnectionActive
		conn.CompanyName = st.Recruitee.companyName(conn.CompanyID)
	default:
		conn.Status = contract.ConnectionInvalid
	}
}

// accepts reports whether Recruitee accepts the token for the company, with any role.
func (r *recruiteeStore) accepts(value, companyID string) bool {
	t, err := r.token(value)
	if err != nil {
		return false
	}
	o, err := r.owner(t.OwnerID)
	return err == nil && strconv.FormatInt(o.CompanyID, 10) == companyID && o.Active && !o.Left
}

// companyName returns the name of a company, or nil if no company has the ID.
func (r *recruiteeStore) companyName(id string) *string {
	for _, c := range r.Companies {
		if strconv.FormatInt(c.ID, 10) == id {
			return new(c.Name)
		}
	}
	return nil
}

func (st *store) setEnabled(conn *connection, enabled bool) {
	if conn.Enabled == enabled {
		return
	}
	conn.Enabled = enabled
	st.login(conn)
}

// show converts a connection to the type that Wintro's API returns.
func (w *wintroStore) show(conn *connection) contract.Connection {
	shown := contract.Connection{
		ID:             conn.ID,
		Ats:            contract.Recruitee,
		Name:           conn.Name,
		AtsCompanyID:   conn.CompanyID,
		AtsCompanyName: conn.CompanyName,
		Enabled:        conn.Enabled,
		Status:         conn.Status,
		CreatedAt:      conn.CreatedAt,
		LastSyncedAt:   conn.LastSyncedAt,
	}
	if conn.Enabled && conn.PendingReads != 0 {
		shown.Status = contract.ConnectionPending
	}
	if !w.HideFingerprints {
		shown.TokenFingerprint = new(Fingerprint(conn.Token))
	}
	return shown
}

// showRead converts a connection like show, and counts the call as a read for StayPending.
func (w *wintroStore) showRead(conn *connection) contract.Connection {
	shown := w.show(conn)
	if conn.Enabled && conn.PendingReads > 0 {
		conn.PendingReads--
	}
	return shown
}
