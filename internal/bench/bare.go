package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// The bare servers do as little as a server can. They are children of the benchmark as cofferd is, so that both share
// the machine with the client in the same way.

// echoMethod answers a number of bytes to whatever it is sent.
const echoMethod = "/bench.Echo/Echo"

// serveEcho serves echoMethod on a free port, with nothing around it, until its input ends.
func serveEcho(ctx context.Context, size int) error {
	answer := wrapperspb.Bytes(make([]byte, size))
	server := grpc.NewServer()
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "bench.Echo",
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{
			MethodName: "Echo",
			Handler: func(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
				return answer, decode(&wrapperspb.BytesValue{})
			},
		}},
	}, nil)
	return serveUntilOrphaned(ctx, server.Serve, server.Stop)
}

// serveJSON answers body to every request on a free port, until its input ends.
func serveJSON(ctx context.Context, body []byte) error {
	server := &http.Server{
		ReadHeaderTimeout: time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(body)
		}),
	}
	return serveUntilOrphaned(ctx, server.Serve, func() { _ = server.Close() })
}

// serveUntilOrphaned serves on a free port, whose address it prints, until the parent closes the standard input: its
// death does that too.
func serveUntilOrphaned(ctx context.Context, serve func(net.Listener) error, stop func()) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	if err := serve(listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving: %w", err)
	}
	return nil
}
