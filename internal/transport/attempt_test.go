package transport

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
)

func TestResponseLargerThan1MiBIsAnError(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ status, size int }{
		"1 MiB":                         {200, MaxBodyBytes},
		"one byte more":                 {200, MaxBodyBytes + 1},
		"one byte more with status 502": {502, MaxBodyBytes + 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := transporttest.Serve(t, transporttest.Answer(test.status, "text/plain", strings.Repeat("x", test.size))).URL
			client, req := newClient(t), request(t, http.MethodGet, address)
			if test.size == MaxBodyBytes {
				if _, body := get(t, client, req); len(body) != MaxBodyBytes {
					t.Errorf("%d bytes were read", len(body))
				}
			} else if failure := fail(t, client, req); failure.Reason != "the response is larger than 1 MiB" || failure.Attempts != 1 {
				t.Errorf("%+v", failure)
			}
		})
	}
}

func TestEachAttemptIsLoggedWithoutSecrets(t *testing.T) {
	t.Parallel()
	server := transporttest.Serve(t, resetting, responding(http.StatusBadGateway, "Set-Cookie", "s3cret-cookie"), responding(http.StatusOK))
	var output bytes.Buffer
	client := newClient(t, func(o *Options) { o.EndpointPath = "/s3cret-of-a-gateway/v1" })
	req := request(t, http.MethodPatch, server.URL+"/s3cret-of-a-gateway/v1")
	get(t, client, req.WithContext(tflogtest.RootLogger(t.Context(), &output)))

	logged := output.String()
	expectNoSecret(t, logged)
	if strings.Contains(logged, "Bad Gateway") {
		t.Errorf("the log contains a response's body: %s", logged)
	}
	lines, err := tflogtest.MultilineJSONDecode(&output)
	if err != nil {
		t.Fatal(err)
	}
	host := strings.TrimPrefix(server.URL, "http://")
	want := []map[string]any{
		{"@message": "HTTP request without a response", "attempt": 1.0, "reason": "the connection was closed before the response was complete"},
		{"@message": "HTTP request", "attempt": 2.0, "status": 502.0},
		{"@message": "HTTP request", "attempt": 3.0, "status": 200.0},
	}
	if len(lines) != len(want) {
		t.Fatalf("%d lines instead of %d: %s", len(lines), len(want), logged)
	}
	for i, line := range lines {
		want[i]["@level"], want[i]["@module"] = "debug", "provider"
		want[i]["system"], want[i]["method"], want[i]["host"], want[i]["path"] = "Recruitee", "PATCH", host, "/c/816/admin"
		if ms, ok := line["duration_ms"].(float64); !ok || ms < 0 || ms > 60_000 {
			t.Errorf("line %d has the duration %v", i+1, line["duration_ms"])
		}
		delete(line, "duration_ms")
		if !maps.Equal(line, want[i]) {
			t.Errorf("line %d is %v instead of %v", i+1, line, want[i])
		}
	}
}

// A user may have pasted a token into an argument that becomes a part of the address.
func TestLogRedactsHostAndPath(t *testing.T) {
	t.Parallel()
	const token = "wintro_0123456789abcdef"
	RememberSecret(token)
	var output bytes.Buffer
	client := newClientOver(t, func(req *http.Request) (*http.Response, error) { return responseTo(req, http.StatusOK), nil })
	get(t, client, request(t, http.MethodGet, "https://"+token+".example/"+token).WithContext(tflogtest.RootLogger(t.Context(), &output)))
	if logged := output.String(); strings.Contains(logged, token) || strings.Count(logged, "(secret)") != 2 {
		t.Errorf("the log contains the token, or lacks the address: %s", logged)
	}
}

func TestDoLeavesRequestUnchanged(t *testing.T) {
	t.Parallel()
	server := transporttest.Serve(t, responding(http.StatusOK))
	req := request(t, http.MethodGet, server.URL)
	get(t, newClient(t), req)
	if len(req.Header) != 1 {
		t.Errorf("the header of the caller's request is now %v", req.Header)
	}
	if got := server.Requests()[0].Header.Get("User-Agent"); got != "the user agent" {
		t.Errorf("the user agent is %q", got)
	}
}

// serveTCP starts a server that calls handle for each connection and then closes the connection.
func serveTCP(t *testing.T, handle func(net.Conn)) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		all.Wait()
	})
	all.Go(func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			stop := context.AfterFunc(t.Context(), func() { _ = connection.Close() })
			all.Go(func() {
				defer stop()
				defer func() { _ = connection.Close() }()
				handle(connection)
			})
		}
	})
	return "http://" + listener.Addr().String()
}

// writing returns a sender that uses net/http over an in-memory connection, so that it works in a synctest bubble. The
// server writes start, and then writes drop every millisecond until the client closes the connection.
func writing(start, drop string) sender {
	dial := func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			_, _ = http.ReadRequest(bufio.NewReader(server))
			_, err := io.WriteString(server, start)
			for ; err == nil; _, err = io.WriteString(server, drop) {
				time.Sleep(time.Millisecond)
			}
		}()
		return client, nil
	}
	return (&http.Transport{DialTLSContext: dial}).RoundTrip
}

func TestBodyOfSwitchingProtocolsIsNotRead(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"Connection: Upgrade\r\nUpgrade: websocket\r\n", "Content-Length: 100\r\n"} {
		synctest.Test(t, func(t *testing.T) {
			client := newClientOver(t, writing("HTTP/1.1 101 Switching Protocols\r\n"+header+"\r\n", ""))
			if resp, body := get(t, client, request(t, http.MethodGet, system)); resp.StatusCode != http.StatusSwitchingProtocols || body != "" || resp.Attempts != 1 {
				t.Errorf("status %d with the body %q after %d attempts", resp.StatusCode, body, resp.Attempts)
			}
			time.Sleep(time.Millisecond) // until the server notices that the connection is closed
		})
	}
}

// stuckBody is a response body whose Read blocks until Close, like the body of a 101.
type stuckBody struct{ closed chan struct{} }

func (b stuckBody) Read([]byte) (int, error) {
	<-b.closed
	return 0, net.ErrClosed
}

func (b stuckBody) Close() error {
	select {
	case <-b.closed:
	default:
		close(b.closed)
	}
	return nil
}

func stuck(req *http.Request) (*http.Response, error) {
	resp := responseTo(req, http.StatusCreated)
	resp.Body = stuckBody{make(chan struct{})}
	return resp, nil
}
