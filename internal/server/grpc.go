package server

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/encoding"
	encproto "google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/rpc"
	"github.com/coffer-dev/coffer/internal/secrets"
)

const (
	headerRequestID = "x-request-id"
	streamWindow    = 256 << 10 // bytes that a call may send ahead
	connWindow      = 1 << 20
	streamWorkers   = 128 // beyond as many calls at once, each has a goroutine of its own
)

// newGRPC returns a gRPC server whose every method runs the chain. The gRPC listener and the HTTP listener have one each.
func (s *Server) newGRPC(tlsConfig *tls.Config) *grpc.Server {
	options := []grpc.ServerOption{
		grpc.ForceServerCodecV2(codec{encoding.GetCodecV2(encproto.Name)}),
		grpc.MaxRecvMsgSize(maxMessage(s.services)),
		grpc.MaxConcurrentStreams(1024),
		// Fixed windows: gRPC else lets them grow to 16 MiB a call, which that many calls could fill and leave.
		grpc.InitialWindowSize(streamWindow),
		grpc.InitialConnWindowSize(connWindow),
		grpc.MaxHeaderListSize(maxHeaderBytes),
		grpc.ConnectionTimeout(handshakeTimeout),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 10 * time.Second, PermitWithoutStream: true}),
		// Connections are renewed within the hour, so that clients spread over servers that came later.
		grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionIdle: 15 * time.Minute, MaxConnectionAge: 30 * time.Minute, MaxConnectionAgeGrace: time.Minute,
			Time: 2 * time.Minute, Timeout: 20 * time.Second,
		}),
		// Workers keep the stack that a handler grew; growing it anew for each call costs a tenth of the call.
		grpc.NumStreamWorkers(streamWorkers),
		grpc.UnknownServiceHandler(func(any, grpc.ServerStream) error {
			st, _ := rpc.Status(status.Error(codes.Unimplemented, "the method does not exist"), "")
			return st.Err()
		}),
	}
	if tlsConfig != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(tlsConfig)))
	}
	options = append(options, grpc.StreamInterceptor(boundStrangers(newStreams(strangersStreams))))
	server := grpc.NewServer(options...)
	for _, service := range s.services {
		server.RegisterService(s.chain.throughGRPC(service), service.server)
	}
	grpc_health_v1.RegisterHealthServer(server, s.health)
	reflection.Register(server)
	return server
}

// strangersStreams bounds the streams of health and reflection, which need no credential.
var strangersStreams = Limits{AddressStreams: 100, Streams: 1000}

// boundStrangers bounds the streams that do not come through the chain.
func boundStrangers(open *streams) grpc.StreamServerInterceptor {
	return func(service any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		if strings.HasPrefix(info.FullMethod, "/coffer.") {
			return handler(service, stream)
		}
		var address netip.Addr
		if p, ok := peer.FromContext(stream.Context()); ok {
			address = authn.Credentials{Source: p.Addr.String()}.Address()
		}
		end, err := open.begin("", address)
		if err != nil {
			st, _ := rpc.Status(err, "")
			return st.Err()
		}
		defer end()
		return handler(service, stream)
	}
}

// maxMessage is the largest request message that any method takes; each has its own limit below it.
func maxMessage(services []service) int {
	largest := 0
	for _, s := range services {
		for _, m := range s.methods {
			largest = max(largest, m.maxBytes)
		}
	}
	return largest
}

// throughGRPC returns the descriptor of a service with the chain in front of each method. An interceptor of gRPC's would
// see the message decoded; this one runs before.
func (ch *chain) throughGRPC(s service) *grpc.ServiceDesc {
	desc := *s.desc
	desc.Methods, desc.Streams = nil, nil
	for _, m := range s.methods {
		name := string(m.desc.Name())
		if m.stream == nil {
			desc.Methods = append(desc.Methods, grpc.MethodDesc{MethodName: name, Handler: ch.unaryHandler(m)})
		} else {
			desc.Streams = append(desc.Streams, grpc.StreamDesc{StreamName: name, Handler: ch.streamHandler(m), ServerStreams: true})
		}
	}
	return &desc
}

func (ch *chain) unaryHandler(m *method) grpc.MethodHandler {
	return func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		a := ch.arrivalFromGRPC(ctx)
		a.decode = func(message any) error { return decodeFrame(m, decode, message) }
		// It fails only outside of a call.
		_ = grpc.SetHeader(ctx, metadata.MD{headerRequestID: []string{a.requestID}})
		return ch.serve(ctx, m, a)
	}
}

func (ch *chain) streamHandler(m *method) grpc.StreamHandler {
	return func(_ any, stream grpc.ServerStream) error {
		a := ch.arrivalFromGRPC(stream.Context())
		a.decode = func(message any) error { return decodeFrame(m, stream.RecvMsg, message) }
		a.send = stream.SendMsg
		if err := stream.SetHeader(metadata.MD{headerRequestID: []string{a.requestID}}); err != nil {
			return err
		}
		_, err := ch.serve(stream.Context(), m, a)
		return err
	}
}

func (ch *chain) arrivalFromGRPC(ctx context.Context) arrival {
	a := arrival{
		credentials: authn.Credentials{Bearer: bearerFrom(metadata.ValueFromIncomingContext(ctx, "authorization"))},
		requestID:   rand.Text(),
		client:      header(ctx, "user-agent"),
	}
	if ch.tracing != nil {
		a.traceParent, a.traceState = header(ctx, "traceparent"), header(ctx, "tracestate")
	}
	if p, ok := peer.FromContext(ctx); ok {
		a.credentials.Source = p.Addr.String()
		if info, ok := p.AuthInfo.(credentials.TLSInfo); ok {
			a.credentials.TLS = &info.State
		}
	}
	return a
}

// header returns a header of a call, or "" if it is absent or given twice: no header that means anything here may be.
func header(ctx context.Context, name string) string {
	if values := metadata.ValueFromIncomingContext(ctx, name); len(values) == 1 {
		return values[0]
	}
	return ""
}

// frame is a message as it came off the wire.
type frame struct{ data mem.BufferSlice }

// decodeFrame fills the message, unless it is larger than the method takes.
func decodeFrame(m *method, decode func(any) error, message any) error {
	var f frame
	switch err := decode(&f); {
	case errors.Is(err, io.EOF):
		return secrets.Invalid("message", "is missing")
	case err != nil:
		return err
	}
	defer f.data.Free()
	if size := f.data.Len(); size > m.maxBytes {
		return tooLarge(m)
	}
	into, ok := message.(proto.Message)
	if !ok {
		return fmt.Errorf("decoding %T: not a message", message)
	}
	buffer := f.data.MaterializeToBuffer(mem.DefaultBufferPool())
	defer buffer.Free()
	if err := proto.Unmarshal(buffer.ReadOnlyData(), into); err != nil {
		// What it says may quote the message.
		return secrets.Invalid("message", "is not a valid %s", m.desc.Input().Name())
	}
	return nil
}

func tooLarge(m *method) error {
	return fmt.Errorf("%w: a request of %s has at most %d bytes", secrets.ErrLimit, m.desc.Name(), m.maxBytes)
}

// codec is protobuf's, and hands out messages undecoded to whoever asks with a frame.
type codec struct{ encoding.CodecV2 }

// Unmarshal implements encoding.CodecV2.
func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	if f, ok := v.(*frame); ok {
		data.Ref()
		f.data = data
		return nil
	}
	return c.CodecV2.Unmarshal(data, v)
}
