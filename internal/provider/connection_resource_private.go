package provider

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

// The keys of the resource's private state.
const (
	sentTokenKey      = "sent_token"
	replacedTokensKey = "replaced_tokens"
	organisationKey   = "organisation"
	plannedKey        = "planned"
)

// sentToken identifies the token that this resource last sent to Wintro. In contrast, api_token_fingerprint in state
// identifies the token that Wintro has now. If the token has a version, only a difference between the two fingerprints
// shows that another user or process has replaced the token.
type sentToken struct {
	// Fingerprint is "" if the resource has sent no token.
	Fingerprint string `json:"fingerprint"`
}

// replacedTokens identifies tokens that Wintro had, until another user or process replaced them. If the configuration
// still contains one of these tokens, the token isn't new.
type replacedTokens struct {
	// Fingerprints becomes empty when this resource sends a token. The list therefore stays short, and a token that was
	// replaced before counts as new again.
	Fingerprints []string `json:"fingerprints"`
}

// organisation identifies the Wintro organisation of the connection. Without its ID, the provider couldn't tell whether
// the connection was deleted, or whether the API token belongs to another organisation.
type organisation struct {
	// ID is "" if the organisation is unknown.
	ID string `json:"id"`
}

// plannedUpdate passes decisions from an update's plan to its apply.
type plannedUpdate struct {
	// TokenConfigured reports whether the plan found a token in the configuration. Update can't check this itself,
	// because Terraform doesn't apply ignore_changes to the configuration that it passes to Update. That configuration
	// may contain a token that the plan ignored.
	TokenConfigured bool `json:"token_configured"`
	// IsMarked has the same meaning as in connection.Change. If it is true, Update verifies the token, even if Update
	// doesn't send the token.
	IsMarked bool `json:"is_marked"`
}

type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func saveSentToken(ctx context.Context, private privateState, t configuredToken, diags *diag.Diagnostics) {
	savePrivate(ctx, private, sentTokenKey, sentToken{connection.Fingerprint(t.value)}, diags)
	savePrivate(ctx, private, replacedTokensKey, replacedTokens{}, diags)
}

// saveReplacedToken saves the fingerprint of the token that Wintro had before, if Wintro has another token now.
func saveReplacedToken(ctx context.Context, private privateState, before, now connection.Connection, diags *diag.Diagnostics) {
	if before.TokenFingerprint == "" || before.TokenFingerprint == now.TokenFingerprint {
		return
	}
	replaced := loadPrivate[replacedTokens](ctx, private, replacedTokensKey, diags)
	if !slices.Contains(replaced.Fingerprints, before.TokenFingerprint) {
		replaced.Fingerprints = append(replaced.Fingerprints, before.TokenFingerprint)
		savePrivate(ctx, private, replacedTokensKey, replaced, diags)
	}
}

func saveOrganisation(ctx context.Context, private privateState, c connection.Connection, diags *diag.Diagnostics) {
	if c.OrganisationID != "" {
		savePrivate(ctx, private, organisationKey, organisation{c.OrganisationID}, diags)
	}
}

func savePrivate(ctx context.Context, private privateState, key string, value any, diags *diag.Diagnostics) {
	text, err := json.Marshal(value)
	if err != nil {
		explainUnwritablePrivateState().asErrors(diags)
		return
	}
	diags.Append(private.SetKey(ctx, key, text)...)
}

// loadPrivate reads a key, and returns the zero value if the key isn't set. Private state that can't be decoded is an
// error, because otherwise the provider would skip the check for another organisation's token.
func loadPrivate[T any](ctx context.Context, private privateState, key string, diags *diag.Diagnostics) T {
	var value T
	text, problems := private.GetKey(ctx, key)
	diags.Append(problems...)
	if len(text) > 0 && json.Unmarshal(text, &value) != nil {
		explainUnreadablePrivateState().asErrors(diags)
	}
	return value
}
