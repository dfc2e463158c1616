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

// Responses in place of the system's.

// emptyResponse returns a response that gets its status, header and body from the fault.
func emptyResponse(*exchange) *response { return newResponse() }

// switchProtocols leaves the connection to another protocol.
func switchProtocols(*exchange) *response {
	resp := newResponse()
	resp.header.Set("Connection", "Upgrade")
	resp.header.Set("Upgrade", "sandbox")
	resp.WriteHeader(http.StatusSwitchingProtocols)
	return resp
}

func signInPage(*exchange) *response {
	resp := newResponse()
	resp.header.Set("Content-Type", "text/html; charset=utf-8")
	resp.WriteHeader(http.StatusOK)
	resp.body.WriteString("<!DOCTYPE html>\n<html><head><title>Sign in</title></head>" +
		"<body><h1>Sign in to use this network</h1></body></html>\n")
	return resp
}

// tooManyRequests returns 429 as the system does. setHint sets the time of the next attempt.
func tooManyRequests(setHint func(*exchange, http.Header)) func(*exchange) *response {
	return func(e *exchange) *response {
		resp := newResponse()
		setHint(e, resp.header)
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

// retryAfterDate sets a date at least one second from now. Dates have no fractions.
func retryAfterDate(_ *exchange, header http.Header) {
	header.Set("Retry-After", time.Now().Add(2*time.Second).UTC().Format(http.TimeFormat))
}

// rateLimitReset sets a second from now in the form of the system: seconds for Recruitee, a Unix time for Wintro.
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

// keyInUse returns Wintro's response while another request with the same Idempotency-Key is in flight.
func keyInUse(*exchange) *response {
	resp := newResponse()
	writeError(resp, newError(http.StatusConflict, contract.CodeIdempotencyKeyInUse,
		"A request with this Idempotency-Key is in flight."))
	return resp
}

// redirect returns a redirect to the same path at another host. With 307, method and body stay the same.
func redirect(newHost func(host string) string) func(*exchange) *response {
	return func(e *exchange) *response {
		scheme := "http"
		if e.r.TLS != nil {
			scheme = "https"
		}
		resp := newResponse()
		resp.header.Set("Location", scheme+"://"+newHost(e.r.Host)+e.r.URL.RequestURI())
		resp.WriteHeader(http.StatusTemporaryRedirect)
		return resp
	}
}

func sameHost(host string) string { return host }

// anotherHost returns another name of this machine, so that the request log shows callers that follow the redirect.
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

// Changes to the body of the system's response.

// ensureBody adds a body to a response without one. Otherwise a fault in the body would have no effect.
func ensureBody(_ *exchange, resp *response) {
	if resp.body.Len() > 0 {
		return
	}
	if resp.status == http.StatusNoContent {
		resp.status = http.StatusOK
	}
	resp.header.Set("Content-Type", "application/json")
	resp.body.WriteString(`{"data":null}`)
}

func replaceBody(content string) func(*exchange, *response) {
	return func(e *exchange, resp *response) {
		ensureBody(e, resp)
		resp.body.Reset()
		resp.body.WriteString(content)
	}
}

func labelAsText(e *exchange, resp *response) {
	ensureBody(e, resp)
	resp.header.Set("Content-Type", "text/plain; charset=utf-8")
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

// editJSON replaces the body by the one that edit returns. edit gets "" for a body that isn't JSON.
func (resp *response) editJSON(edit func(body any) any) {
	decoder := json.NewDecoder(bytes.NewReader(resp.body.Bytes()))
	decoder.UseNumber()
	var body any
	if decoder.Decode(&body) != nil {
		body = ""
	}
	encoded, _ := json.Marshal(edit(body)) // what was decoded can be encoded
	resp.body.Reset()
	resp.body.Write(encoded)
}

// edited returns body with another value at the path, or without it if value is nil. It ignores a path that leads
// to nothing.
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

// changeFieldTypes changes the types of all fields except objects, whose own fields change.
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

// Ways to send a response.

func (resp *response) truncate() { resp.body.Truncate(resp.body.Len() / 2) }

func sendTruncated(e *exchange, resp *response) {
	resp.truncate()
	resp.send(e.w)
}

// sendEndless sends the beginning of the real body, and then a text without end.
func sendEndless(e *exchange, resp *response) {
	begun := bytes.TrimRight(resp.body.Bytes(), "} \n")
	resp.body.Truncate(len(begun))
	resp.body.WriteString(`,"more":"`)
	resp.send(e.w)
	more := bytes.Repeat([]byte("more "), 4<<10)
	for e.r.Context().Err() == nil {
		if _, err := e.w.Write(more); err != nil {
			return
		}
	}
}

// sendSlowly sends the header immediately, and then one byte after each pace.
func sendSlowly(e *exchange, resp *response) {
	body := resp.body.Bytes()
	resp.header.Set("Content-Length", strconv.Itoa(len(body)))
	resp.sendHeader(e.w)
	client := http.NewResponseController(e.w)
	for client.Flush() == nil && len(body) > 0 && wait(e.r.Context(), e.fault.Pace) {
		_, _ = e.w.Write(body[:1]) // Flush reports whether it got through
		body = body[1:]
	}
}

// sendHalfThen sends the header and half of the body that the header promises, and ends the connection.
func sendHalfThen(end func(*exchange)) func(*exchange, *response) {
	return func(e *exchange, resp *response) {
		resp.header.Set("Content-Length", strconv.Itoa(resp.body.Len()))
		resp.truncate()
		resp.send(e.w)
		_ = http.NewResponseController(e.w).Flush()
		end(e)
	}
}

// sendAndHang sends the header, and then nothing until the caller gives up.
func sendAndHang(e *exchange, resp *response) {
	resp.sendHeader(e.w)
	_ = http.NewResponseController(e.w).Flush()
	<-e.r.Context().Done()
}

// Ways to end the TCP connection.

// hang waits until the caller gives up. The server notices that only after it has read the body.
func hang(e *exchange) {
	e.readBody()
	<-e.r.Context().Done()
	closeConnection(e)
}

// closeUnanswered closes the connection after reading the request: closing it with unread data would reset it.
func closeUnanswered(e *exchange) {
	e.readBody()
	closeConnection(e)
}

// closeConnection closes the connection without sending another byte.
func closeConnection(e *exchange) { _ = e.hijack().Close() }

// resetConnection makes the caller see "connection reset by peer" in place of an orderly end.
func resetConnection(e *exchange) {
	connection := e.hijack()
	// tls.Conn.Close would send close_notify.
	if encrypted, ok := connection.(*tls.Conn); ok {
		connection = encrypted.NetConn()
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}

// hijack takes the connection over from the server.
func (e *exchange) hijack() net.Conn {
	connection, _, err := http.NewResponseController(e.w).Hijack()
	if err != nil {
		// HTTP/2 and test recorders have no connection to take over. This panic makes the server drop the response.
		panic(http.ErrAbortHandler)
	}
	return connection
}
