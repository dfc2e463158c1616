package sandbox

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// CheckCaller returns an error if a web page of another site, open in a browser on this machine, could have sent the
// request. The site's DNS can make its own host name resolve to this machine, so CheckCaller accepts only host names
// that always mean this machine.
func CheckCaller(r *http.Request) error {
	if !isLoopback(r.Host) {
		return fmt.Errorf("the sandbox rejects the host %q: call it as localhost, 127.0.0.1 or [::1], "+
			"from a container through the host's network (docker run --network host)", r.Host)
	}
	// Browsers omit Origin from many requests, and old browsers don't send Sec-Fetch-Site, so a wrong value in either
	// header is enough to reject the request.
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return fmt.Errorf("the sandbox rejects requests from other web pages: Sec-Fetch-Site is %q", site)
	}
	if origin, sent := r.Header["Origin"]; sent {
		if parsed, err := url.Parse(strings.Join(origin, ",")); err != nil || parsed.Host != r.Host {
			return fmt.Errorf("the sandbox rejects requests from other web pages: Origin is %q", strings.Join(origin, ","))
		}
	}
	return nil
}

// isLoopback reports whether a Host header is a name or an address that always means this machine.
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
