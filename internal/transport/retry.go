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

// newBackOff returns the pauses between the attempts of one call. The pauses grow and vary randomly, so that calls that
// failed together don't retry together.
func (c *Client) newBackOff() backoff.BackOff {
	pauses := &backoff.ExponentialBackOff{
		InitialInterval:     2 * c.options.Pause,
		RandomizationFactor: 0.5,
		Multiplier:          1.5,
		MaxInterval:         10 * c.options.Pause,
	}
	pauses.Reset()
	return pauses
}

// Sleep waits until the pause is over, and then returns true. It returns false as soon as ctx ends.
func Sleep(ctx context.Context, pause time.Duration) bool {
	select {
	case <-time.After(pause):
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

// isRetryableFailure reports whether another attempt is safe and may help after an attempt that got no response.
func isRetryableFailure(ctx context.Context, req *http.Request, err error) bool {
	if ctx.Err() != nil || isPermanent(err) {
		return false
	}
	return isUnsent(err) || isIdempotent(req)
}

// isUnsent reports whether an attempt failed before it could send the request.
func isUnsent(err error) bool {
	failed, ok := errors.AsType[*net.OpError](err)
	return ok && failed.Op == "dial"
}

// isRetryableResponse reports whether another attempt is safe and may help after this response, for which
// decode returned err.
func isRetryableResponse(ctx context.Context, resp *Response, err error) bool {
	coded, isCoded := errors.AsType[interface {
		error
		Retryable() bool
	}](err)
	switch status := resp.StatusCode; {
	case ctx.Err() != nil:
		return false
	case status == http.StatusTooManyRequests:
		// The server didn't process the request, so even a POST is safe to repeat.
	case !isIdempotent(resp.Request), status == http.StatusNotImplemented:
		return false
	case status >= http.StatusInternalServerError:
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly:
	case status >= http.StatusOK && status < http.StatusMultipleChoices && isError[*UnavailableError](err):
		// This response may be a proxy's sign-in page or half of the JSON, and the next one may be valid.
	case isCoded && coded.Retryable():
	default:
		return false
	}
	wait, asked := resp.WaitAskedFor()
	return !asked || wait <= maxWait(ctx)
}

// isIdempotent reports whether a request is safe to repeat. A POST is safe only with an idempotency key.
func isIdempotent(req *http.Request) bool {
	return req.Method != http.MethodPost || req.Header.Get("Idempotency-Key") != ""
}

// isPermanent reports whether every further attempt would fail with the same error.
func isPermanent(err error) bool {
	proxy, isProxy := errors.AsType[proxyError](err)
	name, isName := errors.AsType[*net.DNSError](err)
	switch {
	case isError[tls.RecordHeaderError](err), isError[*tls.CertificateVerificationError](err),
		errors.Is(err, http.ErrSchemeMismatch), isError[*http.MaxBytesError](err), tlsFailure(err) != "":
		return true
	case isName:
		return name.IsNotFound
	case isProxy:
		return proxy.status < http.StatusInternalServerError
	}
	return false
}

// maxWaitWithoutDeadline is the longest wait that an operation without a deadline accepts.
const maxWaitWithoutDeadline = 2 * time.Minute

// maxWait returns the time until ctx's deadline, or maxWaitWithoutDeadline if ctx has no deadline. Call it before each
// wait, because the deadline may move: a read that several operations share ends when the last of them ends.
func maxWait(ctx context.Context) time.Duration {
	if deadline, set := ctx.Deadline(); set {
		return time.Until(deadline)
	}
	return maxWaitWithoutDeadline
}
