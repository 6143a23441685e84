package cli

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/coffer-dev/coffer/pkg/client"
)

// rpc is a method of the API whose request is put together by the names of its fields, so that one piece of code serves
// the resources alike.
type rpc struct {
	request protoreflect.MessageType
	invoke  func(context.Context, *client.Client, proto.Message) (proto.Message, error)
}

// fields of a request, by their proto names. Zero values may be given for fields that a request does not have.
type fields map[string]any

// method makes an rpc of a method expression such as (*client.Client).GetSecret.
func method[Req, Res proto.Message](
	call func(*client.Client, context.Context, Req, ...grpc.CallOption) (Res, error),
) rpc {
	var zero Req
	return rpc{
		request: zero.ProtoReflect().Type(),
		invoke: func(ctx context.Context, c *client.Client, req proto.Message) (proto.Message, error) {
			return call(c, ctx, req.(Req))
		},
	}
}

// takes tells whether the request has a field.
func (r rpc) takes(field string) bool {
	return r.request != nil && r.request.Descriptor().Fields().ByName(protoreflect.Name(field)) != nil
}

// call sends a request made of fields.
func (r rpc) call(ctx context.Context, c *client.Client, f fields) (proto.Message, error) {
	req, err := r.build(f)
	if err != nil {
		return nil, err
	}
	return r.invoke(ctx, c, req)
}

func (r rpc) build(f fields) (proto.Message, error) {
	req := r.request.New()
	for name, value := range f {
		v := protoValue(value)
		field := req.Descriptor().Fields().ByName(protoreflect.Name(name))
		switch {
		case field != nil && (field.Message() == nil || v.Message().IsValid()):
			req.Set(field, v)
		case field == nil && !isZero(value):
			return nil, fmt.Errorf("%s has no field %s", req.Descriptor().Name(), name)
		}
	}
	return req.Interface(), nil
}

func protoValue(value any) protoreflect.Value {
	if message, ok := value.(proto.Message); ok {
		return protoreflect.ValueOfMessage(message.ProtoReflect())
	}
	return protoreflect.ValueOf(value)
}

func isZero(value any) bool {
	switch value := value.(type) {
	case string:
		return value == ""
	case bool:
		return !value
	case int32:
		return value == 0
	}
	return false
}

// list calls a list method for page after page until enough entries are there. limit 0 means all.
func (r rpc) list(ctx context.Context, c *client.Client, f fields, limit int64) ([]proto.Message, error) {
	req, err := r.build(f)
	if err != nil {
		return nil, err
	}
	return r.pages(ctx, c, req, limit)
}

// pages is list with a request, which it changes.
func (r rpc) pages(ctx context.Context, c *client.Client, req proto.Message, limit int64) ([]proto.Message, error) {
	size, token := req.ProtoReflect().Descriptor().Fields().ByName("page_size"), req.ProtoReflect().Descriptor().Fields().ByName("page_token")
	var entries []proto.Message
	for {
		page := int64(500)
		if limit > 0 {
			page = min(page, limit-int64(len(entries)))
		}
		req.ProtoReflect().Set(size, protoreflect.ValueOfInt32(int32(page)))
		answer, err := r.invoke(ctx, c, req)
		if err != nil {
			return nil, err
		}
		entries = append(entries, repeated(answer)...)
		next := answer.(interface{ GetNextPageToken() string }).GetNextPageToken()
		if next == "" || limit > 0 && int64(len(entries)) >= limit {
			return entries, nil
		}
		req.ProtoReflect().Set(token, protoreflect.ValueOfString(next))
	}
}

// repeated returns the entries of a list's page: its first repeated field.
func repeated(page proto.Message) []proto.Message {
	m := page.ProtoReflect()
	for i := range m.Descriptor().Fields().Len() {
		field := m.Descriptor().Fields().Get(i)
		if !field.IsList() || field.Message() == nil {
			continue
		}
		list := m.Get(field).List()
		entries := make([]proto.Message, list.Len())
		for j := range entries {
			entries[j] = list.Get(j).Message().Interface()
		}
		return entries
	}
	return nil
}
