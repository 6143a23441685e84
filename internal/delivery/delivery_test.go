package delivery_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/delivery"
)

func file(path, content string) *delivery.File {
	return &delivery.File{Path: path, Mode: 0o400, Content: []byte(content)}
}

func open(t *testing.T, path string) *delivery.Dir {
	t.Helper()
	d, err := delivery.Open(path, 0)
	if err != nil {
		t.Fatalf("Open(%s): %v", path, err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func write(t *testing.T, d *delivery.Dir, wantChanged bool, files ...*delivery.File) {
	t.Helper()
	changed, err := d.Write(files)
	if err != nil || changed != wantChanged {
		t.Fatalf("Write = %t, %v, want %t", changed, err, wantChanged)
	}
}

// reporter is a test's, or a property's.
type reporter interface {
	Errorf(string, ...any)
	Fatal(...any)
}

// seen are the files that a reader finds, with their modes, but not what begins with two dots.
func seen(t reporter, dir string) map[string]string {
	found := map[string]string{}
	var walk func(string)
	walk = func(below string) {
		entries, err := os.ReadDir(filepath.Join(dir, below))
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			name := filepath.Join(below, entry.Name())
			if strings.HasPrefix(name, "..") {
				continue
			}
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil {
				t.Errorf("%s leads nowhere: %v", name, err)
				continue
			}
			if info.IsDir() {
				walk(name)
				continue
			}
			content, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			found[name] = fmt.Sprintf("%o %s", info.Mode().Perm(), content)
		}
	}
	walk("")
	return found
}

func wantSeen(t *testing.T, d *delivery.Dir, want map[string]string) {
	t.Helper()
	if diff := cmp.Diff(want, seen(t, d.Path())); diff != "" {
		t.Errorf("in the directory (-want +got):\n%s", diff)
	}
}

// hidden are the names that begin with two dots.
func hidden(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), "..") {
			names = append(names, entry.Name())
		}
	}
	return names
}

func TestDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "secrets")
	d := open(t, dir)
	write(t, d, true, file("password", "one"), file("conf/db/db.properties", "password=one"),
		&delivery.File{Path: ".pgpass", Mode: 0o640, Content: []byte("*")}, &delivery.File{Path: "empty", Mode: 0o444})
	wantSeen(t, d, map[string]string{
		"password": "400 one", "conf/db/db.properties": "400 password=one", ".pgpass": "640 *", "empty": "444 ",
	})
	mine := filepath.Join(dir, "mine")
	if err := os.WriteFile(mine, []byte("stays"), 0o600); err != nil {
		t.Fatal(err)
	}

	// What is gone from the bundle goes, what is not ours stays, and the paths are the same.
	write(t, d, true, file("password", "two"), file("conf/other", "new"))
	want := map[string]string{"password": "400 two", "conf/other": "400 new", "mine": "600 stays"}
	wantSeen(t, d, want)
	write(t, d, false, file("password", "two"), file("conf/other", "new"))
	write(t, d, true, file("password", "two"), &delivery.File{Path: "conf/other", Mode: 0o440, Content: []byte("new")})
	write(t, d, true, file("password", "two"))
	wantSeen(t, d, map[string]string{"password": "400 two", "mine": "600 stays"})

	// Only the bundle in force outlasts the delivery.
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	inForce, err := os.Readlink(filepath.Join(dir, "..data"))
	if err != nil {
		t.Fatal(err)
	}
	want2 := []string{"..data", inForce}
	slices.Sort(want2)
	if diff := cmp.Diff(want2, hidden(t, dir)); diff != "" {
		t.Errorf("after Close (-want +got):\n%s", diff)
	}

	// The next process finds what it need not write again.
	d = open(t, dir)
	write(t, d, false, file("password", "two"))
	if err := d.Clear(); err != nil {
		t.Fatal(err)
	}
	wantSeen(t, d, map[string]string{"mine": "600 stays"})
	write(t, d, true, file("password", "three"))
	if err := d.Remove(); err != nil {
		t.Fatal(err)
	}
	if left := hidden(t, dir); len(left) > 0 {
		t.Errorf("after Remove there are %v", left)
	}
	if diff := cmp.Diff(map[string]string{"mine": "600 stays"}, seen(t, dir)); diff != "" {
		t.Errorf("after Remove (-want +got):\n%s", diff)
	}
}

func TestDir_madeIsRemoved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "secrets")
	d := open(t, dir)
	write(t, d, true, file("password", "one"))
	if err := os.WriteFile(filepath.Join(dir, "of-the-child"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := d.Remove(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the directory: %v, want none", err)
	}
	if err := d.Remove(); err != nil {
		t.Errorf("Remove again: %v", err)
	}
}

// The directories of a bundle can be entered by whoever can enter the directory, since the files may be theirs.
func TestDir_modes(t *testing.T) {
	for _, mode := range []fs.FileMode{0o700, 0o711, 0o755, 0o750} {
		dir := filepath.Join(t.TempDir(), "secrets")
		if err := os.Mkdir(dir, mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		write(t, open(t, dir), true, file("a/b/c", "one"))
		for _, below := range []string{"..data/", "a", "a/b"} {
			info, err := os.Stat(filepath.Join(dir, below))
			if err != nil {
				t.Fatal(err)
			}
			if info.Mode().Perm() != mode {
				t.Errorf("in a directory of mode %v, %s has %v", mode, below, info.Mode())
			}
		}
	}
}

func TestOpen_mode(t *testing.T) {
	for mode, want := range map[fs.FileMode]fs.FileMode{0: 0o700, 0o700: 0o700, 0o711: 0o711, 0o777: 0o755} {
		dir := filepath.Join(t.TempDir(), "secrets")
		for range 2 { // the second time it is there, and stays as it is
			d, err := delivery.Open(dir, mode)
			if err != nil {
				t.Fatal(err)
			}
			write(t, d, true, file("conf/password", rand.Text()))
			for _, made := range []string{dir, filepath.Join(dir, "conf")} {
				if info, err := os.Stat(made); err != nil || info.Mode().Perm() != want {
					t.Errorf("Open of mode %v: %s has %v, %v, want %v", mode, made, info.Mode(), err, want)
				}
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			mode = 0o750
		}
	}
}

func TestOpen_refuses(t *testing.T) {
	parent := t.TempDir()
	at := func(name string) string { return filepath.Join(parent, name) }
	for name, mode := range map[string]fs.FileMode{"group": 0o770, "world": 0o757, "mine": 0o700, "foreign": 0o700} {
		if err := os.Mkdir(at(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(at(name), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(at("file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(at("mine"), at("link")); err != nil {
		t.Fatal(err)
	}
	foreign := "/" // root's
	if os.Geteuid() == 0 {
		foreign = at("foreign")
		if err := os.Chown(foreign, 65534, -1); err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{at("group"), at("world"), at("file"), at("link"), foreign} {
		if _, err := delivery.Open(dir, 0); !errors.Is(err, delivery.ErrUnsafe) {
			t.Errorf("Open(%s): %v, want ErrUnsafe", dir, err)
		}
	}
	if _, err := delivery.Open(at("none/below"), 0); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open, without a parent: %v, want fs.ErrNotExist", err)
	}
	d := open(t, at("mine"))
	if _, err := delivery.Open(at("mine"), 0); !errors.Is(err, delivery.ErrTaken) {
		t.Errorf("Open, of another's: %v, want ErrTaken", err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, at("mine"))
}

func TestDir_refusesPaths(t *testing.T) {
	parent := t.TempDir()
	d := open(t, filepath.Join(parent, "secrets"))
	write(t, d, true, file("password", "one"))
	for _, path := range []string{"", ".", "..", "../x", "/etc/x", "a/../../x", "a//b", "a/", "./a", "..data", "..data/x", "..data_tmp", "..x"} {
		if _, err := d.Write([]*delivery.File{file("other", "two"), file(path, "two")}); !errors.Is(err, delivery.ErrPath) {
			t.Errorf("Write(%q): %v, want ErrPath", path, err)
		}
	}
	for name, files := range map[string][]*delivery.File{
		"one path twice":              {file("a", "two"), file("a", "three")},
		"a file that is no directory": {file("a", "two"), file("a/b", "three")},
		"a directory that is a file":  {file("a/b", "two"), file("a", "three")},
		"no name":                     {file("a\x00", "two")},
		"too long a name":             {file(strings.Repeat("a", 256), "two")},
	} {
		if _, err := d.Write(files); err == nil {
			t.Errorf("Write, %s: no error", name)
		}
	}
	wantSeen(t, d, map[string]string{"password": "400 one"})
	if names := hidden(t, d.Path()); len(names) != 2 {
		t.Errorf("after the errors there are %v, want ..data and one bundle", names)
	}
	if entries, _ := os.ReadDir(parent); len(entries) != 1 {
		t.Errorf("beside the directory there are %v", entries)
	}
}

// What was there before is not replaced, whatever it is.
func TestDir_refusesNamesThatAreTaken(t *testing.T) {
	for name, take := range map[string]func(string) error{
		"file":      func(path string) error { return os.WriteFile(path, []byte("mine"), 0o600) },
		"directory": func(path string) error { return os.Mkdir(path, 0o700) },
		"link":      func(path string) error { return os.Symlink("..data/other", path) },
		"link out":  func(path string) error { return os.Symlink("/etc/passwd", path) },
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, filepath.Join(t.TempDir(), "secrets"))
			write(t, d, true, file("password", "one"))
			taken := filepath.Join(d.Path(), "conf")
			if err := take(taken); err != nil {
				t.Fatal(err)
			}
			before, err := os.Lstat(taken)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := d.Write([]*delivery.File{file("conf/x", "two")}); !errors.Is(err, fs.ErrExist) {
				t.Errorf("Write: %v, want fs.ErrExist", err)
			}
			if err := d.Clear(); err != nil {
				t.Fatal(err)
			}
			if after, err := os.Lstat(taken); err != nil || !os.SameFile(before, after) || before.Mode() != after.Mode() {
				t.Errorf("it was replaced: %v", err)
			}
		})
	}
	t.Run("kubelet's", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "..2026_11_22"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("..2026_11_22", filepath.Join(dir, "..data")); err != nil {
			t.Fatal(err)
		}
		if _, err := delivery.Open(dir, 0); !errors.Is(err, fs.ErrExist) {
			t.Errorf("Open: %v, want fs.ErrExist", err)
		}
	})
}

func TestDir_owner(t *testing.T) {
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	group, err := user.LookupGroupId(me.Gid)
	if err != nil {
		t.Fatal(err)
	}
	own := fmt.Sprintf("%d:%d", os.Geteuid(), os.Getegid())
	wants := map[string]string{
		"": own, own: own, me.Username: own, me.Username + ":" + group.Name: own, ":" + group.Name: own,
		strconv.Itoa(os.Geteuid()): own, ":" + strconv.Itoa(os.Getegid()): own,
	}
	if os.Geteuid() == 0 {
		wants["65534:65533"], wants["65534"], wants[":65533"] = "65534:65533", "65534:0", "0:65533"
	}
	d := open(t, filepath.Join(t.TempDir(), "secrets"))
	for owner, want := range wants {
		f := file("password", "same")
		f.Owner, f.Mode = owner, 0o460
		if _, err := d.Write([]*delivery.File{f}); err != nil {
			t.Errorf("Write, of owner %q: %v", owner, err)
			continue
		}
		info, err := os.Stat(filepath.Join(d.Path(), "password"))
		if err != nil {
			t.Fatal(err)
		}
		has := info.Sys().(*syscall.Stat_t)
		if got := fmt.Sprintf("%d:%d", has.Uid, has.Gid); got != want || info.Mode().Perm() != 0o460 {
			t.Errorf("of owner %q it is %s's, mode %v, want %s and 0460", owner, got, info.Mode(), want)
		}
	}
	refused := []string{"no-such-user", ":no-such-group", "-1", me.Username + ":4294967295"}
	if os.Geteuid() != 0 {
		refused = append(refused, "0", "root:root")
	}
	write(t, d, true, file("password", "in force"))
	for _, owner := range refused {
		f := file("password", "refused")
		f.Owner = owner
		if _, err := d.Write([]*delivery.File{f}); err == nil || strings.Contains(err.Error(), "refused") {
			t.Errorf("Write, of owner %q: %v, want an error without the content", owner, err)
		}
	}
	wantSeen(t, d, map[string]string{"password": "400 in force"})
}

func TestPrivate(t *testing.T) {
	parent := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", parent)
	d, err := delivery.Private()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Remove() })
	if filepath.Dir(d.Path()) != parent {
		t.Errorf("Private made %s, want it below %s", d.Path(), parent)
	}
	write(t, d, true, file("password", "one"))
	delivery.RemoveStale()
	wantSeen(t, d, map[string]string{"password": "400 one"})
	if err := d.Close(); err != nil { // as a process does that is killed
		t.Fatal(err)
	}
	delivery.RemoveStale()
	if entries, err := os.ReadDir(parent); err != nil || len(entries) > 0 {
		t.Errorf("what nobody has any more is %v, %v", entries, err)
	}
}
