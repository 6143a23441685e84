package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"

	dataosv1 "github.com/coffer-dev/coffer/gen/go/coffer/dataos/v1"
	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
)

// maxAnswer bounds an answer, in bytes. A bundle has at most 3 MiB; a page of 1,000 fully labelled resources is larger.
const maxAnswer = 32 << 20

// Config says where the server is and who is calling.
type Config struct {
	// Address is the server's URL: http, https, grpc or grpcs. Required.
	Address string
	// Token is the bearer token. Empty: TokenFile or TokenSource, and if they are empty too, none (mutual TLS).
	Token string
	// TokenFile holds the bearer token. It is read again when it changes, so that a rotated token is picked up. Not with Token.
	TokenFile string
	// TokenSource is asked for the bearer token before each call, so that it can renew one that is about to expire. It must
	// be safe for concurrent use. Not with Token or TokenFile.
	TokenSource func(context.Context) (string, error)
	// CACert is the path of a PEM file of the authorities that may vouch for the server. Empty: the system's.
	CACert string
	// ClientCert and ClientKey are the paths of a PEM certificate and its key, for mutual TLS. Both or none.
	ClientCert, ClientKey string
	// Insecure allows http and grpc to addresses beyond this machine. Tokens and values then cross the network readable
	// by anybody on the way.
	Insecure bool
	// Timeout bounds each call that has no deadline of its own. 0: the deadline of its method.
	Timeout time.Duration
	// UserAgent names the program in the server's audit log. Default: coffer-go.
	UserAgent string
}

// Client is a connection to a Coffer server, with all methods of its services. Close it when done.
type Client struct {
	cofferv1.NamespaceServiceClient
	cofferv1.SecretServiceClient
	cofferv1.ProjectionServiceClient
	cofferv1.AccessServiceClient
	cofferv1.AuditServiceClient
	cofferv1.SystemServiceClient
	cofferv1.CatalogServiceClient
	dataosv1.DataOSServiceClient

	conn    *grpc.ClientConn
	silence time.Duration
}

// New returns a client. It checks the configuration and reads its files, but does not connect: the first call does.
func New(config Config) (*Client, error) {
	addr, err := parseAddress(config.Address)
	if err != nil {
		return nil, err
	}
	if !addr.secure && !addr.loopback && !config.Insecure {
		return nil, fmt.Errorf("address %s: %w", config.Address, ErrPlaintext)
	}
	options := []grpc.DialOption{
		grpc.WithUserAgent(userAgent(config.UserAgent)),
		grpc.WithDisableServiceConfig(),
		grpc.WithDefaultServiceConfig(retryConfig()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswer)),
		grpc.WithUnaryInterceptor(newCall(config.Timeout).intercept),
		grpc.WithStreamInterceptor(interceptStream),
		// A connection that leads nowhere any more, without a word, is given up, or streams would be opened on it again and
		// again. Where a server gives signs of life, nothing is asked; it lets itself be asked every 10 seconds.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 20 * time.Second, Timeout: 10 * time.Second}),
	}
	transport, err := transportCredentials(config, addr)
	if err != nil {
		return nil, err
	}
	options = append(options, grpc.WithTransportCredentials(transport))
	if config.Token != "" || config.TokenFile != "" || config.TokenSource != nil {
		bearer, err := newBearer(config)
		if err != nil {
			return nil, err
		}
		options = append(options, grpc.WithPerRPCCredentials(bearer))
	}
	conn, err := grpc.NewClient(addr.target, options...)
	if err != nil {
		return nil, fmt.Errorf("address %s: %w", config.Address, err)
	}
	return &Client{
		NamespaceServiceClient:  cofferv1.NewNamespaceServiceClient(conn),
		SecretServiceClient:     cofferv1.NewSecretServiceClient(conn),
		ProjectionServiceClient: cofferv1.NewProjectionServiceClient(conn),
		AccessServiceClient:     cofferv1.NewAccessServiceClient(conn),
		AuditServiceClient:      cofferv1.NewAuditServiceClient(conn),
		SystemServiceClient:     cofferv1.NewSystemServiceClient(conn),
		CatalogServiceClient:    cofferv1.NewCatalogServiceClient(conn),
		DataOSServiceClient:     dataosv1.NewDataOSServiceClient(conn),
		conn:                    conn,
		silence:                 silence,
	}, nil
}

// Close ends the connection. Calls under way fail.
func (c *Client) Close() error { return c.conn.Close() }

// Access returns the values of a secret's version in force, or of the version that the name goes on to:
// namespaces/acme/secrets/orders-db or namespaces/acme/secrets/orders-db/versions/3.
func (c *Client) Access(ctx context.Context, name string) (*cofferv1.AccessSecretVersionResponse, error) {
	if !strings.Contains(name, "/versions/") {
		name += "/versions/active"
	}
	return c.AccessSecretVersion(ctx, &cofferv1.AccessSecretVersionRequest{Name: name})
}

// Render returns the bundle of a projection, namespaces/acme/projections/etl.
func (c *Client) Render(ctx context.Context, name string) (*cofferv1.RenderProjectionResponse, error) {
	return c.RenderProjection(ctx, &cofferv1.RenderProjectionRequest{Name: name})
}

func userAgent(name string) string {
	if name == "" {
		return "coffer-go"
	}
	return name
}

func transportCredentials(config Config, addr address) (credentials.TransportCredentials, error) {
	if !addr.secure {
		if config.CACert != "" || config.ClientCert != "" || config.ClientKey != "" {
			return nil, fmt.Errorf("address %s: certificates are for https and grpcs", config.Address)
		}
		return insecure.NewCredentials(), nil
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: addr.host}
	if config.CACert != "" {
		pem, err := os.ReadFile(config.CACert)
		if err != nil {
			return nil, fmt.Errorf("reading the CA certificate: %w", err)
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("reading the CA certificate: %s holds no PEM certificate", config.CACert)
		}
	}
	if (config.ClientCert == "") != (config.ClientKey == "") {
		return nil, errors.New("a client certificate and its key belong together: only one was given")
	}
	if config.ClientCert != "" {
		pair, err := tls.LoadX509KeyPair(config.ClientCert, config.ClientKey)
		if err != nil {
			return nil, fmt.Errorf("reading the client certificate: %w", err)
		}
		conf.Certificates = []tls.Certificate{pair}
	}
	return credentials.NewTLS(conf), nil
}
