package transport

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

func TestAnHTTPProxy(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		proxy func(*testing.T) string
		want  string
		tries int
	}{
		"that wants a password": {
			proxy: func(t *testing.T) string { return serve(t, answering(http.StatusProxyAuthRequired)).URL },
			want:  "the HTTP proxy answered 407 Proxy Authentication Required", tries: 1,
		},
		"that doesn't let the host through": {
			proxy: func(t *testing.T) string { return serve(t, answering(http.StatusForbidden)).URL },
			want:  "the HTTP proxy answered 403 Forbidden", tries: 1,
		},
		"that can't reach the host": {
			proxy: func(t *testing.T) string { return serve(t, answering(http.StatusBadGateway)).URL },
			want:  "the HTTP proxy answered 502 Bad Gateway", tries: 3,
		},
		"that isn't there": {
			proxy: func(t *testing.T) string { return "http://" + refusing(t) },
			want:  "the HTTP proxy can't be reached", tries: 3,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy, err := url.Parse(test.proxy(t))
			if err != nil {
				t.Fatal(err)
			}
			client := newClient(t)
			client.pool().Proxy = http.ProxyURL(proxy)
			if failure := fail(t, client, request(t, http.MethodGet, "https://api.recruitee.com")); failure.Reason != test.want || failure.Attempts != test.tries {
				t.Error(failure)
			}
		})
	}
}

func TestTheProxyOfTheEnvironmentIsUsed(t *testing.T) {
	t.Parallel()
	if newClient(t).pool().Proxy == nil {
		t.Error("HTTPS_PROXY has no effect")
	}
}

func TestOnlyTheRequestTimeoutLimitsATry(t *testing.T) {
	t.Parallel()
	pool := newClient(t).pool()
	// With a limit of its own the error would name a time that nobody set.
	if pool.TLSHandshakeTimeout != 0 || pool.ResponseHeaderTimeout != 0 {
		t.Errorf("%s for the handshake, %s for the header", pool.TLSHandshakeTimeout, pool.ResponseHeaderTimeout)
	}
}

// Terraform's -parallelism may be 64: then as many connections stay open, and none is made twice.
func TestSixtyFourAtOnceUseTheirConnectionsAgain(t *testing.T) {
	t.Parallel()
	const atOnce = 64
	var opened atomic.Int32
	arrived, released := make(chan struct{}), make(chan struct{})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-released
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	client := newClient(t)
	for range 3 {
		var running sync.WaitGroup
		for range atOnce {
			running.Go(func() {
				if _, err := do(client, request(t, http.MethodGet, server.URL)); err != nil {
					t.Error(err)
				}
			})
		}
		// All of them are under way at once.
		for range atOnce {
			<-arrived
		}
		for range atOnce {
			released <- struct{}{}
		}
		running.Wait()
	}
	if opened.Load() > atOnce {
		t.Errorf("%d connections", opened.Load())
	}
}

func TestHTTP2WhereTheServerHasIt(t *testing.T) {
	t.Parallel()
	protocol := make(chan string, 1)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { protocol <- r.Proto }))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	client := newClient(t)
	client.pool().TLSClientConfig = &tls.Config{RootCAs: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
	if _, err := do(client, request(t, http.MethodGet, server.URL)); err != nil {
		t.Fatal(err)
	}
	if is := <-protocol; is != "HTTP/2.0" {
		t.Errorf("it spoke %s", is)
	}
}
