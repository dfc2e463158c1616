package connection

// The law of planning.
//
// Terraform plans an update twice: once for a person, perhaps saved and reviewed for a day, and once more
// right before it is applied, in another process. Meanwhile both systems and the values of write-only
// arguments may have changed. Terraform has two rules, and reports a bug in the provider if one is broken:
//
//  1. The second plan may only make unknown values known. It never changes a known one, nor makes it unknown.
//  2. The result may only make unknown values known.
//
// So what a plan says of an attribute depends on what is the same both times: the prior state, private state
// and the configuration without write-only values (whether one is null counts as its value, too). Recruitee,
// Wintro and write-only values may only add errors and warnings and, in a plan that is empty otherwise, raise
// the alarm: then nothing that was known is lost, and the second plan may find that there is nothing to do.
//
// PlanUpdate is that function. Whoever makes it depend on anything else breaks the rules.

// Arguments are what decides on a plan, beside the connection as it was read.
type Arguments struct {
	// Unknown reports whether any argument isn't known yet. The rest is meaningless then.
	Unknown bool
	// Changed reports whether any argument differs from the state.
	Changed bool
	// Enabled is whether syncing is wanted, Enabling whether that is new.
	Enabled, Enabling bool
	// RaisingRole reports whether an Administrator is required that wasn't before.
	RaisingRole bool
	// PlainFingerprint is that of a token that is no write-only value; "" if there is none.
	PlainFingerprint string
	// Versioned reports whether a version stands for a write-only value, VersionChanged whether it is new.
	Versioned, VersionChanged bool
}

// Planned is what a plan says of the two attributes that an update can change beside its arguments. All
// others keep their prior values.
type Planned struct {
	// Status is "" if it is unknown.
	Status Status
	// Fingerprint is that of the token that Wintro holds, "" if there is none in state either.
	Fingerprint string
	// FingerprintUnknown reports whether it isn't known: the token may be sent.
	FingerprintUnknown bool
	// IsEmpty reports whether the plan changes nothing.
	IsEmpty bool
}

// allUnknown is a plan that leaves both open.
var allUnknown = Planned{FingerprintUnknown: true}

// PlanUpdate plans an update of a connection. lastSent is the fingerprint of the token that was last sent
// from here, "" if none was.
func PlanUpdate(prior Connection, lastSent string, args Arguments) Planned {
	if args.Unknown {
		// Whether the token will be sent depends on what isn't known.
		return allUnknown
	}
	planned := Planned{Status: HealthyStatus(args.Enabled), Fingerprint: prior.TokenFingerprint}
	changed := args.Changed || planned.Status != prior.Status
	switch {
	case args.PlainFingerprint != "":
		planned.Fingerprint = args.PlainFingerprint
	case args.Versioned:
		isReplaced := lastSent != "" && lastSent != prior.TokenFingerprint
		planned.FingerprintUnknown = args.VersionChanged || isReplaced || args.Enabling || args.RaisingRole ||
			args.Enabled && NeedsToken(prior.Status)
	default:
		// The write-only value decides, if there is one.
		planned.FingerprintUnknown = changed
	}
	planned.IsEmpty = !changed && !planned.FingerprintUnknown && planned.Fingerprint == prior.TokenFingerprint
	return planned
}

// Token is the configured token, as far as it is known while planning.
type Token struct {
	// Configured reports whether there is one.
	Configured bool
	// Fingerprint is "" while the value isn't known.
	Fingerprint string
}

// isHeld reports whether Wintro holds the token, as far as is known.
func (t Token) isHeld(prior Connection) bool {
	return t.Fingerprint != "" && t.Fingerprint == prior.TokenFingerprint
}

// IsNew reports whether somebody wants a token to be sent that Wintro doesn't hold, and that wasn't the last
// one sent from here: that it is wrong is an error then, and drift otherwise, which never blocks a plan. Under
// a version another value alone isn't anybody's wish. If it isn't known which token Wintro holds, it may be
// this one.
func (t Token) IsNew(prior Connection, lastSent string, args Arguments) bool {
	isWanted := !args.Versioned || args.VersionChanged || args.Enabling || args.RaisingRole
	return isWanted && prior.TokenFingerprint != "" && !t.isHeld(prior) && t.Fingerprint != lastSent
}

// NeedsVerifying reports whether a plan verifies the token: if Wintro holds it or is about to get it, and
// the connection is to work. Another value under a version is not looked at until the version changes.
func (p Planned) NeedsVerifying(prior Connection, args Arguments, t Token) bool {
	if !t.Configured || t.Fingerprint == "" || args.Unknown {
		return false
	}
	isSent := !args.Versioned || p.FingerprintUnknown
	return args.Enabled && (t.isHeld(prior) || isSent) || !args.Enabled && !t.isHeld(prior) && isSent
}

// WithRejectedToken is the plan once the token and Recruitee's answer are looked at. One that is empty otherwise has
// to show that something is wrong: the token is refused, or a write-only one without a version isn't the one
// that Wintro holds. Both attributes are unknown then, and raised is true.
func (p Planned) WithRejectedToken(prior Connection, args Arguments, t Token, v Verification) (with Planned, raised bool) {
	if !p.IsEmpty || !t.Configured {
		return p, false
	}
	if v.IsRejected() || !args.Versioned && !t.isHeld(prior) {
		return allUnknown, true
	}
	return p, false
}
