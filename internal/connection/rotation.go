package connection

// Rotation is what decides whether Wintro has to get the token that is configured.
type Rotation struct {
	// Managed tells whether a token is configured at all.
	Managed bool
	// Token is the configured token; "" while it is not known yet.
	Token string
	// Held is the fingerprint of the token that Wintro holds, Applied that of the token that was last
	// sent from here. Either is "" where it is not known.
	Held, Applied string
	// Versioned tells whether a version stands for the token's value, so that the value doesn't count.
	Versioned bool
	// VersionChanged tells whether that version is another than the one last applied.
	VersionChanged bool
}

// Due tells whether the token has to be sent. Under a version a new value alone is no reason: its source
// may yield another one at each run. That Wintro holds a token that was not sent from here always is.
func (r Rotation) Due() bool {
	switch {
	case !r.Managed:
		return false
	case r.Versioned:
		return r.VersionChanged || r.Applied != "" && r.Held != r.Applied
	case r.Token == "":
		return true
	}
	return Fingerprint(r.Token) != r.Held
}

// Changed tells whether somebody has configured another token than the one that was applied last. A
// token that was replaced in Wintro's settings is due again, but not changed.
func (r Rotation) Changed() bool {
	switch {
	case !r.Managed:
		return false
	case r.Versioned:
		return r.VersionChanged
	case r.Token == "":
		return true
	case r.Applied != "":
		return Fingerprint(r.Token) != r.Applied
	}
	return Fingerprint(r.Token) != r.Held
}
