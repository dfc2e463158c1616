// Package transport sends the provider's HTTP requests. Each remote system has its own client, with bounded retries,
// rate limits, timeouts, size limits and a circuit breaker. The package also remembers the secrets of the process, and
// removes them from texts.
//
// The text of each error is a sentence or a clause without a full stop, unless it ends with a system's own words.
package transport

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"time"
)

// maxRedirects is the maximum number of redirects that one attempt follows.
const maxRedirects = 4

// Options are the settings of a Client.
type Options struct {
	// System is the remote system's name in messages and logs, such as "Recruitee".
	System string
	// UserAgent is the User-Agent header of each request. The function UserAgent builds it.
	UserAgent string
	// EndpointPath is the path of the endpoint. Logs don't contain it, because it may contain a secret.
	EndpointPath string
	// MaxRetries is the maximum number of retries after a failed attempt.
	MaxRetries int
	// RequestTimeout is the time limit of one attempt, including the body of its response. Zero means 30
	// seconds.
	RequestTimeout time.Duration
	// Pause is the minimum pause before a retry. Pauses grow with each retry and vary randomly. Zero means half a
	// second.
	Pause time.Duration
	// RoundTripper sends the requests. If it is nil, New creates one that uses the network.
	RoundTripper http.RoundTripper
}

// Client sends requests to one remote system. It is safe for concurrent use.
type Client struct {
	options Options
	limiter rateLimiter
	breaker breaker

	httpClient *http.Client
}

// New returns a client. It doesn't open a connection yet.
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

// Do sends a request and decodes its response. It retries the request at most MaxRetries times, and only if
// another attempt is safe and may help. It retries after a network failure, a status such as 429 or 503, and a
// success that decode reports as undocumented. It also retries if decode returns an error whose Retryable method
// returns true.
//
// decode gets the response of each attempt, regardless of its status. For a response that the system's documentation
// doesn't describe, it must return an *UnavailableError from UnexpectedResponse. Do returns decode's result for the last
// response. Do returns an *UnavailableError instead if the last attempt got no complete response, or if the operation
// ended or the circuit breaker opened before the next attempt.
//
// While the circuit breaker is open, Do sends only requests that serve as probes. For any other request, Do returns the
// *UnavailableError of another call, with NotSent set.
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
	// mayHaveActed reports whether the system may have processed an attempt.
	mayHaveActed := false
	unavailable := func(err error) *UnavailableError {
		return &UnavailableError{
			System:       c.options.System,
			Host:         req.URL.Host,
			Reason:       reason(ctx, err, trial.began, c.options.RequestTimeout),
			Attempts:     attempts,
			MayHaveActed: mayHaveActed,
			Untrusted:    isError[x509.UnknownAuthorityError](err),
			TLS:          tlsFailure(err) != "" || isError[*tls.CertificateVerificationError](err),
			Proxy:        failedProxy(err),
			Ended:        ctx.Err(),
		}
	}
	// last is the response to the last attempt, or nil if the attempt got none or another wait has begun since.
	var last *Response
	var err error
	// isFinal reports whether every further attempt would fail like the last attempt.
	isFinal := false
	// attempt makes one attempt, and stores its result in the variables above. It reports whether another attempt is
	// safe and may help. If the breaker opens during the wait for the rate limit, attempt sends nothing, and err is the
	// error of the call that opened the breaker.
	attempt := func() (isRetryable bool) {
		last = nil
		reservation := c.limiter.wait(trial.ctx, req)
		if outage := trial.outage(); outage != nil {
			c.limiter.observe(req, nil, reservation)
			err = outage.stopping(mayHaveActed)
			return false
		}
		attempts++
		last, err = c.attempt(ctx, req, trial.began, attempts)
		c.limiter.observe(req, last, reservation)
		if err != nil {
			mayHaveActed = mayHaveActed || !isUnsent(err)
			isFinal, isRetryable = isPermanent(err), isRetryableFailure(ctx, req, err)
			err = unavailable(err)
			return isRetryable
		}
		last.MayHaveActed = mayHaveActed
		mayHaveActed = last.anyMayHaveActed()
		value, err = decode(last)
		return err != nil && isRetryableResponse(ctx, last, err)
	}
	pauses := c.newBackOff()
	isRetryable := attempt()
	for isRetryable && attempts < maxAttempts && Sleep(trial.ctx, pauses.NextBackOff()) {
		isRetryable = attempt()
	}
	var failure *UnavailableError
	outage = trial.outage()
	switch {
	case attempts == 0:
		err = outage.withoutRequest()
	case isRetryable && attempts < maxAttempts:
		// The breaker opened or the operation ended during a pause. The last response came before the pause, so it
		// doesn't show that the system works now.
		last = nil
		if outage != nil {
			err = outage.stopping(mayHaveActed)
		} else {
			err = unavailable(ctx.Err())
		}
	case isRetryable || isFinal:
		var ok bool
		if failure, ok = errors.AsType[*UnavailableError](err); !ok {
			failure = UnexpectedResponse(c.options.System, last, "")
		}
	}
	c.breaker.end(trial, isUsable(last, err), failure)
	return value, err
}

// isUsable reports whether the last response shows that the system works. Even a rejection or a rate limit shows this.
// A 408, a 425, a 5xx, and an undocumented success or redirect don't.
func isUsable(last *Response, err error) bool {
	if err == nil || last == nil {
		return err == nil
	}
	isTemporary := last.StatusCode == http.StatusRequestTimeout || last.StatusCode == http.StatusTooEarly
	isRejection := last.StatusCode >= http.StatusBadRequest && last.StatusCode < http.StatusInternalServerError && !isTemporary
	return isRejection || last.StatusCode < http.StatusBadRequest && !isError[*UnavailableError](err)
}

// followOnSameServer follows at most maxRedirects redirects, and only those that repeat the request on the same server.
// A token therefore never goes to another server, and a change never becomes a GET. Otherwise, the caller gets the
// redirect as the response.
func followOnSameServer(req *http.Request, via []*http.Request) error {
	first := via[0]
	if !isSameServer(req.URL, first.URL) || req.Method != first.Method || len(via) > maxRedirects {
		return http.ErrUseLastResponse
	}
	// net/http drops this header if the redirect spells the host differently, so copy the header.
	req.Header["Authorization"] = first.Header["Authorization"]
	return nil
}

// isSameServer reports whether two addresses have the same scheme, host and port, ignoring case and default ports.
func isSameServer(a, b *url.URL) bool {
	defaultPort := map[string]string{"http": "80", "https": "443"}[a.Scheme]
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) &&
		cmp.Or(a.Port(), defaultPort) == cmp.Or(b.Port(), defaultPort)
}

// UserAgent returns a user agent with the versions of Terraform and the provider, and with the platform. added is text
// from the user, such as the name of a pipeline.
func UserAgent(terraformVersion, providerVersion, added string) string {
	agent := fmt.Sprintf("Terraform/%s terraform-provider-wintro/%s (%s; %s)",
		terraformVersion, providerVersion, runtime.GOOS, runtime.GOARCH)
	if added = Printable(added, 200); added != "" {
		agent += " " + added
	}
	return agent
}
