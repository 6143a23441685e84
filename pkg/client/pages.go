package client

import (
	"context"
	"iter"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Pages walks the pages of a list: it calls until there is no next page, and stops after an error.
//
//	for page, err := range client.Pages(ctx, c.ListSecrets, &cofferv1.ListSecretsRequest{Parent: "namespaces/acme"}) {
//		if err != nil { … }
//		for _, secret := range page.GetSecrets() { … }
//	}
func Pages[Req proto.Message, Page interface{ GetNextPageToken() string }](
	ctx context.Context, list func(context.Context, Req, ...grpc.CallOption) (Page, error), req Req,
) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		next := proto.Clone(req).(Req)
		field := next.ProtoReflect().Descriptor().Fields().ByName("page_token")
		for {
			page, err := list(ctx, next)
			if !yield(page, err) || err != nil || page.GetNextPageToken() == "" {
				return
			}
			next.ProtoReflect().Set(field, protoreflect.ValueOfString(page.GetNextPageToken()))
		}
	}
}
