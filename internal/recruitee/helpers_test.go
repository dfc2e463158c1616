package recruitee_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
)

const (
	token   = recruitee.ExampleToken
	example = recruitee.ExampleResponse
)

// personalSecrets are values in the example that the provider must never decode.
var personalSecrets = []string{"s3cret-socket", "s3cret-calendar"}

// exampleWith returns the example with some parts replaced. replacements alternates old and new parts.
func exampleWith(t *testing.T, replacements ...string) string {
	t.Helper()
	text := example
	for i := 0; i < len(replacements); i += 2 {
		if strings.Count(text, replacements[i]) != 1 {
			t.Fatalf("%q isn't in the example exactly once", replacements[i])
		}
		text = strings.Replace(text, replacements[i], replacements[i+1], 1)
	}
	return text
}

func json(status int, body string) http.HandlerFunc {
	return transporttest.Answer(status, "application/json; charset=utf-8", body)
}

// currentAdmin calls CurrentAdmin on a server that sends this response. It returns the owner and the number of requests.
func currentAdmin(t *testing.T, response http.HandlerFunc) (recruitee.Admin, int, error) {
	t.Helper()
	server := transporttest.Serve(t, response)
	admin, err := clientOf(t, server).CurrentAdmin(t.Context(), "816", token)
	return admin, len(server.Requests()), err
}

func clientOf(t *testing.T, server *transporttest.Server) *recruitee.Client {
	t.Helper()
	endpoint, err := url.Parse(server.URL + "/base")
	if err != nil {
		t.Fatal(err)
	}
	httpClient := transport.New(transport.Options{
		System: recruitee.System, UserAgent: "the user agent", MaxRetries: 2, RequestTimeout: 20 * time.Second, Pause: time.Millisecond,
	})
	return recruitee.New(endpoint, httpClient)
}

func expectNoSecret(t *testing.T, text string) {
	t.Helper()
	for _, never := range append([]string{token, token[:12], token[20:], "Bearer"}, personalSecrets...) {
		if strings.Contains(text, never) {
			t.Errorf("%q contains %q", text, never)
		}
	}
}
