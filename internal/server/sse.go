package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// eventStream says how a stream reads as Server-Sent Events.
type eventStream struct {
	// resume makes a request go on after the event with the ID.
	resume func(request proto.Message, id string) error
	// event returns what a message is as an event. Without data it is a sign of life, which may have an ID.
	event func(message proto.Message) (id string, data proto.Message)
}

// eventStreams are the streams and their form over REST, by the names of their methods.
var eventStreams = map[string]eventStream{
	cofferv1.ProjectionService_WatchProjection_FullMethodName: {
		resume: func(request proto.Message, id string) error {
			request.(*cofferv1.WatchProjectionRequest).IfNoneMatch = id
			return nil
		},
		event: func(message proto.Message) (string, proto.Message) {
			bundle := message.(*cofferv1.WatchProjectionResponse).GetBundle()
			if bundle == nil {
				return "", nil
			}
			return bundle.GetEtag(), bundle
		},
	},
	cofferv1.AuditService_WatchAuditEvents_FullMethodName: {
		resume: func(request proto.Message, id string) error {
			sequence, err := strconv.ParseUint(id, 10, 64)
			if err != nil {
				return secrets.Invalid("Last-Event-ID", "is not the ID of an event of this stream")
			}
			request.(*cofferv1.WatchAuditEventsRequest).AfterSequence = sequence
			return nil
		},
		event: func(message proto.Message) (string, proto.Message) {
			next := message.(*cofferv1.WatchAuditEventsResponse)
			id := strconv.FormatUint(next.GetSequence(), 10)
			if next.GetEvent() == nil {
				return id, nil
			}
			return id, next.GetEvent()
		},
	},
}

// errStreamEnded: a stream has ended, and there is nothing more to answer.
var errStreamEnded = errors.New("the stream has ended")

// restStream is a stream on its way through the gateway. The gateway would write a stream of its own making; it is kept
// from it by being told that the stream has ended, once it has.
//
// Whatever the request accepts it gets Server-Sent Events, so that curl needs no header. What fails before the first
// event is answered as any other call is; afterwards it is an event named error with the google.rpc.Status.
type restStream struct {
	grpc.ClientStream // nil: the gateway calls nothing else

	conn    *inProcess
	ctx     context.Context // of the request
	call    *restCall
	method  *method
	request proto.Message
}

// NewStream implements grpc.ClientConnInterface.
func (c *inProcess) NewStream(ctx context.Context, _ *grpc.StreamDesc, name string, _ ...grpc.CallOption) (grpc.ClientStream, error) {
	m, call, err := c.lookUp(ctx, name)
	if err != nil {
		return nil, err
	}
	return &restStream{conn: c, ctx: ctx, call: call, method: m}, nil
}

// SendMsg implements grpc.ClientStream.
func (s *restStream) SendMsg(message any) error {
	request, ok := message.(proto.Message)
	if !ok {
		return fmt.Errorf("sending %T: not a message", message)
	}
	s.request = request
	return nil
}

// CloseSend implements grpc.ClientStream.
func (*restStream) CloseSend() error { return nil }

// Header implements grpc.ClientStream. It is the whole stream.
func (s *restStream) Header() (metadata.MD, error) {
	s.call.served = true
	writer := newStreamWriter(s.call.writer)
	a := s.call.arrival
	a.decode = func(message any) error {
		if id := s.call.lastEventID; id != "" {
			// A client that connects again repeats the URL of its first request.
			if err := s.method.events.resume(s.request, id); err != nil {
				return err
			}
		}
		return s.call.decode(s.method, s.request, message)
	}
	a.send = func(message any) error {
		id, data := s.method.events.event(message.(proto.Message))
		s.call.events = true
		return writer.event("", id, data)
	}
	a.cut = writer.cut
	if _, err := s.conn.chain.serve(s.ctx, s.method, a); err != nil {
		return nil, err
	}
	return nil, errStreamEnded
}

// streamWriter writes an answer that may take as long as it likes, but for each write.
type streamWriter struct {
	http.ResponseWriter
	control *http.ResponseController
	begun   bool
}

func newStreamWriter(w http.ResponseWriter) *streamWriter {
	s := &streamWriter{ResponseWriter: w, control: http.NewResponseController(w)}
	// What does not know of deadlines has none.
	_ = s.control.SetReadDeadline(time.Time{})
	_ = s.control.SetWriteDeadline(time.Time{})
	return s
}

// Write implements io.Writer.
func (s *streamWriter) Write(p []byte) (n int, err error) {
	err = s.bounded(func() error {
		n, err = s.ResponseWriter.Write(p)
		return err
	})
	return n, err
}

// Flush implements http.Flusher.
func (s *streamWriter) Flush() { _ = s.bounded(s.control.Flush) }

// Unwrap is for http.ResponseController.
func (s *streamWriter) Unwrap() http.ResponseWriter { return s.ResponseWriter }

func (s *streamWriter) bounded(write func() error) error {
	_ = s.control.SetWriteDeadline(time.Now().Add(sendTimeout))
	err := write()
	_ = s.control.SetWriteDeadline(time.Time{})
	return err
}

// cut makes a write that blocks fail.
func (s *streamWriter) cut() { _ = s.control.SetWriteDeadline(time.Unix(1, 0)) }

// event writes an event. One without data only keeps the connection alive and tells its ID.
func (s *streamWriter) event(name, id string, data proto.Message) error {
	var b bytes.Buffer
	if name != "" {
		fmt.Fprintf(&b, "event: %s\n", name)
	}
	if id != "" {
		fmt.Fprintf(&b, "id: %s\n", id)
	}
	if data == nil {
		b.WriteString(": heartbeat\n\n")
	} else {
		text, err := protojson.Marshal(data) // on one line
		if err != nil {
			return errNotEncoded // why may quote it
		}
		fmt.Fprintf(&b, "data: %s\n\n", text)
	}
	if !s.begun {
		s.begun = true
		h := s.Header()
		h["Content-Type"] = []string{"text/event-stream"}
		h["X-Accel-Buffering"] = []string{"no"} // a proxy that collects events would hold them back
	}
	err := s.bounded(func() error {
		if _, err := s.ResponseWriter.Write(b.Bytes()); err != nil {
			return err
		}
		return s.control.Flush()
	})
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("writing an event: %w", context.DeadlineExceeded)
	case err != nil:
		return fmt.Errorf("writing an event: %w: %w", context.Canceled, err)
	}
	return nil
}

// failEvents ends a stream of events with the error.
func failEvents(w http.ResponseWriter, st *status.Status) {
	s := newStreamWriter(w)
	s.begun = true
	_ = s.event("error", "", st.Proto()) // nobody is told of a client that is gone
}
