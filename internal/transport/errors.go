package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// UnavailableError means that a remote system gave no usable response. Its text never quotes the request's path,
// header values or body. Anything that the text quotes from the response is safe to print.
type UnavailableError struct {
	// System is the remote system's name, such as "Recruitee".
	System string
	// Host is the host and port of the request.
	Host string
	// Reason is a clause such as "the connection was refused".
	Reason string
	// Status is the HTTP status of the unusable response, or 0 if there was no response.
	Status int
	// RetryAfter is the wait that a 429 or a 503 asks for, or 0 if the response asks for none.
	RetryAfter time.Duration
	// Attempts is the number of attempts, or 0 if the error doesn't come from an attempt.
	Attempts int
	// MayHaveActed reports whether the system may have processed an attempt of this call. A 429, or a failure to open a
	// connection, shows that the system hasn't processed the attempt.
	MayHaveActed bool
	// NotSent reports whether this call sent no request, because another call had found that the system is down. All
	// other fields except MayHaveActed describe that other call.
	NotSent bool
	// Untrusted reports whether the TLS certificate is signed by an authority that this machine doesn't trust.
	Untrusted bool
	// TLS reports whether the TLS handshake failed for a known reason, such as an invalid certificate or no common
	// cipher.
	TLS bool
	// Proxy is the environment variable that sets the HTTP proxy, if that proxy made the call fail.
	Proxy string
	// Ended is context.Canceled or context.DeadlineExceeded if the whole operation, rather than one attempt, ended before
	// a usable response arrived, and nil otherwise.
	Ended error
}

func (e *UnavailableError) Error() string {
	text := e.System
	if e.Host != "" {
		text += " at " + e.Host
	}
	text += " gave no usable response: " + e.Reason
	if e.Attempts > 1 {
		text += fmt.Sprintf(" (%d attempts)", e.Attempts)
	}
	if e.NotSent {
		text += "; after that, this request was not sent"
	}
	return text
}

// withoutRequest returns the error for a call that sends no request because of this failure.
func (e *UnavailableError) withoutRequest() *UnavailableError {
	later := e.stopping(false)
	later.NotSent = true
	return later
}

// stopping returns the error for another call whose retries end because of this failure.
func (e *UnavailableError) stopping(mayHaveActed bool) *UnavailableError {
	stopped := *e
	stopped.MayHaveActed = mayHaveActed
	return &stopped
}

// Unwrap returns Ended. It never returns an error from net/http, because that error's text contains the address.
func (e *UnavailableError) Unwrap() error { return e.Ended }

// UnexpectedResponse returns the error for a response that the system's documentation doesn't describe. detail is
// a clause with the reason. It may be empty if the status and the media type explain the error.
func UnexpectedResponse(system string, resp *Response, detail string) *UnavailableError {
	failure := &UnavailableError{
		System: system, Host: resp.Request.URL.Host, Status: resp.StatusCode,
		Attempts: resp.Attempts, MayHaveActed: resp.anyMayHaveActed(),
	}
	clauses := []string{"it returned " + statusText(resp.StatusCode)}
	if detail != "" {
		clauses = append(clauses, detail)
	}
	if failure.RetryAfter, _ = resp.WaitAskedFor(); failure.RetryAfter > 0 {
		clauses = append(clauses, fmt.Sprintf("it asks to wait %s", failure.RetryAfter.Round(time.Second)))
	}
	switch status := resp.StatusCode; {
	case status >= http.StatusMultipleChoices && status < http.StatusBadRequest:
		clauses = append(clauses, redirect(resp))
	case status == http.StatusTooManyRequests || status >= http.StatusInternalServerError:
		// The status explains the failure.
	case detail == "":
		clauses = append(clauses, form(resp)+", not "+system+"'s documented JSON")
	}
	failure.Reason = strings.Join(clauses, "; ")
	return failure
}

func redirect(resp *Response) string {
	target, err := (&http.Response{Header: resp.Header, Request: resp.Request}).Location()
	switch {
	case err != nil || target.Host == "":
		return "it redirects without saying where"
	case !isSameServer(target, resp.Request.URL):
		return fmt.Sprintf("it redirects to %s, and only redirects on the same server are followed", Printable(target.Scheme+"://"+target.Host, 100))
	case resp.Request.Method != http.MethodGet && resp.StatusCode <= http.StatusSeeOther:
		return fmt.Sprintf("it redirects, which would turn the %s into a GET", resp.Request.Method)
	}
	return "it redirects too often"
}

func form(resp *Response) string {
	if media := resp.MediaType(); media != "" {
		return "this is " + Printable(media, 60)
	}
	return "its Content-Type is missing or invalid"
}

func statusText(status int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
}

// reason returns a clause that explains why an attempt failed. The clause doesn't contain texts of net/http's errors,
// because these may quote addresses, requests and responses.
func reason(ctx context.Context, err error, began time.Time, requestTimeout time.Duration) string {
	timeout, isTimeout := errors.AsType[net.Error](err)
	certificate, isInvalid := errors.AsType[x509.CertificateInvalidError](err)
	proxy, isProxy := errors.AsType[proxyError](err)
	failed, isFailed := errors.AsType[*net.OpError](err)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return "the operation was interrupted"
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Sprintf("the operation timed out after %s of waiting for this response", time.Since(began).Round(time.Millisecond))
	case isError[*http.MaxBytesError](err):
		return fmt.Sprintf("the response is larger than %d MiB", MaxBodyBytes>>20)
	case isProxy:
		return proxy.Error()
	case failedProxy(err) != "":
		return "the proxy in " + failedProxy(err) + " can't be reached"
	case isError[*net.DNSError](err):
		return "the host name can't be resolved"
	case isError[x509.UnknownAuthorityError](err):
		return "its TLS certificate is signed by an authority that this machine doesn't trust"
	case isError[x509.HostnameError](err):
		return "its TLS certificate is for another host name"
	case isInvalid && certificate.Reason == x509.Expired:
		return "its TLS certificate has expired or isn't valid yet"
	case isInvalid, isError[*tls.CertificateVerificationError](err):
		return "its TLS certificate isn't valid"
	case tlsFailure(err) != "":
		return tlsFailure(err)
	case isError[tls.RecordHeaderError](err), errors.Is(err, http.ErrSchemeMismatch):
		return "it doesn't speak TLS"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "there is no network route to it"
	case isFailed && failed.Op == "dial" && failed.Timeout():
		return fmt.Sprintf("no connection could be opened within %s", dialTime(requestTimeout))
	case isTimeout && timeout.Timeout():
		return fmt.Sprintf("there was no complete response within %s", requestTimeout)
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed before the response was complete"
	}
	return "the connection failed"
}

// failedProxy returns the environment variable that sets the HTTP proxy if that proxy caused err, and "" otherwise.
func failedProxy(err error) string {
	failed, ok := errors.AsType[*net.OpError](err)
	if isError[proxyError](err) || ok && failed.Op == "proxyconnect" {
		return proxyVariable()
	}
	return ""
}

// tlsFailures maps parts of crypto/tls error texts to clauses, because those errors have no types of their own.
// The first match counts. Most of the texts name an alert that the server sent.
var tlsFailures = []struct{ text, clause string }{
	{"certificate required", "it requires a TLS client certificate, which this provider can't send"},
	{"bad certificate", "it requires a TLS client certificate, which this provider can't send"},
	{"handshake failure", "the TLS handshake failed: it has no cipher in common with this machine, or requires a client certificate"},
	{"insufficient security level", "it has no TLS cipher in common with this machine"},
	{"unconfigured cipher suite", "it has no TLS cipher in common with this machine"},
	{"protocol version not supported", "it supports only versions of TLS before 1.2"},
	{"unsupported protocol version", "it supports only versions of TLS before 1.2"},
	{"negative serial number", "its TLS certificate has a negative serial number"},
	{"failed to parse certificate", "its TLS certificate isn't valid"},
	{"malformed certificate", "its TLS certificate isn't valid"},
}

// tlsFailure returns the clause for a failed TLS handshake that tlsFailures lists, and "" for any other error. A listed
// handshake would fail in every attempt.
func tlsFailure(err error) string {
	for cause := err; cause != nil; cause = errors.Unwrap(cause) {
		err = cause
	}
	if err == nil || !strings.HasPrefix(err.Error(), "tls: ") {
		return ""
	}
	for _, failure := range tlsFailures {
		if strings.Contains(err.Error(), failure.text) {
			return failure.clause
		}
	}
	return ""
}

func isError[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
