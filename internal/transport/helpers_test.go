package transport

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const secretToken = "s3cret/Token+0123456789="

// A server answers each request with the next of its answers, the last one again and again, and
// remembers what it was asked.
type server struct {
	*httptest.Server
	answers []http.HandlerFunc

	mu   sync.Mutex
	seen []seen
}

type seen struct {
	method, path, body string
	header             http.Header
}

func serve(t *testing.T, answers ...http.HandlerFunc) *server {
	t.Helper()
	s := unstarted(t, answers...)
	s.Start()
	return s
}

func serveTLS(t *testing.T, answers ...http.HandlerFunc) *server {
	t.Helper()
	s := unstarted(t, answers...)
	s.StartTLS()
	return s
}

func unstarted(t *testing.T, answers ...http.HandlerFunc) *server {
	t.Helper()
	s := &server{answers: answers}
	s.Server = httptest.NewUnstartedServer(s)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(s.Close)
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	answer := s.answers[min(len(s.seen), len(s.answers)-1)]
	s.seen = append(s.seen, seen{method: r.Method, path: r.URL.Path, body: string(body), header: r.Header})
	s.mu.Unlock()
	answer(w, r)
}

func (s *server) requests() []seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]seen(nil), s.seen...)
}

// answering answers with a status and header fields, and a body that names the status.
func answering(status int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, http.StatusText(status))
	}
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

// losing closes the connection instead of answering.
func losing(http.ResponseWriter, *http.Request) {
	panic(http.ErrAbortHandler)
}

// truncating answers 201 with less of a body than it announces.
func truncating(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, `{"id":`)
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// hanging doesn't answer until the client gives up.
func hanging(_ http.ResponseWriter, r *http.Request) {
	<-r.Context().Done()
}

// dripping answers, but doesn't end its body until the client gives up.
func dripping(w http.ResponseWriter, r *http.Request) {
	_, _ = io.WriteString(w, `{"id":`)
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

// An endless body can be read for as long as its request lasts.
type endless struct{ ctx context.Context }

func (e endless) Read([]byte) (int, error) {
	<-e.ctx.Done()
	return 0, e.ctx.Err()
}

func (e endless) Close() error { return nil }

// refusing is an address on which nothing listens, and nothing can while the test runs: the port
// belongs to an open connection.
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

// pool is the pool of connections of a client.
func (c *Client) pool() *http.Transport {
	return c.http.HTTPClient.Transport.(*try).next.(*http.Transport)
}

// A sender is a round tripper in place of the network.
type sender func(*http.Request) (*http.Response, error)

func (s sender) RoundTrip(req *http.Request) (*http.Response, error) { return s(req) }

// newClientOver returns a client that sends by s.
func newClientOver(t *testing.T, s sender, changes ...func(*Options)) *Client {
	t.Helper()
	client := newClient(t, changes...)
	client.http.HTTPClient.Transport.(*try).next = s
	return client
}

func answerOf(req *http.Request, status int, header ...string) *http.Response {
	resp := &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: req}
	for i := 0; i < len(header); i += 2 {
		resp.Header.Set(header[i], header[i+1])
	}
	return resp
}

// request is a request that holds a secret in each of its places.
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

// get expects an answer and returns its status and body.
func get(t *testing.T, client *Client, req *http.Request) (*http.Response, string) {
	t.Helper()
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := Body(resp)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

// fail expects no answer.
func fail(t *testing.T, client *Client, req *http.Request) *NoAnswerError {
	t.Helper()
	resp, err := client.Do(req)
	if err == nil {
		_ = resp.Body.Close()
		t.Fatalf("an answer with status %d instead of an error", resp.StatusCode)
	}
	failure, ok := errors.AsType[*NoAnswerError](err)
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
