package sandbox

import (
	"net/http"
	"strconv"
	"strings"
)

const (
	// recruiteeTime is how Recruitee writes times: with six digits after the second, always.
	recruiteeTime = "2006-01-02T15:04:05.000000Z07:00"
	// unknownToken goes with the 401 that an unknown token gets, and with no other one.
	unknownToken = `Bearer realm="recruitee", error="invalid_token", error_description="Token not found."`
)

type currentAdmin struct {
	ID                int64           `json:"id"`
	CompanyID         int64           `json:"company_id"`
	Email             string          `json:"email"`
	FirstName         string          `json:"first_name"`
	LastName          string          `json:"last_name"`
	RoleID            int64           `json:"role_id"`
	RoleName          string          `json:"role_name"`
	RoleAdmin         bool            `json:"role_admin"`
	RoleAbilities     []string        `json:"role_abilities"`
	Membership        membership      `json:"membership"`
	AllCompaniesCount int             `json:"all_companies_count"`
	Companies         []memberCompany `json:"companies"`
	Timezone          string          `json:"timezone"`
	PreferredLanguage string          `json:"preferred_language"`
	SocketToken       string          `json:"socket_token"`
	CalendarSyncToken string          `json:"calendar_sync_token"`
}

type membership struct {
	ID                   int64  `json:"id"`
	AdminID              int64  `json:"admin_id"`
	Role                 string `json:"role"`
	RoleAdmin            bool   `json:"role_admin"`
	RoleID               int64  `json:"role_id"`
	CreatedAt            string `json:"created_at"`
	IsActive             bool   `json:"is_active"`
	TwoFactorAuthEnabled bool   `json:"two_factor_auth_enabled"`
}

type memberCompany struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	Subdomain   string `json:"subdomain"`
	Status      string `json:"status"`
	Language    string `json:"language"`
	CountryCode string `json:"country_code"`
	CreatedAt   string `json:"created_at"`
	IsAdmin     bool   `json:"is_admin"`
	Role        string `json:"role"`
}

// recruiteeError is the envelope of Recruitee's errors, whose error is a text or a list of texts.
type recruiteeError struct {
	Error any `json:"error"`
}

// recruiteeLoginError is the envelope of a 401.
type recruiteeLoginError struct {
	Error string  `json:"error"`
	Code  *string `json:"error_code"`
}

func (s *Sandbox) serveRecruitee(w http.ResponseWriter, r *http.Request) {
	const json = "application/json; charset=utf-8"
	fail := func(status int, text string) {
		writeJSON(w, json, status, recruiteeError{Error: []string{text}})
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
			recruiteeLoginError{Error: "Resource access requires authentication!"})
		return
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if usage, ok := s.usage.take(Recruitee, bearer, s.store.Recruitee.RateLimit, now); !ok {
		w.Header().Set("Retry-After", strconv.FormatInt(seconds(usage.resetAt.Sub(now)), 10))
		writeTooManyRequests(w)
		return
	}
	t, found := s.store.Recruitee.token(bearer)
	if !found {
		code := "invalid_token"
		w.Header().Set("WWW-Authenticate", unknownToken)
		writeJSON(w, json, http.StatusUnauthorized, recruiteeLoginError{Error: "Token not found.", Code: &code})
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
	writeJSON(w, json, http.StatusOK, map[string]currentAdmin{"admin": describe(o, c)})
}

// writeTooManyRequests answers 429, which Recruitee does without JSON.
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

func describe(o *owner, c *company) currentAdmin {
	roleID, abilities := int64(863), []string{"view_jobs", "view_candidates"}
	if o.Administrator {
		roleID, abilities = 862, []string{"manage_company", "manage_jobs", "manage_candidates", "manage_integrations"}
	}
	return currentAdmin{
		ID:            o.ID,
		CompanyID:     o.CompanyID,
		Email:         o.Email,
		FirstName:     o.FirstName,
		LastName:      o.LastName,
		RoleID:        roleID,
		RoleName:      o.Role,
		RoleAdmin:     o.Administrator,
		RoleAbilities: abilities,
		Membership: membership{
			ID:        o.MembershipID,
			AdminID:   o.ID,
			Role:      o.Role,
			RoleAdmin: o.Administrator,
			RoleID:    roleID,
			CreatedAt: o.CreatedAt.Format(recruiteeTime),
			IsActive:  o.Active,
		},
		AllCompaniesCount: 1,
		Companies: []memberCompany{{
			ID:          c.ID,
			Name:        c.Name,
			Subdomain:   c.Subdomain,
			Status:      "active",
			Language:    "en",
			CountryCode: "NL",
			CreatedAt:   c.CreatedAt.Format(recruiteeTime),
			IsAdmin:     o.Administrator,
			Role:        o.Role,
		}},
		Timezone:          "Europe/Amsterdam",
		PreferredLanguage: "en",
		SocketToken:       o.SocketToken,
		CalendarSyncToken: o.CalendarSyncToken,
	}
}
