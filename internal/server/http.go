package server

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/coffer-dev/coffer/gen"
	"github.com/coffer-dev/coffer/internal/rpc"
)

// What a connection may take of the server's time and memory before anything is known of who is behind it.
const (
	handshakeTimeout = 20 * time.Second
	headerTimeout    = 10 * time.Second
	requestTimeout   = 30 * time.Second // to send a request whole
	idleTimeout      = 2 * time.Minute
	maxHeaderBytes   = 32 << 10
)

// newHTTP returns the server of the HTTP listener: REST, gRPC by content type, and what operators look at.
func (s *Server) newHTTP() *http.Server {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:           s.httpHandler(),
		Protocols:         &protocols,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: 256, MaxReadFrameSize: 1 << 17},
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       requestTimeout,
		WriteTimeout:      s.longestDeadline() + requestTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
}

func (s *Server) longestDeadline() time.Duration {
	longest := time.Duration(0)
	for _, service := range s.services {
		for _, m := range service.methods {
			longest = max(longest, m.deadline)
		}
	}
	return longest
}

func (s *Server) httpHandler() http.Handler {
	metrics := promhttp.HandlerFor(s.chain.metrics.registry, promhttp.HandlerOpts{ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)})
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		switch path := req.URL.Path; {
		case isREST(path):
			s.gateway.ServeHTTP(w, req)
		case req.ProtoMajor == 2 && strings.HasPrefix(req.Header.Get("Content-Type"), "application/grpc"):
			if s.isStream(path) {
				w = newStreamWriter(w)
			}
			s.httpGRPC.ServeHTTP(w, req)
		default:
			s.operations(w, req, metrics)
		}
	})
}

// isStream tells whether a path is that of a stream over gRPC, which the deadlines of the listener would end.
func (s *Server) isStream(path string) bool {
	m, ok := s.gateway.conn.methods[path]
	return ok && m.stream != nil
}

// operations answers what needs no credential and tells nothing about what is stored.
func (s *Server) operations(w http.ResponseWriter, req *http.Request, metrics http.Handler) {
	id := rand.Text()
	answerHeaders(w, id)
	if req.Method != http.MethodGet && req.Method != http.MethodHead {
		writeStatus(w, http.StatusNotFound, unknownRoute(req.URL.Path, id))
		return
	}
	switch req.URL.Path {
	case "/healthz":
		_, _ = w.Write([]byte(`{"status":"ok"}`))
	case "/readyz":
		if err := s.readiness(); err != nil {
			st, _ := rpc.Status(status.Error(codes.Unavailable, err.Error()), id)
			writeStatus(w, http.StatusServiceUnavailable, st)
			return
		}
		_, _ = w.Write([]byte(`{"status":"ready"}`))
	case "/metrics":
		w.Header().Del("Content-Type") // negotiated by the handler
		metrics.ServeHTTP(w, req)
	case "/.well-known/oauth-protected-resource":
		_, _ = w.Write(s.resource(req))
	case "/openapi.json":
		_, _ = w.Write(gen.OpenAPI)
	case "/openapi/dialects.json":
		_, _ = w.Write(gen.OpenAPIDialects)
	case "/openapi/instill.json":
		_, _ = w.Write(gen.OpenAPIInstill)
	default:
		writeStatus(w, http.StatusNotFound, unknownRoute(req.URL.Path, id))
	}
}
