package cli

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/coffer-dev/coffer/internal/dialect/iometemigrate"
)

// payloadFile is a file that may be rewritten. It is reached from its folder alone, so that no link leads elsewhere.
type payloadFile struct {
	folder string
	name   string // below it
	shown  string
}

// payloadFiles are the files that arguments name, each once.
func payloadFiles(args []string) ([]payloadFile, error) {
	var files []payloadFile
	seen := map[string]bool{}
	add := func(folder, name, shown string) error {
		full, err := filepath.Abs(filepath.Join(folder, name))
		if err == nil && !seen[full] {
			seen[full] = true
			files = append(files, payloadFile{folder, name, shown})
		}
		return err
	}
	for _, arg := range args {
		info, err := os.Lstat(arg)
		switch {
		case err != nil:
			return nil, fmt.Errorf("reading payloads: %w", err)
		case info.IsDir():
			err = filepath.WalkDir(arg, func(path string, entry fs.DirEntry, err error) error {
				name := filepath.Base(path)
				switch {
				case err != nil:
					return fmt.Errorf("reading payloads: %w", err)
				case path != arg && strings.HasPrefix(name, ".") && entry.IsDir():
					return fs.SkipDir
				case !entry.Type().IsRegular() || strings.HasPrefix(name, ".") || filepath.Ext(name) != ".json":
					return nil
				}
				below, err := filepath.Rel(arg, path)
				if err != nil {
					return err
				}
				return add(arg, below, path)
			})
		case !info.Mode().IsRegular():
			err = usage(arg + " is no regular file: links are not followed, name what it leads to")
		default:
			err = add(filepath.Dir(arg), filepath.Base(arg), arg)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(files) == 0 {
		return nil, usage("there is no file named .json in what was given")
	}
	return files, nil
}

// read returns the content of the file.
func (f payloadFile) read() (content []byte, err error) {
	root, err := os.OpenRoot(f.folder)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	content, _, err = readIn(root, f.name)
	return content, err
}

// readIn reads a regular file, and no more of it than a payload can have.
func readIn(root *os.Root, name string) ([]byte, fs.FileMode, error) {
	info, err := root.Lstat(name)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, errors.New("is no regular file any more")
	}
	file, err := root.Open(name)
	if err != nil {
		return nil, 0, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, iometemigrate.MaxPayload+1))
	return content, info.Mode(), err
}

// write replaces the content that was read, all at once. The file keeps its mode. One that was changed meanwhile, or that may
// not be written, stays.
func (f payloadFile) write(was, content []byte) (err error) {
	root, err := os.OpenRoot(f.folder)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	now, mode, err := readIn(root, f.name)
	if err != nil {
		return err
	}
	if !bytes.Equal(now, was) {
		return errors.New("was changed meanwhile, and is not written")
	}
	writable, err := root.OpenFile(f.name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if err := writable.Close(); err != nil {
		return err
	}
	temporary := filepath.Join(filepath.Dir(f.name), ".coffer-"+rand.Text())
	file, err := root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Chmod(mode.Perm()), file.Sync(), file.Close()); err == nil {
		err = root.Rename(temporary, f.name)
	}
	if err != nil {
		return errors.Join(err, root.Remove(temporary))
	}
	return nil
}
