package auditsink_test

import (
	"crypto/tls"
	"io"
	"net"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	gosyslog "github.com/leodido/go-syslog/v4"
	"github.com/leodido/go-syslog/v4/octetcounting"
	"github.com/leodido/go-syslog/v4/rfc5424"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/audit/auditsink"
)

// syslogServer receives messages as RFC 5424 has them.
type syslogServer struct {
	t      testing.TB
	url    string
	caFile string

	mu       sync.Mutex
	drop     int // so many connections are closed after some bytes
	messages []*rfc5424.SyslogMessage
	talk     bool
}

func (s *syslogServer) take(m gosyslog.Message, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.t.Errorf("message: %v", err)
		return
	}
	s.messages = append(s.messages, m.(*rfc5424.SyslogMessage))
}

// set says how the next connections are treated.
func (s *syslogServer) set(drop int, talk bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop, s.talk = drop, talk
}

func (s *syslogServer) got() []*rfc5424.SyslogMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// packets serves datagrams.
func (s *syslogServer) packets(t testing.TB, network, address string) {
	t.Helper()
	conn, err := net.ListenPacket(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	s.url = "udp://" + conn.LocalAddr().String()
	go func() {
		datagram := make([]byte, 1<<16)
		for {
			n, _, err := conn.ReadFrom(datagram)
			if err != nil {
				return
			}
			s.take(rfc5424.NewParser().Parse(datagram[:n]))
		}
	}()
}

// streams serves connections, which it closes when the other side has.
func (s *syslogServer) streams(t testing.TB, l net.Listener) {
	t.Helper()
	t.Cleanup(func() { _ = l.Close() })
	s.url = "tcp://" + l.Addr().String()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(conn)
		}
	}()
}

func (s *syslogServer) serve(conn net.Conn) {
	defer conn.Close()
	s.mu.Lock()
	drop, talk := s.drop > 0, s.talk
	s.drop--
	s.mu.Unlock()
	if drop { // what came is read by nobody: the kernel answers with a reset
		_, _ = io.ReadFull(conn, make([]byte, 10))
		return
	}
	if talk {
		_, _ = io.Copy(conn, &endless{})
		return
	}
	octetcounting.NewParser(gosyslog.WithMaxMessageLength(1<<16), gosyslog.WithListener(func(r *gosyslog.Result) {
		s.take(r.Message, r.Error)
	})).Parse(conn)
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func listen(t testing.TB, network, address string) net.Listener {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func newSyslogServer(t testing.TB, scheme string) *syslogServer {
	t.Helper()
	s := &syslogServer{t: t}
	socket := filepath.Join(t.TempDir(), "log")
	switch scheme {
	case "udp":
		s.packets(t, "udp", "127.0.0.1:0")
	case "unixgram":
		s.packets(t, "unixgram", socket)
		s.url = "unix://" + socket
	case "unix":
		s.streams(t, listen(t, "unix", socket))
		s.url = "unix://" + socket
	case "tcp":
		s.streams(t, listen(t, "tcp", "127.0.0.1:0"))
	case "tls":
		server := httptest.NewUnstartedServer(nil) // for its certificate
		server.StartTLS()
		server.Close()
		s.streams(t, tls.NewListener(listen(t, "tcp", "127.0.0.1:0"), &tls.Config{Certificates: server.TLS.Certificates}))
		s.url = "tls" + strings.TrimPrefix(s.url, "tcp")
		s.caFile = caFile(t, server)
	}
	return s
}

func (s *syslogServer) settings() auditsink.Settings {
	return auditsink.Settings{Name: "siem", Kind: auditsink.Syslog, URL: s.url, CAFile: s.caFile, From: "beginning"}
}

// events are what the messages carry.
func (s *syslogServer) events(t testing.TB) []audit.Event {
	t.Helper()
	var all []audit.Event
	for _, m := range s.got() {
		all = append(all, parse(t, *m.Message)...)
	}
	return all
}

var schemes = []string{"udp", "unixgram", "unix", "tcp", "tls"}

func TestSyslog(t *testing.T) {
	for _, scheme := range schemes {
		t.Run(scheme, func(t *testing.T) {
			l := openLog(t)
			s := newSyslogServer(t, scheme)
			e := audit.Event{
				Kind: audit.KindDecision, Decision: audit.Deny, Principal: hostile, Client: hostile, Detail: hostile, Reasons: []string{hostile},
			}
			if err := l.Record(t.Context(), &e, audit.Synced); err != nil {
				t.Fatal(err)
			}
			record(t, l, 1)
			if err := l.Record(t.Context(), &audit.Event{Kind: audit.KindSystem}, audit.Synced); err != nil {
				t.Fatal(err)
			}
			set, stop := start(t, config(t, l, s.settings()))
			eventually(t, "3 received", func() bool { return len(s.got()) == 3 })
			eventually(t, "3 delivered", func() bool { return delivered(set, "siem") == 3 })
			stop()
			got := s.events(t)
			if diff := cmp.Diff(upTo(3), numbers(got)); diff != "" {
				t.Fatalf("events differ (-want +got):\n%s", diff)
			}
			if e := got[0]; e.Principal != hostile || e.Client != hostile || e.Detail != hostile || e.Reasons[0] != hostile {
				t.Errorf("event 1 is %+v, want its texts as they were", e)
			}
			for i, want := range []struct {
				severity uint8
				id       string
			}{{4, "DECISION"}, {6, "DECISION"}, {5, "SYSTEM"}} {
				m := s.got()[i]
				if *m.Facility != 13 || *m.Severity != want.severity || *m.Appname != "cofferd" || *m.MsgID != want.id ||
					!m.Timestamp.Equal(got[i].Time) || (*m.StructuredData)["meta"]["sequenceId"] != string(rune('1'+i)) {
					t.Errorf("message %d is %+v, want facility 13, severity %d, id %s, its time and its number",
						i, m, want.severity, want.id)
				}
			}
		})
	}
}

// The largest event there is arrives whole, even as a datagram.
func TestSyslog_largest(t *testing.T) {
	for _, scheme := range schemes {
		t.Run(scheme, func(t *testing.T) {
			l := openLog(t)
			s := newSyslogServer(t, scheme)
			wide := strings.Repeat("é", 1000) // grows most: two bytes in the log are six in a line
			e := audit.Event{
				Kind: audit.KindDecision, RequestID: wide, Principal: wide, AuthnMethod: wide, TokenName: wide, Source: wide,
				Client: wide, Method: wide, Action: wide, Resource: wide, ResourceUID: wide, Code: wide, Detail: wide,
				Reasons: slices.Repeat([]string{wide}, 16),
			}
			if err := l.Record(t.Context(), &e, audit.Synced); err != nil {
				t.Fatal(err)
			}
			set, _ := start(t, config(t, l, s.settings()))
			eventually(t, "received", func() bool { return len(s.got()) == 1 })
			eventually(t, "delivered", func() bool { return delivered(set, "siem") == 1 })
			if got := s.events(t); len(got[0].Reasons) != 16 {
				t.Errorf("the event has %d reasons, want 16", len(got[0].Reasons))
			}
		})
	}
}

// Connections that are cut before the receiver has read everything lose nothing, though every write went well.
func TestSyslog_cut(t *testing.T) {
	for _, scheme := range []string{"unix", "tcp", "tls"} {
		t.Run(scheme, func(t *testing.T) {
			l := openLog(t)
			s := newSyslogServer(t, scheme)
			s.set(3, false)
			record(t, l, 500) // more than a TLS record
			set, _ := start(t, config(t, l, s.settings()))
			eventually(t, "500 delivered", func() bool { return delivered(set, "siem") == 500 })
			if diff := cmp.Diff(upTo(500), numbers(s.events(t))); diff != "" {
				t.Errorf("events differ (-want +got):\n%s", diff)
			}
		})
	}
}

// A receiver that talks, and never closes, has taken nothing.
func TestSyslog_talks(t *testing.T) {
	l := openLog(t)
	s := newSyslogServer(t, "tcp")
	s.set(0, true)
	record(t, l, 1)
	set, _ := start(t, config(t, l, s.settings()))
	eventually(t, "an error", func() bool { return strings.Contains(state(set, "siem").Error, "talks") })
	s.set(0, false)
	eventually(t, "1 delivered", func() bool { return delivered(set, "siem") == 1 })
}

// A receiver that accepts and then does nothing is given up at the deadline; so is the stop of the server.
func TestSyslog_hangs(t *testing.T) {
	l := openLog(t)
	listener := listen(t, "tcp", "127.0.0.1:0") // accepts in the kernel, and nobody serves
	t.Cleanup(func() { _ = listener.Close() })
	settings := auditsink.Settings{Name: "siem", Kind: auditsink.Syslog, URL: "tcp://" + listener.Addr().String(), From: "beginning"}
	record(t, l, 1)
	_, stop := start(t, config(t, l, settings))
	if _, err := listener.Accept(); err != nil { // it is connected, and waits
		t.Fatal(err)
	}
	record(t, l, 5)
	stop()
	settings.Deadline = auditsink.Duration(1e6)
	set, _ := start(t, config(t, l, settings))
	eventually(t, "an error", func() bool { return strings.Contains(state(set, "siem").Error, "timeout") })
}

// Nobody is at the socket.
func TestSyslog_nobody(t *testing.T) {
	l := openLog(t)
	record(t, l, 1)
	settings := auditsink.Settings{Name: "siem", Kind: auditsink.Syslog, URL: "unix://" + filepath.Join(t.TempDir(), "log"), From: "beginning"}
	set, _ := start(t, config(t, l, settings))
	eventually(t, "an error", func() bool { return strings.Contains(state(set, "siem").Error, "no such file") })
}
