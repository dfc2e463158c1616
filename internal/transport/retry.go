package transport

import (
	"context"
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

// mayRepeat decides after each try whether there is another one.
func mayRepeat(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if errors.Is(err, errTooLarge) {
		return false, nil
	}
	if !callOf(ctx).repeatable && mayHaveBeenProcessed(resp, err) {
		return false, nil
	}
	if wait, asked := waitAskedFor(resp); asked {
		if deadline, set := ctx.Deadline(); set && time.Until(deadline) < wait {
			return false, nil
		}
	}
	return retryablehttp.DefaultRetryPolicy(ctx, resp, err)
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
