package clientstest_test

import (
	"context"
	"encoding/base64"
	"errors"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/servertest"
	"github.com/coffer-dev/coffer/pkg/client"
)

// services are those that the program needs of a client.
type services interface {
	cofferv1.SecretServiceClient
	cofferv1.ProjectionServiceClient
}

// generated is a client without anything of ours but what is generated.
type generated struct {
	cofferv1.SecretServiceClient
	cofferv1.ProjectionServiceClient
}

func TestGo_generated(t *testing.T) {
	server := servertest.Start(t, servertest.Config{})
	for _, listener := range listeners(server) {
		namespace := "generated-" + listener.scheme
		token := account(server, namespace)
		t.Run(namespace, func(t *testing.T) {
			conn, err := grpc.NewClient(listener.address, grpc.WithTransportCredentials(insecure.NewCredentials()))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+token)
			api := generated{cofferv1.NewSecretServiceClient(conn), cofferv1.NewProjectionServiceClient(conn)}
			got, err := quickstart(ctx, api, namespace, explain)
			if err != nil {
				t.Fatal(err)
			}
			check(t, namespace, got)
		})
	}
}

func TestGo_client(t *testing.T) {
	server := servertest.Start(t, servertest.Config{})
	for _, listener := range listeners(server) {
		namespace := "client-" + listener.scheme
		token := account(server, namespace)
		t.Run(namespace, func(t *testing.T) {
			c, err := client.New(client.Config{Address: listener.scheme + "://" + listener.address, Token: token})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			got, err := quickstart(t.Context(), c, namespace, func(err error) step {
				refused, ok := errors.AsType[*client.Error](err)
				if !ok {
					t.Fatalf("error %v is no *client.Error", err)
				}
				told := step{Code: int(refused.Code), Reason: refused.Reason.String()}
				for _, v := range refused.Violations {
					told.Fields = append(told.Fields, v.Field)
				}
				return told
			})
			if err != nil {
				t.Fatal(err)
			}
			check(t, namespace, got)
		})
	}
}

// explain reads an error without pkg/client.
func explain(err error) step {
	refused := status.Convert(err)
	told := step{Code: int(refused.Code())}
	for _, detail := range refused.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			told.Reason = detail.GetReason()
		case *errdetails.BadRequest:
			for _, v := range detail.GetFieldViolations() {
				told.Fields = append(told.Fields, v.GetField())
			}
		}
	}
	return told
}

// quickstart is what the programs in testdata do.
func quickstart(ctx context.Context, api services, namespace string, explain func(error) step) ([]step, error) {
	parent := "namespaces/" + namespace
	secret, err := api.CreateSecret(ctx, &cofferv1.CreateSecretRequest{
		Parent: parent, SecretId: "orders-db", Secret: &cofferv1.Secret{Payload: &cofferv1.Payload{
			Data:       map[string]string{"username": "orders", "password": "first"},
			BinaryData: map[string][]byte{"keytab": {0x00, 0xff, 0x80}},
		}},
	})
	if err != nil {
		return nil, err
	}
	change := &cofferv1.AddSecretVersionRequest{
		Parent: secret.GetName(), Payload: &cofferv1.Payload{Data: map[string]string{"password": "zwölf $ecrets"}},
		Merge: true, Etag: secret.GetEtag(),
	}
	version, err := api.AddSecretVersion(ctx, change)
	if err != nil {
		return nil, err
	}
	projection, err := api.CreateProjection(ctx, &cofferv1.CreateProjectionRequest{
		Parent: parent, ProjectionId: "etl", Projection: &cofferv1.Projection{Items: []*cofferv1.Projection_Item{
			{Secret: "orders-db", Key: "password", Env: "PGPASSWORD"},
			{Secret: "orders-db", AllKeys: true, File: &cofferv1.Projection_File{
				Path: "conf/db.json", Format: cofferv1.Projection_JSON, Mode: 0o440,
			}},
			{Secret: "orders-db", Key: "keytab", File: &cofferv1.Projection_File{Path: "orders.keytab"}},
		}},
	})
	if err != nil {
		return nil, err
	}
	bundle, err := api.RenderProjection(ctx, &cofferv1.RenderProjectionRequest{Name: projection.GetName()})
	if err != nil {
		return nil, err
	}
	rendered := step{Step: "render", Env: bundle.GetEnv()}
	for _, f := range bundle.GetFiles() {
		rendered.Files = append(rendered.Files, file{f.GetPath(), f.GetMode(), base64.StdEncoding.EncodeToString(f.GetContent())})
	}
	_, err = api.AddSecretVersion(ctx, change)
	stale := explain(err)
	stale.Step = "stale etag"
	_, err = api.CreateSecret(ctx, &cofferv1.CreateSecretRequest{Parent: parent, SecretId: "no spaces"})
	bad := explain(err)
	bad.Step = "bad name"
	return []step{
		{Step: "create", Secret: secret.GetName(), ActiveVersion: secret.GetActiveVersion()},
		{Step: "add", Version: version.GetName(), Active: version.GetActive()},
		rendered, stale, bad,
	}, nil
}
