package audit

import (
	"bytes"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strconv"
)

const (
	macSize = 32

	seqPrefix = `{"seq":`
	macPrefix = `,"mac":"`
	macSuffix = "\"}\n"
	macLength = (macSize*8 + 5) / 6 // base64 without padding
	tailSize  = len(macPrefix) + macLength + len(macSuffix)
)

// chain numbers and authenticates records one after the other, or checks them. It is not safe for concurrent use.
type chain struct {
	mac     MAC
	head    Head   // the last record appended or checked
	scratch []byte // previous MAC ‖ body, then the tail
}

// append adds the line of the next record to out. body begins with a comma: it follows the sequence number.
func (c *chain) append(out, body []byte) []byte {
	c.scratch = append(c.scratch[:0], c.head.MAC[:]...)
	c.scratch = append(c.scratch, seqPrefix...)
	c.scratch = strconv.AppendUint(c.scratch, c.head.Seq+1, 10)
	c.scratch = append(c.scratch, body...)
	c.seal()
	return append(out, c.scratch[macSize:]...)
}

// check makes line, including its newline, the next record of the chain, or says what is wrong with it.
func (c *chain) check(line []byte) error {
	if err := misplaced(line, c.head.Seq+1); err != nil {
		return err
	}
	body := line[:len(line)-tailSize]
	c.scratch = append(c.scratch[:0], c.head.MAC[:]...)
	c.scratch = append(c.scratch, body...)
	before := c.head
	c.seal()
	if subtle.ConstantTimeCompare(c.scratch[macSize:], line) != 1 {
		c.head = before
		return fmt.Errorf("record %d: changed: its MAC does not match", before.Seq+1)
	}
	return nil
}

// misplaced tells why line cannot be record next, by its number alone.
func misplaced(line []byte, next uint64) error {
	seq, ok := lineSeq(line)
	switch {
	case !ok:
		return fmt.Errorf("record %d: changed: what follows record %d is not a record", next, next-1)
	case seq > next:
		return fmt.Errorf("record %d: removed or reordered: record %d is in its place", next, seq)
	case seq < next:
		return fmt.Errorf("record %d: reordered or repeated: record %d is in its place", next, seq)
	}
	return nil
}

// seal moves the head to the record in scratch and completes its line.
func (c *chain) seal() {
	c.head.Seq++
	copy(c.head.MAC[:], c.mac.Sum(c.scratch))
	c.scratch = append(c.scratch, macPrefix...)
	c.scratch = base64.RawURLEncoding.AppendEncode(c.scratch, c.head.MAC[:])
	c.scratch = append(c.scratch, macSuffix...)
}

// lineSeq returns the sequence number of a complete line, and whether it has the outline of a record at all.
func lineSeq(line []byte) (uint64, bool) {
	if len(line) < tailSize || line[len(line)-1] != '\n' {
		return 0, false
	}
	digits, ok := bytes.CutPrefix(line[:len(line)-tailSize], []byte(seqPrefix))
	if !ok {
		return 0, false
	}
	if i := bytes.IndexByte(digits, ','); i >= 0 {
		digits = digits[:i]
	}
	seq, err := strconv.ParseUint(string(digits), 10, 64)
	return seq, err == nil
}

// lineHas reports whether line is the record that head names.
func lineHas(line []byte, head Head) bool {
	seq, ok := lineSeq(line)
	if !ok || seq != head.Seq {
		return false
	}
	want := base64.RawURLEncoding.AppendEncode([]byte(macPrefix), head.MAC[:])
	want = append(want, macSuffix...)
	return subtle.ConstantTimeCompare(line[len(line)-tailSize:], want) == 1
}
