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
	// idleConnections is the number of connections to one host that stay open between calls: enough for
	// Terraform's default parallelism of 10 and for users who raise it.
	idleConnections = 64
	// maxDialTime and maxPingTime are upper limits. With a short request timeout, both are shorter, so that
	// one attempt can find a dead address or connection and the next attempt avoids it.
	maxDialTime = 10 * time.Second
	maxPingTime = 5 * time.Second
)

// newHTTPTransport returns a pool of connections for attempts with this time limit.
//
//   - Opening a connection takes at most half of it. net.Dialer divides that time between the addresses of
//     the host, at least two seconds for each, so that a dead address leaves time for the others.
//   - An HTTP/2 connection on which nothing arrives is checked with a ping, and closed if nothing arrives
//     after that either. Otherwise all attempts would use the same dead connection.
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

// newProxyFunc returns a function that chooses the proxy for a request. net/http ignores an invalid variable,
// so a user whose password contains a special character wouldn't find out.
func newProxyFunc(settings httpproxy.Config) func(*http.Request) (*url.URL, error) {
	problem := proxyProblem(settings.HTTPSProxy)
	if problem != "" {
		// NO_PROXY may still exclude the host.
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

// proxyProblem returns what is wrong with the URL of a proxy, or "" if it is only a scheme, credentials, a host and
// a port. With a special character in the password, url.Parse may read the rest of it as a path, a query or a
// fragment.
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

// proxyVariable returns the name of the environment variable that httpproxy takes the proxy from. Plain http
// is only for loopback addresses, which never use a proxy.
func proxyVariable() string {
	const preferred = "https_proxy"
	if os.Getenv(preferred) != "" {
		return preferred
	}
	return strings.ToUpper(preferred)
}

// proxyError means that the proxy didn't open a connection or, with the status 0, that its URL has a problem.
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

// invalidHeader returns the name of a header that net/http refuses to send, or "". Otherwise the error would
// look like a network failure.
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
