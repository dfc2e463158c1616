package sandbox

import (
	"crypto/tls"
	"net"
	"net/http"
	"strconv"
)

// drop closes the connection without a further word.
func drop(w http.ResponseWriter) { _ = hijack(w).Close() }

// reset makes the caller see "connection reset by peer" in place of an orderly end.
func reset(w http.ResponseWriter) {
	connection := hijack(w)
	// TLS would say goodbye.
	if encrypted, ok := connection.(*tls.Conn); ok {
		connection = encrypted.NetConn()
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}

// hijack takes the connection over from the server.
func hijack(w http.ResponseWriter) net.Conn {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		// HTTP/2 and test recorders have no connection to take over. The server knows this panic
		// as the other way to break off.
		panic(http.ErrAbortHandler)
	}
	return connection
}

func resetUnread(c *call) { reset(c.w) }

// closeUnanswered reads the request first, since a connection with unread data is reset when it is
// closed.
func closeUnanswered(c *call) {
	c.receive()
	drop(c.w)
}

// halfThen sends the header and half of the body that the header promises, and ends the connection.
func halfThen(end func(http.ResponseWriter)) func(*call, *answer) {
	return func(c *call, a *answer) {
		a.header.Set("Content-Length", strconv.Itoa(a.body.Len()))
		a.truncate()
		a.send(c.w)
		_ = http.NewResponseController(c.w).Flush()
		end(c.w)
	}
}
