package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Company is a company in Recruitee.
type Company struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"`
	Subdomain string `json:"subdomain"`
}

// An Owner is a user in a Recruitee company who can own API tokens.
type Owner struct {
	ID        int64  `json:"id"`
	CompanyID int64  `json:"company_id"`
	Email     string `json:"email"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	// Role is the name of the role. The name decides nothing, because companies can give a role any name: see
	// Administrator.
	Role string `json:"role"`
	// Administrator reports whether the role has an Administrator's rights.
	Administrator bool `json:"administrator"`
}

// FullName returns the owner's first and last name.
func (o Owner) FullName() string { return strings.TrimSpace(o.FirstName + " " + o.LastName) }

// The names of the roles that SetAdministrator gives. AddOwner gives one of these roles if Owner.Role is empty.
const (
	administratorRole = "Administrator"
	otherRole         = "Recruiter"
)

// AddCompany adds a company to Recruitee and returns the company. It chooses values for fields that are empty.
func (s *Sandbox) AddCompany(c Company) Company {
	s.locked(func(st *store) {
		r := &st.Recruitee
		if c.ID == 0 {
			c.ID = r.nextID()
		}
		c.Name = cmp.Or(c.Name, fmt.Sprintf("Company %d", c.ID))
		c.Subdomain = cmp.Or(c.Subdomain, fmt.Sprintf("company-%d", c.ID))
		if c.ID < 0 {
			refuse("%d cannot be the ID of a company", c.ID)
		}
		for _, other := range r.Companies {
			if other.ID == c.ID || other.Subdomain == c.Subdomain {
				refuse("there is already a company with the ID %d or the subdomain %q", c.ID, c.Subdomain)
			}
		}
		r.Companies = append(r.Companies, &company{Company: c, CreatedAt: timestamp()})
	})
	return c
}

// AddOwner adds a user to a company and returns the user. If the ID, the name, the email address or the role is empty,
// AddOwner chooses a value. CompanyID can be empty only if there is exactly one company.
func (s *Sandbox) AddOwner(o Owner) Owner {
	s.locked(func(st *store) {
		r := &st.Recruitee
		if o.CompanyID == 0 && len(r.Companies) == 1 {
			o.CompanyID = r.Companies[0].ID
		}
		c := must(r.company(o.CompanyID))
		if _, err := r.owner(o.ID); err == nil {
			refuse("there is already an owner with the ID %d", o.ID)
		}
		if o.ID == 0 {
			o.ID = r.nextID()
		}
		if o.FirstName == "" && o.LastName == "" {
			o.FirstName, o.LastName = "Owner", fmt.Sprint(o.ID)
		}
		o.Email = cmp.Or(o.Email, fmt.Sprintf("owner-%d@%s.example", o.ID, c.Subdomain))
		o.Role = cmp.Or(o.Role, roleName(o.Administrator))
		r.Owners = append(r.Owners, &owner{
			Owner:             o,
			Active:            true,
			MembershipID:      830 + int64(len(r.Owners)),
			SocketToken:       "socket-secret-" + randomHex(12),
			CalendarSyncToken: "calendar-secret-" + randomHex(12),
			CreatedAt:         timestamp(),
		})
	})
	return o
}

func roleName(administrator bool) string {
	if administrator {
		return administratorRole
	}
	return otherRole
}

// nextID returns an ID that no company and no owner has.
func (r *recruiteeStore) nextID() int64 {
	for {
		r.LastID++
		_, noCompany := r.company(r.LastID)
		_, noOwner := r.owner(r.LastID)
		if noCompany != nil && noOwner != nil {
			return r.LastID
		}
	}
}

// Companies returns the companies in Recruitee.
func (s *Sandbox) Companies() []Company {
	list := []Company{}
	s.locked(func(st *store) {
		for _, c := range st.Recruitee.Companies {
			list = append(list, c.Company)
		}
	})
	return list
}

// Owners returns the users in Recruitee, except users who have left their company.
func (s *Sandbox) Owners() []Owner {
	list := []Owner{}
	s.locked(func(st *store) {
		for _, o := range st.Recruitee.Owners {
			if !o.Left {
				list = append(list, o.Owner)
			}
		}
	})
	return list
}

// IssueToken creates a personal API token for a user, as the user can do in Recruitee's settings, and returns the
// token.
func (s *Sandbox) IssueToken(companyID, ownerID int64) string {
	value := newRecruiteeToken()
	s.AddToken(companyID, ownerID, value)
	return value
}

// AddToken adds a personal API token with the given value. If a token with this value was revoked, it becomes valid
// again.
func (s *Sandbox) AddToken(companyID, ownerID int64, value string) {
	s.locked(func(st *store) {
		r := &st.Recruitee
		must(r.company(companyID))
		if o := must(r.owner(ownerID)); o.CompanyID != companyID {
			refuse("owner %d belongs to company %d, not to %d", ownerID, o.CompanyID, companyID)
		}
		if value == "" || strings.ContainsAny(value, " \t\r\n") {
			refuse("a token has at least one character and no white space")
		}
		if t, err := r.token(value); err == nil && t.OwnerID != ownerID {
			refuse("the token belongs to owner %d", t.OwnerID)
		}
		r.Tokens = slices.DeleteFunc(r.Tokens, func(t *PersonalToken) bool { return t.Value == value })
		r.Tokens = append(r.Tokens, &PersonalToken{Value: value, OwnerID: ownerID, CompanyID: companyID})
	})
}

// RevokeToken makes Recruitee reject a token from now on.
func (s *Sandbox) RevokeToken(value string) {
	s.locked(func(st *store) { must(st.Recruitee.token(value)).Revoked = true })
}

// TokenOf returns a user's newest token that is not revoked.
func (s *Sandbox) TokenOf(ownerID int64) (value string, found bool) {
	s.locked(func(st *store) {
		for _, t := range slices.Backward(st.Recruitee.Tokens) {
			if t.OwnerID == ownerID && !t.Revoked {
				value, found = t.Value, true
				return
			}
		}
	})
	return value, found
}

// SetAdministrator gives a user the role Administrator, or the role Recruiter, which lacks an Administrator's rights.
func (s *Sandbox) SetAdministrator(ownerID int64, administrator bool) {
	s.SetRole(ownerID, roleName(administrator), administrator)
}

// SetRole gives a user a role with any name, with or without an Administrator's rights. Even a role called
// Administrator can lack the rights.
func (s *Sandbox) SetRole(ownerID int64, name string, administrator bool) {
	s.changeOwner(ownerID, func(o *owner) { o.Role, o.Administrator = name, administrator })
}

// SetActive activates or deactivates a user's membership of the company.
func (s *Sandbox) SetActive(ownerID int64, active bool) {
	s.changeOwner(ownerID, func(o *owner) { o.Active = active })
}

// RemoveOwner makes a user leave the company. Recruitee then returns 403 for all tokens of the user.
func (s *Sandbox) RemoveOwner(ownerID int64) {
	s.changeOwner(ownerID, func(o *owner) { o.Left = true })
}

func (s *Sandbox) changeOwner(id int64, f func(*owner)) {
	s.locked(func(st *store) { f(must(st.Recruitee.owner(id))) })
}

// RenameCompany changes the name of a company, but not its subdomain.
func (s *Sandbox) RenameCompany(companyID int64, name string) {
	s.locked(func(st *store) { must(st.Recruitee.company(companyID)).Name = name })
}

// SetRecruiteeRateLimit sets the number of requests a minute that Recruitee accepts with one token. Users report that
// the real Recruitee accepts 1000. By default, the sandbox has no limit. Pass 0 to remove a limit.
func (s *Sandbox) SetRecruiteeRateLimit(perMinute int) {
	s.locked(func(st *store) { s.setRateLimit(&st.Recruitee.RateLimit, perMinute, time.Minute) })
}

// FirstToken returns the first user who has a token that is not revoked, and the newest such token of this user.
func (s *Sandbox) FirstToken() (owner Owner, token string, found bool) {
	for _, owner := range s.Owners() {
		if token, found := s.TokenOf(owner.ID); found {
			return owner, token, true
		}
	}
	return Owner{}, "", false
}
