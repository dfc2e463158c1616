package connection

import (
	"bytes"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox/sandboxtest"
)

// The path of an endpoint may contain a secret, such as the key of a gateway.
func TestNewLogsNoPathOfAnEndpoint(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	service, err := New(Settings{WintroEndpoint: server.URL + "/s3cret-of-a-gateway", WintroToken: server.WintroToken()})
	if err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	_ = service.LookUp(tflogtest.RootLogger(t.Context(), &logged), "816")
	if text := logged.String(); strings.Contains(text, "s3cret") || !strings.Contains(text, "/ats-connections") {
		t.Errorf("the log contains the path of the endpoint, or lacks the request: %s", text)
	}
}
