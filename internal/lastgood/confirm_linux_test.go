package lastgood_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/lastgood"
)

// clock is one that a test sets.
type clock struct{ now time.Duration }

func (c *clock) read() (time.Time, time.Duration) {
	return time.Now().Add(c.now), time.Hour + c.now
}

// The age of a bundle counts from when it was last known to be in force; that is written now and then.
func TestCache_confirm(t *testing.T) {
	for _, maxAge := range []time.Duration{24 * time.Hour, 20 * time.Second} {
		clock := &clock{}
		config := lastgood.Config{Dir: filepath.Join(t.TempDir(), "cache"), KeyDir: memoryDir(t), MaxAge: maxAge, Clock: clock.read}
		c := open(t, config)
		put(t, c, etl, "pass-word-1")
		confirm := func() (at time.Time) {
			t.Helper()
			if err := c.Confirm(etl, bundle("pass-word-1")); err != nil {
				t.Fatalf("Confirm: %v", err)
			}
			_, at, err := c.Get(etl)
			if err != nil {
				t.Fatalf("Get, after Confirm: %v", err)
			}
			return at
		}
		first := confirm()
		if at := confirm(); !at.Equal(first) {
			t.Errorf("max age %v: Confirm writes each time", maxAge)
		}
		for range 5 { // as servers give signs of life
			clock.now += maxAge / 2
			confirm()
		}
		if err := c.Forget(etl); err != nil {
			t.Fatal(err)
		}
		confirm() // what was forgotten is in force again
	}
}

// What nobody asks for any more goes when the cache is opened, and not what may be of use to others.
func TestOpen_sweeps(t *testing.T) {
	config := lastgood.Config{Dir: filepath.Join(t.TempDir(), "cache"), KeyDir: memoryDir(t)}
	c := open(t, config)
	put(t, c, "old", "pass-word-1")
	old := entries(t, config.Dir)[0]
	age(t, old, 8*24*time.Hour)
	for _, file := range []string{".newKILLED", "mine"} {
		if err := os.WriteFile(filepath.Join(config.Dir, file), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(t, c, etl, "pass-word-2")
	config.MaxAge = time.Nanosecond // of this process alone
	open(t, config)
	for file, want := range map[string]bool{old: false, filepath.Join(config.Dir, ".newKILLED"): false, filepath.Join(config.Dir, "mine"): true} {
		if _, err := os.Lstat(file); (err == nil) != want {
			t.Errorf("%s is there: %t, want %t", file, err == nil, want)
		}
	}
	wantBundle(t, c, etl, "pass-word-2")

	// Of too many the oldest go.
	for i := range 1000 {
		file := filepath.Join(config.Dir, fmt.Sprint(i, ".bundle"))
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		age(t, file, time.Hour+time.Duration(i)*time.Second)
	}
	open(t, config)
	if got := len(entries(t, config.Dir)); got != 1000 {
		t.Errorf("%d entries are kept, want 1000", got)
	}
	if _, err := os.Lstat(filepath.Join(config.Dir, "999.bundle")); err == nil {
		t.Error("the oldest is there")
	}
	wantBundle(t, c, etl, "pass-word-2")
}

func age(t *testing.T, file string, by time.Duration) {
	t.Helper()
	if err := os.Chtimes(file, time.Now(), time.Now().Add(-by)); err != nil {
		t.Fatal(err)
	}
}
