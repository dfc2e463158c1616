package sandbox

// Reset makes the sandbox what SeedExamples makes of a new one, with the API tokens that were there first, so that an
// environment that has been printed stays right. Faults and the request log are gone; rate limits stay, and are
// counted again.
func (s *Sandbox) Reset() {
	seeded := New(WithClock(s.now))
	seeded.SeedExamples()
	s.must(func(st *store) error {
		fresh := seeded.store
		for _, t := range fresh.Recruitee.Tokens {
			if first, found := st.Recruitee.firstToken(fresh.Recruitee.companyOf(t.OwnerID)); found {
				t.Value = first
			}
		}
		for i, o := range fresh.Wintro.Organisations {
			if i < len(st.Wintro.Organisations) {
				before := st.Wintro.Organisations[i]
				o.ID, o.Token = before.ID, before.Token
			}
		}
		fresh.Recruitee.RateLimit, fresh.Wintro.RateLimit = st.Recruitee.RateLimit, st.Wintro.RateLimit
		*st, s.usage = fresh, rateUsage{}
		return nil
	})
	s.ClearFaults()
	s.ClearRequests()
}

// companyOf is the ID of the company that an owner belongs to, or 0.
func (r *recruiteeStore) companyOf(ownerID int64) int64 {
	o, err := r.owner(ownerID)
	if err != nil {
		return 0
	}
	return o.CompanyID
}

// firstToken is the oldest token of anybody in a company, be it revoked.
func (r *recruiteeStore) firstToken(companyID int64) (value string, found bool) {
	for _, t := range r.Tokens {
		if r.companyOf(t.OwnerID) == companyID {
			return t.Value, true
		}
	}
	return "", false
}
