package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// repeatable tells whether the same request twice does no more than once. A change that makes
// something new is that only under an idempotency key.
func repeatable(req *http.Request) bool {
	return req.Method != http.MethodPost || req.Header.Get("Idempotency-Key") != ""
}

// longestWait is how long a server can make an operation wait that has no deadline.
const longestWait = 2 * time.Minute

// mayRepeat decides after each try whether there is another one. Its error is always nil: an answer
// that has arrived counts, even if the operation's time is up by now. It may say what was created.
func mayRepeat(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if hopeless(err) {
		return false, nil
	}
	if !callOf(ctx).repeatable && mayHaveBeenProcessed(resp, err) {
		return false, nil
	}
	if wait, asked := waitAskedFor(resp); asked && wait > patience(ctx) {
		return false, nil
	}
	again, _ := retryablehttp.DefaultRetryPolicy(ctx, resp, err)
	return again, nil
}

// hopeless tells whether any other try would end like this one.
func hopeless(err error) bool {
	var noTLS tls.RecordHeaderError
	var refused proxyRefusedError
	var name *net.DNSError
	switch {
	case errors.As(err, &noTLS), errors.Is(err, http.ErrSchemeMismatch), errors.Is(err, errTooLarge):
		return true
	case errors.As(err, &name):
		return name.IsNotFound
	case errors.As(err, &refused):
		return refused.status < http.StatusInternalServerError
	}
	return false
}

// patience is how long waiting for a server can make sense.
func patience(ctx context.Context) time.Duration {
	if deadline, set := ctx.Deadline(); set {
		return time.Until(deadline)
	}
	return longestWait
}

// mayHaveBeenProcessed is false only where the server certainly did nothing: it was never reached, or
// it turned the request away for its rate.
func mayHaveBeenProcessed(resp *http.Response, err error) bool {
	if resp != nil {
		return resp.StatusCode != http.StatusTooManyRequests
	}
	var failed *net.OpError
	return !errors.As(err, &failed) || failed.Op != "dial"
}

// pause is how long to wait before the next try: what the server asks for, otherwise longer with each
// try, with jitter.
func pause(shortest, longest time.Duration, attempt int, resp *http.Response) time.Duration {
	jittered := retryablehttp.LinearJitterBackoff(shortest, longest, attempt, resp)
	if wait, asked := waitAskedFor(resp); asked {
		return wait + jittered
	}
	return jittered
}

func waitAskedFor(resp *http.Response) (time.Duration, bool) {
	if resp == nil {
		return 0, false
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return RetryAfter(resp.Header, time.Now())
	}
	return 0, false
}
