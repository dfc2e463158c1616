package recruitee_test

import (
	"context"
	"errors"
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

func TestCurrentAdminRetries(t *testing.T) {
	t.Parallel()
	unavailable := transporttest.HTML(http.StatusBadGateway)
	server := transporttest.Serve(t, unavailable, unavailable, transporttest.Answer(http.StatusOK, "", example))
	admin, err := clientOf(t, server).CurrentAdmin(t.Context(), "816", token)
	if err != nil || admin != ada {
		t.Errorf("owner %+v, error %v", admin, err)
	}
}

func TestCurrentAdminReportsLostResponse(t *testing.T) {
	t.Parallel()
	t.Run("when the connection is closed", func(t *testing.T) {
		t.Parallel()
		client := clientOf(t, transporttest.Serve(t, transporttest.LoseAnswer))
		_, err := client.CurrentAdmin(t.Context(), "816", token)
		failure := typed[*transport.UnavailableError](t, err)
		if failure.System != "Recruitee" || failure.Attempts != 3 || failure.Reason != "the connection was closed before the response was complete" {
			t.Errorf("error %+v", failure)
		}
		expectNoSecret(t, err.Error())
	})
	t.Run("when the operation was interrupted", func(t *testing.T) {
		t.Parallel()
		ctx, interrupt := context.WithCancel(t.Context())
		interrupt()
		client := clientOf(t, transporttest.Serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the client sent a request") }))
		_, err := client.CurrentAdmin(ctx, "816", token)
		_ = typed[*transport.UnavailableError](t, err)
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	t.Run("when the token can't be sent", func(t *testing.T) {
		t.Parallel()
		client := clientOf(t, transporttest.Serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the client sent a request") }))
		_, err := client.CurrentAdmin(t.Context(), "816", token+"\n")
		_ = typed[*transport.UnavailableError](t, err)
		expectNoSecret(t, err.Error())
	})
	t.Run("when the request can't be created", func(t *testing.T) {
		t.Parallel()
		httpClient := transport.New(transport.Options{System: recruitee.System, RequestTimeout: time.Second})
		t.Cleanup(httpClient.Close)
		client := recruitee.New(&url.URL{Scheme: "https", Host: "wrong host"}, httpClient)
		_, err := client.CurrentAdmin(t.Context(), "816", token)
		if failure := typed[*transport.UnavailableError](t, err); failure.Reason != "the request for company 816 can't be made" {
			t.Error(failure)
		}
		expectNoSecret(t, err.Error())
	})
}
