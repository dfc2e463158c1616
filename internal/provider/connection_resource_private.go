package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/wintro-ai/terraform-provider-wintro/internal/connection"
)

const sentTokenKey = "sent_token"

// sentToken is kept in the resource's private state: state itself follows what Wintro holds, and
// under a version nothing else shows that this isn't what was sent.
type sentToken struct {
	Fingerprint string `json:"fingerprint"`
}

// saveSentToken keeps the fingerprint of a token that Wintro has just been given.
func saveSentToken(ctx context.Context, private interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}, t token) diag.Diagnostics {
	text, err := json.Marshal(sentToken{connection.Fingerprint(t.value)})
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("The token's fingerprint can't be kept", "This is a bug in the provider: please report it.")}
	}
	return private.SetKey(ctx, sentTokenKey, text)
}

// loadSentToken returns the fingerprint of the token that Wintro was last given from here, "" where none was.
func loadSentToken(ctx context.Context, private interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}) (string, diag.Diagnostics) {
	text, diags := private.GetKey(ctx, sentTokenKey)
	var applied sentToken
	// What can't be read is as good as none.
	_ = json.Unmarshal(text, &applied)
	return applied.Fingerprint, diags
}
