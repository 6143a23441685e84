package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http/httputil"
	"strconv"
	"strings"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/wrapperspb"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
)

// connections is how many gRPC connections all callers share.
const connections = 2

// dialled are the connections of one round.
type dialled []*grpc.ClientConn

func dial(addr string) (dialled, error) {
	var all dialled
	for range connections {
		conn, err := grpc.NewClient("passthrough:///"+addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			all.close()
			return nil, err
		}
		all = append(all, conn)
	}
	return all, nil
}

func (d dialled) close() {
	for _, conn := range d {
		conn.Close()
	}
}

// overGRPC returns callers that each make what one makes of a connection and the number of the caller.
func overGRPC(addr, token string, one func(conn *grpc.ClientConn, caller, callers int) call) func(int) ([]call, func(), error) {
	return func(n int) ([]call, func(), error) {
		conns, err := dial(addr)
		if err != nil {
			return nil, nil, err
		}
		calls := make([]call, n)
		for i := range calls {
			do := one(conns[i%connections], i, n)
			calls[i] = do
			if token != "" {
				calls[i] = func(ctx context.Context) error {
					return do(metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token))
				}
			}
		}
		return calls, conns.close, nil
	}
}

// echo calls the bare server with a request of the given size.
func echo(size, answer int) func(*grpc.ClientConn, int, int) call {
	return func(conn *grpc.ClientConn, _, _ int) call {
		request := wrapperspb.Bytes(make([]byte, size))
		return func(ctx context.Context) error {
			got := &wrapperspb.BytesValue{}
			if err := conn.Invoke(ctx, echoMethod, request, got); err != nil {
				return err
			}
			if len(got.GetValue()) != answer {
				return fmt.Errorf("echo of %d bytes, want %d", len(got.GetValue()), answer)
			}
			return nil
		}
	}
}

// access reads the active version of any stored secret.
func access(stored int) func(*grpc.ClientConn, int, int) call {
	return func(conn *grpc.ClientConn, _, _ int) call {
		client := cofferv1.NewSecretServiceClient(conn)
		return func(ctx context.Context) error {
			i := rand.IntN(stored)
			got, err := client.AccessSecretVersion(ctx, &cofferv1.AccessSecretVersionRequest{Name: secretName(i) + "/versions/active"})
			if err != nil {
				return err
			}
			return check(i, got.GetPayload().GetData()[payloadKey])
		}
	}
}

// accessRuled reads the secret to which policies apply.
func accessRuled(conn *grpc.ClientConn, _, _ int) call {
	client := cofferv1.NewSecretServiceClient(conn)
	return func(ctx context.Context) error {
		got, err := client.AccessSecretVersion(ctx, &cofferv1.AccessSecretVersionRequest{Name: ruledSecret + "/versions/active"})
		if err != nil {
			return err
		}
		return check(0, got.GetPayload().GetData()[payloadKey])
	}
}

// check recognises a value of secret i.
func check(i int, got string) error {
	if len(got) != valueSize || !strings.HasPrefix(got, secretID(i)+"/") {
		return fmt.Errorf("a value of %d bytes that is not of %s", len(got), secretName(i))
	}
	return nil
}

// addVersion adds versions to secrets that no other caller writes to.
func addVersion(stored int) func(*grpc.ClientConn, int, int) call {
	var version atomic.Uint64
	return func(conn *grpc.ClientConn, caller, callers int) call {
		client := cofferv1.NewSecretServiceClient(conn)
		return func(ctx context.Context) error {
			i := (rand.IntN(stored)/callers*callers + caller) % stored
			got, err := client.AddSecretVersion(ctx, &cofferv1.AddSecretVersionRequest{
				Parent: secretName(i), Payload: payload(i, 1<<32|version.Add(1)<<33|rand.Uint64N(1<<32)),
			})
			if err != nil {
				return err
			}
			if !got.GetActive() || got.GetUnchanged() {
				return fmt.Errorf("%s was not added", got.GetName())
			}
			return nil
		}
	}
}

// render renders the projection of four keys of two secrets.
func render(conn *grpc.ClientConn, _, _ int) call {
	client := cofferv1.NewProjectionServiceClient(conn)
	return func(ctx context.Context) error {
		got, err := client.RenderProjection(ctx, &cofferv1.RenderProjectionRequest{Name: projectionName})
		if err != nil {
			return err
		}
		if len(got.GetEnv()) != 4 {
			return fmt.Errorf("%d variables, want 4", len(got.GetEnv()))
		}
		return check(0, got.GetEnv()["db_password"])
	}
}

// pageSize is that of the list that is measured.
const pageSize = 100

// list reads the first page of secrets.
func list(conn *grpc.ClientConn, _, _ int) call {
	client := cofferv1.NewSecretServiceClient(conn)
	return func(ctx context.Context) error {
		got, err := client.ListSecrets(ctx, &cofferv1.ListSecretsRequest{Parent: namespaceName, PageSize: pageSize})
		if err != nil {
			return err
		}
		if len(got.GetSecrets()) != pageSize {
			return fmt.Errorf("a page of %d, want %d", len(got.GetSecrets()), pageSize)
		}
		return nil
	}
}

// overHTTP returns callers that each send what request returns over a connection of its own and check the answer.
func overHTTP(addr string, request func() (head []byte, check func(body []byte) error)) func(int) ([]call, func(), error) {
	return func(n int) ([]call, func(), error) {
		calls := make([]call, n)
		var conns []net.Conn
		done := func() {
			for _, conn := range conns {
				conn.Close()
			}
		}
		for i := range calls {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				done()
				return nil, nil, err
			}
			conns = append(conns, conn)
			from := bufio.NewReader(conn)
			var body []byte
			calls[i] = func(context.Context) error {
				head, check := request()
				if _, err := conn.Write(head); err != nil {
					return err
				}
				body, err = readAnswer(from, body)
				if err != nil {
					return err
				}
				return check(body)
			}
		}
		return calls, done, nil
	}
}

// readAnswer reads an answer of HTTP/1.1, into body where its length is told and that is large enough. net/http's client spends
// more than a bare server does, so that its cost would hide the difference between two servers.
func readAnswer(from *bufio.Reader, body []byte) ([]byte, error) {
	status, length := "", -1
	for {
		line, err := from.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		line = bytes.TrimRight(line, "\r\n")
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch {
		case status == "":
			status = string(line)
		case len(line) == 0:
			if length < 0 {
				body, err = readChunks(from)
			} else {
				body = append(body[:0], make([]byte, length)...)
				_, err = io.ReadFull(from, body)
			}
			if err == nil && status != "HTTP/1.1 200 OK" {
				err = fmt.Errorf("%s: %s", status, body)
			}
			return body, err
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return nil, err
			}
		}
	}
}

// readChunks reads a body in chunks, which is how long ones come.
func readChunks(from *bufio.Reader) ([]byte, error) {
	body, err := io.ReadAll(httputil.NewChunkedReader(from))
	if err != nil {
		return nil, err
	}
	_, err = from.Discard(len("\r\n")) // there are no trailers
	return body, err
}

func get(path, addr, token string) []byte {
	return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: bench\r\nAccept: application/json\r\nAuthorization: Bearer %s\r\n\r\n", path, addr, token)
}

// accessREST reads the active version of any stored secret over REST.
func accessREST(addr, token string, stored int) func() ([]byte, func([]byte) error) {
	return func() ([]byte, func([]byte) error) {
		i := rand.IntN(stored)
		return get("/v1/"+secretName(i)+"/versions/active:access", addr, token), func(body []byte) error {
			if !bytes.Contains(body, []byte(`"`+secretID(i)+"/")) {
				return fmt.Errorf("an answer without the value of %s", secretName(i))
			}
			return nil
		}
	}
}

// readDataOS reads any stored secret as DataOS' SDKs do.
func readDataOS(addr, token string, stored int) func() ([]byte, func([]byte) error) {
	return func() ([]byte, func([]byte) error) {
		i := rand.IntN(stored)
		// Of so many bytes that base64 does not mix them with what follows.
		begins := base64.StdEncoding.EncodeToString([]byte(secretID(i) + "/"))
		return get("/heimdall/api/v1/secrets/"+secretID(i), addr, token), func(body []byte) error {
			if !bytes.Contains(body, []byte(`"`+begins)) {
				return fmt.Errorf("an answer without the value of %s", secretName(i))
			}
			return nil
		}
	}
}

// getInstill reads what Instill tells of any stored secret.
func getInstill(addr, token string, stored int) func() ([]byte, func([]byte) error) {
	return func() ([]byte, func([]byte) error) {
		i := rand.IntN(stored)
		return get(instillSecrets+"/"+secretID(i), addr, token), func(body []byte) error {
			if !bytes.Contains(body, []byte(`"`+secretID(i)+`"`)) {
				return fmt.Errorf("an answer that is not of %s", secretName(i))
			}
			return nil
		}
	}
}

// instillSecrets is the path of all stored secrets.
const instillSecrets = "/v1beta/" + namespaceName + "/secrets"

// listInstill reads a page as Instill's clients do.
func listInstill(addr, token string) func() ([]byte, func([]byte) error) {
	return func() ([]byte, func([]byte) error) {
		return get(fmt.Sprintf("%s?pageSize=%d", instillSecrets, pageSize), addr, token), func(body []byte) error {
			if n := bytes.Count(body, []byte(`"uid"`)); n != pageSize {
				return fmt.Errorf("a page of %d, want %d", n, pageSize)
			}
			return nil
		}
	}
}

// bareREST reads the same from the bare server, which answers one body.
func bareREST(addr, token string, body []byte) func() ([]byte, func([]byte) error) {
	return func() ([]byte, func([]byte) error) {
		return get("/v1/"+secretName(0)+"/versions/active:access", addr, token), func(got []byte) error {
			if !bytes.Equal(got, body) {
				return fmt.Errorf("an answer of %d bytes, want %d", len(got), len(body))
			}
			return nil
		}
	}
}

// accessAnswer is an answer of AccessSecretVersion, as JSON.
func accessAnswer() []byte {
	body, _ := json.Marshal(map[string]any{ // strings always encode
		"name": secretName(0) + "/versions/1", "payload": map[string]any{"data": map[string]string{payloadKey: value(0, 0)}, "binaryData": map[string]string{}},
		"revision": "1000000",
	})
	return body
}
