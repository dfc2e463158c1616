package recruitee

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
)

// Admin is the user who owns a token.
type Admin struct {
	// ID is the user's numeric ID.
	ID string
	// Email is the address that the user logs in with.
	Email string
	// Name is the user's first and last name.
	Name string
	// Role is the name of the user's role. It is free text: a company can rename its roles.
	Role string
	// IsAdministrator reports whether the role has the rights of an Administrator (role_admin).
	IsAdministrator bool
	// Company is the company that the token gives access to.
	Company Company
}

// Company is a company that the token's owner belongs to.
type Company struct {
	// ID is the numeric ID. Unlike the name and the subdomain, it never changes.
	ID string
	// Name is the company's name. It is empty if the response doesn't list the company.
	Name string
	// Subdomain is the first part of the careers site's host name. It is empty if the response doesn't list the company.
	Subdomain string
}

// currentAdmin contains the fields of the response that the provider needs. Don't add socket_token and
// calendar_sync_token, which are secrets of the user.
type currentAdmin struct {
	Admin struct {
		ID         int64  `json:"id"`
		CompanyID  int64  `json:"company_id"`
		Email      string `json:"email"`
		FirstName  string `json:"first_name"`
		LastName   string `json:"last_name"`
		RoleName   string `json:"role_name"`
		RoleAdmin  *bool  `json:"role_admin"`
		Membership *struct {
			IsActive *bool `json:"is_active"`
		} `json:"membership"`
		Companies []struct {
			ID        int64  `json:"id"`
			Name      string `json:"name"`
			Subdomain string `json:"subdomain"`
		} `json:"companies"`
	} `json:"admin"`
}

// missing returns the name of a missing required field, or "" if the response has all required fields. A missing
// role_admin must not count as false.
func (a *currentAdmin) missing() string {
	switch {
	case a.Admin.ID <= 0:
		return "admin.id"
	case a.Admin.CompanyID <= 0:
		return "admin.company_id"
	case a.Admin.RoleAdmin == nil:
		return "admin.role_admin"
	}
	return ""
}

// admin returns the token's owner, with texts that are safe to print. The error is a *CompanyInaccessibleError if the
// response is about another company, or if the owner is deactivated in this company.
func (a *currentAdmin) admin(companyID string) (Admin, error) {
	if other := strconv.FormatInt(a.Admin.CompanyID, 10); other != companyID {
		return Admin{}, &CompanyInaccessibleError{CompanyID: companyID, Reason: "Recruitee responded for company " + other + " instead"}
	}
	id := strconv.FormatInt(a.Admin.ID, 10)
	email := printable(a.Admin.Email)
	if m := a.Admin.Membership; m != nil && m.IsActive != nil && !*m.IsActive {
		return Admin{}, &CompanyInaccessibleError{
			CompanyID: companyID, Reason: fmt.Sprintf("the token's owner %s is deactivated in this company", cmp.Or(email, id)), IsDeactivated: true,
		}
	}
	company := Company{ID: companyID}
	for _, entry := range a.Admin.Companies {
		if entry.ID == a.Admin.CompanyID {
			company.Name = printable(entry.Name)
			company.Subdomain = printable(entry.Subdomain)
		}
	}
	return Admin{
		ID:              id,
		Email:           email,
		Name:            printable(a.Admin.FirstName + " " + a.Admin.LastName),
		Role:            printable(a.Admin.RoleName),
		IsAdministrator: *a.Admin.RoleAdmin,
		Company:         company,
	}, nil
}

func printable(text string) string {
	return transport.Printable(text, 255)
}
