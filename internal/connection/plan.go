package connection

import "slices"

// Planning rules.
//
// Terraform plans an update twice: it shows the first plan to the user, who may apply it a day later, and makes the
// second plan right before the apply, usually in another process. In between, both systems and write-only values can
// change. Terraform has two rules, and reports a bug in the provider if a plan or an apply breaks one:
//
//  1. The second plan may only make unknown values known. It must not change a known value or make it unknown.
//  2. The result of the apply may only make unknown values known.
//
// A plan must therefore depend only on prior state, private state, and the configuration without write-only values. A
// plan must not even depend on whether a write-only value is null. Recruitee, Wintro and write-only values may add
// errors and warnings. They may change the plan itself only if the plan is otherwise empty: then status and
// api_token_fingerprint become unknown. Unknown values break neither rule, even if the second plan finds nothing to do
// and makes them known.
//
// PlanUpdate implements these rules, so it must depend on nothing except its parameters.

// Arguments contains the facts about a resource's arguments that a plan depends on.
type Arguments struct {
	// IsUnknown reports whether any argument is unknown. If it is true, the other fields aren't set.
	IsUnknown bool
	// IsChanged reports whether any argument differs from the state.
	IsChanged bool
	// IsEnabled is the planned value of enabled. IsEnabling reports whether enabled changes to true.
	IsEnabled, IsEnabling bool
	// RequiresAdministrator is the planned value of require_administrator. RaisingRole reports whether it changes to true.
	RequiresAdministrator, RaisingRole bool
	// PlainFingerprint is the fingerprint of a token that isn't write-only; "" if no such token is configured.
	PlainFingerprint string
	// IsVersioned reports whether the configuration has a version, which stands for the write-only token in plans.
	// VersionChanged reports whether the version differs from the state.
	IsVersioned, VersionChanged bool
}

// Planned contains the planned values of the two attributes that an update can change besides its arguments. All
// other computed attributes keep their prior values.
type Planned struct {
	// Status is "" if it is unknown.
	Status Status
	// Fingerprint is the fingerprint of the token that Wintro will have, unless IsFingerprintUnknown is true. It is ""
	// if the state contains no fingerprint and PlainFingerprint is "".
	Fingerprint string
	// IsFingerprintUnknown reports whether the fingerprint is unknown, because apply may send the token.
	IsFingerprintUnknown bool
	// IsEmpty reports whether the plan changes nothing.
	IsEmpty bool
}

// bothUnknown is a plan with an unknown status and an unknown fingerprint.
var bothUnknown = Planned{IsFingerprintUnknown: true}

// PlanUpdate plans an update of a connection. lastSent is the fingerprint of the token that this resource last sent,
// or "" if this resource hasn't sent a token.
func PlanUpdate(prior Connection, lastSent string, args Arguments) Planned {
	if args.IsUnknown {
		// Unknown values decide what the apply sends, so the plan can't predict its result.
		return bothUnknown
	}
	planned := Planned{Status: HealthyStatus(args.IsEnabled), Fingerprint: prior.TokenFingerprint}
	isChanged := args.IsChanged || planned.Status != prior.Status
	switch {
	case args.PlainFingerprint != "":
		planned.Fingerprint = args.PlainFingerprint
	case args.IsVersioned:
		isReplaced := lastSent != "" && lastSent != prior.TokenFingerprint
		planned.IsFingerprintUnknown = args.VersionChanged || isReplaced || args.IsEnabling || args.RaisingRole ||
			args.IsEnabled && NeedsToken(prior.Status, args.RequiresAdministrator)
	default:
		// The configuration may contain a write-only token without a version, which the apply may send. The plan must
		// not depend on it.
		planned.IsFingerprintUnknown = isChanged
	}
	planned.IsEmpty = !isChanged && !planned.IsFingerprintUnknown && planned.Fingerprint == prior.TokenFingerprint
	return planned
}

// PlannedToken contains the facts about the configured token that are known while planning.
type PlannedToken struct {
	// IsConfigured reports whether the configuration contains a token.
	IsConfigured bool
	// Fingerprint is "" if no token is configured, or if the token is unknown.
	Fingerprint string
}

// isStored reports whether Wintro is known to have the token.
func (t PlannedToken) isStored(prior Connection) bool {
	return t.Fingerprint != "" && t.Fingerprint == prior.TokenFingerprint
}

// IsNew reports whether the user wants to send a new token. A bad new token is an error; a bad old one is drift, which
// never blocks a plan. A token with a version is new only if the version changes or an Administrator becomes required.
// It isn't new if the connection gets enabled, because a user may have paused the connection in Wintro. A token that
// Wintro has isn't new, and neither is a token whose fingerprint is in old. No token is new if Wintro's token isn't
// known, because Wintro may already have the configured token.
func (t PlannedToken) IsNew(prior Connection, old []string, args Arguments) bool {
	isWanted := !args.IsVersioned || args.VersionChanged || args.RaisingRole
	return isWanted && prior.TokenFingerprint != "" && !t.isStored(prior) && !slices.Contains(old, t.Fingerprint)
}

// NeedsVerifying reports whether a plan verifies the token. If all arguments are known, a plan verifies a known token
// in two cases: Wintro has the token and the connection will be enabled, or Wintro doesn't have the token and the apply
// may send it. The apply sends a token with a version only if the planned fingerprint is unknown.
func (p Planned) NeedsVerifying(prior Connection, args Arguments, t PlannedToken) bool {
	if !t.IsConfigured || t.Fingerprint == "" || args.IsUnknown {
		return false
	}
	isSent := !args.IsVersioned || p.IsFingerprintUnknown
	return args.IsEnabled && (t.isStored(prior) || isSent) || !args.IsEnabled && !t.isStored(prior) && isSent
}

// WithRejectedToken returns the plan after verification. It changes only a plan that is otherwise empty, in two cases:
// Recruitee has rejected the token, or the configured token has no version and Wintro may have a different one. It then
// marks the status and the fingerprint as unknown, so that the user sees an update, and isMarked is true.
func (p Planned) WithRejectedToken(prior Connection, args Arguments, t PlannedToken, v Verification) (with Planned, isMarked bool) {
	if !p.IsEmpty || !t.IsConfigured {
		return p, false
	}
	if v.IsRejected() || !args.IsVersioned && !t.isStored(prior) {
		return bothUnknown, true
	}
	return p, false
}
