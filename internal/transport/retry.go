package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// newBackOff returns the pauses between the attempts of one operation. They grow, and differ, so that callers
// that failed together don't come back together.
func (c *Client) newBackOff() backoff.BackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval:     2 * c.options.Pause,
		RandomizationFactor: 0.5,
		Multiplier:          1.5,
		MaxInterval:         10 * c.options.Pause,
	}
}

func permanentUnless(isRetryable bool, err error) error {
	if err == nil || isRetryable {
		return err
	}
	return backoff.Permanent(err)
}

// isRetryableFailure reports whether another attempt is safe, and may help, after one without a response.
func isRetryableFailure(ctx context.Context, req *http.Request, err error) bool {
	if ctx.Err() != nil || isPermanent(err) {
		return false
	}
	var failed *net.OpError
	neverSent := errors.As(err, &failed) && failed.Op == "dial"
	return neverSent || isIdempotent(req)
}

// isRetryableResponse reports whether another attempt is safe, and may help, after this response, which was
// decoded with this error.
func isRetryableResponse(ctx context.Context, resp *Response, err error) bool {
	var retryable interface{ Retryable() bool }
	switch status := resp.StatusCode; {
	case ctx.Err() != nil:
		return false
	case status == http.StatusTooManyRequests:
		// The server did nothing, so that any request may be sent again.
	case !isIdempotent(resp.Request), status == http.StatusNotImplemented:
		return false
	case status >= http.StatusInternalServerError:
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly:
	case status >= http.StatusOK && status < http.StatusMultipleChoices && isError[*UnavailableError](err):
		// A sign-in page, half of the JSON: the next response may be the server's own.
	case errors.As(err, &retryable) && retryable.Retryable():
	default:
		return false
	}
	wait, asked := resp.WaitAskedFor()
	return !asked || wait <= maxWait(ctx)
}

// isIdempotent reports whether the same request twice does no more than once. One that makes something
// new is so only under an idempotency key.
func isIdempotent(req *http.Request) bool {
	return req.Method != http.MethodPost || req.Header.Get("Idempotency-Key") != ""
}

// isPermanent reports whether any other attempt would fail like this one.
func isPermanent(err error) bool {
	var proxy proxyError
	var name *net.DNSError
	switch {
	case isError[tls.RecordHeaderError](err), isError[*tls.CertificateVerificationError](err),
		errors.Is(err, http.ErrSchemeMismatch), isError[*http.MaxBytesError](err), tlsFailure(err) != "":
		return true
	case errors.As(err, &name):
		return name.IsNotFound
	case errors.As(err, &proxy):
		return proxy.status < http.StatusInternalServerError
	}
	return false
}

// maxWaitWithoutDeadline is how long a server can make an operation wait that has no deadline.
const maxWaitWithoutDeadline = 2 * time.Minute

// maxWait is how long waiting for a server can make sense.
func maxWait(ctx context.Context) time.Duration {
	if deadline, set := ctx.Deadline(); set {
		return time.Until(deadline)
	}
	return maxWaitWithoutDeadline
}
