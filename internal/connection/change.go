package connection

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

// Due is what has to be done for reasons that a Connection doesn't show.
type Due struct {
	// Token: Wintro holds another token than it should.
	Token bool
	// Check: what is asked of the token has grown, or a plan has found it not to work.
	Check bool
}

// Compare finds what has to be done. Whether a token is there is not asked here: it may not be known yet.
func Compare(is Connection, wanted Spec, due Due) Change {
	change := Change{
		Name: is.Name != wanted.Name,
		// Wintro may report an enabled link as inactive: then it has to be told again.
		Enabled: is.Enabled != wanted.Enabled || wanted.Enabled && is.Status == Disabled,
		Wait:    wanted.Enabled && is.Status == Pending,
	}
	change.SendToken = due.Token || wanted.Enabled && NeedsToken(is.Status)
	change.Verify = change.SendToken || due.Check || change.Enabled && wanted.Enabled
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
