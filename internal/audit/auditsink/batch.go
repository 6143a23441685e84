package auditsink

import (
	"encoding/json"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/coffer-dev/coffer/internal/audit"
)

// maxBatchBytes bounds the lines of a batch; a single event is always less.
const maxBatchBytes = 1 << 20

// batch is what is delivered at once.
type batch struct {
	// stream and the numbers name the batch: batches of one name are one batch, given again.
	stream      string
	first, last uint64
	full        bool // more may be waiting
	events      []audit.Event
	lines       [][]byte // the events in JSON
}

// newBatch makes a batch of as many of the events as fit, of which there is at least one.
func newBatch(stream string, events []audit.Event, size int) (batch, error) {
	b := batch{stream: stream, full: len(events) == size}
	bytes := 0
	for i := range events {
		line, err := encode(&events[i])
		if err != nil {
			return batch{}, fmt.Errorf("encoding event %d: %w", events[i].Seq, err)
		}
		if bytes += len(line); bytes > maxBatchBytes && i > 0 {
			events, b.full = events[:i], true
			break
		}
		b.lines = append(b.lines, line)
	}
	b.events, b.first, b.last = events, events[0].Seq, events[len(events)-1].Seq
	return b, nil
}

// id names the batch for receivers that take each only once.
func (b batch) id() string { return fmt.Sprintf("%s_%d-%d", b.stream, b.first, b.last) }

// encode returns the event as one line of JSON in printable ASCII, without a line end. The members are those of the
// log's own records.
func encode(e *audit.Event) ([]byte, error) {
	text, err := json.Marshal(e) // escapes what is below a space
	if err != nil {
		return nil, err
	}
	line := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch text = text[size:]; {
		case r < 0x7f:
			line = append(line, byte(r))
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			line = fmt.Appendf(line, `\u%04x\u%04x`, high, low)
		default:
			line = fmt.Appendf(line, `\u%04x`, r)
		}
	}
	return line, nil
}
