package transport

import (
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
)

// A redirect must not send a token to another server, or turn a change into a GET.
func TestRedirectIsFollowedOnlyToSameServerWithSameMethod(t *testing.T) {
	t.Parallel()
	allMethods := []string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete}
	allStatuses := []int{301, 302, 303, 307, 308}
	for name, test := range map[string]struct {
		from, to string
		methods  []string
		statuses []int
		// requests is the expected number of requests. problem is a part of the expected error, or "" if the last
		// request succeeds.
		requests int
		problem  string
	}{
		"a GET":                       {"https://api.recruitee.com", "/elsewhere", allMethods[:1], allStatuses, 2, ""},
		"any method, with its body":   {"https://api.recruitee.com", "/elsewhere", allMethods, []int{307, 308}, 2, ""},
		"to the default port":         {"https://api.recruitee.com", "https://api.recruitee.com:443/elsewhere", allMethods, []int{307}, 2, ""},
		"from the default port":       {"https://api.recruitee.com:443", "https://api.recruitee.com/elsewhere", allMethods, []int{307}, 2, ""},
		"to the host in upper case":   {"https://api.recruitee.com", "HTTPS://API.Recruitee.com/elsewhere", allMethods, []int{307}, 2, ""},
		"to the default port of http": {"http://127.0.0.1", "http://127.0.0.1:80/elsewhere", allMethods, []int{307}, 2, ""},
		"a method that becomes GET":   {"https://api.recruitee.com", "/elsewhere", allMethods[1:], []int{301, 302, 303}, 1, "it redirects, which would turn the METHOD into a GET"},
		"to another server":           {"https://api.recruitee.com", "https://login.example/elsewhere?token=s3cret-query", allMethods, allStatuses, 1, "it redirects to https://login.example, and only redirects on the same server are followed"},
		"to another port":             {"https://api.recruitee.com", "https://api.recruitee.com:8443/elsewhere", allMethods, allStatuses, 1, "it redirects to https://api.recruitee.com:8443, and only redirects on the same server are followed"},
		"to plain HTTP":               {"https://api.recruitee.com", "http://api.recruitee.com/elsewhere", allMethods, allStatuses, 1, "it redirects to http://api.recruitee.com, and only redirects on the same server are followed"},
		"an endless redirect":         {"https://api.recruitee.com", "/again", allMethods, []int{307}, 1 + maxRedirects, "it redirects too often"},
	} {
		for _, method := range test.methods {
			for _, status := range test.statuses {
				t.Run(name+" after "+method+" and "+http.StatusText(status), func(t *testing.T) {
					t.Parallel()
					var sent []*http.Request
					var bodies []string
					client := newClientOver(t, func(req *http.Request) (*http.Response, error) {
						body := ""
						if req.Body != nil {
							content, _ := io.ReadAll(req.Body)
							body = string(content)
						}
						sent, bodies = append(sent, req), append(bodies, body)
						if req.URL.Path == "/elsewhere" {
							return responseTo(req, http.StatusOK), nil
						}
						return responseTo(req, status, "Location", test.to), nil
					})
					resp, _ := get(t, client, request(t, method, test.from))
					if len(sent) != test.requests {
						t.Fatalf("status %d after %d requests instead of %d", resp.StatusCode, len(sent), test.requests)
					}
					last := sent[len(sent)-1]
					if last.Method != method || bodies[len(sent)-1] != bodies[0] || last.Header.Get("Authorization") != "Bearer "+secretToken {
						t.Errorf("the last request is %s %q with %v", last.Method, bodies[len(sent)-1], last.Header)
					}
					if test.problem == "" {
						if resp.StatusCode != http.StatusOK {
							t.Errorf("status %d instead of 200", resp.StatusCode)
						}
						return
					}
					text := UnexpectedResponse("Recruitee", resp, "").Error()
					expectNoSecret(t, text)
					if want := strings.Replace(test.problem, "METHOD", method, 1); resp.StatusCode != status || !strings.Contains(text, want) {
						t.Errorf("status %d, and the error %s", resp.StatusCode, text)
					}
				})
			}
		}
	}
}

// If a user sets Terraform's -parallelism to 64, the client keeps 64 connections open and reuses them.
func TestSixtyFourConnectionsAreReused(t *testing.T) {
	t.Parallel()
	const parallelism = 64
	arrived, released := make(chan struct{}), make(chan struct{})
	server := transporttest.NewUnstartedServer(t, func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-released
	})
	var opened atomic.Int32
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	client := newClient(t)
	for range 3 {
		var running sync.WaitGroup
		for range parallelism {
			running.Go(func() {
				if _, err := do(client, request(t, http.MethodGet, server.URL)); err != nil {
					t.Error(err)
				}
			})
		}
		// Wait until all requests are in flight, then release them.
		for range parallelism {
			<-arrived
		}
		for range parallelism {
			released <- struct{}{}
		}
		running.Wait()
	}
	if opened.Load() != parallelism {
		t.Errorf("%d connections were opened instead of %d", opened.Load(), parallelism)
	}
}

func TestTokenThatHTTPDoesNotAllowIsNotSent(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"s3cret\r\nX-Injected: yes", "s3cret\x00", "s3cret\x7f"} {
		server := transporttest.Serve(t, responding(http.StatusOK))
		failure := fail(t, newClient(t), request(t, http.MethodGet, server.URL, "Authorization", "Bearer "+token))
		if want := "the request's Authorization header contains a character that HTTP doesn't allow"; failure.Reason != want || failure.Attempts != 0 {
			t.Errorf("%q: the error is %v after %d attempts", token, failure, failure.Attempts)
		}
		if got := len(server.Requests()); got != 0 {
			t.Errorf("%q: %d requests were sent", token, got)
		}
	}
}

func TestUserAgent(t *testing.T) {
	t.Parallel()
	usual := "Terraform/1.14.2 terraform-provider-wintro/0.1.0-dev (" + runtime.GOOS + "; " + runtime.GOARCH + ")"
	for name, test := range map[string]struct{ added, want string }{
		"no addition":              {"", usual},
		"a pipeline's name":        {"ci/42 (nightly)", usual + " ci/42 (nightly)"},
		"a line break":             {"ci\r\nX: y", usual + " ci X: y"},
		"more than 200 characters": {strings.Repeat("a", 300), usual + " " + strings.Repeat("a", 200) + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := UserAgent("1.14.2", "0.1.0-dev", test.added)
			if got != test.want {
				t.Errorf("got %q instead of %q", got, test.want)
			}
			if name := invalidHeader(map[string][]string{"User-Agent": {got}}); name != "" {
				t.Errorf("HTTP doesn't allow %q", got)
			}
		})
	}
}
