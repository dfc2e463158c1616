package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

// What the resource keeps in its private state.
const (
	sentTokenKey    = "sent_token"
	organisationKey = "organisation"
	plannedKey      = "planned"
)

// sentToken is the token that Wintro was last given from here: state itself follows what Wintro holds, and
// under a version nothing else shows that this isn't what was sent.
type sentToken struct {
	// Fingerprint is "" if Wintro was given none.
	Fingerprint string `json:"fingerprint"`
}

// organisation is the Wintro organisation that the connection belongs to: with another one's API token,
// Wintro would answer that the connection isn't there.
type organisation struct {
	// ID is "" if it isn't known.
	ID string `json:"id"`
}

// plannedUpdate is what planning an update tells applying it. The configuration that Update gets is the raw
// one, without ignore_changes, so that it may hold a token that was not planned with.
type plannedUpdate struct {
	// TokenConfigured reports whether there was a token.
	TokenConfigured bool `json:"token_configured"`
	// Verify reports whether the plan has raised the alarm: the token must be verified even if it isn't
	// sent.
	Verify bool `json:"verify"`
}

type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func saveSentToken(ctx context.Context, private privateWriter, t token, diags *diag.Diagnostics) {
	savePrivate(ctx, private, sentTokenKey, sentToken{connection.Fingerprint(t.value)}, diags)
}

func saveOrganisation(ctx context.Context, private privateWriter, c connection.Connection, diags *diag.Diagnostics) {
	if c.OrganisationID != "" {
		savePrivate(ctx, private, organisationKey, organisation{c.OrganisationID}, diags)
	}
}

func savePrivate(ctx context.Context, private privateWriter, key string, value any, diags *diag.Diagnostics) {
	text, err := json.Marshal(value)
	if err != nil {
		explainUnwritablePrivateState().asErrors(diags)
		return
	}
	diags.Append(private.SetKey(ctx, key, text)...)
}

// loadPrivate reads a key. What can't be read is as good as nothing.
func loadPrivate[T any](ctx context.Context, private privateReader, key string, diags *diag.Diagnostics) T {
	var value T
	text, problems := private.GetKey(ctx, key)
	diags.Append(problems...)
	_ = json.Unmarshal(text, &value)
	return value
}
