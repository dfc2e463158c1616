package transport

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflog"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
)

func TestMasked(t *testing.T) {
	t.Parallel()
	var written bytes.Buffer
	ctx := WithMaskedSecrets(tflogtest.RootLogger(context.Background(), &written), "s3cret-token", "short", "")
	tflog.Debug(ctx, "sending s3cret-token", map[string]any{"body": "with s3cret-token in it", "api_token": "another", "short": "short"})
	if text := written.String(); strings.Contains(text, "s3cret") || strings.Contains(text, "another") || !strings.Contains(text, "sending") {
		t.Errorf("written: %s", text)
	}
	if text := written.String(); !strings.Contains(text, `"short":"short"`) {
		t.Errorf("a word that is too short to be a token was masked: %s", text)
	}
}
