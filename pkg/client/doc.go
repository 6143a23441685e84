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
// of its method, 30 seconds for most; Config.Timeout sets another. Watches have none: they last until their context or the
// right to watch ends, and do not come back by themselves.
package client
