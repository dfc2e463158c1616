package sandboxtest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox"
	"github.com/wintro-ai/terraform-provider-wintro/internal/sandbox/sandboxtest"
)

func TestStartInMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := sandboxtest.StartInMemory(t)
		s.AddConnections(1)
		id := s.Connections()[0].ID
		s.Before(func(r *http.Request) {
			if r.Method == http.MethodDelete {
				s.Disconnect(id)
			}
		})
		for _, test := range []struct {
			method string
			status int
		}{{http.MethodGet, http.StatusOK}, {http.MethodDelete, http.StatusNotFound}} {
			if status := send(t, s, test.method, s.WintroEndpoint()+"/ats-connections/"+id, s.WintroToken()); status != test.status {
				t.Errorf("%s: status %d instead of %d", test.method, status, test.status)
			}
		}
		began := time.Now()
		s.Fail(sandbox.Fault{Latency: time.Hour, Times: 1})
		send(t, s, http.MethodGet, s.RecruiteeEndpoint()+"/c/816/admin", s.Token)
		if took := time.Since(began); took != time.Hour {
			t.Errorf("the request took %s", took)
		}
	})
}

// Each ready-made fault responds with its status.
func TestFaults(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t)
	for status, fault := range map[int]sandbox.Fault{
		http.StatusForbidden:       sandboxtest.GatewayError(http.StatusForbidden),
		http.StatusTooManyRequests: sandboxtest.VercelChallenge(),
		http.StatusGatewayTimeout:  sandboxtest.VercelError(),
	} {
		fault.Times = 1
		s.Fail(fault)
		if got := send(t, s, http.MethodGet, s.RecruiteeEndpoint()+"/c/816/admin", s.Token); got != status {
			t.Errorf("status %d instead of %d", got, status)
		}
	}
}

func send(t *testing.T, s *sandboxtest.Server, method, url, token string) (status int) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := s.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

func TestStart(t *testing.T) {
	t.Parallel()
	s := sandboxtest.Start(t)
	for url, token := range map[string]string{
		s.RecruiteeEndpoint() + "/c/816/admin":  s.Token,
		s.WintroEndpoint() + "/ats-connections": s.WintroToken(),
		s.ControlEndpoint():                     "",
	} {
		if status := send(t, s, http.MethodGet, url, token); status != http.StatusOK {
			t.Errorf("GET %s: status %d", url, status)
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
