package transport

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
	"unicode"

	"golang.org/x/net/http/httpguts"
	"golang.org/x/net/http/httpproxy"
)

const (
	// idleConnections is the maximum number of idle connections to one host. Terraform's default parallelism is 10, so
	// this leaves room for users who raise the parallelism.
	idleConnections = 64
	// maxDialTime and maxPingTime are upper limits. If the request timeout is short, both times are shorter, so that
	// an attempt still detects a dead address or connection before it times out.
	maxDialTime = 10 * time.Second
	maxPingTime = 5 * time.Second
)

// newHTTPTransport returns a connection pool for attempts that may take up to requestTimeout.
//
//   - Opening a TCP connection takes at most dialTime(requestTimeout). net.Dialer divides this time among the host's
//     addresses, with at least two seconds for each while time remains, so a dead address usually leaves time for the
//     others.
//   - If an HTTP/2 connection is silent, net/http sends a ping, and closes the connection if no reply arrives. Without
//     the ping, all attempts might use the same dead connection.
func newHTTPTransport(requestTimeout time.Duration) *http.Transport {
	pool := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // documented
	pool.Proxy = newProxyFunc(*httpproxy.FromEnvironment())
	pool.DialContext = (&net.Dialer{Timeout: dialTime(requestTimeout)}).DialContext
	pool.TLSHandshakeTimeout = 0
	pool.MaxIdleConnsPerHost = idleConnections
	pool.MaxResponseHeaderBytes = MaxBodyBytes
	pingTime := min(maxPingTime, requestTimeout/4)
	pool.HTTP2 = &http.HTTP2Config{SendPingTimeout: pingTime, PingTimeout: pingTime}
	pool.OnProxyConnectResponse = func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
		if resp.StatusCode != http.StatusOK {
			return proxyError{status: resp.StatusCode}
		}
		return nil
	}
	return pool
}

func dialTime(requestTimeout time.Duration) time.Duration { return min(maxDialTime, requestTimeout/2) }

// newProxyFunc returns a function that chooses the proxy for a request. If the request needs a proxy but the
// environment variable with the proxy's URL is invalid, the function returns an error. net/http would ignore the
// variable, so a user whose proxy password contains a special character would never learn why requests bypass the
// proxy.
func newProxyFunc(settings httpproxy.Config) func(*http.Request) (*url.URL, error) {
	problem := proxyProblem(settings.HTTPSProxy)
	if problem != "" {
		// Use any valid URL instead. The returned function still needs to know whether NO_PROXY excludes the host.
		settings.HTTPSProxy = "http://invalid.invalid"
	}
	proxyFor := settings.ProxyFunc()
	return func(req *http.Request) (*url.URL, error) {
		proxy, err := proxyFor(req.URL)
		if proxy != nil && req.URL.Scheme == "https" && problem != "" {
			return nil, proxyError{problem: problem}
		}
		return proxy, err
	}
}

// proxyProblem describes the problem with a proxy's URL. It returns "" if text is empty, or if the URL consists only of
// a scheme, credentials, a host and a port. If the password contains a special character, url.Parse may take the rest
// of the password for a path, a query or a fragment.
func proxyProblem(text string) string {
	switch {
	case text == "":
		return ""
	case strings.ContainsFunc(text, unicode.IsSpace):
		return "it contains white space or a line break"
	case !strings.Contains(text, "://"):
		text = "http://" + text
	}
	proxy, err := url.Parse(text)
	if err == nil && proxy.Hostname() != "" && strings.Trim(proxy.Path, "/") == "" && proxy.RawQuery == "" && proxy.Fragment == "" {
		return ""
	}
	return "special characters in a password must be percent-encoded"
}

// proxyVariable returns the name of the environment variable that sets the proxy for https. The variable for
// plain http doesn't matter, because plain http is only for loopback addresses, which never use a proxy.
func proxyVariable() string {
	const preferred = "https_proxy"
	if os.Getenv(preferred) != "" {
		return preferred
	}
	return strings.ToUpper(preferred)
}

// proxyError means that the proxy refused to open a connection or, if status is 0, that the proxy's URL is
// invalid.
type proxyError struct {
	status  int
	problem string
}

func (e proxyError) Error() string {
	switch e.status {
	case 0:
		return proxyVariable() + " isn't the URL of a proxy; " + e.problem
	case http.StatusProxyAuthRequired:
		return fmt.Sprintf("the proxy in %s returned %s, so it needs another user name or password", proxyVariable(), statusText(e.status))
	}
	return fmt.Sprintf("the proxy in %s returned %s", proxyVariable(), statusText(e.status))
}

// invalidHeader returns the name of a header that net/http would refuse to send, or "" if all headers are valid. The
// error from net/http would look like a network failure.
func invalidHeader(header http.Header) string {
	for name, values := range header {
		for _, value := range values {
			if !httpguts.ValidHeaderFieldValue(value) {
				return name
			}
		}
	}
	return ""
}
