package transport

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
)

func TestARedirectOnTheSameServerIsFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run("for GET after "+http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			server := serve(t, answering(status, "Location", "/elsewhere"), answering(http.StatusOK))
			resp, _ := get(t, newClient(t), request(t, http.MethodGet, server.URL))
			followed(t, server, resp, http.MethodGet)
		})
	}
	for _, method := range []string{http.MethodPost, http.MethodPatch, http.MethodDelete} {
		for _, status := range []int{307, 308} {
			t.Run("with method and body for "+method+" after "+http.StatusText(status), func(t *testing.T) {
				t.Parallel()
				server := serve(t, answering(status, "Location", "/elsewhere"), answering(http.StatusOK))
				resp, _ := get(t, newClient(t), request(t, method, server.URL))
				followed(t, server, resp, method)
			})
		}
	}
}

func TestRedirectToSameServerInOtherSpelling(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ from, to string }{
		"with the default port":    {"https://api.recruitee.com", "https://api.recruitee.com:443/elsewhere"},
		"without the default port": {"https://api.recruitee.com:443", "https://api.recruitee.com/elsewhere"},
		"in upper case":            {"https://api.recruitee.com", "HTTPS://API.Recruitee.com/elsewhere"},
		"with http's default port": {"http://127.0.0.1", "http://127.0.0.1:80/elsewhere"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var second *http.Request
			client := newClientOver(t, func(req *http.Request) (*http.Response, error) {
				if req.URL.Path != "/elsewhere" {
					return responseTo(req, http.StatusTemporaryRedirect, "Location", test.to), nil
				}
				second = req
				return responseTo(req, http.StatusOK), nil
			})
			resp, _ := get(t, client, request(t, http.MethodGet, test.from))
			if resp.StatusCode != http.StatusOK || second.Header.Get("Authorization") != "Bearer "+secretToken {
				t.Errorf("%d, and the second request is %+v", resp.StatusCode, second)
			}
		})
	}
}

func TestRedirectToOtherPortIsNotFollowed(t *testing.T) {
	t.Parallel()
	client := newClientOver(t, func(req *http.Request) (*http.Response, error) {
		return responseTo(req, http.StatusTemporaryRedirect, "Location", "https://api.recruitee.com:8443/elsewhere"), nil
	})
	if resp, _ := get(t, client, request(t, http.MethodGet, "https://api.recruitee.com")); resp.StatusCode != http.StatusTemporaryRedirect {
		t.Error(resp.StatusCode)
	}
}

func followed(t *testing.T, server *transporttest.Server, resp *Response, method string) {
	t.Helper()
	asked := server.Requests()
	if resp.StatusCode != http.StatusOK || len(asked) != 2 {
		t.Fatalf("%d after %d requests", resp.StatusCode, len(asked))
	}
	if second := asked[1]; second.Method != method || second.Path != "/elsewhere" || second.Body != asked[0].Body {
		t.Errorf("the second request is %s %s %q", second.Method, second.Path, second.Body)
	}
	if got := asked[1].Header.Get("Authorization"); got != "Bearer "+secretToken {
		t.Errorf("the second request has the Authorization %q", got)
	}
}

func TestARedirectToAnotherServerIsNotFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		for ask, sent := range asks {
			t.Run(ask+" after "+http.StatusText(status), func(t *testing.T) {
				t.Parallel()
				other := serve(t, answering(http.StatusOK))
				server := serve(t, answering(status, "Location", other.URL+"/login?token=s3cret-query"))
				resp, _ := get(t, newClient(t), request(t, sent.method, server.URL, sent.header...))
				if got := len(other.Requests()); got != 0 {
					t.Errorf("the other server got %d requests", got)
				}
				if got := len(server.Requests()); resp.StatusCode != status || got != 1 {
					t.Errorf("%d after %d requests", resp.StatusCode, got)
				}
				text := UnexpectedResponse("Recruitee", resp, "").Error()
				holdsNoSecret(t, text)
				if !strings.Contains(text, "it redirects to "+other.URL+", and only redirects on the same server are followed") {
					t.Error(text)
				}
			})
		}
	}
}

func TestARedirectFromTLSToPlainHTTPIsNotFollowed(t *testing.T) {
	t.Parallel()
	server := serveTLS(t, func(w http.ResponseWriter, r *http.Request) {
		answering(http.StatusFound, "Location", "http://"+r.Host+"/elsewhere")(w, r)
	})
	client := newClient(t)
	client.pool().TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig
	resp, _ := get(t, client, request(t, http.MethodGet, server.URL))
	if got := len(server.Requests()); resp.StatusCode != http.StatusFound || got != 1 {
		t.Errorf("%d after %d requests", resp.StatusCode, got)
	}
}

func TestAChangeNeverBecomesAGET(t *testing.T) {
	t.Parallel()
	for ask, sent := range asks {
		if sent.method == http.MethodGet {
			continue
		}
		for _, status := range []int{301, 302, 303} {
			t.Run(ask+" after "+http.StatusText(status), func(t *testing.T) {
				t.Parallel()
				server := serve(t, answering(status, "Location", "/elsewhere"), answering(http.StatusOK))
				resp, _ := get(t, newClient(t), request(t, sent.method, server.URL, sent.header...))
				if got := len(server.Requests()); resp.StatusCode != status || got != 1 {
					t.Errorf("%d after %d requests", resp.StatusCode, got)
				}
				want := "it redirects, which would turn the " + sent.method + " into a GET"
				if text := UnexpectedResponse("Recruitee", resp, "").Error(); !strings.Contains(text, want) {
					t.Error(text)
				}
			})
		}
	}
}

func TestRedirectsWithoutEndAreNotFollowed(t *testing.T) {
	t.Parallel()
	for ask, sent := range asks {
		t.Run(ask, func(t *testing.T) {
			t.Parallel()
			server := serve(t, answering(http.StatusTemporaryRedirect, "Location", "/elsewhere"))
			resp, _ := get(t, newClient(t), request(t, sent.method, server.URL, sent.header...))
			if got := len(server.Requests()); resp.StatusCode != http.StatusTemporaryRedirect || got != 1+maxRedirects {
				t.Errorf("%d after %d requests", resp.StatusCode, got)
			}
			if text := UnexpectedResponse("Recruitee", resp, "").Error(); !strings.Contains(text, "it redirects too often") {
				t.Error(text)
			}
		})
	}
}

func TestConnectionsAreKeptUntilClose(t *testing.T) {
	t.Parallel()
	server := transporttest.NewUnstartedServer(t, answering(http.StatusOK))
	opened, closed := make(chan struct{}, 10), make(chan struct{}, 10)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			opened <- struct{}{}
		case http.StateClosed:
			closed <- struct{}{}
		}
	}
	server.Start()
	client := newClient(t)
	for range 3 {
		get(t, client, request(t, http.MethodGet, server.URL))
	}
	if got := len(opened); got != 1 {
		t.Errorf("three requests opened %d connections", got)
	}
	client.Close()
	select {
	case <-closed:
	case <-time.After(20 * time.Second):
		t.Error("Close left the connection open")
	}
}

func TestAnInterruptedOperationSendsNothingMore(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		interrupt()
		<-r.Context().Done()
	})
	failure := fail(t, newClient(t), request(t, http.MethodGet, server.URL).WithContext(ctx))
	if got := len(server.Requests()); got != 1 || failure.Attempts != 1 || !errors.Is(failure, context.Canceled) || failure.Reason != "the operation was interrupted" {
		t.Errorf("%d requests: %v", got, failure)
	}
}

func TestATokenThatHTTPCannotCarry(t *testing.T) {
	t.Parallel()
	for name, token := range map[string]string{
		"with a line break":       "s3cret\n",
		"with another header":     "s3cret\r\nX-Injected: yes",
		"with a NUL":              "s3cret\x00",
		"with a DEL":              "s3cret\x7f",
		"with an escape sequence": "s3cret\x1b[2J",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, answering(http.StatusOK))
			failure := fail(t, newClient(t), request(t, http.MethodGet, server.URL, "Authorization", "Bearer "+token))
			if want := "the request's Authorization header contains a character that HTTP doesn't allow"; failure.Reason != want || failure.Attempts != 0 {
				t.Error(failure)
			}
			if got := len(server.Requests()); got != 0 {
				t.Errorf("%d requests", got)
			}
		})
	}
}
