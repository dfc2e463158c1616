package transport

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
)

const secretToken = "s3cret/Token+0123456789="

// responding returns a handler that sends a status, header fields, and the status's name as the body.
func responding(status int, header ...string) http.HandlerFunc {
	return transporttest.Answer(status, "text/plain", http.StatusText(status), header...)
}

// resetting resets the connection once the request has been read.
func resetting(w http.ResponseWriter, _ *http.Request) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_ = connection.(*net.TCPConn).SetLinger(0)
	_ = connection.Close()
}

// truncating sends a 201 whose body is shorter than its Content-Length.
func truncating(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, `{"id":`)
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// refusing returns an address that refuses connections while the test runs, because its port is the local port of
// an open connection.
func refusing(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	connection, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return connection.LocalAddr().String()
}

// newClient returns a client with two retries and short pauses.
func newClient(t *testing.T, changes ...func(*Options)) *Client {
	t.Helper()
	options := Options{
		System:         "Recruitee",
		UserAgent:      "the user agent",
		MaxRetries:     2,
		RequestTimeout: 20 * time.Second,
		Pause:          time.Millisecond,
	}
	for _, change := range changes {
		change(&options)
	}
	return New(options)
}

func (c *Client) pool() *http.Transport {
	return c.httpClient.Transport.(*http.Transport)
}

// sender is a round tripper that replaces the network.
type sender func(*http.Request) (*http.Response, error)

func (s sender) RoundTrip(req *http.Request) (*http.Response, error) { return s(req) }

// newClientOver returns a client that sends its requests to s.
func newClientOver(t *testing.T, s sender, changes ...func(*Options)) *Client {
	t.Helper()
	return newClient(t, append(changes, func(o *Options) { o.RoundTripper = s })...)
}

// responseTo returns a response without a body.
func responseTo(req *http.Request, status int, header ...string) *http.Response {
	resp := &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: req}
	for i := 0; i < len(header); i += 2 {
		resp.Header.Set(header[i], header[i+1])
	}
	return resp
}

// received returns a response in the form in which Do passes it to decode.
func received(req *http.Request, status int, header ...string) *Response {
	return &Response{StatusCode: status, Header: responseTo(req, status, header...).Header, Request: req, Attempts: 1}
}

// request returns a request with a secret in the header, in the query and, for a POST or a PATCH, in the body.
func request(t *testing.T, method, address string, header ...string) *http.Request {
	t.Helper()
	var body io.Reader
	if method == http.MethodPost || method == http.MethodPatch {
		body = strings.NewReader(`{"api_token":"s3cret-body"}`)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, address+"/c/816/admin?cursor=s3cret-query", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+secretToken)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return req
}

// errStatus is the error for a documented response that isn't a success.
var errStatus = errors.New("not a success")

// do sends a request and treats every response as documented.
func do(client *Client, req *http.Request) (*Response, error) {
	return Do(client, req, func(resp *Response) (*Response, error) {
		if resp.StatusCode >= http.StatusMultipleChoices {
			return resp, errStatus
		}
		return resp, nil
	})
}

// doUndocumented sends a request and treats every response as undocumented.
func doUndocumented(client *Client, req *http.Request) (*Response, error) {
	return Do(client, req, func(resp *Response) (*Response, error) { return nil, UnexpectedResponse("Wintro", resp, "") })
}

// get sends a request and returns the response, which may have any status, and its body. It fails the test if
// there is no response.
func get(t *testing.T, client *Client, req *http.Request) (*Response, string) {
	t.Helper()
	resp, err := do(client, req)
	if err != nil && !errors.Is(err, errStatus) {
		t.Fatal(err)
	}
	return resp, string(resp.Body)
}

// fail sends a request and returns the error. It fails the test if the error isn't an *UnavailableError, or if the
// error's text contains a secret or lacks the number of attempts.
func fail(t *testing.T, client *Client, req *http.Request) *UnavailableError {
	t.Helper()
	resp, err := do(client, req)
	if err == nil {
		t.Fatalf("a response with status %d instead of an error", resp.StatusCode)
	}
	failure, ok := errors.AsType[*UnavailableError](err)
	if !ok {
		t.Fatalf("the error is a %T: %v", err, err)
	}
	expectNoSecret(t, failure.Error())
	if strings.Contains(failure.Error(), " attempts)") != (failure.Attempts > 1) {
		t.Errorf("%q doesn't fit %d attempts", failure, failure.Attempts)
	}
	return failure
}

// expectNoSecret fails the test if text contains a secret from a request, or a part of Go's own error texts.
func expectNoSecret(t *testing.T, text string) {
	t.Helper()
	for _, never := range []string{secretToken, "s3cret", "Bearer", "Authorization:", "cursor", "api_token", "dial tcp", "read tcp", "Get \"", "context ", "net/http", "x509:", "tls:", "EOF"} {
		if strings.Contains(text, never) {
			t.Errorf("%q contains %q", text, never)
		}
	}
}

func serveTLS(t *testing.T, handlers ...http.HandlerFunc) *transporttest.Server {
	t.Helper()
	server := transporttest.NewUnstartedServer(t, handlers...)
	server.StartTLS()
	return server
}
