// Package lastgood keeps the last bundle of each projection that a client was given, for when the server is away.
//
// It guarantees that a bundle on disk is encrypted with a key that is never on a disk of ours: the key is in the kernel's
// keyring, on macOS in the login's, or else in a file of a file system in memory, so that a disk, a backup or an image
// alone opens nothing, and nothing outlasts the machine. A bundle is bound to its name and comes back only unaltered and
// for as long as its age allows, whichever way the clock was set. What threatens it are processes of the same user, which
// can have the key as they can have the workload's files, and memory that is swapped to a disk in the clear.
//
// An entry is a file, named for the digest of its name:
//
//	version 1, one byte
//	Tink ciphertext, whose associated data is the version's and the name, of
//	    time of the clock, nanoseconds since 1970, 8 bytes
//	    time since the machine started, nanoseconds, 8 bytes
//	    coffer.v1.RenderProjectionResponse
package lastgood

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"
	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/proto"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/delivery"
)

const (
	// DefaultMaxAge is how old a bundle may get.
	DefaultMaxAge = 24 * time.Hour
	// confirmEvery is how often at most Confirm writes.
	confirmEvery = time.Minute
	// maxEntry bounds a file, in bytes. A bundle has at most 3 MiB.
	maxEntry = 8 << 20
	version  = 1
	times    = 16 // bytes before the message
)

var (
	// ErrNone: there is no bundle of the name. Altered ones and those of another key, which also are ErrAltered, count as
	// none.
	ErrNone = errors.New("no last known good bundle")
	// ErrAltered: what is there does not open. The key may have gone with a restart of the machine.
	ErrAltered = errors.New("what is there was altered, or its key is gone")
	// ErrTooOld: the bundle is older than it may get, or it cannot be told.
	ErrTooOld = errors.New("the last known good bundle is too old")
	// ErrNoKey: there is no place for a key but the disk.
	ErrNoKey = errors.New("there is neither a keyring nor a file system in memory for the key")
	// ErrUnsafe: others can reach the directory of the bundles or that of the key.
	ErrUnsafe = errors.New("want a directory of yours that nobody else can reach, mode 0700")
)

// Config says where bundles are kept, and for how long.
type Config struct {
	// Dir is the directory of the bundles; it is made if there is none. Required.
	Dir string
	// MaxAge is how old a bundle may get. Default: DefaultMaxAge.
	MaxAge time.Duration
	// KeyDir is a directory in memory for the key. Empty: the keyring, and where there is none, coffer-UID in
	// XDG_RUNTIME_DIR or /dev/shm.
	KeyDir string
	// Clock tells the time and how long the machine has been running. nil: the system's.
	Clock func() (now time.Time, running time.Duration)
}

// Cache keeps bundles. Any number of processes may share its directory.
type Cache struct {
	root   *os.Root
	aead   tink.AEAD
	maxAge time.Duration
	clock  func() (time.Time, time.Duration)

	mu  sync.Mutex
	put map[string]time.Duration // when bundles were last put here, since the machine started
}

// Open opens the cache, and makes its key if there is none. Without a place for a key, that is ErrNoKey, there is no cache.
// What was left there by others and can be of no more use goes.
func Open(config Config) (*Cache, error) {
	c := &Cache{maxAge: config.MaxAge, clock: config.Clock, put: map[string]time.Duration{}}
	if c.maxAge == 0 {
		c.maxAge = DefaultMaxAge
	}
	if c.clock == nil {
		c.clock = systemClock
	}
	dir, err := filepath.Abs(config.Dir)
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err == nil {
		c.root, err = openPrivate(dir)
	}
	if err == nil {
		err = c.locked(func() error {
			c.sweep()
			c.aead, err = openKey(config.KeyDir, "coffer-lastgood-"+digest(dir))
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("opening the cache of last known good bundles: %w", err)
	}
	return c, nil
}

// openPrivate opens a directory of this user that nobody else can reach.
func openPrivate(dir string) (*os.Root, error) {
	root, err := delivery.OpenRoot(dir, 0o077)
	if errors.Is(err, delivery.ErrUnsafe) {
		err = fmt.Errorf("%s: %w", dir, ErrUnsafe)
	}
	return root, err
}

// Put keeps a bundle in place of the one before.
func (c *Cache) Put(name string, bundle *cofferv1.RenderProjectionResponse) error {
	message, err := proto.Marshal(bundle)
	if err != nil {
		return fmt.Errorf("keeping the bundle of %s: %w", described(name), err)
	}
	now, running := c.clock()
	c.mu.Lock()
	c.put[name] = running // or was tried to
	c.mu.Unlock()
	plain := binary.BigEndian.AppendUint64(make([]byte, 0, times+len(message)), uint64(now.UnixNano()))
	plain = binary.BigEndian.AppendUint64(plain, uint64(running))
	sealed, err := c.aead.Encrypt(append(plain, message...), associatedData(name))
	if err == nil && len(sealed) >= maxEntry {
		err = fmt.Errorf("it is larger than %d bytes", maxEntry)
	}
	if err == nil {
		err = c.locked(func() error { return c.write(fileOf(name), append([]byte{version}, sealed...)) })
	}
	if err != nil {
		return fmt.Errorf("keeping the bundle of %s: %w", described(name), err)
	}
	return nil
}

// Confirm keeps a bundle that is still the one in force: its age counts from then. It may be called at any sign of that,
// and writes now and then.
func (c *Cache) Confirm(name string, bundle *cofferv1.RenderProjectionResponse) error {
	_, running := c.clock()
	c.mu.Lock()
	at, known := c.put[name]
	c.mu.Unlock()
	if known && running-at < min(confirmEvery, c.maxAge/4) {
		return nil
	}
	return c.Put(name, bundle)
}

// write puts a file in the place of another. It need not outlast the machine: its key does not.
func (c *Cache) write(name string, content []byte) error {
	temporary := leaving + rand.Text()
	f, err := c.root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Close()); err == nil {
		err = c.root.Rename(temporary, name)
	}
	if err != nil {
		return errors.Join(err, c.root.Remove(temporary))
	}
	return nil
}

// Get returns the bundle of a name, and when it was kept. One that is too old stays: other processes may allow it more.
func (c *Cache) Get(name string) (*cofferv1.RenderProjectionResponse, time.Time, error) {
	bundle, kept, err := c.get(name)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("%s: %w", described(name), err)
	}
	return bundle, kept, nil
}

func (c *Cache) get(name string) (*cofferv1.RenderProjectionResponse, time.Time, error) {
	content, err := readBounded(c.root, fileOf(name), maxEntry)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, time.Time{}, ErrNone
	}
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("%w: %w", ErrNone, err)
	}
	altered := fmt.Errorf("%w: %w", ErrNone, ErrAltered)
	if len(content) == 0 || content[0] != version {
		return nil, time.Time{}, altered
	}
	plain, err := c.aead.Decrypt(content[1:], associatedData(name))
	if err != nil || len(plain) < times {
		return nil, time.Time{}, altered
	}
	kept := time.Unix(0, int64(binary.BigEndian.Uint64(plain)))
	if !c.fresh(kept, time.Duration(binary.BigEndian.Uint64(plain[8:]))) {
		return nil, time.Time{}, ErrTooOld
	}
	bundle := &cofferv1.RenderProjectionResponse{}
	if proto.Unmarshal(plain[times:], bundle) != nil {
		return nil, time.Time{}, altered
	}
	return bundle, kept, nil
}

// fresh tells whether a bundle is young enough by both clocks: one can be set back, the other starts again with the
// machine.
func (c *Cache) fresh(kept time.Time, ran time.Duration) bool {
	now, running := c.clock()
	return running >= ran && running-ran <= c.maxAge && now.Sub(kept) <= c.maxAge
}

// Forget drops the bundle of a name, if there is one.
func (c *Cache) Forget(name string) error {
	c.mu.Lock()
	delete(c.put, name)
	c.mu.Unlock()
	if err := c.root.Remove(fileOf(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forgetting the bundle of %s: %w", described(name), err)
	}
	return nil
}

// Close lets go of the directory.
func (c *Cache) Close() error { return c.root.Close() }

// locked does something while no other process that shares the directory does.
func (c *Cache) locked(do func() error) error {
	f, err := c.root.OpenFile(".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	return do()
}

func readBounded(root *os.Root, name string, limit int64) ([]byte, error) {
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit))
}

func associatedData(name string) []byte {
	return []byte("coffer last known good bundle, version 1\x00" + name)
}

func fileOf(name string) string { return digest(name) + suffix }

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

func systemClock() (time.Time, time.Duration) {
	var t unix.Timespec
	_ = unix.ClockGettime(runningClock, &t) // the kernels that we build for all have it
	return time.Now(), time.Duration(t.Nano())
}
