package sandbox

// Reset returns the sandbox to the state after SeedExamples, and removes all faults and logged requests. It keeps the
// first API token of each company and organisation that SeedExamples adds, so that the environment variables that
// wintro-sandbox has printed stay valid. It also keeps the rate limits, but restarts their counts.
func (s *Sandbox) Reset() {
	seeded := New()
	seeded.SeedExamples()
	s.locked(func(st *store) {
		fresh := seeded.store
		for _, t := range fresh.Recruitee.Tokens {
			// Keep the company's oldest token, even if it was revoked.
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
	})
	s.ClearFaults()
	s.ClearRequests()
}
