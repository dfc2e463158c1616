package transport

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wintro-ai/terraform-provider-wintro/internal/transport/transporttest"
)

func TestNetworkFailureIsExplained(t *testing.T) {
	t.Parallel()
	const closed = "the connection was closed before the response was complete"
	isTLS := func(address string) string { return strings.Replace(address, "http:", "https:", 1) }
	ssh := func(connection net.Conn) {
		_, _ = io.WriteString(connection, "SSH-2.0-OpenSSH_9.9\r\n")
		// Read the request, because closing a connection with unread data resets it.
		_, _ = connection.Read(make([]byte, 4096))
	}
	for name, test := range map[string]struct {
		address  func(*testing.T) string
		want     string
		attempts int
		// untrusted reports whether the certificate authority is unknown.
		untrusted bool
	}{
		"a refused connection": {func(t *testing.T) string { return "http://" + refusing(t) }, "the connection was refused", 3, false},
		"an unknown authority": {func(t *testing.T) string { return serveTLS(t, responding(200)).URL }, "its TLS certificate is signed by an authority that this machine doesn't trust", 1, true},
		"https to plain HTTP":  {func(t *testing.T) string { return isTLS(transporttest.Serve(t, responding(200)).URL) }, "it doesn't speak TLS", 1, false},
		"https to SSH":         {func(t *testing.T) string { return isTLS(serveTCP(t, ssh)) }, "it doesn't speak TLS", 1, false},
		"a reset connection":   {func(t *testing.T) string { return transporttest.Serve(t, resetting).URL }, closed, 3, false},
		"a closed connection":  {func(t *testing.T) string { return transporttest.Serve(t, transporttest.LoseAnswer).URL }, closed, 3, false},
		"a truncated response": {func(t *testing.T) string { return transporttest.Serve(t, truncating).URL }, closed, 3, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := test.address(t)
			failure := fail(t, newClient(t), request(t, http.MethodGet, address))
			if failure.Reason != test.want || failure.Attempts != test.attempts || failure.Untrusted != test.untrusted {
				t.Errorf("%+v", failure)
			}
			_, host, _ := strings.Cut(address, "://")
			if failure.System != "Recruitee" || failure.Host != host || failure.Status != 0 {
				t.Errorf("%+v", failure)
			}
			if errors.Is(failure, context.Canceled) || errors.Is(failure, context.DeadlineExceeded) {
				t.Error("the error says that the operation has ended")
			}
		})
	}
}

func TestTLSFailureIsExplainedAndNotRetried(t *testing.T) {
	t.Parallel()
	const wantsCertificate = "it requires a TLS client certificate, which this provider can't send"
	const wantsEither = "the TLS handshake failed: it has no cipher in common with this machine, or requires a client certificate"
	for name, test := range map[string]struct {
		change func(*tls.Config)
		want   string
	}{
		"a client certificate is required":             {func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert }, wantsCertificate},
		"a client certificate is required for TLS 1.2": {func(c *tls.Config) { c.ClientAuth, c.MaxVersion = tls.RequireAnyClientCert, tls.VersionTLS12 }, wantsEither},
		"only TLS 1.1": {func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }, "it supports only versions of TLS before 1.2"},
		"only an unsupported cipher": {func(c *tls.Config) {
			c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}
		}, wantsEither},
		"a negative serial number": {func(c *tls.Config) {
			der := slices.Clone(c.Certificates[0].Certificate[0])
			// The serial number's type, length and value follow the version.
			der[bytes.Index(der, []byte{0xa0, 3, 2, 1, 2})+7] = 0x80
			c.Certificates[0].Certificate = [][]byte{der}
		}, "its TLS certificate has a negative serial number"},
		"an unreadable certificate": {func(c *tls.Config) { c.Certificates[0].Certificate = [][]byte{[]byte("nonsense")} }, "its TLS certificate isn't valid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			usual := serveTLS(t, responding(http.StatusOK))
			config := usual.TLS.Clone()
			config.Certificates = slices.Clone(config.Certificates)
			config.NextProtos = nil
			test.change(config)
			address := serveTCP(t, func(connection net.Conn) {
				secure := tls.Server(connection, config)
				if secure.HandshakeContext(t.Context()) == nil {
					_, _ = io.Copy(io.Discard, secure)
				}
				// Keep the connection open until the client has read the alert.
				_, _ = io.Copy(io.Discard, connection)
			})
			client := newClient(t)
			client.pool().TLSClientConfig = usual.Client().Transport.(*http.Transport).TLSClientConfig
			failure := fail(t, client, request(t, http.MethodGet, strings.Replace(address, "http:", "https:", 1)))
			if failure.Reason != test.want || failure.Attempts != 1 || !failure.TLS {
				t.Error(failure)
			}
		})
	}
}

func TestTransportErrorIsExplained(t *testing.T) {
	t.Parallel()
	dialing := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	unverified := func(err error) error { return &tls.CertificateVerificationError{Err: err} }
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"an unknown host name":                 {dialing(&net.DNSError{Err: "no such host", IsNotFound: true}), "the host name can't be resolved"},
		"a name server without a response":     {dialing(&net.DNSError{Err: "i/o timeout", IsTimeout: true}), "the host name can't be resolved"},
		"a certificate for another host":       {unverified(x509.HostnameError{Certificate: &x509.Certificate{}, Host: "api.recruitee.com"}), "its TLS certificate is for another host name"},
		"a certificate that has expired":       {unverified(x509.CertificateInvalidError{Reason: x509.Expired}), "its TLS certificate has expired or isn't valid yet"},
		"a certificate that isn't for servers": {unverified(x509.CertificateInvalidError{Reason: x509.IncompatibleUsage}), "its TLS certificate isn't valid"},
		"a certificate with another flaw":      {unverified(errors.New("s3cret")), "its TLS certificate isn't valid"},
		"no route to the host":                 {dialing(os.NewSyscallError("connect", syscall.EHOSTUNREACH)), "there is no network route to it"},
		"no route to the network":              {dialing(os.NewSyscallError("connect", syscall.ENETUNREACH)), "there is no network route to it"},
		"a dial that times out":                {dialing(os.NewSyscallError("connect", syscall.ETIMEDOUT)), "no connection could be opened within 10s"},
		"a pipe that breaks while sending":     {&net.OpError{Op: "write", Net: "tcp", Err: os.NewSyscallError("write", syscall.EPIPE)}, "the connection was closed before the response was complete"},
		"a proxy whose name is unknown":        {&net.OpError{Op: "proxyconnect", Net: "tcp", Err: dialing(&net.DNSError{Err: "no such host"})}, "the proxy in " + proxyVariable() + " can't be reached"},
		"an unknown error":                     {errors.New("s3cret"), "the connection failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newClientOver(t, func(*http.Request) (*http.Response, error) { return nil, test.err },
				func(o *Options) { o.RequestTimeout = 30 * time.Second })
			// Untrusted must be false. Otherwise the provider's message would recommend SSL_CERT_FILE, which helps only
			// if the authority is unknown.
			if failure := fail(t, client, request(t, http.MethodGet, "https://api.recruitee.com")); failure.Reason != test.want || failure.Untrusted || failure.TLS != strings.Contains(test.want, "TLS") {
				t.Error(failure)
			}
		})
	}
}

func TestUnexpectedResponse(t *testing.T) {
	t.Parallel()
	RememberSecret("Sent-Token-0123")
	for name, test := range map[string]struct {
		status int
		header []string
		detail string
		want   string
	}{
		"HTML":                                {status: 200, header: []string{"Content-Type", "text/html; charset=utf-8"}, want: "it returned 200 OK; this is text/html, not Recruitee's documented JSON"},
		"no media type":                       {status: 400, want: "it returned 400 Bad Request; its Content-Type is missing or invalid, not Recruitee's documented JSON"},
		"a detail replaces the type":          {status: 200, header: []string{"Content-Type", "application/json"}, detail: "its list has no data", want: "it returned 200 OK; its list has no data"},
		"a status without a name":             {status: 299, detail: "why", want: "it returned 299; why"},
		"a server error":                      {status: 503, header: []string{"Content-Type", "text/html"}, want: "it returned 503 Service Unavailable"},
		"a server error with a wait":          {status: 503, header: []string{"Retry-After", "90"}, want: "it returned 503 Service Unavailable; it asks to wait 1m30s"},
		"too many requests":                   {status: 429, header: []string{"Content-Type", "text/plain", "X-Ratelimit-Reset", "86400"}, want: "it returned 429 Too Many Requests; it asks to wait 24h0m0s"},
		"a wait of zero":                      {status: 429, header: []string{"Retry-After", "0"}, want: "it returned 429 Too Many Requests"},
		"a wait with another status":          {status: 404, header: []string{"Retry-After", "90"}, detail: "why", want: "it returned 404 Not Found; why"},
		"a redirect to another server":        {status: 302, header: []string{"Location", "https://ada:s3cret@login.example/s3cret?s3cret#s3cret"}, want: "it returned 302 Found; it redirects to https://login.example, and only redirects on the same server are followed"},
		"a redirect that contains a secret":   {status: 302, header: []string{"Location", "https://Sent-Token-0123.example/"}, want: "it returned 302 Found; it redirects to https://(secret).example, and only redirects on the same server are followed"},
		"a media type that contains a secret": {status: 200, header: []string{"Content-Type", "text/Sent-Token-0123"}, want: "it returned 200 OK; this is text/(secret), not Recruitee's documented JSON"},
		"a redirect without a host":           {status: 302, header: []string{"Location", "mailto:s3cret"}, want: "it returned 302 Found; it redirects without saying where"},
		"a redirect without Location":         {status: 300, want: "it returned 300 Multiple Choices; it redirects without saying where"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resp := received(request(t, http.MethodGet, "https://api.recruitee.com"), test.status, test.header...)
			resp.Attempts, resp.MayHaveActed = 3, true
			failure := UnexpectedResponse("Recruitee", resp, test.detail)
			if failure.Reason != test.want {
				t.Errorf("the reason is %q instead of %q", failure.Reason, test.want)
			}
			if failure.System != "Recruitee" || failure.Host != "api.recruitee.com" || failure.Status != test.status || failure.Attempts != 3 || !failure.MayHaveActed {
				t.Errorf("%+v", failure)
			}
			expectNoSecret(t, failure.Error())
		})
	}
}
