package sandbox

// What Seed adds to Recruitee.
const (
	SeedCompanyID int64 = 816
	SeedOwnerID   int64 = 1704
)

// Seed adds a company to Recruitee, Acme, with Ada Byron as its Administrator, and returns a token
// that she has made.
func (s *Sandbox) Seed() (token string) {
	s.AddCompany(Company{ID: SeedCompanyID, Name: "Acme", Subdomain: "acme"})
	s.AddOwner(Owner{
		ID:            SeedOwnerID,
		CompanyID:     SeedCompanyID,
		Email:         "ada@acme.example",
		FirstName:     "Ada",
		LastName:      "Byron",
		Administrator: true,
	})
	return s.IssueToken(SeedCompanyID, SeedOwnerID)
}

// Empty reports whether there is no company in Recruitee and no connection in Wintro.
func (s *Sandbox) Empty() (empty bool) {
	s.read(func(st *store) { empty = len(st.Recruitee.Companies) == 0 && len(st.Wintro.Connections) == 0 })
	return empty
}
