package lastgood

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/tink-crypto/tink-go/v2/tink"
	"golang.org/x/sys/unix"
)

const (
	runningClock = unix.CLOCK_BOOTTIME
	keyType      = "user"
	// possessorOnly gives all rights to who has the key in a keyring of theirs, which takes the right to that keyring,
	// and none to whoever else knows its number.
	possessorOnly = 0x3f000000
)

// ringKey finds the key in the kernel's keyring of this user, or makes one. The kernel forgets it when the machine stops.
func ringKey(name string) (key tink.AEAD, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		// The key is read through a keyring of the thread, which ends with the goroutine, since it is never unlocked.
		runtime.LockOSThread()
		key, err = threadKey(name)
	}()
	<-done
	if err != nil {
		return nil, fmt.Errorf("the kernel's keyring: %w", err)
	}
	return key, nil
}

func threadKey(name string) (tink.AEAD, error) {
	id, err := unix.KeyctlSearch(unix.KEY_SPEC_USER_KEYRING, keyType, name, unix.KEY_SPEC_THREAD_KEYRING)
	if err == nil {
		content := make([]byte, maxKey)
		n, err := unix.KeyctlBuffer(unix.KEYCTL_READ, id, content, 0)
		if err != nil {
			return nil, err
		}
		if key, err := parseKey(content[:min(n, maxKey)]); err == nil {
			return key, nil
		}
	} else if !errors.Is(err, unix.ENOKEY) && !errors.Is(err, unix.EKEYEXPIRED) && !errors.Is(err, unix.EKEYREVOKED) {
		return nil, err
	}
	content, key, err := newKey()
	if err != nil {
		return nil, err
	}
	// Others can find it only once its rights are set.
	id, err = unix.AddKey(keyType, name, content, unix.KEY_SPEC_THREAD_KEYRING)
	if err == nil {
		err = unix.KeyctlSetperm(id, possessorOnly)
	}
	if err == nil {
		_, err = unix.KeyctlInt(unix.KEYCTL_LINK, id, unix.KEY_SPEC_USER_KEYRING, 0, 0)
	}
	return key, err
}
