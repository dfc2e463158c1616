// Package transport is the provider's HTTP: one client per remote system, with bounded retries, rate
// limits, timeouts, a size limit, a user agent and log lines that can't hold a secret.
//
// The text of its errors is one sentence without a full stop.
package transport

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// maxRedirects is how many redirects one attempt follows.
const maxRedirects = 4

// Options are the settings of a Client.
type Options struct {
	// System is the remote system's name in messages and logs, such as "Recruitee".
	System string
	// UserAgent is sent with each request. See UserAgent.
	UserAgent string
	// EndpointPath is the path of the endpoint. Logs don't contain it, because it may contain a secret.
	EndpointPath string
	// MaxRetries is how often a request is sent again, at most, after an attempt that failed.
	MaxRetries int
	// RequestTimeout is the time limit of one attempt, including the body of its response. Zero means 30
	// seconds.
	RequestTimeout time.Duration
	// Pause is the shortest pause before a retry. Pauses grow, and are random within bounds. Zero means
	// half a second.
	Pause time.Duration
	// RoundTripper sends the requests. Nil means over the network.
	RoundTripper http.RoundTripper
}

// Client sends requests to one remote system. It is safe for concurrent use.
type Client struct {
	options Options
	limiter rateLimiter

	httpClient *http.Client
}

// New returns a client. It opens no connection.
func New(options Options) *Client {
	options.Pause = cmp.Or(options.Pause, 500*time.Millisecond)
	options.RequestTimeout = cmp.Or(options.RequestTimeout, 30*time.Second)
	if options.RoundTripper == nil {
		options.RoundTripper = newHTTPTransport()
	}
	return &Client{
		options: options,
		limiter: rateLimiter{system: options.System},
		httpClient: &http.Client{
			Transport:     options.RoundTripper,
			CheckRedirect: followOnSameHost,
		},
	}
}

// Do sends a request and decodes its response. It sends the request again if an attempt failed and
// another one is safe and may help, at most 1 + MaxRetries times in all: after a failure of the network, a
// response that asks for it by its status, a success that decode finds not to be as documented, or an error
// of decode's that has a method Retryable and reports true.
//
// decode gets each response, whatever its status. Its error is a *UnavailableError, made by UnexpectedResponse,
// if the response isn't one that the system's documentation knows, and then the error of Do, as any
// other error of decode for the last response. If there is no response, or none that can be read to its
// end, the error of Do is a *UnavailableError.
func Do[T any](c *Client, req *http.Request, decode func(*Response) (T, error)) (T, error) {
	var value T
	if name := invalidHeader(req.Header); name != "" {
		return value, &UnavailableError{System: c.options.System, Host: req.URL.Host, Reason: "the request's " + name + " header holds a character that HTTP doesn't allow"}
	}
	RememberSecret(strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer "))
	ctx := req.Context()
	began, attempts := time.Now(), 0
	noAnswer := func(err error) *UnavailableError {
		return &UnavailableError{
			System:    c.options.System,
			Host:      req.URL.Host,
			Reason:    reason(ctx, err, began, c.options.RequestTimeout),
			Attempts:  attempts,
			Untrusted: isError[x509.UnknownAuthorityError](err),
			ended:     ctx.Err(),
		}
	}
	value, err := backoff.Retry(ctx, func() (T, error) {
		c.limiter.wait(ctx, req)
		attempts++
		resp, err := c.attempt(ctx, req, began, attempts)
		if err != nil {
			return value, permanentUnless(mayRetryFailure(ctx, req, err), noAnswer(err))
		}
		value, err := decode(resp)
		return value, permanentUnless(mayRetryResponse(ctx, resp, err), err)
	},
		backoff.WithBackOff(c.pauses()),
		backoff.WithMaxTries(uint(1+max(0, c.options.MaxRetries))),
		backoff.WithMaxElapsedTime(0))

	var permanent *backoff.PermanentError
	switch {
	case errors.As(err, &permanent):
		return value, permanent.Unwrap()
	case err != nil && errors.Is(err, context.Cause(ctx)):
		// The operation ended during a pause.
		return value, noAnswer(err)
	}
	return value, err
}

// Close drops the idle connections.
func (c *Client) Close() {
	c.httpClient.CloseIdleConnections()
}

// followOnSameHost follows a redirect only if it asks for the same of the same server: a token
// never goes to another host, and a change never turns into a GET. What isn't followed is the response.
func followOnSameHost(req *http.Request, via []*http.Request) error {
	first := via[0]
	if !isSameServer(req.URL, first.URL) || req.Method != first.Method || len(via) > maxRedirects {
		return http.ErrUseLastResponse
	}
	return nil
}

func isSameServer(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && a.Host == b.Host
}
