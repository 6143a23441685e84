package rpc

import (
	"maps"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// described is a message with the metadata that a client may send.
type described interface {
	GetDescription() string
	GetLabels() map[string]string
	GetAnnotations() map[string]string
	GetEtag() string
}

func metaFrom(m described) secrets.Meta {
	return secrets.Meta{Description: m.GetDescription(), Labels: m.GetLabels(), Annotations: m.GetAnnotations(), Etag: m.GetEtag()}
}

func stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

// unstamp returns a time that was sent. One that is out of range is reported by check.
func unstamp(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime()
}

func unspan(d *durationpb.Duration) time.Duration {
	if d == nil {
		return 0
	}
	return d.AsDuration()
}

// checkTimes reports a timestamp that no clock shows: the first such field by name.
func checkTimes(fields map[string]*timestamppb.Timestamp) error {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if t := fields[name]; t != nil && t.CheckValid() != nil {
			return secrets.Invalid(name, "is not a valid time")
		}
	}
	return nil
}

// payloadFrom takes the values out of a message: nil where there is none. A key that stands in both maps is refused.
func payloadFrom(field string, p *cofferv1.Payload) (payload plaintext.Payload, err error) {
	if p == nil {
		return payload, nil
	}
	payload = make(plaintext.Payload, len(p.GetData())+len(p.GetBinaryData()))
	for k, v := range p.GetData() {
		payload[k] = plaintext.Entry{Value: plaintext.New([]byte(v))}
	}
	for k, v := range p.GetBinaryData() {
		if _, both := payload[k]; both {
			return nil, secrets.Invalid(field, "a key stands in both data and binary_data")
		}
		payload[k] = plaintext.Entry{Value: plaintext.New(v), Binary: true}
	}
	return payload, nil
}

// payloadTo fills the answer of a value door.
func payloadTo(payload plaintext.Payload) *cofferv1.Payload {
	p := &cofferv1.Payload{}
	for k, e := range payload {
		if e.Binary {
			if p.BinaryData == nil {
				p.BinaryData = make(map[string][]byte, len(payload))
			}
			p.BinaryData[k] = e.Value.Reveal()
			continue
		}
		if p.Data == nil {
			p.Data = make(map[string]string, len(payload))
		}
		p.Data[k] = string(e.Value.Reveal())
	}
	return p
}

func keysTo(keys []secrets.Key) []*cofferv1.Secret_Key {
	to := make([]*cofferv1.Secret_Key, len(keys))
	for i, k := range keys {
		to[i] = &cofferv1.Secret_Key{Name: k.Name}
		if k.Size >= 0 {
			size := int32(k.Size)
			to[i].Size = &size
		}
	}
	return to
}

// listed is a request for a page.
type listed interface {
	GetPageSize() int32
	GetPageToken() string
}

// pageOf takes what a list request says of the page.
func pageOf(req listed) secrets.Page {
	page := secrets.Page{Size: int(req.GetPageSize()), Token: req.GetPageToken()}
	if f, ok := req.(interface{ GetFilter() string }); ok {
		page.Filter = f.GetFilter()
	}
	if o, ok := req.(interface{ GetOrderBy() string }); ok {
		page.OrderBy = o.GetOrderBy()
	}
	if d, ok := req.(interface{ GetShowDeleted() bool }); ok {
		page.ShowDeleted = d.GetShowDeleted()
	}
	if u, ok := req.(interface {
		GetUnusedSince() *timestamppb.Timestamp
	}); ok {
		page.UnusedSince = unstamp(u.GetUnusedSince())
		page.Fault = checkTimes(map[string]*timestamppb.Timestamp{"unused_since": u.GetUnusedSince()})
	}
	return page
}

func each[From, To any](items []From, convert func(From) To) []To {
	to := make([]To, len(items))
	for i, item := range items {
		to[i] = convert(item)
	}
	return to
}
