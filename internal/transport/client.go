// Package transport is the provider's HTTP: one client per remote system, with bounded retries, rate
// limits, timeouts, a size limit, a user agent and log lines that can't hold a secret.
package transport

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// maxRedirects is how many redirects of one try are followed.
const maxRedirects = 4

// Options are the settings of a Client.
type Options struct {
	// System is the remote system's name in messages and logs, such as "Recruitee".
	System string
	// UserAgent is sent with each request. See UserAgent.
	UserAgent string
	// MaxRetries is how often a failed try is repeated at the most.
	MaxRetries int
	// RequestTimeout is how long one try may take, its answer's body included. It is positive.
	RequestTimeout time.Duration
	// Pause is the shortest pause before a retry, to which attempts and jitter add. Zero means
	// half a second.
	Pause time.Duration
}

// Client sends requests to one remote system. It is safe for concurrent use.
type Client struct {
	options Options
	gate    *gate
	http    *retryablehttp.Client
}

// New returns a client. It opens no connection.
func New(options Options) *Client {
	if options.Pause == 0 {
		options.Pause = 500 * time.Millisecond
	}
	gate := &gate{}
	return &Client{options: options, gate: gate, http: &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport:     &try{options: options, gate: gate, next: connections()},
			Timeout:       options.RequestTimeout,
			CheckRedirect: followOnSameHost,
		},
		RetryMax:     options.MaxRetries,
		RetryWaitMin: options.Pause,
		RetryWaitMax: 3 * options.Pause,
		CheckRetry:   mayRepeat,
		Backoff:      pause,
		// The last answer is worth more than a count of tries: it may say what went wrong.
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}}
}

// Do sends the request, repeats it where that is safe and may help, and returns the last answer,
// whatever its status. The answer's body is complete and in memory. Where there is no answer, or none
// that can be read to its end, the error is a *NoAnswerError.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	if name := unsendable(req.Header); name != "" {
		return nil, &NoAnswerError{System: c.options.System, Host: req.URL.Host, Reason: "the request's " + name + " header holds a character that HTTP doesn't allow"}
	}
	ctx := Masked(req.Context(), strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer "))
	ctx = context.WithValue(ctx, callKey{}, &call{operation: req.Context(), began: time.Now(), repeatable: repeatable(req)})
	c.gate.pass(ctx, req)
	repeating, err := retryablehttp.FromRequest(req.WithContext(ctx))
	if err != nil {
		return nil, c.noAnswer(ctx, req.URL, err)
	}
	resp, err := c.http.Do(repeating)
	if err != nil {
		return nil, c.noAnswer(ctx, req.URL, err)
	}
	return resp, nil
}

// Close drops the idle connections.
func (c *Client) Close() {
	c.http.HTTPClient.CloseIdleConnections()
}

func (c *Client) noAnswer(ctx context.Context, address *url.URL, err error) *NoAnswerError {
	return &NoAnswerError{
		System: c.options.System,
		Host:   address.Host,
		Reason: reason(ctx, err, c.options.RequestTimeout),
		Tries:  callOf(ctx).tries,
		ended:  ctx.Err(),
	}
}

// followOnSameHost follows a redirect only where it asks for the same of the same server: a token
// never goes to another host, and a change never turns into a GET. What isn't followed is the answer.
func followOnSameHost(req *http.Request, via []*http.Request) error {
	first := via[0]
	if !sameServer(req.URL, first.URL) || req.Method != first.Method || len(via) > maxRedirects {
		return http.ErrUseLastResponse
	}
	return nil
}

func sameServer(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && a.Host == b.Host
}
