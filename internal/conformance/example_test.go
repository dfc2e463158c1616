package conformance_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/conformance"
)

func newHandler() http.Handler { return http.NotFoundHandler() }

// The test of a server that is written in Go. This is the guide's example.
func ExampleRun() {
	_ = func(t *testing.T) {
		server := httptest.NewServer(newHandler())
		defer server.Close()
		conformance.Run(t, conformance.Config{
			Endpoint:          server.URL + "/api/v1",
			APIToken:          "wintro_of_the_test",
			CompanyID:         "38422",
			RecruiteeAPIToken: os.Getenv("RECRUITEE_API_TOKEN"),
		})
	}
}
