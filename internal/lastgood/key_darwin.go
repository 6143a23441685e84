package lastgood

import (
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/tink"
	"github.com/zalando/go-keyring"
	"golang.org/x/sys/unix"
)

const (
	runningClock = unix.CLOCK_MONOTONIC // goes on while the machine sleeps
	service      = "coffer-lastgood"
)

// ringKey finds the key in the keyring of the login, or makes one.
func ringKey(name string) (tink.AEAD, error) {
	text, err := keyring.Get(service, name)
	if err == nil {
		if content, err := base64.StdEncoding.DecodeString(text); err == nil {
			if key, err := parseKey(content); err == nil {
				return key, nil
			}
		}
	} else if !errors.Is(err, keyring.ErrNotFound) {
		return nil, fmt.Errorf("the keyring: %w", err)
	}
	content, key, err := newKey()
	if err != nil {
		return nil, err
	}
	if err := keyring.Set(service, name, base64.StdEncoding.EncodeToString(content)); err != nil {
		return nil, fmt.Errorf("the keyring: %w", err)
	}
	return key, nil
}
