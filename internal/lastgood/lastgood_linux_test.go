package lastgood_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/testing/protocmp"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/lastgood"
)

const etl = "https://coffer.example.org namespaces/acme/projections/etl"

func bundle(password string) *cofferv1.RenderProjectionResponse {
	return &cofferv1.RenderProjectionResponse{
		Env: map[string]string{"PGPASSWORD": password}, Revision: 7, Etag: "e7",
		Files: []*cofferv1.RenderProjectionResponse_RenderedFile{{Path: "db.properties", Mode: 0o400, Content: []byte("password=" + password)}},
	}
}

// memoryDir is a directory in memory that goes with the test.
func memoryDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "coffer-test-") //nolint:usetesting // t.TempDir may be on a disk
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func open(t *testing.T, config lastgood.Config) *lastgood.Cache {
	t.Helper()
	c, err := lastgood.Open(config)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func put(t *testing.T, c *lastgood.Cache, name, password string) {
	t.Helper()
	if err := c.Put(name, bundle(password)); err != nil {
		t.Fatalf("Put(%s): %v", name, err)
	}
}

func wantBundle(t *testing.T, c *lastgood.Cache, name, password string) {
	t.Helper()
	got, _, err := c.Get(name)
	if err != nil {
		t.Fatalf("Get(%s): %v", name, err)
	}
	if diff := cmp.Diff(bundle(password), got, protocmp.Transform()); diff != "" {
		t.Errorf("Get(%s) (-want +got):\n%s", name, diff)
	}
}

func wantError(t *testing.T, c *lastgood.Cache, name string, want error) {
	t.Helper()
	if got, _, err := c.Get(name); !errors.Is(err, want) || got != nil {
		t.Errorf("Get(%s) = %v, %v, want %v", name, got != nil, err, want)
	}
}

// entries are the files of bundles in a directory.
func entries(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*.bundle"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestCache(t *testing.T) {
	config := lastgood.Config{Dir: filepath.Join(t.TempDir(), "cache"), KeyDir: memoryDir(t)}
	c := open(t, config)
	wantError(t, c, etl, lastgood.ErrNone)
	before := time.Now()
	put(t, c, etl, "old")
	put(t, c, etl, "pass-word-1")
	put(t, c, "other", "pass-word-2")
	wantBundle(t, c, etl, "pass-word-1")

	again := open(t, config)
	wantBundle(t, again, etl, "pass-word-1")
	wantBundle(t, again, "other", "pass-word-2")
	if _, kept, _ := again.Get(etl); kept.Before(before) || kept.After(time.Now()) {
		t.Errorf("it was kept at %v, want between %v and now", kept, before)
	}
	for range 2 {
		if err := again.Forget(etl); err != nil {
			t.Fatalf("Forget: %v", err)
		}
	}
	wantError(t, c, etl, lastgood.ErrNone)
	wantBundle(t, c, "other", "pass-word-2")
}

// The key is in the kernel's keyring, or, where that cannot be used, in memory; with it gone, so are the bundles.
func TestCache_keyNeverOnItsDisk(t *testing.T) {
	memory := memoryDir(t)
	t.Setenv("XDG_RUNTIME_DIR", memory)
	config := lastgood.Config{Dir: filepath.Join(t.TempDir(), "cache")}
	before := ringKeys(t)
	t.Cleanup(func() { forgetRingKeys(t, before) })
	put(t, open(t, config), etl, "pass-word-1")
	wantBundle(t, open(t, config), etl, "pass-word-1")

	err := filepath.WalkDir(config.Dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		for _, secret := range []string{"pass-word-1", "PGPASSWORD", "type.googleapis.com/google.crypto.tink"} {
			if bytes.Contains(content, []byte(secret)) {
				t.Errorf("%s holds %q", path, secret)
			}
		}
		info, _ := entry.Info()
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}

	forgetRingKeys(t, before)
	if err := os.RemoveAll(filepath.Join(memory, fmt.Sprint("coffer-", os.Geteuid()))); err != nil {
		t.Fatal(err)
	}
	wantError(t, open(t, config), etl, lastgood.ErrAltered)
}

// ringKeys are the keys of caches in the kernel's keyring of this user; none where the kernel lets nobody have one.
func ringKeys(t *testing.T) map[int]bool {
	t.Helper()
	keys, numbers := map[int]bool{}, make([]byte, 64<<10)
	n, err := unix.KeyctlBuffer(unix.KEYCTL_READ, unix.KEY_SPEC_USER_KEYRING, numbers, 0)
	if err != nil {
		return keys
	}
	for number := range slices.Chunk(numbers[:min(n, len(numbers))], 4) {
		id := int(int32(binary.NativeEndian.Uint32(number)))
		description, err := unix.KeyctlString(unix.KEYCTL_DESCRIBE, id)
		if errors.Is(err, unix.EACCES) || strings.Contains(description, ";coffer-lastgood-") {
			keys[id] = true // nobody may even describe ours without having it
		}
	}
	return keys
}

// forgetRingKeys removes the keys that came after those of before.
func forgetRingKeys(t *testing.T, before map[int]bool) {
	t.Helper()
	for id := range ringKeys(t) {
		if before[id] {
			continue
		}
		if _, err := unix.KeyctlInt(unix.KEYCTL_UNLINK, id, unix.KEY_SPEC_USER_KEYRING, 0, 0); err != nil {
			t.Errorf("removing the key %d of the test: %v", id, err)
		}
	}
}

func TestCache_alteredCountsAsNone(t *testing.T) {
	config := lastgood.Config{Dir: filepath.Join(t.TempDir(), "cache"), KeyDir: memoryDir(t)}
	c := open(t, config)
	put(t, c, "other", "pass-word-2")
	other := entries(t, config.Dir)[0]
	put(t, c, etl, "pass-word-1")
	var mine string
	for _, entry := range entries(t, config.Dir) {
		if entry != other {
			mine = entry
		}
	}
	whole, err := os.ReadFile(mine)
	if err != nil {
		t.Fatal(err)
	}
	others, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(whole)
	flipped[len(flipped)/2] ^= 1
	for name, content := range map[string][]byte{
		"flipped": flipped, "cut": whole[:len(whole)-1], "empty": {}, "another version": append([]byte{2}, whole[1:]...),
		"another's": others, "too large": bytes.Repeat([]byte{1}, 9<<20),
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(mine, content, 0o600); err != nil {
				t.Fatal(err)
			}
			wantError(t, c, etl, lastgood.ErrNone)
			wantError(t, c, etl, lastgood.ErrAltered)
		})
	}
	if err := os.Remove(mine); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(other, mine); err != nil {
		t.Fatal(err)
	}
	wantError(t, c, etl, lastgood.ErrNone)
	put(t, c, etl, "pass-word-1")
	wantBundle(t, c, etl, "pass-word-1")
}

func TestCache_damagedKeyMakesANewOne(t *testing.T) {
	config := lastgood.Config{Dir: filepath.Join(t.TempDir(), "cache"), KeyDir: memoryDir(t)}
	put(t, open(t, config), etl, "pass-word-1")
	keys, err := filepath.Glob(filepath.Join(config.KeyDir, "*"))
	if err != nil || len(keys) != 1 {
		t.Fatalf("keys: %v, %v, want one", keys, err)
	}
	if err := os.WriteFile(keys[0], []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := open(t, config)
	wantError(t, c, etl, lastgood.ErrAltered)
	put(t, c, etl, "pass-word-1")
	wantBundle(t, open(t, config), etl, "pass-word-1")
}

func TestCache_age(t *testing.T) {
	start := time.Date(2026, 11, 22, 7, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name         string
		now, running time.Duration // after an hour in which it was kept
		want         error
	}{
		{"just young enough", 24 * time.Hour, 24 * time.Hour, nil},
		{"too old", 24*time.Hour + 1, 24*time.Hour + 1, lastgood.ErrTooOld},
		{"clock set forward", 25 * time.Hour, time.Hour, lastgood.ErrTooOld},
		{"clock set back", -time.Hour, time.Hour, nil},
		{"clock set back for too long", -time.Hour, 25 * time.Hour, lastgood.ErrTooOld},
		{"machine restarted", time.Hour, -time.Minute, lastgood.ErrTooOld},
	} {
		t.Run(test.name, func(t *testing.T) {
			now, running := start, time.Hour
			config := lastgood.Config{
				Dir: filepath.Join(t.TempDir(), "cache"), KeyDir: memoryDir(t),
				Clock: func() (time.Time, time.Duration) { return now, running },
			}
			c := open(t, config)
			put(t, c, etl, "pass-word-1")
			now, running = start.Add(test.now), time.Hour+test.running
			if test.want == nil {
				wantBundle(t, c, etl, "pass-word-1")
				return
			}
			wantError(t, c, etl, test.want)
			if left := entries(t, config.Dir); len(left) != 1 {
				t.Errorf("%d entries are there, want the one that others may use", len(left))
			}
		})
	}
}

// How old a bundle may get is each process's own affair.
func TestCache_maxAgeOfOthers(t *testing.T) {
	config := lastgood.Config{Dir: filepath.Join(t.TempDir(), "cache"), KeyDir: memoryDir(t)}
	c := open(t, config)
	put(t, c, etl, "pass-word-1")
	config.MaxAge = time.Nanosecond
	wantError(t, open(t, config), etl, lastgood.ErrTooOld)
	wantBundle(t, c, etl, "pass-word-1")
}

// Errors name the projection and its server in one line.
func TestCache_errorsAreOneLine(t *testing.T) {
	c := open(t, lastgood.Config{Dir: filepath.Join(t.TempDir(), "cache"), KeyDir: memoryDir(t)})
	_, _, err := c.Get(lastgood.Name("http://127.0.0.1:8080", "namespaces/acme/projections/etl", []string{"PATH", "LD_PRELOAD"}))
	const want = "namespaces/acme/projections/etl of http://127.0.0.1:8080 with LD_PRELOAD, PATH: no last known good bundle"
	if err == nil || err.Error() != want {
		t.Errorf("Get: %v, want %s", err, want)
	}
}

func TestCache_systemClocks(t *testing.T) {
	dir, keyDir := filepath.Join(t.TempDir(), "cache"), memoryDir(t)
	put(t, open(t, lastgood.Config{Dir: dir, KeyDir: keyDir}), etl, "pass-word-1")
	wantError(t, open(t, lastgood.Config{Dir: dir, KeyDir: keyDir, MaxAge: time.Nanosecond}), etl, lastgood.ErrTooOld)
}

func TestOpen_refusesWhatOthersReach(t *testing.T) {
	mine, memory := t.TempDir(), memoryDir(t)
	openToOthers := filepath.Join(mine, "open")
	openKeys := filepath.Join(memory, "open")
	for _, dir := range []string{openToOthers, openKeys} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(dir, 0o710); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := lastgood.Open(lastgood.Config{Dir: openToOthers, KeyDir: memory}); !errors.Is(err, lastgood.ErrUnsafe) {
		t.Errorf("Open, with bundles that others reach: %v, want ErrUnsafe", err)
	}
	if _, err := lastgood.Open(lastgood.Config{Dir: filepath.Join(mine, "cache"), KeyDir: openKeys}); !errors.Is(err, lastgood.ErrUnsafe) {
		t.Errorf("Open, with a key that others reach: %v, want ErrUnsafe", err)
	}
	// The working directory of the test is on a disk.
	onDisk, err := os.MkdirTemp(".", "key-") //nolint:usetesting // t.TempDir may be in memory
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(onDisk) })
	if _, err := lastgood.Open(lastgood.Config{Dir: filepath.Join(mine, "cache"), KeyDir: onDisk}); !errors.Is(err, lastgood.ErrNoKey) {
		t.Errorf("Open, with a key on a disk: %v, want ErrNoKey", err)
	}
}
