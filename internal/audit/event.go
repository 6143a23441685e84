package audit

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"
)

// Kind says what an event tells of.
type Kind string

// The kinds of events.
const (
	KindDecision     Kind = "DECISION"      // the gate allowed or denied something
	KindOutcome      Kind = "OUTCOME"       // how a call ended
	KindAuthnFailure Kind = "AUTHN_FAILURE" // somebody was not let in
	KindMalformed    Kind = "MALFORMED"     // a request could not be understood
	KindSystem       Kind = "SYSTEM"        // the log or the server itself
)

// Decision is what the gate decided.
type Decision string

// The decisions.
const (
	Allow Decision = "ALLOW"
	Deny  Decision = "DENY"
)

// Event is one thing that happened. No field may hold a secret value. Strings are made valid UTF-8 and cut to 512
// bytes of their written form, ending in an ellipsis, and of the reasons at most 16 are kept. What callers choose freely
// is cut to 128: the client, and a resource that is spelt as no name is.
type Event struct {
	// Seq numbers the records from 1 without gaps. The log sets it.
	Seq uint64 `json:"seq"`
	// Time is when it happened, in UTC to the microsecond. The log sets it when it is zero.
	Time time.Time `json:"time"`
	Kind Kind      `json:"kind"`
	// RequestID is shared by the events of one call.
	RequestID string `json:"requestId,omitempty"`
	// Principal is who asked, as the caller's authentication named it.
	Principal string `json:"principal,omitempty"`
	// AuthnMethod is how the principal was authenticated: "token", "oidc", "mtls".
	AuthnMethod string `json:"authnMethod,omitempty"`
	// TokenName is the resource name of the token used.
	TokenName string `json:"tokenName,omitempty"`
	// Source is the caller's network address.
	Source string `json:"source,omitempty"`
	// Client is what the caller's program calls itself.
	Client string `json:"client,omitempty"`
	// Method is the full name of the RPC.
	Method string `json:"method,omitempty"`
	// Action and Resource are what the decision was about; Resource is a full resource name.
	Action      string `json:"action,omitempty"`
	Resource    string `json:"resource,omitempty"`
	ResourceUID string `json:"resourceUid,omitempty"`
	// Decision is set for KindDecision.
	Decision Decision `json:"decision,omitempty"`
	// Reasons name the grants and policies that made the decision.
	Reasons []string `json:"reasons,omitempty"`
	// Code is the canonical gRPC code of an outcome, e.g. "NOT_FOUND".
	Code string `json:"code,omitempty"`
	// Detail is a short remark: what exactly was to be done, or why not. Never a value.
	Detail string `json:"detail,omitempty"`
	// Duration is how long the call of an outcome took.
	Duration time.Duration `json:"durationNanos,omitempty"`
	// Count is how many like events this one stands for; 0 means 1.
	Count uint64 `json:"count,omitempty"`
}

const (
	maxField = 512
	// maxChosen bounds what whoever may do nothing can still put into the log at every call.
	maxChosen  = 128
	maxReasons = 16
	ellipsis   = "…"
	// maxLine bounds a written record: 14 strings and the reasons, their names and the tail.
	maxLine = 32 << 10
)

// appendEvent appends the fields of e but its number, each with a comma in front, in a fixed order.
func appendEvent(b []byte, e *Event, now time.Time) []byte {
	at := e.Time
	if at.IsZero() {
		at = now
	}
	b = append(b, `,"time":"`...)
	b = at.UTC().Truncate(time.Microsecond).AppendFormat(b, time.RFC3339Nano)
	b = append(b, '"')
	b = appendField(b, `,"kind":`, string(e.Kind))
	b = appendField(b, `,"requestId":`, e.RequestID)
	b = appendField(b, `,"principal":`, e.Principal)
	b = appendField(b, `,"authnMethod":`, e.AuthnMethod)
	b = appendField(b, `,"tokenName":`, e.TokenName)
	b = appendField(b, `,"source":`, e.Source)
	b = appendBounded(b, `,"client":`, e.Client, maxChosen)
	b = appendField(b, `,"method":`, e.Method)
	b = appendField(b, `,"action":`, e.Action)
	named := maxField
	if !plain(e.Resource) {
		named = maxChosen
	}
	b = appendBounded(b, `,"resource":`, e.Resource, named)
	b = appendField(b, `,"resourceUid":`, e.ResourceUID)
	b = appendField(b, `,"decision":`, string(e.Decision))
	b = appendReasons(b, e.Reasons)
	b = appendField(b, `,"code":`, e.Code)
	b = appendField(b, `,"detail":`, e.Detail)
	if e.Duration != 0 {
		b = append(b, `,"durationNanos":`...)
		b = strconv.AppendInt(b, int64(e.Duration), 10)
	}
	if e.Count != 0 {
		b = append(b, `,"count":`...)
		b = strconv.AppendUint(b, e.Count, 10)
	}
	return b
}

func appendReasons(b []byte, reasons []string) []byte {
	if len(reasons) == 0 {
		return b
	}
	b = append(b, `,"reasons":[`...)
	for i, r := range reasons {
		if i > 0 {
			b = append(b, ',')
		}
		if i == maxReasons-1 && len(reasons) > maxReasons {
			b = appendString(b, fmt.Sprintf("and %d more", len(reasons)-i), maxField)
			break
		}
		b = appendString(b, r, maxField)
	}
	return append(b, ']')
}

// appendField leaves out what is empty.
func appendField(b []byte, name, s string) []byte { return appendBounded(b, name, s, maxField) }

func appendBounded(b []byte, name, s string, limit int) []byte {
	if s == "" {
		return b
	}
	return appendString(append(b, name...), s, limit)
}

// appendString appends s as a JSON string of at most limit bytes between its quotes. Whatever does not print, in a
// terminal or in a log viewer, is escaped.
func appendString(b []byte, s string, limit int) []byte {
	b = append(b, '"')
	if len(s) <= limit && plain(s) {
		b = append(b, s...)
		return append(b, '"')
	}
	limit += len(b) - len(ellipsis)
	for _, r := range s { // an invalid byte is ranged over as U+FFFD
		end := len(b)
		b = appendRune(b, r)
		if len(b) > limit {
			b = append(b[:end], ellipsis...)
			break
		}
	}
	return append(b, '"')
}

// plain reports whether s can be written as it is.
func plain(s string) bool {
	if len(s) > maxField {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func appendRune(b []byte, r rune) []byte {
	switch {
	case r == '"' || r == '\\':
		return append(b, '\\', byte(r))
	case unicode.IsPrint(r):
		return utf8.AppendRune(b, r)
	case r > 0xffff: // a surrogate pair
		r -= 0x10000
		return appendEscape(appendEscape(b, 0xd800+r>>10), 0xdc00+r&0x3ff)
	}
	return appendEscape(b, r)
}

func appendEscape(b []byte, r rune) []byte {
	const digits = "0123456789abcdef"
	return append(b, '\\', 'u', digits[r>>12&15], digits[r>>8&15], digits[r>>4&15], digits[r&15])
}

func parseEvent(line []byte) (Event, error) {
	var e Event
	err := json.Unmarshal(line, &e)
	return e, err
}
