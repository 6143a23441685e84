// Package client is the Go SDK of Coffer, a secrets service.
//
//	c, err := client.New(client.Config{
//		Address:   "https://coffer.example.org",
//		TokenFile: "/var/run/secrets/coffer/token",
//	})
//	if err != nil { … }
//	defer c.Close()
//
//	bundle, err := c.Render(ctx, "namespaces/acme/projections/etl")
//	if errors.Is(err, client.ErrDenied) { … }
//	db, err := sql.Open("pgx", bundle.GetEnv()["DATABASE_URL"])
//
// # Calls
//
// A Client is every service of the API at once: c.CreateSecret, c.ListGrants, c.GetStatus and so on take and return the
// messages of package cofferv1, whose comments are the reference. Access and Render shorten the two calls that return
// values, Pages walks a list. A Client is safe for concurrent use and keeps one connection.
//
// # Addresses
//
// http://host:port and https://host:port reach the port of cofferd that serves everything; grpc://host:port and
// grpcs://host:port its native gRPC listener, which is faster. Without TLS only loopback addresses are accepted, unless
// Config.Insecure is set: a token or a value must not cross a network in the clear.
//
// # Errors
//
// Every failed call returns an *Error, which carries the gRPC code, the ErrorReason, the fields that were refused and the
// ID under which the audit log knows the request. Compare with errors.Is and the sentinels of this package. No error
// carries a value.
//
// # Retries and time
//
// A call that fails with UNAVAILABLE is tried up to four times, with growing pauses, where that is safe: reads, and
// creates and adds, which get a request_id unless they have one, so that the server recognizes the repetition. Updates,
// deletes and CreateToken (whose repetition would not show the token) are tried once. The same calls wait and are tried
// again, up to three times, where the server says that they came too often and can come again within five seconds; after
// that they fail with ErrLimit, and Error.RetryAfter tells how long to wait. A call without a deadline gets that
// of its method, 30 seconds for most; Config.Timeout sets another. Watches have none, and are tried once: c.WatchProjection
// and c.WatchAuditEvents last until their context, the right to watch, the server or the connection ends.
//
// # Following a projection
//
// Follow keeps a workload up to date for as long as it runs:
//
//	err := c.Follow(ctx, client.Follow{
//		Projection: "namespaces/acme/projections/etl",
//		Bundle: func(bundle *cofferv1.RenderProjectionResponse) error {
//			return pool.Reconnect(bundle.GetEnv()["DATABASE_URL"])
//		},
//	})
//
// It calls Bundle at once, and again for each change. Where the connection is lost, or the server restarts, it comes back by
// itself with the last bundle's etag: a change meanwhile is delivered once, and nothing comes twice. While Bundle runs, what
// comes is not queued: the next bundle is the newest. Follow returns when ctx ends, with what Bundle returns if that is an
// error, and where another try mends nothing: ErrDenied and ErrUnauthenticated when a right or the credential is gone (a
// token file that was replaced is read again first), ErrPrecondition when nothing can be delivered, such as after a secret was
// deleted. It does not keep bundles for the time when the server is away, as coffer run and coffer agent do.
package client
