package sandbox

import (
	"fmt"
	"strconv"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro/contract"
)

// Access is whether Wintro accepts its own API token.
type Access string

// How Wintro can take its API token.
const (
	// AccessGranted is the normal case: the right token is taken, any other one gets a 401.
	AccessGranted Access = "granted"
	// AccessUnauthorized answers every call with 401, as if the token had been revoked.
	AccessUnauthorized Access = "unauthorized"
	// AccessForbidden answers every call with 403, as if the token had lost its permission.
	AccessForbidden Access = "forbidden"
)

// WintroToken returns the API token that Wintro takes.
func (s *Sandbox) WintroToken() (token string) {
	s.read(func(st *store) { token = st.Wintro.Token })
	return token
}

// SetWintroToken replaces the API token that Wintro takes.
func (s *Sandbox) SetWintroToken(token string) {
	s.must(func(st *store) error {
		if token == "" {
			return fmt.Errorf("the API token of Wintro cannot be empty")
		}
		st.Wintro.Token = token
		st.secrets.add(token)
		return nil
	})
}

// SetWintroAccess makes Wintro refuse its API token, or take it again.
func (s *Sandbox) SetWintroAccess(access Access) {
	s.must(func(st *store) error {
		switch access {
		case AccessGranted, AccessUnauthorized, AccessForbidden:
			st.Wintro.Access = access
			return nil
		}
		return fmt.Errorf("access is %q, %q or %q, not %q", AccessGranted, AccessUnauthorized, AccessForbidden, access)
	})
}

// StayPending makes each connection that is created from now on, and each that gets a new token
// through the API, answer the status pending now and for n further reads of it. A negative n means
// for ever.
func (s *Sandbox) StayPending(n int) {
	s.must(func(st *store) error {
		st.Wintro.StayPending = n
		return nil
	})
}

// FailLogins makes each login of Wintro's to Recruitee fail from now on, whatever the token, or lets it
// succeed again. The status of a connection changes with its next login.
func (s *Sandbox) FailLogins(fail bool) {
	s.must(func(st *store) error {
		st.Wintro.FailLogins = fail
		return nil
	})
}

// ReportFingerprints sets whether Wintro reports the fingerprints of tokens (the default) or null.
func (s *Sandbox) ReportFingerprints(report bool) {
	s.must(func(st *store) error {
		st.Wintro.HideFingerprints = !report
		return nil
	})
}

// Connections lists all connections as Wintro's API shows them, the oldest first. To look at them
// this way does not count as a read.
func (s *Sandbox) Connections() []contract.Connection {
	list := []contract.Connection{}
	s.read(func(st *store) {
		for _, conn := range st.Wintro.Connections {
			list = append(list, st.Wintro.show(conn))
		}
	})
	return list
}

// Connection returns one connection as Wintro's API shows it. To look at it this way does not count
// as a read.
func (s *Sandbox) Connection(id string) (shown contract.Connection, found bool) {
	s.read(func(st *store) {
		if conn, err := st.Wintro.connection(id); err == nil {
			shown, found = st.Wintro.show(conn), true
		}
	})
	return shown, found
}

// HoldsToken reports whether Wintro has kept this token for the connection.
func (s *Sandbox) HoldsToken(id, token string) (holds bool) {
	s.read(func(st *store) {
		conn, err := st.Wintro.connection(id)
		holds = err == nil && conn.Token == token
	})
	return holds
}

// Connect makes a connection in Wintro's settings, by hand, and returns its ID. Unlike the API it makes a
// second connection with the same company too.
func (s *Sandbox) Connect(companyID int64, name, token string) (id string) {
	s.must(func(st *store) error {
		conn := st.newConnection(name, strconv.FormatInt(companyID, 10), token, true, s.timestamp())
		id = conn.ID
		return nil
	})
	return id
}

// Disconnect removes a connection in Wintro's settings, by hand.
func (s *Sandbox) Disconnect(id string) {
	s.must(func(st *store) error {
		if _, err := st.Wintro.connection(id); err != nil {
			return err
		}
		st.Wintro.remove(id)
		return nil
	})
}

// Relabel changes the name of a connection in Wintro's settings, by hand.
func (s *Sandbox) Relabel(id, name string) {
	s.changeConnection(id, func(_ *store, conn *connection) { conn.Name = name })
}

// SetEnabled pauses or resumes a connection in Wintro's settings, by hand.
func (s *Sandbox) SetEnabled(id string, enabled bool) {
	s.changeConnection(id, func(st *store, conn *connection) { st.setEnabled(conn, enabled) })
}

// SwapToken replaces the Recruitee token of a connection in Wintro's settings, by hand.
func (s *Sandbox) SwapToken(id, token string) {
	s.changeConnection(id, func(st *store, conn *connection) {
		conn.Token = token
		st.login(conn)
	})
}

// SetStatus makes Wintro answer a status, be it one that the contract does not know, until something
// else changes it.
func (s *Sandbox) SetStatus(id string, status contract.ConnectionStatus) {
	s.changeConnection(id, func(_ *store, conn *connection) { conn.Status, conn.PendingReads = status, 0 })
}

// MoveToCompany makes a connection point to another company.
func (s *Sandbox) MoveToCompany(id string, companyID int64) {
	s.changeConnection(id, func(_ *store, conn *connection) {
		conn.CompanyID = strconv.FormatInt(companyID, 10)
	})
}

func (s *Sandbox) changeConnection(id string, f func(*store, *connection)) {
	s.must(func(st *store) error {
		conn, err := st.Wintro.connection(id)
		if err != nil {
			return err
		}
		f(st, conn)
		return nil
	})
}

// newConnection adds a connection to Wintro, which logs in to Recruitee at once.
func (st *store) newConnection(name, companyID, token string, enabled bool, now time.Time) *connection {
	w := &st.Wintro
	w.LastSequence++
	conn := &connection{
		ID:        "conn_" + randomHex(10),
		Sequence:  w.LastSequence,
		Name:      name,
		CompanyID: companyID,
		Enabled:   enabled,
		Token:     token,
		CreatedAt: now,
	}
	st.login(conn)
	w.Connections = append(w.Connections, conn)
	return conn
}

// login sets the status that Wintro finds when it logs in to Recruitee. Wintro does so when a connection is
// made or resumed or gets a token; what happens to the token later goes unnoticed. Every token of a connection comes
// by here, and so the request log learns to hide it.
func (st *store) login(conn *connection) {
	st.secrets.add(conn.Token)
	switch {
	case !conn.Enabled:
		conn.Status = contract.ConnectionInactive
	case !st.Wintro.FailLogins && st.Recruitee.accepts(conn.Token, conn.CompanyID):
		conn.Status = contract.ConnectionActive
	default:
		conn.Status = contract.ConnectionInvalid
	}
}

// accepts reports whether Recruitee lets the token into the company. The owner's role does not matter.
func (r *recruiteeStore) accepts(value, companyID string) bool {
	t, found := r.token(value)
	if !found {
		return false
	}
	o, err := r.owner(t.OwnerID)
	return err == nil && strconv.FormatInt(o.CompanyID, 10) == companyID && o.Active && !o.Left
}

func (st *store) setEnabled(conn *connection, enabled bool) {
	if conn.Enabled == enabled {
		return
	}
	conn.Enabled = enabled
	st.login(conn)
}

// show is a connection as the API answers it.
func (w *wintroStore) show(conn *connection) contract.Connection {
	shown := contract.Connection{
		ID:           conn.ID,
		Ats:          contract.Recruitee,
		Name:         conn.Name,
		CompanyID:    conn.CompanyID,
		Enabled:      conn.Enabled,
		Status:       conn.Status,
		CreatedAt:    conn.CreatedAt,
		LastSyncedAt: conn.LastSyncedAt,
	}
	if conn.Enabled && conn.PendingReads != 0 {
		shown.Status = contract.ConnectionPending
	}
	if !w.HideFingerprints {
		fingerprint := Fingerprint(conn.Token)
		shown.TokenFingerprint = &fingerprint
	}
	return shown
}
