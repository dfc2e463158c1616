package transport

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// MaxAnswerBytes is the size limit of an answer's body.
const MaxAnswerBytes = 1 << 20

var errTooLarge = errors.New("the answer is too large")

// call is one call of Client.Do, over all its tries, which follow one another.
type call struct {
	// operation is the caller's context, which unlike a try's own has no request timeout.
	operation  context.Context
	began      time.Time
	repeatable bool
	tries      int
}

type callKey struct{}

func callOf(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{operation: ctx, began: time.Now()}
}

// try is the round trip of one try. It reads the body itself, so that a body that breaks off, is too
// slow or never ends counts as a failure of this try.
type try struct {
	options Options
	gate    *gate
	next    http.RoundTripper
}

func (t *try) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	call := callOf(ctx)
	call.tries++
	// A round tripper may not change the request it is given.
	req = req.Clone(ctx)
	req.Header.Set("User-Agent", t.options.UserAgent)

	began := time.Now()
	resp, err := t.answer(req)
	fields := map[string]any{
		"system":      t.options.System,
		"method":      req.Method,
		"host":        req.URL.Host,
		"path":        req.URL.Path,
		"duration_ms": time.Since(began).Milliseconds(),
		"try":         call.tries,
	}
	if err != nil {
		fields["reason"] = reason(call.operation, err, t.options.RequestTimeout)
		tflog.Debug(ctx, "HTTP request without an answer", fields)
		return nil, err
	}
	t.gate.close(resp)
	fields["status"] = resp.StatusCode
	tflog.Debug(ctx, "HTTP request", fields)
	return resp, nil
}

// CloseIdleConnections is what http.Client's method of this name looks for.
func (t *try) CloseIdleConnections() {
	if pool, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		pool.CloseIdleConnections()
	}
}

func (t *try) answer(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxAnswerBytes+1))
	if err != nil {
		return nil, err
	}
	if len(body) > MaxAnswerBytes {
		return nil, errTooLarge
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.ContentLength = int64(len(body))
	return resp, nil
}
