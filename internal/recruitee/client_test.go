package recruitee_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/recruitee"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport"
	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
)

func TestCurrentAdminSendsRequest(t *testing.T) {
	t.Parallel()
	server := transporttest.Serve(t, transporttest.Answer(http.StatusOK, "", example))
	admin, err := clientOf(t, server).CurrentAdmin(t.Context(), "816", token)
	if err != nil || admin != ada {
		t.Errorf("owner %+v, error %v", admin, err)
	}
	for _, r := range server.Requests() {
		if r.Method != http.MethodGet || r.URI != "/base/c/816/admin" || r.Body != "" {
			t.Errorf("%s %s %q", r.Method, r.URI, r.Body)
		}
		for name, want := range map[string]string{
			"Authorization": "Bearer " + token,
			"Accept":        "application/json",
			"User-Agent":    "the user agent",
			"Content-Type":  "",
			"Cookie":        "",
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s is %q instead of %q", name, got, want)
			}
		}
	}
}

func TestInvalidRequestIsAnError(t *testing.T) {
	t.Parallel()
	httpClient := transport.New(transport.Options{System: recruitee.System, RequestTimeout: time.Second})
	client := recruitee.New(&url.URL{Scheme: "https", Host: "wrong host"}, httpClient)
	_, err := client.CurrentAdmin(t.Context(), "816", token)
	if failure := typed[*transport.UnavailableError](t, err); failure.Reason != "the request for company 816 can't be made" {
		t.Error(failure)
	}
	expectNoSecret(t, err.Error())
}
