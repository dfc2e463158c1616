package transport

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// WithMaskedSecrets is a context whose log lines hold none of these secrets, whoever writes them. No line should:
// this is the second line of defence. Each of Terraform's calls brings a context of its own, so that a
// mask can't be set once for all of them.
func WithMaskedSecrets(ctx context.Context, secrets ...string) context.Context {
	ctx = tflog.MaskFieldValuesWithFieldKeys(ctx, "authorization", "Authorization", "api_token", "api_token_wo", "token")
	known := slices.DeleteFunc(slices.Clone(secrets), func(secret string) bool { return len(secret) < shortestSecret })
	return tflog.MaskLogStrings(ctx, known...)
}
