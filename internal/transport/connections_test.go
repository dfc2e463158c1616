package transport

import (
	"net/http"
	"net/url"
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
			if failure := fail(t, client, request(t, http.MethodGet, "https://api.recruitee.com")); failure.Reason != test.want || failure.Tries != test.tries {
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
