package sandbox

// Reset returns the sandbox to the state after SeedExamples. It keeps the first API tokens, so that a printed
// environment stays valid. It removes faults and logged requests, and keeps rate limits, which count again.
func (s *Sandbox) Reset() {
	seeded := New()
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

// companyOf returns the ID of an owner's company, or 0.
func (r *recruiteeStore) companyOf(ownerID int64) int64 {
	o, err := r.owner(ownerID)
	if err != nil {
		return 0
	}
	return o.CompanyID
}

// firstToken returns the oldest token of a company, even a revoked one.
func (r *recruiteeStore) firstToken(companyID int64) (value string, found bool) {
	for _, t := range r.Tokens {
		if r.companyOf(t.OwnerID) == companyID {
			return t.Value, true
		}
	}
	return "", false
}
