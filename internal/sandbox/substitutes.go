package sandbox

import (
	"net"
	"net/http"
	"time"
)

// nothing is an answer that is all the fault's own.
func nothing(*call) *answer { return newAnswer() }

func signInPage(*call) *answer {
	a := newAnswer()
	a.header.Set("Content-Type", "text/html; charset=utf-8")
	a.WriteHeader(http.StatusOK)
	a.body.WriteString("<!DOCTYPE html>\n<html><head><title>Sign in</title></head>" +
		"<body><h1>Sign in to use this network</h1></body></html>\n")
	return a
}

// tooMany answers 429 as the system does, and when says when to come back.
func tooMany(when func(*call, http.Header)) func(*call) *answer {
	return func(c *call) *answer {
		a := newAnswer()
		when(c, a.header)
		if c.system == Recruitee {
			writeTooMany(a)
		} else {
			writeProblem(a, newProblem(http.StatusTooManyRequests, "Too many requests."))
		}
		return a
	}
}

func retryAfter(value string) func(*call, http.Header) {
	return func(_ *call, header http.Header) { header.Set("Retry-After", value) }
}

// retryDate is at least one second from now: the form has no fractions.
func retryDate(c *call, header http.Header) {
	header.Set("Retry-After", c.s.now().Add(2*time.Second).UTC().Format(http.TimeFormat))
}

func ratelimitReset(_ *call, header http.Header) { header.Set("X-Ratelimit-Reset", "1") }

func unsaid(*call, http.Header) {}

// redirect answers with the same path and query at the host that to makes of the request's. It is a
// 307, so that method and body are to stay what they are.
func redirect(to func(host string) string) func(*call) *answer {
	return func(c *call) *answer {
		scheme := "http"
		if c.r.TLS != nil {
			scheme = "https"
		}
		a := newAnswer()
		a.header.Set("Location", scheme+"://"+to(c.r.Host)+c.r.URL.RequestURI())
		a.WriteHeader(http.StatusTemporaryRedirect)
		return a
	}
}

func sameHost(host string) string { return host }

// anotherHost is this machine by another name. So the request log shows who goes there, and with
// which token.
func anotherHost(host string) string {
	const here, there = "localhost", "127.0.0.1"
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	other := here
	if name == here {
		other = there
	}
	if port == "" {
		return other
	}
	return net.JoinHostPort(other, port)
}
