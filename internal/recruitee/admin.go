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
	// Name is first and last name.
	Name string
	// Role is the name of the user's role. It is free text: a company can rename its roles.
	Role string
	// IsAdministrator reports whether the role has an Administrator's rights (role_admin).
	IsAdministrator bool
	// Company is the company that the token is for.
	Company Company
}

// Company is an entry of the companies that the token's owner belongs to.
type Company struct {
	// ID is the numeric ID, the stable key.
	ID string
	// Name is the company's name. It is empty if Recruitee's answer doesn't list the company.
	Name string
	// Subdomain is the first part of the company's careers site. It can change, and is empty if
	// Name is.
	Subdomain string
}

// currentAdmin is only what the provider needs of Recruitee's answer. In particular socket_token and
// calendar_sync_token are never decoded: they are secrets of a person.
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

// missing names a field without which the answer isn't the documented one. A flag that isn't there
// is no proof of anything, so it must not be read as false.
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

// admin is what was answered, fit for printing, for a request with this token.
func (a *currentAdmin) admin(companyID string) (Admin, error) {
	if answered := strconv.FormatInt(a.Admin.CompanyID, 10); answered != companyID {
		return Admin{}, &CompanyInaccessibleError{CompanyID: companyID, Reason: "Recruitee answered for company " + answered + " instead"}
	}
	id := strconv.FormatInt(a.Admin.ID, 10)
	email := printable(a.Admin.Email)
	if m := a.Admin.Membership; m != nil && m.IsActive != nil && !*m.IsActive {
		return Admin{}, &CompanyInaccessibleError{CompanyID: companyID, Reason: fmt.Sprintf("the token's owner %s is deactivated in this company", cmp.Or(email, id))}
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
