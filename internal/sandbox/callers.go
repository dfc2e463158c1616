package sandbox

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// CheckCaller returns why a request must not reach what gives tokens to anybody who asks, or nil. Only this
// machine may, under a name that only this machine has, so that nobody's DNS leads here; and no web page of another
// site may, though a browser on this machine has it open.
func CheckCaller(r *http.Request) error {
	if !isLoopback(r.Host) {
		return fmt.Errorf("the sandbox answers under localhost, 127.0.0.1 and [::1] only, not under %s", r.Host)
	}
	// Browsers leave Origin out of many requests, and older ones don't know Sec-Fetch-Site: each is checked where it is.
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return fmt.Errorf("the sandbox does not answer web pages: Sec-Fetch-Site is %s", site)
	}
	if origin, sent := r.Header["Origin"]; sent {
		if parsed, err := url.Parse(strings.Join(origin, ",")); err != nil || parsed.Host != r.Host {
			return fmt.Errorf("the sandbox does not answer web pages: Origin is %s", strings.Join(origin, ","))
		}
	}
	return nil
}

// isLoopback reports whether a Host header names this machine as only this machine can. A name that
// somebody else's DNS has pointed here does not count.
func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && address.IsLoopback()
}
