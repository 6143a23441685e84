package client_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/server"
	"github.com/coffer-dev/coffer/internal/servertest"
	"github.com/coffer-dev/coffer/pkg/client"
)

const followed = "namespaces/acme/projections/etl"

// wire is a connection to a server that a test can cut. Its address stays when the server has another.
type wire struct {
	listener net.Listener

	mu     sync.Mutex
	to     string // empty: nobody answers
	conns  []net.Conn
	frozen *atomic.Bool // of those that come next, and since the last that were frozen
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: listener, to: to}
	t.Cleanup(func() {
		listener.Close()
		w.cut("")
	})
	go w.run()
	return w
}

func (w *wire) run() {
	for {
		from, err := w.listener.Accept()
		if err != nil {
			return
		}
		w.join(from)
	}
}

func (w *wire) join(from net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	to, err := net.Dial("tcp", w.to)
	if err != nil {
		from.Close()
		return
	}
	w.conns = append(w.conns, from, to)
	if w.frozen == nil {
		w.frozen = &atomic.Bool{}
	}
	go pipe(to, from, w.frozen)
	go pipe(from, to, w.frozen)
}

// pipe copies until either side ends, and ends both. What is frozen goes nowhere.
func pipe(to, from net.Conn, frozen *atomic.Bool) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if err == nil && !frozen.Load() {
			_, err = to.Write(buf[:n])
		}
		if err != nil {
			return
		}
	}
}

// freeze has the connections of now carry nothing any more, and nobody told.
func (w *wire) freeze() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.frozen.Store(true)
	w.frozen = nil
}

// cut ends what is connected; new connections go elsewhere, or nowhere.
func (w *wire) cut(to string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.to = to
	for _, conn := range w.conns {
		conn.Close()
	}
	w.conns = nil
}

// following is a server, an operator, and a workload's client that follows a projection over a wire.
type following struct {
	*servertest.Server
	t         *testing.T
	scheme    string // of the listener that is followed at
	operator  *client.Client
	tokenFile string
	wire      *wire
	c         *client.Client

	bundles chan string // passwords, as they come
	alive   chan bool
	lost    chan error
	ended   chan error
}

func newFollowing(t *testing.T, scheme string, config servertest.Config) *following {
	t.Helper()
	f := &following{
		Server: servertest.Start(t, config), t: t, scheme: scheme, tokenFile: filepath.Join(t.TempDir(), "token"),
		bundles: make(chan string, 1000), alive: make(chan bool, 1000), lost: make(chan error, 1000), ended: make(chan error, 1),
	}
	f.operator = open(t, f.Server, client.Config{Address: "grpc://" + f.GRPCAddr()})
	store(t, f.operator, f.Namespace("acme"))
	f.writeToken(f.Account("namespaces/acme", "etl", "workload", followed))
	f.wire = newWire(t, f.address())
	var err error
	if f.c, err = client.New(client.Config{Address: scheme + "://" + f.wire.listener.Addr().String(), TokenFile: f.tokenFile}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.c.Close() })
	return f
}

// address is that of the listener that is followed at.
func (f *following) address() string {
	if f.scheme == "http" {
		return f.HTTPAddr()
	}
	return f.GRPCAddr()
}

func (f *following) writeToken(token string) {
	f.t.Helper()
	next := f.tokenFile + ".next"
	if err := os.WriteFile(next, []byte(token), 0o600); err != nil {
		f.t.Fatal(err)
	}
	if err := os.Rename(next, f.tokenFile); err != nil {
		f.t.Fatal(err)
	}
}

// follow follows in the background, until the test ends.
func (f *following) follow(etag string) {
	ctx, cancel := context.WithCancel(f.t.Context())
	done := make(chan struct{})
	f.t.Cleanup(func() {
		cancel()
		<-done
	})
	go func() {
		defer close(done)
		f.ended <- f.c.Follow(ctx, client.Follow{
			Projection: followed, Etag: etag,
			Bundle: func(bundle *cofferv1.RenderProjectionResponse) error {
				f.bundles <- bundle.GetEnv()["PGPASSWORD"]
				return nil
			},
			Alive: func() { f.alive <- true },
			Lost:  func(err error) { f.lost <- err },
		})
	}()
}

// rotate gives the secret another password.
func (f *following) rotate(password string) {
	f.t.Helper()
	if _, err := f.operator.AddSecretVersion(f.t.Context(), &cofferv1.AddSecretVersionRequest{
		Parent: "namespaces/acme/secrets/db", Payload: &cofferv1.Payload{Data: map[string]string{"password": password}},
	}); err != nil {
		f.t.Fatal(err)
	}
}

// wants waits for the next bundle.
func (f *following) wants(password string) {
	f.t.Helper()
	select {
	case got := <-f.bundles:
		if got != password {
			f.t.Fatalf("the next bundle has %q, want %q", got, password)
		}
		for range len(f.lost) {
			f.t.Logf("before %q: %v", password, <-f.lost)
		}
	case err := <-f.ended:
		f.t.Fatalf("Follow returned %v, want a bundle with %q", err, password)
	case <-time.After(time.Minute):
		f.t.Fatalf("no bundle came, want one with %q", password)
	}
}

// ends waits until Follow returns, with no bundle before that.
func (f *following) ends() error {
	f.t.Helper()
	select {
	case err := <-f.ended:
		if len(f.bundles) > 0 {
			f.t.Errorf("a bundle came with %q, want none", <-f.bundles)
		}
		return err
	case <-time.After(time.Minute):
		f.t.Fatal("Follow does not return")
		return nil
	}
}

// losesTouch waits until a new try has failed.
func (f *following) losesTouch() {
	f.t.Helper()
	select {
	case err := <-f.lost:
		if !errors.Is(err, client.ErrUnavailable) {
			f.t.Fatalf("Lost(%v), want unavailable", err)
		}
	case err := <-f.ended:
		f.t.Fatalf("Follow returned %v, want it to try again", err)
	case <-time.After(time.Minute):
		f.t.Fatal("Lost was never called")
	}
}

// comesBack waits until the bundle that was delivered is known to be current.
func (f *following) comesBack() {
	f.t.Helper()
	select {
	case <-f.alive:
	case got := <-f.bundles:
		f.t.Fatalf("a bundle came with %q, want a sign of life: nothing changed", got)
	case <-time.After(time.Minute):
		f.t.Fatal("Follow does not come back")
	}
}

// restart starts the stopped server again, at other ports, and leads the wire there.
func (f *following) restart() {
	f.t.Helper()
	f.Restart()
	f.operator = open(f.t, f.Server, client.Config{Address: "grpc://" + f.GRPCAddr()})
	f.wire.cut(f.address())
}

func TestFollow_changes(t *testing.T) {
	f := newFollowing(t, "grpc", servertest.Config{})
	f.follow("")
	f.wants("p1")
	f.rotate("p2")
	f.wants("p2")
	// What delivers the same is no news.
	if _, err := f.operator.UpdateSecret(t.Context(), &cofferv1.UpdateSecretRequest{
		Secret: &cofferv1.Secret{Name: "namespaces/acme/secrets/db", Description: "the same values"},
	}); err != nil {
		t.Fatal(err)
	}
	if len(f.lost) > 0 {
		t.Errorf("Lost(%v), though the server was there", <-f.lost)
	}
	f.rotate("p3")
	f.wants("p3")
}

// TestFollow_etag begins with a bundle that the caller has.
func TestFollow_etag(t *testing.T) {
	f := newFollowing(t, "grpc", servertest.Config{})
	bundle, err := f.c.Render(t.Context(), followed)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = f.c.Follow(ctx, client.Follow{
		Projection: followed, Etag: bundle.GetEtag(),
		Bundle: func(*cofferv1.RenderProjectionResponse) error { return errors.New("a bundle that the caller has") },
		Alive:  cancel,
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Follow = %v, want a sign of life that ended it", err)
	}
	f.follow(bundle.GetEtag())
	f.rotate("p2")
	f.wants("p2")
}

// TestFollow_restarts stops the server and starts it again: nothing comes twice, and of what changed meanwhile the newest
// comes once.
func TestFollow_restarts(t *testing.T) {
	for _, scheme := range []string{"grpc", "http"} {
		t.Run(scheme, func(t *testing.T) {
			f := newFollowing(t, scheme, servertest.Config{})
			f.follow("")
			f.wants("p1")
			for i := range 3 {
				if err := f.Stop(); err != nil {
					t.Fatal(err)
				}
				f.losesTouch()
				f.restart()
				f.comesBack()
				f.rotate(fmt.Sprintf("q%d", i))
				f.wants(fmt.Sprintf("q%d", i))

				f.wire.cut("") // while much changes
				f.losesTouch()
				for j := range 5 {
					f.rotate(fmt.Sprintf("r%d-%d", i, j))
				}
				f.wire.cut(f.address())
				f.wants(fmt.Sprintf("r%d-4", i))
			}
			if len(f.bundles) > 0 {
				t.Errorf("a bundle with %q came more than once", <-f.bundles)
			}
		})
	}
}

// TestFollow_cut cuts the connection again and again while the secret changes: each state that stays comes, in order, and
// none twice.
func TestFollow_cut(t *testing.T) {
	for _, scheme := range []string{"grpc", "http"} {
		t.Run(scheme, func(t *testing.T) {
			f := newFollowing(t, scheme, servertest.Config{})
			f.follow("")
			f.wants("p1")
			for i := range 20 {
				f.wire.cut(f.address())
				if i%2 == 0 {
					f.rotate(fmt.Sprintf("q%d", i))
					f.wants(fmt.Sprintf("q%d", i))
				}
			}
			f.rotate("last")
			f.wants("last")
		})
	}
}

// TestFollow_deadConnection loses the connection without either side being told: it is given up, and another is made.
func TestFollow_deadConnection(t *testing.T) {
	f := newFollowing(t, "grpc", servertest.Config{})
	f.follow("")
	f.wants("p1")
	f.wire.freeze()
	f.rotate("p2")
	f.wants("p2")
}

// TestFollow_tokenFile replaces the token while it is followed with, and revokes the old one.
func TestFollow_tokenFile(t *testing.T) {
	for _, scheme := range []string{"grpc", "http"} {
		t.Run(scheme, func(t *testing.T) {
			f := newFollowing(t, scheme, servertest.Config{})
			f.follow("")
			f.wants("p1")
			const account = "namespaces/acme/serviceAccounts/etl"
			token, err := f.operator.CreateToken(t.Context(), &cofferv1.CreateTokenRequest{Parent: account, TokenId: "t2"})
			if err != nil {
				t.Fatal(err)
			}
			f.writeToken(token.GetSecret())
			revoke := func(id string) {
				if _, err := f.operator.DeleteToken(t.Context(), &cofferv1.DeleteTokenRequest{Name: account + "/tokens/" + id}); err != nil {
					t.Fatal(err)
				}
			}
			revoke("t1")
			f.rotate("p2")
			f.wants("p2")
			revoke("t2")
			if err := f.ends(); !errors.Is(err, client.ErrUnauthenticated) {
				t.Errorf("Follow = %v, want unauthenticated", err)
			}
		})
	}
}

// TestFollow_ends are the ends that another try does not mend.
func TestFollow_ends(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(f *following) error
		want error
	}{
		"grant": {func(f *following) error {
			_, err := f.operator.DeleteGrant(f.t.Context(), &cofferv1.DeleteGrantRequest{Name: "namespaces/acme/grants/etl-workload"})
			return err
		}, client.ErrDenied},
		"token": {func(f *following) error {
			_, err := f.operator.DeleteToken(f.t.Context(), &cofferv1.DeleteTokenRequest{Name: "namespaces/acme/serviceAccounts/etl/tokens/t1"})
			return err
		}, client.ErrUnauthenticated},
		"secret": {func(f *following) error {
			_, err := f.operator.DeleteSecret(f.t.Context(), &cofferv1.DeleteSecretRequest{Name: "namespaces/acme/secrets/db", Force: true})
			return err
		}, client.ErrPrecondition},
		"projection": {func(f *following) error {
			_, err := f.operator.DeleteProjection(f.t.Context(), &cofferv1.DeleteProjectionRequest{Name: followed})
			return err
		}, client.ErrDenied}, // its grant is on what is no more
	} {
		t.Run(name, func(t *testing.T) {
			f := newFollowing(t, "grpc", servertest.Config{})
			f.follow("")
			f.wants("p1")
			if err := test.end(f); err != nil {
				t.Fatal(err)
			}
			if err := f.ends(); !errors.Is(err, test.want) {
				t.Errorf("Follow = %v, want %v", err, test.want)
			}
		})
	}
}

// TestFollow_limited begins when the caller has made more calls than it may.
func TestFollow_limited(t *testing.T) {
	const burst = 60
	f := newFollowing(t, "grpc", servertest.Config{Change: func(c *server.Config) { c.Limits.PrincipalRate, c.Limits.PrincipalBurst = 1, burst }})
	for range 2 * burst {
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond) // less than the server wants to be waited for
		_, err := f.c.WhoAmI(ctx, &cofferv1.WhoAmIRequest{})
		cancel()
		if errors.Is(err, client.ErrLimit) {
			break
		}
	}
	f.follow("")
	f.wants("p1")
}

// TestFollow_slow takes long over a bundle: the next is the newest, not each that came meanwhile.
func TestFollow_slow(t *testing.T) {
	f := newFollowing(t, "grpc", servertest.Config{})
	f.follow("")
	f.wants("p1")
	began, release := make(chan struct{}), make(chan struct{})
	var slow []string
	done := errors.New("seen the last")
	ended := make(chan error, 1)
	go func() {
		ended <- f.c.Follow(t.Context(), client.Follow{Projection: followed, Bundle: func(bundle *cofferv1.RenderProjectionResponse) error {
			password := bundle.GetEnv()["PGPASSWORD"]
			if slow = append(slow, password); len(slow) == 1 {
				close(began)
				<-release
			}
			if password == "q49" {
				return done
			}
			return nil
		}})
	}()
	<-began
	for i := range 50 {
		f.rotate(fmt.Sprintf("q%d", i))
		f.wants(fmt.Sprintf("q%d", i)) // who is not slow gets it
	}
	close(release)
	if err := <-ended; err != done {
		t.Fatalf("Follow = %v, want what its function returned", err)
	}
	if len(slow) > 10 || slices.Index(slow, "q49") != len(slow)-1 {
		t.Errorf("the slow caller got %d bundles: %v; want the first, and then the newest", len(slow), slow)
	}
}

// TestFollow_contextEnds ends it while it follows, and while it waits for a server that is away.
func TestFollow_contextEnds(t *testing.T) {
	f := newFollowing(t, "grpc", servertest.Config{})
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	err := f.c.Follow(ctx, client.Follow{Projection: followed, Bundle: func(*cofferv1.RenderProjectionResponse) error {
		cancel(why)
		return nil
	}})
	if !errors.Is(err, why) {
		t.Errorf("Follow = %v, want the cause of the context's end", err)
	}
	f.wire.cut("")
	ctx, cancel = context.WithCancelCause(t.Context())
	err = f.c.Follow(ctx, client.Follow{
		Projection: followed, Bundle: func(*cofferv1.RenderProjectionResponse) error { return errors.New("from where?") },
		Lost: func(error) { cancel(why) },
	})
	if !errors.Is(err, why) {
		t.Errorf("Follow without a server = %v, want the cause of the context's end", err)
	}
}

// TestFollow_closed closes the client.
func TestFollow_closed(t *testing.T) {
	f := newFollowing(t, "grpc", servertest.Config{})
	f.follow("")
	f.wants("p1")
	f.c.Close()
	if err := f.ends(); err == nil {
		t.Error("Follow returned no error after Close")
	}
}

// proxied answers as what stands between a client and a server may.
type proxied struct {
	cofferv1.UnimplementedProjectionServiceServer
	answers chan watchAnswer
}

type watchAnswer func(*cofferv1.WatchProjectionRequest, cofferv1.ProjectionService_WatchProjectionServer) error

func (p *proxied) WatchProjection(req *cofferv1.WatchProjectionRequest, stream cofferv1.ProjectionService_WatchProjectionServer) error {
	return (<-p.answers)(req, stream)
}

// answered is a client of what gives these answers.
func answered(t *testing.T, answers ...watchAnswer) *client.Client {
	t.Helper()
	p := &proxied{answers: make(chan watchAnswer, len(answers))}
	for _, answer := range answers {
		p.answers <- answer
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer()
	cofferv1.RegisterProjectionServiceServer(s, p)
	go func() { _ = s.Serve(listener) }()
	t.Cleanup(s.Stop)
	c, err := client.New(client.Config{Address: "grpc://" + listener.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// ending ends a stream at once.
func ending(code codes.Code) watchAnswer {
	return func(*cofferv1.WatchProjectionRequest, cofferv1.ProjectionService_WatchProjectionServer) error {
		return status.Error(code, "not Coffer's words")
	}
}

func sendBundle(stream cofferv1.ProjectionService_WatchProjectionServer) error {
	return stream.Send(&cofferv1.WatchProjectionResponse{Bundle: &cofferv1.RenderProjectionResponse{Etag: "e"}})
}

// TestFollow_foreignEnds ends streams with codes that are not the server's own: they are opened again.
func TestFollow_foreignEnds(t *testing.T) {
	c := answered(t, ending(codes.Internal), ending(codes.Canceled), ending(codes.Unknown), ending(codes.DeadlineExceeded), ending(codes.OK),
		func(_ *cofferv1.WatchProjectionRequest, stream cofferv1.ProjectionService_WatchProjectionServer) error {
			return sendBundle(stream)
		}, ending(codes.InvalidArgument))
	got := 0
	err := c.Follow(t.Context(), client.Follow{Projection: followed, Bundle: func(*cofferv1.RenderProjectionResponse) error {
		got++
		return nil
	}})
	if !errors.Is(err, client.ErrInvalid) || got != 1 {
		t.Errorf("Follow = %v after %d bundles, want invalid after one", err, got)
	}
}

// TestFollow_aged ends a stream that was alive, as servers do for its age: it is opened again, and that is no loss.
func TestFollow_aged(t *testing.T) {
	c := answered(t, func(_ *cofferv1.WatchProjectionRequest, stream cofferv1.ProjectionService_WatchProjectionServer) error {
		if err := sendBundle(stream); err != nil {
			return err
		}
		return status.Error(codes.Unavailable, "connect again")
	}, ending(codes.InvalidArgument))
	err := c.Follow(t.Context(), client.Follow{
		Projection: followed, Bundle: func(*cofferv1.RenderProjectionResponse) error { return nil },
		Lost: func(err error) { t.Errorf("Lost(%v)", err) },
	})
	if !errors.Is(err, client.ErrInvalid) {
		t.Errorf("Follow = %v, want what the second stream ended with", err)
	}
}

// TestFollow_silent opens a stream again that gives no sign of life, with the bundle that came before.
func TestFollow_silent(t *testing.T) {
	resumed := make(chan string, 1)
	c := answered(t, func(_ *cofferv1.WatchProjectionRequest, stream cofferv1.ProjectionService_WatchProjectionServer) error {
		if err := sendBundle(stream); err != nil {
			return err
		}
		<-stream.Context().Done()
		return stream.Context().Err()
	}, func(req *cofferv1.WatchProjectionRequest, _ cofferv1.ProjectionService_WatchProjectionServer) error {
		resumed <- req.GetIfNoneMatch()
		return status.Error(codes.InvalidArgument, "enough")
	})
	c.TakeForDead(50 * time.Millisecond)
	err := c.Follow(t.Context(), client.Follow{Projection: followed, Bundle: func(*cofferv1.RenderProjectionResponse) error { return nil }})
	if !errors.Is(err, client.ErrInvalid) {
		t.Fatalf("Follow = %v, want what the second stream ended with", err)
	}
	if etag := <-resumed; etag != "e" {
		t.Errorf("the stream was opened again with the etag %q, want that of the bundle", etag)
	}
}
