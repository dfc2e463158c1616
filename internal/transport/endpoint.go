package transport

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"unicode"
)

// ParseEndpoint parses the base URL of a remote system, and removes slashes at the end of its path. The error is a
// clause that continues "the endpoint …". The input may contain a password, so the error quotes no part of it except
// the scheme.
func ParseEndpoint(text string) (*url.URL, error) {
	endpoint, err := url.Parse(text)
	switch {
	case text == "":
		return nil, errors.New("is empty")
	case strings.ContainsFunc(text, unicode.IsSpace):
		return nil, errors.New("has white space around it or in it")
	case !strings.Contains(text, "://") || err == nil && endpoint.Scheme == "":
		return nil, errors.New("has no scheme; it must begin with https://")
	case err != nil:
		return nil, errors.New("isn't a URL")
	case endpoint.Hostname() == "":
		return nil, errors.New("has no host")
	case len(endpoint.Host) > longestHost || Printable(endpoint.Host, longestHost) != endpoint.Host:
		// Messages quote the host, so the host must be short and printable.
		return nil, errors.New("has an invalid host name")
	case endpoint.User != nil:
		return nil, errors.New("has credentials in it; a token is set with its own attribute")
	case endpoint.RawQuery != "" || endpoint.ForceQuery || endpoint.Fragment != "":
		return nil, errors.New("has a query or a fragment; it must be a scheme, a host and a path")
	case endpoint.Scheme == "http" && !isLoopback(endpoint.Hostname()):
		return nil, errors.New("is plain http, which would show the token to the network; only an address of this machine (such as http://127.0.0.1:8080) may be http")
	case endpoint.Scheme != "https" && endpoint.Scheme != "http":
		return nil, fmt.Errorf("has the scheme %s; it must be https", Printable(endpoint.Scheme, 20))
	}
	endpoint.Path = strings.TrimRight(endpoint.Path, "/")
	endpoint.RawPath = strings.TrimRight(endpoint.RawPath, "/")
	return endpoint, nil
}

// longestHost is the maximum length of a DNS name plus a port.
const longestHost = 253 + len(":65535")

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
