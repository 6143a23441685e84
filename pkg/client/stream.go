package client

import (
	"context"
	"errors"
	"io"
	"path"

	"google.golang.org/grpc"
)

// stream gives the calls that answer again and again the same errors as the others. They have no deadline of their own,
// and are opened again by who knows where to go on from.
type stream struct {
	grpc.ClientStream
	method string
	sent   any
}

func interceptStream(
	ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string, open grpc.Streamer, options ...grpc.CallOption,
) (grpc.ClientStream, error) {
	opened, err := open(ctx, desc, conn, method, options...)
	if err != nil {
		return nil, newError(path.Base(method), err, nil, "")
	}
	return &stream{ClientStream: opened, method: path.Base(method)}, nil
}

// SendMsg keeps the request, which an error names.
func (s *stream) SendMsg(m any) error {
	s.sent = m
	err := s.ClientStream.SendMsg(m)
	if err == nil || errors.Is(err, io.EOF) { // what ended the stream RecvMsg tells
		return err
	}
	return newError(s.method, err, m, "")
}

// RecvMsg returns io.EOF when the server ended the stream without an error.
func (s *stream) RecvMsg(m any) error {
	err := s.ClientStream.RecvMsg(m)
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	header, _ := s.Header() // the stream has ended, so that this does not wait
	return newError(s.method, err, s.sent, requestID(s.Trailer(), header))
}
