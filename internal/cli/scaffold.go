package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/coffer-dev/coffer/internal/catalog"
)

// scaffold writes a manifest to be filled in. It asks no server.
func (a *app) scaffold(id string, files []string, dryRun bool) error {
	if len(files) > 1 || dryRun {
		return usage("--scaffold writes one manifest and applies nothing: give one -f at most, and no --dry-run")
	}
	types, err := catalog.New()
	if err != nil {
		return err
	}
	t, ok := types.Get(id)
	if !ok {
		text := fmt.Sprintf("--scaffold %q: no such source type", id)
		if near := types.Nearest(id); near != "" {
			text += ": did you mean " + near + "?"
		}
		return usage(text)
	}
	s, err := a.resolve()
	if err != nil {
		return err
	}
	text := t.Scaffold(s.Namespace, "")
	if len(files) == 0 || files[0] == "-" {
		_, err = fmt.Fprint(a.Out, text)
	} else {
		err = writeNew(files[0], text)
	}
	if err != nil {
		return fmt.Errorf("writing the manifest: %w", err)
	}
	return nil
}

// writeNew writes a file that is to hold values, and leaves one that is there as it is.
func writeNew(path, text string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return usage(path + " is there already and may hold values: give another name")
	}
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}
