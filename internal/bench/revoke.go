package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
)

// revocation is how long an open and idle watch goes on after what it needs has ended.
type revocation struct {
	what  string
	delay []time.Duration
}

// life is how long a grant lasts that is left to expire: not always as long, since the server looks at intervals.
func life() time.Duration { return 300*time.Millisecond + rand.N(500*time.Millisecond) }

// revocations measures, each some times: a grant and a token that are revoked, a grant that expires, and a condition that
// ends with the time.
func (b *bench) revocations() ([]revocation, error) {
	conns, err := dial(b.few.grpc)
	if err != nil {
		return nil, err
	}
	defer conns.close()
	w := &watcher{
		access:      cofferv1.NewAccessServiceClient(conns[0]),
		projections: cofferv1.NewProjectionServiceClient(conns[0]),
		admin:       withToken(b.ctx, b.few.Admin),
	}
	times := max(3, b.config.rounds*5)
	var all []revocation
	for _, end := range []struct {
		what string
		by   func(*watched) (time.Time, error)
	}{
		{"a grant revoked", w.deleteGrant},
		{"a token revoked", w.deleteToken},
		{"a grant expired", w.wait},
		{"a condition ended", w.wait},
	} {
		r := revocation{what: end.what}
		for i := range times {
			delay, err := w.measure(b.ctx, fmt.Sprintf("watch%d-%s", i, strings.ReplaceAll(end.what, " ", "-")), end.what, end.by)
			if err != nil {
				return nil, fmt.Errorf("watching until %s: %w", end.what, err)
			}
			r.delay = append(r.delay, delay)
		}
		all = append(all, r)
	}
	return all, nil
}

type watcher struct {
	access      cofferv1.AccessServiceClient
	projections cofferv1.ProjectionServiceClient
	admin       context.Context
}

// watched is an account with a watch of its own.
type watched struct {
	account, token, grant string
	ends                  time.Time // of its grant or the grant's condition
}

func withToken(ctx context.Context, token string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
}

// measure opens a watch, waits for what it delivers first, ends its right and waits for its end.
func (w *watcher) measure(ctx context.Context, id, what string, end func(*watched) (time.Time, error)) (time.Duration, error) {
	account, err := w.access.CreateServiceAccount(w.admin, &cofferv1.CreateServiceAccountRequest{Parent: namespaceName, ServiceAccountId: id})
	if err != nil {
		return 0, err
	}
	token, err := w.access.CreateToken(w.admin, &cofferv1.CreateTokenRequest{Parent: account.GetName(), TokenId: "t"})
	if err != nil {
		return 0, err
	}
	one := &watched{account: account.GetName(), token: token.GetName(), ends: time.Now().Add(life())}
	grant := &cofferv1.Grant{Principal: "serviceAccount:" + account.GetName(), Role: "workload", Resource: projectionName}
	switch what {
	case "a grant expired":
		grant.ExpireTime = timestamppb.New(one.ends)
	case "a condition ended":
		grant.Condition = fmt.Sprintf("context.now < datetime(%q)", one.ends.UTC().Format("2006-01-02T15:04:05.000Z"))
	}
	given, err := w.access.CreateGrant(w.admin, &cofferv1.CreateGrantRequest{Parent: namespaceName, Grant: grant})
	if err != nil {
		return 0, err
	}
	one.grant = given.GetName()
	ctx, cancel := context.WithTimeout(withToken(ctx, token.GetSecret()), time.Minute)
	defer cancel()
	stream, err := w.projections.WatchProjection(ctx, &cofferv1.WatchProjectionRequest{Name: projectionName})
	if err == nil {
		_, err = stream.Recv()
	}
	if err != nil {
		return 0, err
	}
	return await(stream, func() (time.Time, error) { return end(one) })
}

// await ends a right and waits for the watch to end.
func await(stream grpc.ServerStreamingClient[cofferv1.WatchProjectionResponse], end func() (time.Time, error)) (time.Duration, error) {
	ended := make(chan error, 1)
	go func() {
		for {
			if _, err := stream.Recv(); err != nil {
				ended <- err
				return
			}
		}
	}()
	since, err := end()
	if err != nil {
		return 0, err
	}
	err = <-ended
	if code := status.Code(err); code != codes.PermissionDenied && code != codes.Unauthenticated {
		return 0, fmt.Errorf("the watch ended otherwise: %w", err)
	}
	return time.Since(since), nil
}

func (w *watcher) deleteGrant(one *watched) (time.Time, error) {
	begin := time.Now()
	_, err := w.access.DeleteGrant(w.admin, &cofferv1.DeleteGrantRequest{Name: one.grant})
	return begin, err
}

func (w *watcher) deleteToken(one *watched) (time.Time, error) {
	begin := time.Now()
	_, err := w.access.DeleteToken(w.admin, &cofferv1.DeleteTokenRequest{Name: one.token})
	return begin, err
}

func (w *watcher) wait(one *watched) (time.Time, error) { return one.ends, nil }
