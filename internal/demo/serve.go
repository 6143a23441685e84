package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// place is where make run serves, and keeps its data.
type place struct{ dataDir, http, grpc string }

// runPlace takes from the environment what it says of it, before that is cleared.
func runPlace(root string) place {
	return place{
		dataDir: cmp.Or(os.Getenv("COFFER_DATA_DIR"), filepath.Join(root, ".cache", "run")),
		http:    cmp.Or(os.Getenv("COFFER_HTTP"), "127.0.0.1:8080"),
		grpc:    cmp.Or(os.Getenv("COFFER_GRPC"), "127.0.0.1:8081"),
	}
}

// runServer keeps a server up until ctx ends. Its data stays for the next time.
func runServer(ctx context.Context, root, bin string, at place) error {
	out := newScreen(os.Stdout)
	if err := build(ctx, out, root, bin, "./cmd/coffer", "./cmd/cofferd"); err != nil {
		return err
	}
	s, err := startServer(ctx, out, filepath.Join(bin, "cofferd"), at.dataDir, at.http, at.grpc, os.Stderr)
	if err != nil {
		return err
	}
	token := quote(filepath.Join(at.dataDir, "operator.token"))
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
`, out.bold, out.plain, s.http, s.grpc, at.dataDir, token, coffer)
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
