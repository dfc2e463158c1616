package transport

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// MaxBodyBytes is the size limit of a response's body.
const MaxBodyBytes = 1 << 20

// attempt sends a request once and reads the response to its end, so that a body that breaks off, is too
// slow or never ends counts as a failure of this attempt. The operation began at began.
func (c *Client) attempt(ctx context.Context, req *http.Request, began time.Time, number int) (*Response, error) {
	started := time.Now()
	resp, err := c.send(ctx, req)
	fields := map[string]any{
		"system":      c.options.System,
		"method":      req.Method,
		"host":        req.URL.Host,
		"path":        req.URL.Path,
		"duration_ms": time.Since(started).Milliseconds(),
		"attempt":     number,
	}
	c.limiter.observe(req, resp)
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

func (c *Client) send(ctx context.Context, original *http.Request) (*Response, error) {
	req := original.Clone(ctx)
	req.Header.Set("User-Agent", c.options.UserAgent)
	if original.GetBody != nil {
		body, err := original.GetBody()
		if err != nil {
			return nil, err
		}
		req.Body = body
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(http.MaxBytesReader(nil, resp.Body, MaxBodyBytes))
	if err != nil {
		return nil, err
	}
	return &Response{StatusCode: resp.StatusCode, Header: resp.Header, Body: body, Request: resp.Request}, nil
}
