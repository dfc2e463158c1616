package sandbox

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// recruiteeTime is the format of times in Recruitee's responses. The times always contain microseconds.
	recruiteeTime = "2006-01-02T15:04:05.000000Z07:00"
	// unknownToken is the WWW-Authenticate header of the 401 for an unknown token. Recruitee's other 401 responses don't
	// have the header.
	unknownToken = `Bearer realm="recruitee", error="invalid_token", error_description="Token not found."`
)

func (s *Sandbox) serveRecruitee(w http.ResponseWriter, r *http.Request) {
	const json = "application/json; charset=utf-8"
	fail := func(status int, text string) {
		writeJSON(w, json, status, map[string]any{"error": []string{text}})
	}
	companyName, found := strings.CutPrefix(r.URL.Path, RecruiteePath+"/c/")
	companyName, isAdmin := strings.CutSuffix(companyName, "/admin")
	if !found || !isAdmin || companyName == "" || strings.Contains(companyName, "/") || r.Method != http.MethodGet {
		fail(http.StatusNotFound, "Page not found")
		return
	}
	bearer := bearerToken(r.Header)
	if bearer == "" {
		writeJSON(w, json, http.StatusUnauthorized,
			map[string]any{"error": "Resource access requires authentication!", "error_code": nil})
		return
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if usage, ok := s.usage.take(Recruitee, bearer, s.store.Recruitee.RateLimit, now); !ok {
		w.Header().Set("Retry-After", strconv.FormatInt(seconds(usage.resetAt.Sub(now)), 10))
		writeTooManyRequests(w)
		return
	}
	t, err := s.store.Recruitee.token(bearer)
	if err != nil {
		w.Header().Set("WWW-Authenticate", unknownToken)
		writeJSON(w, json, http.StatusUnauthorized, map[string]any{"error": "Token not found.", "error_code": "invalid_token"})
		return
	}
	c, found := s.store.Recruitee.companyInPath(companyName)
	if !found {
		fail(http.StatusNotFound, "Page not found")
		return
	}
	o, err := s.store.Recruitee.owner(t.OwnerID)
	if err != nil || o.CompanyID != c.ID || o.Left {
		fail(http.StatusForbidden, "Forbidden")
		return
	}
	writeJSON(w, json, http.StatusOK, map[string]any{"admin": describe(o, c)})
}

// writeTooManyRequests writes Recruitee's 429 response, which isn't JSON.
func writeTooManyRequests(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusTooManyRequests)
	_, _ = w.Write([]byte("Too Many Requests"))
}

// companyInPath finds a company by its ID or its subdomain.
func (r *recruiteeStore) companyInPath(name string) (*company, bool) {
	for _, c := range r.Companies {
		if name == strconv.FormatInt(c.ID, 10) || name == c.Subdomain {
			return c, true
		}
	}
	return nil, false
}

// describe returns the value of the field admin in Recruitee's response, which describes the owner of the token.
func describe(o *owner, c *company) map[string]any {
	roleID, abilities := 863, []string{"view_jobs", "view_candidates"}
	if o.Administrator {
		roleID, abilities = 862, []string{"manage_company", "manage_jobs", "manage_candidates", "manage_integrations"}
	}
	return map[string]any{
		"id": o.ID, "company_id": c.ID, "email": o.Email, "first_name": o.FirstName, "last_name": o.LastName,
		"role_id": roleID, "role_name": o.Role, "role_admin": o.Administrator, "role_abilities": abilities,
		"membership": map[string]any{
			"id": o.MembershipID, "admin_id": o.ID, "is_active": o.Active, "two_factor_auth_enabled": false,
			"role": o.Role, "role_admin": o.Administrator, "role_id": roleID,
			"created_at": o.CreatedAt.Format(recruiteeTime),
		},
		"all_companies_count": 1,
		"companies": []map[string]any{{
			"id": c.ID, "name": c.Name, "subdomain": c.Subdomain, "status": "active", "language": "en", "country_code": "NL",
			"created_at": c.CreatedAt.Format(recruiteeTime), "is_admin": o.Administrator, "role": o.Role,
		}},
		"timezone": "Europe/Amsterdam", "preferred_language": "en",
		"socket_token": o.SocketToken, "calendar_sync_token": o.CalendarSyncToken,
	}
}
