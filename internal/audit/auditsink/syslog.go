package auditsink

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/coffer-dev/coffer/internal/audit"
)

const (
	facility = 13 // log audit
	// The severities of RFC 5424.
	severityWarning = 4
	severityNotice  = 5
	severityInfo    = 6

	syslogTime = "2006-01-02T15:04:05.000000Z"
	// maxSequence is the last number of a meta sequenceId, which goes on with 1.
	maxSequence = 1<<31 - 1
	// maxChatter is how much a receiver may say, which is ignored.
	maxChatter = 64 << 10
)

// syslog sends RFC 5424 messages: one a datagram, or framed by octet counting (RFC 6587, RFC 5425) in a stream.
//
// A stream is a connection per batch. That the kernel took what was written says nothing about the receiver; that it
// closes in order once this side has closed its own does: nothing is left unread. Its kernel would answer with a reset.
type syslog struct {
	scheme  string
	address string
	tls     *tls.Config
	origin  string // HOSTNAME APP-NAME PROCID
}

func newSyslog(u *url.URL, config *tls.Config) *syslog {
	s := &syslog{scheme: u.Scheme, address: u.Host, tls: config}
	if u.Scheme == "unix" {
		s.address = u.Path
	}
	config.ServerName = u.Hostname()
	config.ClientSessionCache = tls.NewLRUClientSessionCache(1)
	host, _ := os.Hostname() // without one it is "-"
	s.origin = fmt.Sprintf("%s cofferd %d", header(host, 255), os.Getpid())
	return s
}

func (s *syslog) deliver(ctx context.Context, b batch) error {
	conn, stream, err := s.dial(ctx)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	if stream {
		return s.stream(conn, b)
	}
	for i := range b.events {
		if _, err := conn.Write(s.message(&b.events[i], b.lines[i])); err != nil {
			return fmt.Errorf("sending: %w", err)
		}
	}
	return nil
}

// dial connects. A unix socket takes datagrams or streams, and does not say which.
func (s *syslog) dial(ctx context.Context) (conn net.Conn, stream bool, err error) {
	var dialer net.Dialer
	switch s.scheme {
	case "tls":
		conn, err = (&tls.Dialer{Config: s.tls}).DialContext(ctx, "tcp", s.address)
		return conn, true, err
	case "unix":
		conn, err = dialer.DialContext(ctx, "unixgram", s.address)
		if !errors.Is(err, syscall.EPROTOTYPE) {
			return conn, false, err
		}
	}
	conn, err = dialer.DialContext(ctx, s.scheme, s.address)
	return conn, s.scheme != "udp", err
}

func (s *syslog) stream(conn net.Conn, b batch) error {
	var text []byte
	for i := range b.events {
		m := s.message(&b.events[i], b.lines[i])
		text = append(fmt.Appendf(text, "%d ", len(m)), m...)
	}
	if _, err := conn.Write(text); err != nil {
		return fmt.Errorf("sending: %w", err)
	}
	ends := []net.Conn{conn}
	if secure, ok := conn.(*tls.Conn); ok { // it has an end of its own, within that of the connection below
		ends = append(ends, secure.NetConn())
	}
	for _, c := range ends {
		if err := c.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
			return fmt.Errorf("closing: %w", err)
		}
	}
	for _, c := range ends {
		n, err := io.Copy(io.Discard, io.LimitReader(c, maxChatter))
		if err == nil && n == maxChatter {
			err = errors.New("the receiver talks instead")
		}
		if err != nil {
			return fmt.Errorf("waiting for the receiver to close: %w", err)
		}
	}
	return nil
}

// message is an event in the form of RFC 5424. Nothing but the text, which is JSON in ASCII, is from outside.
func (s *syslog) message(e *audit.Event, line []byte) []byte {
	severity := severityInfo
	switch {
	case e.Kind == audit.KindSystem:
		severity = severityNotice
	case e.Decision == audit.Deny, e.Kind == audit.KindAuthnFailure, e.Kind == audit.KindMalformed:
		severity = severityWarning
	}
	data := "-"
	if e.Seq > 0 {
		data = fmt.Sprintf(`[meta sequenceId="%d"]`, (e.Seq-1)%maxSequence+1)
	}
	return fmt.Appendf(nil, "<%d>1 %s %s %s %s %s", facility*8+severity, e.Time.UTC().Format(syslogTime), s.origin,
		header(string(e.Kind), 32), data, line)
}

// header makes s fit for the header of a message: printable, without spaces.
func header(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f {
			return r
		}
		return -1
	}, s)
	if s == "" {
		return "-"
	}
	return s[:min(len(s), limit)]
}
