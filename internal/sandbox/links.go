package sandbox

import (
	"strconv"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/wintro/contract"
)

// newConnection adds a link to Wintro, which logs in to Recruitee at once.
func (st *store) newConnection(name, companyID, token string, enabled bool, now time.Time) *connection {
	w := &st.Wintro
	w.LastSequence++
	link := &connection{
		ID:        "conn_" + randomHex(10),
		Sequence:  w.LastSequence,
		Name:      name,
		CompanyID: companyID,
		Enabled:   enabled,
		Token:     token,
		CreatedAt: now,
	}
	st.login(link)
	w.Connections = append(w.Connections, link)
	return link
}

// login sets the status that Wintro finds when it logs in to Recruitee. Wintro does so when a link is
// made or resumed or gets a token; what happens to the token later goes unnoticed. Every token of a link comes
// by here, and so the request log learns to hide it.
func (st *store) login(link *connection) {
	st.secrets.add(link.Token)
	switch {
	case !link.Enabled:
		link.Status = contract.ConnectionInactive
	case !st.Wintro.FailLogins && st.Recruitee.accepts(link.Token, link.CompanyID):
		link.Status = contract.ConnectionActive
	default:
		link.Status = contract.ConnectionInvalid
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

func (st *store) setEnabled(link *connection, enabled bool) {
	if link.Enabled == enabled {
		return
	}
	link.Enabled = enabled
	st.login(link)
}

// show is a connection as the API answers it.
func (w *wintroStore) show(link *connection) contract.Connection {
	shown := contract.Connection{
		ID:           link.ID,
		Ats:          contract.Recruitee,
		Name:         link.Name,
		CompanyID:    link.CompanyID,
		Enabled:      link.Enabled,
		Status:       link.Status,
		CreatedAt:    link.CreatedAt,
		LastSyncedAt: link.LastSyncedAt,
	}
	if link.Enabled && link.PendingReads != 0 {
		shown.Status = contract.ConnectionPending
	}
	if !w.HideFingerprints {
		fingerprint := Fingerprint(link.Token)
		shown.TokenFingerprint = &fingerprint
	}
	return shown
}
