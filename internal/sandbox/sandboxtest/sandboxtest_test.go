package sandboxtest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox/sandboxtest"
)

func TestStart(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t)
	for url, token := range map[string]string{
		s.RecruiteeEndpoint() + "/c/816/admin":  s.Token,
		s.WintroEndpoint() + "/ats-connections": s.WintroToken(),
		s.ControlEndpoint():                     "",
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Errorf("GET %s: status %d", url, response.StatusCode)
		}
	}
	environment := strings.Join(s.Environment(), "\n")
	for _, want := range []string{
		"WINTRO_ENDPOINT=" + s.WintroEndpoint(), "WINTRO_API_TOKEN=" + s.WintroToken(),
		"RECRUITEE_ENDPOINT=" + s.RecruiteeEndpoint(), "TF_VAR_recruitee_api_token=" + s.Token,
	} {
		if !strings.Contains(environment, want) {
			t.Errorf("%s is missing in\n%s", want, environment)
		}
	}
}
