package link

// Change is what has to be done to make a link what it should be.
type Change struct {
	// Name and Enabled tell whether these are set.
	Name, Enabled bool
	// SendToken tells whether Wintro gets the token, again or anew.
	SendToken bool
	// Verify tells whether Recruitee is asked about the token first.
	Verify bool
	// Wait tells whether there is nothing to do but wait for Wintro.
	Wait bool
}

// Any tells whether there is anything to do.
func (c Change) Any() bool {
	return c != Change{}
}

// Compare finds what has to be done. tokenDue says that Wintro holds another token than it should.
// Whether a token is there is not asked here: it may not be known yet.
func Compare(is Link, wanted Wanted, tokenDue bool) Change {
	change := Change{
		Name: is.Name != wanted.Name,
		// Wintro may report an enabled link as inactive: then it has to be told again.
		Enabled: is.Enabled != wanted.Enabled || wanted.Enabled && is.Status == Disabled,
		Wait:    wanted.Enabled && is.Status == Pending,
	}
	change.SendToken = tokenDue || wanted.Enabled && NeedsToken(is.Status)
	change.Verify = change.SendToken || change.Enabled && wanted.Enabled
	return change
}

// NeedsToken tells whether a link with this status can only be mended with a token.
func NeedsToken(status Status) bool {
	switch status {
	case TokenRejected, CompanyInaccessible, NotAdministrator, Invalid:
		return true
	}
	return false
}
