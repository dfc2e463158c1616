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

// answering responds with a status and header fields, and a body with the status's name.
func answering(status int, header ...string) http.HandlerFunc {
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

// truncating answers 201 with less of a body than it announces.
func truncating(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, `{"id":`)
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// refusing returns an address that refuses connections while the test runs: its port belongs to an open
// connection.
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
	client := New(options)
	t.Cleanup(client.Close)
	return client
}

// pool returns the pool of connections of a client.
func (c *Client) pool() *http.Transport {
	return c.httpClient.Transport.(*http.Transport)
}

// A sender is a round tripper in place of the network.
type sender func(*http.Request) (*http.Response, error)

func (s sender) RoundTrip(req *http.Request) (*http.Response, error) { return s(req) }

// newClientOver returns a client that sends by s.
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

// received returns a response in the form that decode gets.
func received(req *http.Request, status int, header ...string) *Response {
	return &Response{StatusCode: status, Header: responseTo(req, status, header...).Header, Request: req, Attempts: 1}
}

// request returns a request with a secret in the header, the body and the query.
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

// errStatus is the error of a response in the system's own form, other than a success.
var errStatus = errors.New("not a success")

// do sends a request to a system all of whose responses are as documented.
func do(client *Client, req *http.Request) (*Response, error) {
	return Do(client, req, func(resp *Response) (*Response, error) {
		if resp.StatusCode >= http.StatusMultipleChoices {
			return resp, errStatus
		}
		return resp, nil
	})
}

// get expects a response with any status, and returns it and its body.
func get(t *testing.T, client *Client, req *http.Request) (*Response, string) {
	t.Helper()
	resp, err := do(client, req)
	if err != nil && !errors.Is(err, errStatus) {
		t.Fatal(err)
	}
	return resp, string(resp.Body)
}

// fail expects no response.
func fail(t *testing.T, client *Client, req *http.Request) *UnavailableError {
	t.Helper()
	resp, err := do(client, req)
	if err == nil {
		t.Fatalf("an answer with status %d instead of an error", resp.StatusCode)
	}
	failure, ok := errors.AsType[*UnavailableError](err)
	if !ok {
		t.Fatalf("the error is a %T: %v", err, err)
	}
	holdsNoSecret(t, failure.Error())
	return failure
}

// holdsNoSecret checks a text against everything that request sends, and against Go's error texts.
func holdsNoSecret(t *testing.T, text string) {
	t.Helper()
	for _, never := range []string{secretToken, "s3cret", "Bearer", "Authorization:", "cursor", "api_token", "dial tcp", "read tcp", "Get \"", "context ", "net/http", "x509:", "tls:", "EOF"} {
		if strings.Contains(text, never) {
			t.Errorf("%q holds %q", text, never)
		}
	}
}

// serveTLS starts a server with TLS.
func serveTLS(t *testing.T, answers ...http.HandlerFunc) *transporttest.Server {
	t.Helper()
	server := transporttest.NewUnstartedServer(t, answers...)
	server.StartTLS()
	return server
}
