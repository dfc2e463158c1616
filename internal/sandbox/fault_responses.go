package sandbox

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/contract"
)

// The functions below make responses that replace the system's response.

// emptyResponse returns an empty response. Fault.replace then adds the fault's status, header and body.
func emptyResponse(*exchange) *response { return newResponse() }

// switchProtocols returns a 101 response that switches to an invented protocol.
func switchProtocols(*exchange) *response {
	resp := newResponse()
	resp.Header().Set("Connection", "Upgrade")
	resp.Header().Set("Upgrade", "sandbox")
	resp.WriteHeader(http.StatusSwitchingProtocols)
	return resp
}

func signInPage(*exchange) *response {
	resp := newResponse()
	resp.Header().Set("Content-Type", "text/html; charset=utf-8")
	resp.WriteHeader(http.StatusOK)
	resp.Body.WriteString("<!DOCTYPE html>\n<html><head><title>Sign in</title></head>" +
		"<body><h1>Sign in to use this network</h1></body></html>\n")
	return resp
}

// tooManyRequests returns a function that makes the system's own 429 response. setHint adds the header fields that
// tell the client when to try again.
func tooManyRequests(setHint func(*exchange, http.Header)) func(*exchange) *response {
	return func(e *exchange) *response {
		resp := newResponse()
		setHint(e, resp.Header())
		if e.system == Recruitee {
			writeTooManyRequests(resp)
		} else {
			writeError(resp, newError(http.StatusTooManyRequests, contract.CodeRateLimited, "Too many requests."))
		}
		return resp
	}
}

func retryAfter(value string) func(*exchange, http.Header) {
	return func(_ *exchange, header http.Header) { header.Set("Retry-After", value) }
}

// retryAfterDate sets Retry-After to a date at least one second from now. It adds two seconds because HTTP dates have
// no fractions of a second.
func retryAfterDate(_ *exchange, header http.Header) {
	header.Set("Retry-After", time.Now().Add(2*time.Second).UTC().Format(http.TimeFormat))
}

// rateLimitReset sets X-RateLimit-Reset to one second from now: for Recruitee as a number of seconds, for Wintro as a
// Unix time.
func rateLimitReset(e *exchange, header http.Header) {
	if e.system == Recruitee {
		header.Set("X-RateLimit-Reset", "1")
		return
	}
	now := time.Now()
	header.Set("X-RateLimit-Reset", unixSeconds(now.Add(time.Second)))
	header.Set("Date", now.UTC().Format(http.TimeFormat))
}

func noHint(*exchange, http.Header) {}

// keyInUse makes the response that Wintro sends while another request with the same Idempotency-Key is in flight.
func keyInUse(*exchange) *response {
	resp := newResponse()
	writeError(resp, newError(http.StatusConflict, contract.CodeIdempotencyKeyInUse,
		"A request with this Idempotency-Key is in flight."))
	return resp
}

// redirect returns a function that redirects a request to the same path on the host that newHost returns. The status
// is 307, so that clients repeat the method and the body.
func redirect(newHost func(host string) string) func(*exchange) *response {
	return func(e *exchange) *response {
		scheme := "http"
		if e.r.TLS != nil {
			scheme = "https"
		}
		resp := newResponse()
		resp.Header().Set("Location", scheme+"://"+newHost(e.r.Host)+e.r.URL.RequestURI())
		resp.WriteHeader(http.StatusTemporaryRedirect)
		return resp
	}
}

func sameHost(host string) string { return host }

// anotherHost returns a different name for this machine. If a caller follows the redirect, the sandbox gets the
// request, and its log shows the other host.
func anotherHost(host string) string {
	const localhost, loopback = "localhost", "127.0.0.1"
	address := url.URL{Host: host}
	port, other := address.Port(), localhost
	if address.Hostname() == localhost {
		other = loopback
	}
	if port == "" {
		return other
	}
	return net.JoinHostPort(other, port)
}

// The functions below change the system's response.

// ensureBody adds a body to a response that has none. Otherwise a fault that changes the body would have no effect.
func ensureBody(_ *exchange, resp *response) {
	if resp.Body.Len() > 0 {
		return
	}
	if resp.Code == http.StatusNoContent {
		resp.Code = http.StatusOK
	}
	resp.Header().Set("Content-Type", "application/json")
	resp.Body.WriteString(`{"data":null}`)
}

func replaceBody(content string) func(*exchange, *response) {
	return func(e *exchange, resp *response) {
		ensureBody(e, resp)
		resp.Body.Reset()
		resp.Body.WriteString(content)
	}
}

func labelAsText(e *exchange, resp *response) {
	ensureBody(e, resp)
	resp.Header().Set("Content-Type", "text/plain; charset=utf-8")
}

func changeTypes(e *exchange, resp *response) {
	ensureBody(e, resp)
	resp.editJSON(func(body any) any {
		fields, isObject := body.(map[string]any)
		if !isObject {
			return changeType(body)
		}
		changeFieldTypes(fields)
		return fields
	})
}

// editJSON decodes the body, passes it to edit, and replaces it with the result. If the body isn't JSON, edit gets
// "".
func (resp *response) editJSON(edit func(body any) any) {
	decoder := json.NewDecoder(bytes.NewReader(resp.Body.Bytes()))
	decoder.UseNumber()
	var body any
	if decoder.Decode(&body) != nil {
		body = ""
	}
	encoded, _ := json.Marshal(edit(body)) // encoding decoded JSON can't fail
	resp.Body.Reset()
	resp.Body.Write(encoded)
}

// edited sets the value at the path in body, and returns body. If value is nil, it deletes a field of an object, and
// sets an element of an array to null. It adds a missing field to an object, but ignores any other path that doesn't
// exist.
func edited(body any, path []string, value any) any {
	if len(path) == 0 {
		return value
	}
	switch body := body.(type) {
	case map[string]any:
		if body[path[0]] = edited(body[path[0]], path[1:], value); body[path[0]] == nil {
			delete(body, path[0])
		}
	case []any:
		if i, err := strconv.Atoi(path[0]); err == nil && i >= 0 && i < len(body) {
			body[i] = edited(body[i], path[1:], value)
		}
	}
	return body
}

// changeFieldTypes changes the JSON type of every field. If a field is an object, it changes the fields of the object
// instead.
func changeFieldTypes(fields map[string]any) {
	for name, value := range fields {
		if inner, isObject := value.(map[string]any); isObject {
			changeFieldTypes(inner)
		} else {
			fields[name] = changeType(value)
		}
	}
}

func changeType(value any) any {
	switch value := value.(type) {
	case nil:
		return false
	case bool:
		return strconv.FormatBool(value)
	case json.Number:
		return value.String()
	case []any:
		object := map[string]any{}
		for i, element := range value {
			object[strconv.Itoa(i)] = element
		}
		return object
	default:
		return []any{value}
	}
}

// The functions below send a response, or the beginning of one.

func (resp *response) truncate() { resp.Body.Truncate(resp.Body.Len() / 2) }

func sendTruncated(e *exchange, resp *response) {
	resp.truncate()
	resp.send(e.w)
}

// sendEndless sends the real body without its closing braces, and then a JSON string that never ends.
func sendEndless(e *exchange, resp *response) {
	begun := bytes.TrimRight(resp.Body.Bytes(), "} \n")
	resp.Body.Truncate(len(begun))
	resp.Body.WriteString(`,"more":"`)
	resp.send(e.w)
	more := bytes.Repeat([]byte("more "), 4<<10)
	for e.r.Context().Err() == nil {
		if _, err := e.w.Write(more); err != nil {
			return
		}
	}
}

// sendSlowly sends the header immediately, and waits for the fault's Pace before each byte of the body.
func sendSlowly(e *exchange, resp *response) {
	body := resp.Body.Bytes()
	resp.Header().Set("Content-Length", strconv.Itoa(len(body)))
	resp.sendHeader(e.w)
	client := http.NewResponseController(e.w)
	for client.Flush() == nil && len(body) > 0 && wait(e.r.Context(), e.fault.Pace) {
		_, _ = e.w.Write(body[:1]) // the next Flush returns the error
		body = body[1:]
	}
}

// sendHalfThen returns a function that sends the whole body's Content-Length but only half of the body, and then
// calls end.
func sendHalfThen(end func(*exchange)) func(*exchange, *response) {
	return func(e *exchange, resp *response) {
		resp.Header().Set("Content-Length", strconv.Itoa(resp.Body.Len()))
		resp.truncate()
		resp.send(e.w)
		_ = http.NewResponseController(e.w).Flush()
		end(e)
	}
}

// sendAndHang sends the header, and then waits until the caller gives up.
func sendAndHang(e *exchange, resp *response) {
	resp.sendHeader(e.w)
	_ = http.NewResponseController(e.w).Flush()
	<-e.r.Context().Done()
}

// The functions below end the TCP connection.

// hang waits until the caller gives up. It reads the body first, because the HTTP server notices only then that a
// caller has given up.
func hang(e *exchange) {
	e.readBody()
	<-e.r.Context().Done()
	closeConnection(e)
}

// closeUnanswered closes the connection without a response. It reads the request first, because closing a connection
// with unread data resets it.
func closeUnanswered(e *exchange) {
	e.readBody()
	closeConnection(e)
}

// closeConnection closes the connection without sending any more of the response.
func closeConnection(e *exchange) { _ = e.hijack().Close() }

// resetConnection resets the connection, so that the caller gets "connection reset by peer" instead of EOF.
func resetConnection(e *exchange) {
	connection := e.hijack()
	// Close the TCP connection directly, because tls.Conn.Close would first send close_notify.
	if encrypted, ok := connection.(*tls.Conn); ok {
		connection = encrypted.NetConn()
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}

// hijack takes over the connection from the HTTP server.
func (e *exchange) hijack() net.Conn {
	connection, _, err := http.NewResponseController(e.w).Hijack()
	if err != nil {
		// With HTTP/2 or a test recorder, there is no connection to take over. This panic makes the server drop the
		// response.
		panic(http.ErrAbortHandler)
	}
	return connection
}
