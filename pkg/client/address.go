package client

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// address is a server's URL taken apart.
type address struct {
	target   string // for grpc.NewClient
	host     string
	secure   bool
	loopback bool
}

func parseAddress(raw string) (address, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.Opaque != "" {
		return address{}, fmt.Errorf("address %q: want a URL such as https://coffer.example.org or grpc://127.0.0.1:8081", raw)
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return address{}, fmt.Errorf("address %s://%s: only a scheme, a host and a port are allowed", u.Scheme, u.Host)
	}
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "http":
		port = "80"
	case u.Scheme == "https":
		port = "443"
	default:
		return address{}, fmt.Errorf("address %s: the port is missing", raw)
	}
	addr := address{host: u.Hostname()}
	switch u.Scheme {
	case "http", "grpc":
	case "https", "grpcs":
		addr.secure = true
	default:
		return address{}, fmt.Errorf("address %s: the scheme must be http, https, grpc or grpcs", raw)
	}
	addr.target = "dns:///" + net.JoinHostPort(addr.host, port)
	ip := net.ParseIP(addr.host)
	addr.loopback = addr.host == "localhost" || ip != nil && ip.IsLoopback()
	return addr, nil
}
