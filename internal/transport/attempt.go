package transport

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// MaxBodyBytes is the size limit of a response's body.
const MaxBodyBytes = 1 << 20

// attempt sends a request once, reads the complete response and logs the result. The attempt therefore fails if the
// body breaks off, is too large or doesn't end in time. began is the start of the call, before its first attempt.
func (c *Client) attempt(ctx context.Context, req *http.Request, began time.Time, number int) (*Response, error) {
	started := time.Now()
	resp, err := c.send(ctx, req)
	fields := map[string]any{
		"system": c.options.System,
		"method": req.Method,
		"host":   Redact(req.URL.Host),
		// The endpoint's path may contain a secret, such as a gateway's key.
		"path":        Redact(strings.TrimPrefix(req.URL.Path, c.options.EndpointPath)),
		"duration_ms": time.Since(started).Milliseconds(),
		"attempt":     number,
	}
	if err != nil {
		fields["reason"] = reason(ctx, err, began, c.options.RequestTimeout)
		tflog.Debug(ctx, "HTTP request without a response", fields)
		return nil, err
	}
	resp.Attempts = number
	fields["status"] = resp.StatusCode
	tflog.Debug(ctx, "HTTP request", fields)
	return resp, nil
}

// byteOrderMark precedes the JSON of some servers, although JSON doesn't allow it.
var byteOrderMark = []byte("\ufeff")

// send sends a request once. It returns as soon as ctx ends or the request times out.
func (c *Client) send(ctx context.Context, original *http.Request) (*Response, error) {
	ctx, cancel := context.WithTimeout(withoutDeadline{ctx}, c.options.RequestTimeout)
	defer cancel()
	req := original.Clone(ctx)
	req.Header.Set("User-Agent", c.options.UserAgent)
	if original.GetBody != nil {
		body, err := original.GetBody()
		if err != nil {
			return nil, err
		}
		req.Body = body
	}
	resp, err := c.httpClient.Do(req)
	if err != nil {
		return nil, err
	}
	body, err := ReadBody(ctx, resp)
	if err != nil {
		return nil, err
	}
	return &Response{StatusCode: resp.StatusCode, Header: resp.Header, Body: bytes.TrimPrefix(body, byteOrderMark), Request: resp.Request}, nil
}

// withoutDeadline is a context that ends with the embedded context, but reports no deadline. A deadline can move to a
// later time (see maxWait). If context.WithTimeout saw a deadline before the end of the timeout, it wouldn't start a
// timer, so an attempt would have no time limit after the deadline had moved.
type withoutDeadline struct{ context.Context }

func (withoutDeadline) Deadline() (time.Time, bool) { return time.Time{}, false }

// ReadBody reads and closes the body of a response. It returns as soon as ctx ends, even if the body is incomplete. The
// error is then ctx's error. If the body is larger than MaxBodyBytes, the error is an *http.MaxBytesError.
func ReadBody(ctx context.Context, resp *http.Response) ([]byte, error) {
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode == http.StatusSwitchingProtocols {
		// With this status, the body is the connection itself. Don't read it, because such a read doesn't stop when
		// the context ends.
		return nil, nil
	}
	stop := context.AfterFunc(ctx, func() { _ = resp.Body.Close() })
	defer stop()
	body, err := io.ReadAll(http.MaxBytesReader(nil, resp.Body, MaxBodyBytes))
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return body, err
}
