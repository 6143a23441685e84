package auditsink

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/google/uuid"
)

// cursor is how far a sink is, kept in a file of its own:
//
//	audit-sinks/siem.json    {"stream":"b5f0…","delivered":214512}
//
// Who must deliver events again stops the server and lowers the number, or removes the file.
type cursor struct {
	path string

	mu    sync.Mutex
	now   position
	saved position
	held  bool // not to be saved yet
}

// position is what the file says.
type position struct {
	// Stream names the deliveries of this file, so that receivers tell them from those of other servers and from those
	// of an earlier file.
	Stream string `json:"stream"`
	// Delivered is the number of the last event that the sink took over.
	Delivered uint64 `json:"delivered"`
}

// openCursor reads the file of the sink or begins one. A file that cannot be understood, or that is ahead of the log, is
// replaced by one that begins with the oldest event there is, whatever the settings say: better twice than never. The
// notice tells so.
func openCursor(dir string, s Settings, head uint64) (c *cursor, notice string, err error) {
	c = &cursor{path: filepath.Join(dir, s.Name+".json")}
	text, err := os.ReadFile(c.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.now = position{Stream: uuid.NewString()}
		if s.From != fromBeginning {
			c.now.Delivered = head
		}
	case err != nil:
		return nil, "", fmt.Errorf("reading the cursor: %w", err)
	default:
		if notice = c.parse(text, head); notice != "" {
			c.now = position{Stream: uuid.NewString()}
		}
	}
	c.held = notice != "" // what is damaged stays until that is recorded
	return c, notice, c.save()
}

// parse returns why the text is not to be trusted, or nothing.
func (c *cursor) parse(text []byte, head uint64) string {
	if json.Unmarshal(text, &c.now) != nil || uuid.Validate(c.now.Stream) != nil {
		return "its cursor was damaged; every event of the log is delivered again"
	}
	if c.now.Delivered > head {
		return "its cursor was ahead of the log; every event of the log is delivered again"
	}
	c.saved = c.now
	return ""
}

// at returns the name of the stream and the last event delivered.
func (c *cursor) at() (stream string, delivered uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now.Stream, c.now.Delivered
}

func (c *cursor) move(delivered uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now.Delivered = delivered
}

// begin lets a file that replaces a damaged one be saved.
func (c *cursor) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = false
}

// save writes the file if it says anything else. It is whole at every moment.
func (c *cursor) save() (err error) {
	c.mu.Lock()
	now, same := c.now, c.held || c.now == c.saved
	c.mu.Unlock()
	if same {
		return nil
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("saving the cursor: %w", err)
		}
	}()
	text, err := json.Marshal(now)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(c.path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), c.path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(c.path))
	if err != nil {
		return err
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return err
	}
	c.mu.Lock()
	c.saved = now
	c.mu.Unlock()
	return nil
}
