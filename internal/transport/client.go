// Package transport sends the provider's HTTP requests: with one client per remote system, bounded retries,
// rate limits, timeouts, size limits and a circuit breaker. It also knows every secret of the process and
// removes secrets from texts.
//
// The text of its errors is one sentence without a full stop.
package transport

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxRedirects is the maximum number of redirects that one attempt follows.
const maxRedirects = 4

// Options are the settings of a Client.
type Options struct {
	// System is the remote system's name in messages and logs, such as "Recruitee".
	System string
	// UserAgent is sent with each request. See UserAgent.
	UserAgent string
	// EndpointPath is the path of the endpoint. Logs don't contain it, because it may contain a secret.
	EndpointPath string
	// MaxRetries is the maximum number of retries after a failed attempt.
	MaxRetries int
	// RequestTimeout is the time limit of one attempt, including the body of its response. Zero means 30
	// seconds.
	RequestTimeout time.Duration
	// Pause is the minimum pause before a retry. Pauses grow and are random. Zero means half a second.
	Pause time.Duration
	// RoundTripper sends the requests. Nil means over the network.
	RoundTripper http.RoundTripper
}

// Client sends requests to one remote system. It is safe for concurrent use.
type Client struct {
	options Options
	limiter rateLimiter
	breaker breaker

	httpClient *http.Client
}

// New returns a client. It opens no connection.
func New(options Options) *Client {
	options.Pause = cmp.Or(options.Pause, 500*time.Millisecond)
	options.RequestTimeout = cmp.Or(options.RequestTimeout, 30*time.Second)
	if options.RoundTripper == nil {
		options.RoundTripper = newHTTPTransport(options.RequestTimeout)
	}
	return &Client{
		options: options,
		limiter: rateLimiter{system: options.System},
		httpClient: &http.Client{
			Transport:     options.RoundTripper,
			CheckRedirect: followOnSameServer,
		},
	}
}

// Do sends a request and decodes its response. It sends the request again if an attempt failed and
// another attempt is safe and may help, at most 1 + MaxRetries times in all: after a network failure, a
// status that asks for it, a success that decode finds not to be as documented, or an error of decode with
// a method Retryable that returns true.
//
// decode gets every response, regardless of its status. Its error must be a *UnavailableError, made by
// UnexpectedResponse, if the system's documentation doesn't know such a response. Do returns the error of
// decode for the last response. Without a complete response, its error is a *UnavailableError.
//
// While the system is down, Do sends nothing and returns the *UnavailableError of an earlier call, with
// NotSent.
func Do[T any](c *Client, req *http.Request, decode func(*Response) (T, error)) (T, error) {
	var value T
	if name := invalidHeader(req.Header); name != "" {
		return value, &UnavailableError{System: c.options.System, Host: req.URL.Host, Reason: "the request's " + name + " header contains a character that HTTP doesn't allow"}
	}
	RememberSecret(strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer "))
	ctx := req.Context()
	trial, outage := c.breaker.begin(ctx)
	if outage != nil {
		return value, outage.withoutRequest()
	}
	maxAttempts := 1 + max(0, c.options.MaxRetries)
	if trial.isProbe {
		maxAttempts = 1
	}
	attempts := 0
	unavailable := func(err error) *UnavailableError {
		return &UnavailableError{
			System:    c.options.System,
			Host:      req.URL.Host,
			Reason:    reason(ctx, err, trial.began, c.options.RequestTimeout),
			Attempts:  attempts,
			Untrusted: isError[x509.UnknownAuthorityError](err),
			TLS:       tlsFailure(err) != "" || isError[*tls.CertificateVerificationError](err),
			Proxy:     failedProxy(err),
			ended:     ctx.Err(),
		}
	}
	var last *Response
	var err error
	// isFinal reports whether every other attempt would fail like the last one.
	isFinal := false
	// attempt reports whether another attempt is safe and may help.
	attempt := func() (isRetryable bool) {
		reservation := c.limiter.wait(trial.ctx, req)
		if outage := trial.outage(); outage != nil {
			c.limiter.observe(req, nil, reservation)
			err = outage
			return false
		}
		attempts++
		last, err = c.attempt(ctx, req, trial.began, attempts)
		c.limiter.observe(req, last, reservation)
		if err != nil {
			isFinal, isRetryable = isPermanent(err), isRetryableFailure(ctx, req, err)
			err = unavailable(err)
			return isRetryable
		}
		value, err = decode(last)
		return err != nil && isRetryableResponse(ctx, last, err)
	}
	pauses := c.newBackOff()
	isRetryable := attempt()
	for isRetryable && attempts < maxAttempts && pause(trial.ctx, pauses.NextBackOff()) {
		isRetryable = attempt()
	}
	var failure *UnavailableError
	outage = trial.outage()
	switch {
	case attempts == 0:
		err = outage.withoutRequest()
	case isRetryable && attempts < maxAttempts && outage != nil:
		err = outage
	case isRetryable && attempts < maxAttempts:
		// The operation ended during a pause.
		err = unavailable(ctx.Err())
	case isRetryable || isFinal:
		var ok bool
		if failure, ok = errors.AsType[*UnavailableError](err); !ok {
			failure = UnexpectedResponse(c.options.System, last, "")
		}
	}
	c.breaker.end(trial, isUsable(last, err), failure)
	return value, err
}

// isUsable reports whether the last response shows that the system works: even a rejection or a rate limit
// does. A status that asks for another attempt doesn't.
func isUsable(last *Response, err error) bool {
	if err == nil || last == nil {
		return err == nil
	}
	isTemporary := last.StatusCode == http.StatusRequestTimeout || last.StatusCode == http.StatusTooEarly
	isRejection := last.StatusCode >= http.StatusBadRequest && last.StatusCode < http.StatusInternalServerError && !isTemporary
	return isRejection || last.StatusCode < http.StatusBadRequest && !isError[*UnavailableError](err)
}

// Close drops the idle connections.
func (c *Client) Close() {
	c.httpClient.CloseIdleConnections()
}

// followOnSameServer follows a redirect only if it repeats the request on the same server: a token never goes
// to another server, and a change never becomes a GET. Otherwise the redirect is the response.
func followOnSameServer(req *http.Request, via []*http.Request) error {
	first := via[0]
	if !isSameServer(req.URL, first.URL) || req.Method != first.Method || len(via) > maxRedirects {
		return http.ErrUseLastResponse
	}
	// net/http drops it if the host is written differently.
	req.Header["Authorization"] = first.Header["Authorization"]
	return nil
}

// isSameServer reports whether two addresses have the same scheme, host and port, ignoring case and default ports.
func isSameServer(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(address *url.URL) string {
	switch {
	case address.Port() != "":
		return address.Port()
	case address.Scheme == "https":
		return "443"
	}
	return "80"
}
