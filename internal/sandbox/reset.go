package sandbox

// Reset returns the sandbox to the state after SeedExamples. It keeps the first API tokens, so that a printed
// environment stays valid. It removes faults and logged requests, and keeps rate limits, which count again.
func (s *Sandbox) Reset() {
	seeded := New()
	seeded.SeedExamples()
	s.must(func(st *store) error {
		fresh := seeded.store
		for _, t := range fresh.Recruitee.Tokens {
			// The oldest token of the company, even a revoked one.
			first, err := find(st.Recruitee.Tokens, func(old *PersonalToken) bool { return old.CompanyID == t.CompanyID }, "such token")
			if err == nil {
				t.Value = first.Value
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
