package delivery_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/delivery"
)

// envWriter makes the test binary a process that writes one bundle after the other to the directory that it names.
const envWriter = "COFFER_TEST_WRITER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(envWriter); dir != "" {
		d, err := delivery.Open(dir, 0)
		for i := 0; err == nil; i++ {
			_, err = d.Write(revision(i))
			fmt.Println(i)
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// revision is a bundle all of whose files tell its number. Every other one has a file more.
func revision(i int) []*delivery.File {
	content := strconv.Itoa(i)
	files := []*delivery.File{file("username", content), file("conf/a/password", content), file("conf/b", content)}
	if i%2 == 1 {
		files = append(files, file("odd", content))
	}
	return files
}

// readRevision reads what is in force as a careful reader does, and returns its number.
func readRevision(dir string) (string, error) {
	root, err := os.OpenRoot(filepath.Join(dir, "..data"))
	if err != nil {
		return "", err
	}
	defer root.Close()
	var found string
	for _, name := range []string{"username", "conf/a/password", "conf/b"} {
		content, err := root.ReadFile(name)
		if err != nil {
			return "", err
		}
		if found != "" && string(content) != found {
			return "", fmt.Errorf("%s is of %s, another file of %s", name, content, found)
		}
		found = string(content)
	}
	return found, nil
}

// Readers never miss a file, never find half of one, and never find files of two bundles.
func TestDir_atomic(t *testing.T) {
	d := open(t, filepath.Join(t.TempDir(), "secrets"))
	write(t, d, true, revision(0)...)
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for last := 0; ; {
				now, err := readRevision(d.Path())
				number, convErr := strconv.Atoi(now)
				if err = errors.Join(err, convErr); err != nil || number < last {
					t.Errorf("after revision %d a reader found %q: %v", last, now, err)
					return
				}
				last = number
				if content, err := os.ReadFile(filepath.Join(d.Path(), "conf", "b")); err != nil || len(content) == 0 {
					t.Errorf("a reader found %q by its path: %v", content, err)
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i := range 200 {
		write(t, d, i > 0, revision(i)...)
	}
	close(done)
	readers.Wait()
	if now, err := readRevision(d.Path()); now != "199" || err != nil {
		t.Errorf("in the end there is revision %q, %v, want 199", now, err)
	}
}

// A process that is killed at any moment leaves one bundle in force, and the next goes on from there.
func TestDir_killed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "secrets")
	for round := range 20 {
		writer := exec.CommandContext(t.Context(), os.Args[0])
		writer.Env = append(os.Environ(), envWriter+"="+dir)
		lines, err := writer.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := writer.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := lines.Read(make([]byte, 1)); err != nil { // it has begun
			t.Fatalf("round %d: the writer: %v", round, err)
		}
		time.Sleep(time.Duration(round) * 100 * time.Microsecond)
		if err := writer.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = writer.Wait()
		if _, err := readRevision(dir); err != nil {
			t.Errorf("round %d: after the kill: %v", round, err)
		}
	}
	// As a kill between two steps leaves it.
	if err := os.Symlink("..nowhere", filepath.Join(dir, "..data_tmp")); err != nil && !errors.Is(err, fs.ErrExist) {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "conf")); err != nil {
		t.Fatal(err)
	}
	d := open(t, dir)
	if names := hidden(t, dir); len(names) != 2 {
		t.Errorf("after Open there are %v, want ..data and one bundle", names)
	}
	if _, err := d.Write(revision(0)); err != nil {
		t.Fatal(err)
	}
	wantSeen(t, d, map[string]string{"username": "400 0", "conf/a/password": "400 0", "conf/b": "400 0"})
}
