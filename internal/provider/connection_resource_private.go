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
	Fingerprint string `json:"fingerprint"`
}

// organisation is the Wintro organisation that the connection belongs to: with another one's API token,
// Wintro would answer that the connection isn't there.
type organisation struct {
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

func saveSentToken(ctx context.Context, private privateWriter, t token) diag.Diagnostics {
	return savePrivate(ctx, private, sentTokenKey, sentToken{connection.Fingerprint(t.value)})
}

// loadSentToken returns the fingerprint of the token that Wintro was last given from here, "" if none was.
func loadSentToken(ctx context.Context, private privateReader) (string, diag.Diagnostics) {
	sent, diags := loadPrivate[sentToken](ctx, private, sentTokenKey)
	return sent.Fingerprint, diags
}

func saveOrganisation(ctx context.Context, private privateWriter, c connection.Connection) diag.Diagnostics {
	if c.OrganisationID == "" {
		return nil
	}
	return savePrivate(ctx, private, organisationKey, organisation{c.OrganisationID})
}

// loadOrganisation returns the ID of the organisation that the connection belongs to, "" if it isn't known.
func loadOrganisation(ctx context.Context, private privateReader) (string, diag.Diagnostics) {
	saved, diags := loadPrivate[organisation](ctx, private, organisationKey)
	return saved.ID, diags
}

func savePlanned(ctx context.Context, private privateWriter, planned plannedUpdate) diag.Diagnostics {
	return savePrivate(ctx, private, plannedKey, planned)
}

func loadPlanned(ctx context.Context, private privateReader) (plannedUpdate, diag.Diagnostics) {
	return loadPrivate[plannedUpdate](ctx, private, plannedKey)
}

func savePrivate(ctx context.Context, private privateWriter, key string, value any) diag.Diagnostics {
	text, err := json.Marshal(value)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Private state can't be written", "This is a bug in the provider: please report it.")}
	}
	return private.SetKey(ctx, key, text)
}

// loadPrivate reads a key. What can't be read is as good as nothing.
func loadPrivate[T any](ctx context.Context, private privateReader, key string) (T, diag.Diagnostics) {
	var value T
	text, diags := private.GetKey(ctx, key)
	_ = json.Unmarshal(text, &value)
	return value, diags
}
