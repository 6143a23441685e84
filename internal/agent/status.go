package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
)

// maxHealth bounds an answer about health, in bytes.
const maxHealth = 1 << 20

// Status asks an agent at its socket how it does.
func Status(ctx context.Context, path string) (Health, error) {
	var health Health
	if err := checkSocketPath(path); err != nil {
		return health, fmt.Errorf("asking the agent at %s: %w", path, err)
	}
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", path)
	}}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://agent/healthz", nil)
	if err != nil {
		return health, fmt.Errorf("asking the agent at %s: %w", path, err)
	}
	resp, err := transport.RoundTrip(req)
	if errors.Is(err, io.EOF) {
		err = errors.New("it closed the connection: perhaps it does not answer this user")
	}
	if err != nil {
		return health, fmt.Errorf("asking the agent at %s: %w", path, err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxHealth)).Decode(&health); err != nil {
		return health, fmt.Errorf("asking the agent at %s: %w", path, err)
	}
	return health, nil
}
