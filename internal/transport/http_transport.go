package transport

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/hashicorp/go-cleanhttp"
)

// idleConnections is how many connections to one host stay open between calls: enough for
// Terraform's usual parallelism of 10 and for people who raise it.
const idleConnections = 64

// newHTTPTransport returns a pool of connections without time limits of its own: an attempt that takes
// too long ends by Options.RequestTimeout alone, which is what its error names.
func newHTTPTransport() *http.Transport {
	pool := cleanhttp.DefaultPooledTransport()
	pool.MaxIdleConnsPerHost = idleConnections
	pool.DialContext = (&net.Dialer{}).DialContext
	pool.TLSHandshakeTimeout = 0
	pool.OnProxyConnectResponse = func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
		if resp.StatusCode != http.StatusOK {
			return proxyRefusedError{resp.StatusCode}
		}
		return nil
	}
	return pool
}

// proxyRefusedError is for an HTTP proxy that doesn't let a connection through; of net/http's own
// error only the text would tell it from others.
type proxyRefusedError struct{ status int }

func (e proxyRefusedError) Error() string {
	return fmt.Sprintf("the HTTP proxy answered %s", statusText(e.status))
}

// invalidHeader is the name of a header that net/http refuses to send, "" if there is none. Found here
// it isn't taken for a failure of the network.
func invalidHeader(header http.Header) string {
	control := func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
	for name, values := range header {
		for _, value := range values {
			if strings.ContainsFunc(value, control) {
				return name
			}
		}
	}
	return ""
}
