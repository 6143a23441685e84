package delivery

import (
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"strings"
	"syscall"
)

// owner is a user and a group by number; -1 is whoever writes the file.
type owner struct{ uid, gid int }

// ownerOf understands `user`, `user:group`, `:group`, by name or number, and the empty text.
func ownerOf(text string) (owner, error) {
	o := owner{-1, -1}
	userName, groupName, _ := strings.Cut(text, ":")
	var err error
	if userName != "" {
		o.uid, err = id(userName, func(name string) (string, error) {
			found, err := user.Lookup(name)
			if err != nil {
				return "", err
			}
			return found.Uid, nil
		})
	}
	if err == nil && groupName != "" {
		o.gid, err = id(groupName, func(name string) (string, error) {
			found, err := user.LookupGroup(name)
			if err != nil {
				return "", err
			}
			return found.Gid, nil
		})
	}
	if err != nil {
		return o, fmt.Errorf("finding its owner %q: %w", text, err)
	}
	return o, nil
}

func id(text string, lookup func(string) (string, error)) (int, error) {
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return int(n), nil
	}
	number, err := lookup(text)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(number, 10, 31)
	return int(n), err
}

// give makes an open file the owner's.
func (o owner) give(f *os.File) error {
	if o.uid < 0 && o.gid < 0 {
		return nil
	}
	if err := f.Chown(o.uid, o.gid); err != nil {
		return fmt.Errorf("giving it to its owner: %w", err)
	}
	return nil
}

// of tells whether a file is the owner's, in a directory that was made as the file was.
func (o owner) of(file, dir fs.FileInfo) bool {
	has, ok := file.Sys().(*syscall.Stat_t)
	made, known := dir.Sys().(*syscall.Stat_t)
	if !ok || !known {
		return false
	}
	want := owner{int(made.Uid), int(made.Gid)}
	if o.uid >= 0 {
		want.uid = o.uid
	}
	if o.gid >= 0 {
		want.gid = o.gid
	}
	return want == owner{int(has.Uid), int(has.Gid)}
}
