package client

import (
	"context"

	"google.golang.org/grpc"

	dataosv1 "github.com/coffer-dev/coffer/gen/go/coffer/dataos/v1"
)

// LocateNamespace tells which namespace stands for a workspace, a tenant or the instance of DataOS, by the server's settings:
// there need not be one of that name.
func (c *Client) LocateNamespace(
	ctx context.Context, in *dataosv1.LocateNamespaceRequest, opts ...grpc.CallOption,
) (*dataosv1.LocateNamespaceResponse, error) {
	return dataosv1.NewDataOSServiceClient(c.conn).LocateNamespace(ctx, in, opts...)
}
