package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Where make run serves.
const (
	runHTTP = "127.0.0.1:8080"
	runGRPC = "127.0.0.1:8081"
)

// runServer keeps a server up until ctx ends. Its data stays for the next time.
func runServer(ctx context.Context, root, bin, dataDir string) error {
	out := newScreen(os.Stdout)
	if err := build(ctx, out, root, bin, "./cmd/coffer", "./cmd/cofferd"); err != nil {
		return err
	}
	s, err := startServer(ctx, out, filepath.Join(bin, "cofferd"), dataDir, runHTTP, runGRPC, os.Stderr)
	if err != nil {
		return err
	}
	token := quote(filepath.Join(dataDir, "operator.token"))
	coffer := quote(filepath.Join(bin, "coffer"))
	fmt.Fprintf(out, `
%[1]sCoffer is up%[2]s
  REST, health, metrics, and gRPC by content type   http://%[3]s
  gRPC                                              %[4]s
  data                                              %[5]s
  the first operator's token                        %[6]s

In another terminal:
  %[7]s login --address http://%[3]s --token-file %[6]s
  %[7]s namespace create acme
  %[7]s secret create orders-db -n acme --type postgres username=etl password
  %[7]s list secret -n acme
  %[7]s secret access orders-db -n acme --reveal
  curl -H "Authorization: Bearer $(cat %[6]s)" http://%[3]s/v1/namespaces

%[1]sCtrl-C stops it; the data stays.%[2]s
`, out.bold, out.plain, s.http, s.grpc, dataDir, token, coffer)
	select {
	case <-ctx.Done():
	case <-s.exited:
	}
	if err := s.stop(); err != nil {
		return err
	}
	fmt.Fprintln(out, "stopped")
	return nil
}
