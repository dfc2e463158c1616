package transport

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/http/httpproxy"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
)

func TestProxyFailureIsExplained(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		proxy    func(*testing.T) string
		want     string
		attempts int
	}{
		"requires a password":     {func(t *testing.T) string { return transporttest.Serve(t, responding(407)).URL }, " returned 407 Proxy Authentication Required, so it needs another user name or password", 1},
		"rejects the host":        {func(t *testing.T) string { return transporttest.Serve(t, responding(403)).URL }, " returned 403 Forbidden", 1},
		"can't reach the host":    {func(t *testing.T) string { return transporttest.Serve(t, responding(502)).URL }, " returned 502 Bad Gateway", 3},
		"reports its own failure": {func(t *testing.T) string { return transporttest.Serve(t, responding(500)).URL }, " returned 500 Internal Server Error", 3},
		"refuses connections":     {func(t *testing.T) string { return "http://" + refusing(t) }, " can't be reached", 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy, err := url.Parse(test.proxy(t))
			if err != nil {
				t.Fatal(err)
			}
			client := newClient(t)
			client.pool().Proxy = http.ProxyURL(proxy)
			if failure := fail(t, client, request(t, http.MethodGet, "https://api.recruitee.com")); failure.Reason != "the proxy in "+proxyVariable()+test.want || failure.Attempts != test.attempts || failure.Proxy != proxyVariable() {
				t.Error(failure)
			}
		})
	}
}

func TestProxyFromEnvironmentIsUsed(t *testing.T) {
	t.Parallel()
	if newClient(t).pool().Proxy == nil {
		t.Error("HTTPS_PROXY has no effect")
	}
}

func TestProxyVariableInLowerCaseWins(t *testing.T) {
	for value, want := range map[string]string{"": "HTTPS_PROXY", "http://proxy.example": "https_proxy"} {
		t.Setenv("https_proxy", value)
		if got := proxyVariable(); got != want {
			t.Errorf("with https_proxy=%q, the variable is %s", value, got)
		}
	}
}

func TestInvalidProxyVariable(t *testing.T) {
	t.Parallel()
	const mustEncode, hasSpace = "special characters in a password must be percent-encoded", "it contains white space or a line break"
	for name, test := range map[string]struct {
		value, noProxy string
		// want is the proxy's URL or, if the variable is invalid, the end of the error's reason.
		want string
	}{
		"a URL":                      {value: "http://ada:p%40ss@proxy.example:3128", want: "http://ada:p%40ss@proxy.example:3128"},
		"a URL with a slash":         {value: "http://proxy.example:3128/", want: "http://proxy.example:3128/"},
		"a host and port":            {value: "proxy.example:3128", want: "http://proxy.example:3128"},
		"a SOCKS proxy":              {value: "socks5://proxy.example:1080", want: "socks5://proxy.example:1080"},
		"no value":                   {},
		"a percent sign":             {value: "http://ada:s3cret%@proxy.example:3128", want: mustEncode},
		"a number sign":              {value: "http://ada:s3cret#x@proxy.example:3128", want: mustEncode},
		"a number sign after digits": {value: "http://ada:12#s3cret@proxy.example:3128", want: mustEncode},
		"a slash":                    {value: "http://ada:s3cret/x@proxy.example:3128", want: mustEncode},
		"a slash after digits":       {value: "http://ada:12/s3cret@proxy.example:3128", want: mustEncode},
		"a question mark":            {value: "http://ada:12?s3cret@proxy.example:3128", want: mustEncode},
		"a space":                    {value: "http://ada:s3cret x@proxy.example:3128", want: hasSpace},
		"a line break":               {value: "http://proxy.example:3128\r", want: hasSpace},
		"no host":                    {value: "http://", want: mustEncode},
		"credentials without a host": {value: "ada:s3cret", want: mustEncode},
		"an invalid NO_PROXY":        {value: "http://proxy.example:3128", noProxy: ":1,[::,10.0.0.0/99", want: "http://proxy.example:3128"},
		"invalid, for another host":  {value: "http://ada:s3cret%@proxy.example:3128", noProxy: ".recruitee.com"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			choose := newProxyFunc(httpproxy.Config{HTTPSProxy: test.value, NoProxy: test.noProxy})
			if test.want != mustEncode && test.want != hasSpace {
				proxy, err := choose(request(t, http.MethodGet, "https://api.recruitee.com"))
				if err != nil || (proxy == nil) != (test.want == "") || proxy != nil && proxy.String() != test.want {
					t.Errorf("the proxy is %v, and the error %v", proxy, err)
				}
				return
			}
			client := newClient(t)
			client.pool().Proxy = choose
			failure := fail(t, client, request(t, http.MethodGet, "https://api.recruitee.com"))
			want := proxyVariable() + " isn't the URL of a proxy; " + test.want
			if failure.Reason != want || failure.Attempts != 1 || failure.Proxy != proxyVariable() {
				t.Errorf("%+v", failure)
			}
		})
	}
}

// serveHTTP2 starts a server that fails the test if a request doesn't use HTTP/2. It returns the server, and a
// configuration for clients that trust the server's certificate.
func serveHTTP2(t *testing.T, respond func(http.ResponseWriter)) (*httptest.Server, *tls.Config) {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("the protocol is %s", r.Proto)
		}
		respond(w)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	return server, &tls.Config{RootCAs: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
}

// When an HTTP/2 server restarts, it ends its connections with GOAWAY. No request may fail because of that.
func TestGoAwayFailsNoRequest(t *testing.T) {
	t.Parallel()
	server, config := serveHTTP2(t, func(w http.ResponseWriter) { w.Header().Set("Connection", "close") })
	client := newClient(t)
	client.pool().TLSClientConfig = config
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := do(client, request(t, http.MethodGet, server.URL)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// A proxy or NAT may silently drop an HTTP/2 connection. The dead connection must cost only one attempt.
func TestDeadHTTP2ConnectionIsReplaced(t *testing.T) {
	t.Parallel()
	server, config := serveHTTP2(t, func(http.ResponseWriter) {})
	var isDead atomic.Bool
	var opened atomic.Int32
	relay := serveTCP(t, func(connection net.Conn) {
		number := opened.Add(1)
		behind, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = behind.Close() }()
		go func() { _, _ = io.Copy(connection, behind) }()
		buffer := make([]byte, 4096)
		for {
			n, err := connection.Read(buffer)
			if err != nil {
				return
			}
			// Once isDead is true, the first connection discards all data from the client.
			if number > 1 || !isDead.Load() {
				_, _ = behind.Write(buffer[:n])
			}
		}
	})
	client := newClient(t, func(o *Options) { o.RequestTimeout = 6 * time.Second })
	client.pool().TLSClientConfig = config
	address := strings.Replace(relay, "http:", "https:", 1)
	get(t, client, request(t, http.MethodGet, address))
	isDead.Store(true)
	if resp, _ := get(t, client, request(t, http.MethodGet, address)); resp.Attempts != 2 || opened.Load() != 2 {
		t.Errorf("%d attempts over %d connections", resp.Attempts, opened.Load())
	}
}

// A dial takes at most half of the request timeout. net.Dialer divides this time among the addresses of a host, so an
// attempt can reach the second address if the first one is dead.
func TestDialTakesAtMostHalfOfRequestTimeout(t *testing.T) {
	t.Parallel()
	client := newClient(t, func(o *Options) { o.RequestTimeout = time.Second })
	failure := fail(t, client, request(t, http.MethodGet, silentListener(t)))
	if failure.Reason != "no connection could be opened within 500ms" || failure.Attempts != 3 {
		t.Error(failure)
	}
}

// silentListener returns the address of a socket that ignores new connections, because its queue is full.
func silentListener(t *testing.T) (address string) {
	t.Helper()
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(socket) })
	if err := errors.Join(syscall.Bind(socket, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), syscall.Listen(socket, 0)); err != nil {
		t.Fatal(err)
	}
	bound, err := syscall.Getsockname(socket)
	if err != nil {
		t.Fatal(err)
	}
	host := net.JoinHostPort("127.0.0.1", strconv.Itoa(bound.(*syscall.SockaddrInet4).Port))
	for {
		connection, err := (&net.Dialer{Timeout: 100 * time.Millisecond}).DialContext(t.Context(), "tcp", host)
		if err != nil {
			return "http://" + host
		}
		t.Cleanup(func() { _ = connection.Close() })
	}
}
