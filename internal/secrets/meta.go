package secrets

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/storage"
)

// Limits of metadata.
const (
	maxDescription = 1024
	maxLabels      = 64
	maxLabelValue  = 256
	maxAnnotations = 16 << 10
)

// Meta is what every resource has.
type Meta struct {
	UID         string
	Description string
	Labels      map[string]string
	Annotations map[string]string
	CreateTime  time.Time
	UpdateTime  time.Time
	CreatedBy   string
	UpdatedBy   string
	Etag        string
	Revision    storage.Revision
}

// metaOf is the metadata of a record that a revision wrote. Revision 0 wrote nothing: what was only validated has no UID
// and no etag.
func metaOf(uid string, m *storev1.Meta, rev storage.Revision) Meta {
	if rev == 0 {
		uid = ""
	}
	return Meta{
		UID: uid, Description: m.GetDescription(), Labels: m.GetLabels(), Annotations: m.GetAnnotations(),
		CreateTime: unstamp(m.GetCreateTime()), UpdateTime: unstamp(m.GetUpdateTime()),
		CreatedBy: m.GetCreatedBy(), UpdatedBy: m.GetUpdatedBy(), Etag: etagOf(rev), Revision: rev,
	}
}

// newMeta is the stored metadata of a resource that is being created.
func newMeta(m Meta, by string, now time.Time) *storev1.Meta {
	return &storev1.Meta{
		CreateTime: stamp(now), UpdateTime: stamp(now), CreatedBy: by, UpdatedBy: by,
		Description: m.Description, Labels: m.Labels, Annotations: m.Annotations,
	}
}

func touch(m *storev1.Meta, by string, now time.Time) {
	m.UpdateTime, m.UpdatedBy = stamp(now), by
}

// check reports what is wrong with metadata that was sent, each field below prefix.
func (m Meta) check(p *problems, prefix string) {
	checkText(p, prefix+"description", m.Description, maxDescription)
	if len(m.Labels) > maxLabels {
		p.addf(prefix+"labels", "more than %d labels", maxLabels)
	}
	for _, k := range slices.Sorted(maps.Keys(m.Labels)) {
		if !labelKey.MatchString(k) {
			p.addf(prefix+"labels", "label %q: keys match %s", clip(k), labelKey)
		}
		checkText(p, prefix+"labels", m.Labels[k], maxLabelValue)
	}
	size := 0
	for k, v := range m.Annotations {
		size += len(k) + len(v)
		if k == "" || !utf8.ValidString(k) || !utf8.ValidString(v) {
			p.addf(prefix+"annotations", "keys must not be empty, keys and values must be UTF-8")
		}
	}
	if len(m.Annotations) > maxLabels || size > maxAnnotations {
		p.addf(prefix+"annotations", "more than %d annotations or %d bytes", maxLabels, maxAnnotations)
	}
}

func checkText(p *problems, field, text string, limit int) {
	if len(text) > limit {
		p.addf(field, "longer than %d bytes", limit)
	}
	if !utf8.ValidString(text) {
		p.addf(field, "not UTF-8")
	}
}

// clip shortens what is quoted in an error or recorded to 64 bytes, as it is written there: what does not print takes six.
func clip(s string) string {
	written := 0
	for i, r := range s {
		if !unicode.IsPrint(r) {
			written += len(`\u0000`)
		} else {
			written += utf8.RuneLen(r)
		}
		if written > 64 {
			return strings.ToValidUTF8(s[:i], "") + "…"
		}
	}
	return s
}

// field is one field that an update mask can name, of a resource sent as a T and stored as an R.
type field[T, R any] struct {
	name    string
	present func(*T) bool
	set     func(stored *R, sent *T)
}

// metaFields are the mask fields of Meta.
func metaFields[T, R any](meta func(*T) *Meta, stored func(*R) *storev1.Meta) []field[T, R] {
	return []field[T, R]{
		{"description", func(t *T) bool { return meta(t).Description != "" }, func(r *R, t *T) { stored(r).Description = meta(t).Description }},
		{"labels", func(t *T) bool { return len(meta(t).Labels) > 0 }, func(r *R, t *T) { stored(r).Labels = meta(t).Labels }},
		{"annotations", func(t *T) bool { return len(meta(t).Annotations) > 0 }, func(r *R, t *T) { stored(r).Annotations = meta(t).Annotations }},
	}
}

// masked returns what sets the fields of the mask, or, where it is empty, the non-default fields that were sent. Paths
// may be in proto or JSON spelling; labels.KEY and annotations.KEY name one entry; * names all fields.
func masked[T, R any](mask []string, sent *T, fields []field[T, R], meta func(*T) *Meta, stored func(*R) *storev1.Meta) (func(*R), error) {
	var sets []func(*R)
	var p problems
	for _, f := range fields {
		if (len(mask) == 0 && f.present(sent)) || slices.Contains(mask, "*") {
			sets = append(sets, func(r *R) { f.set(r, sent) })
		}
	}
	for _, path := range mask {
		name, entry, _ := strings.Cut(path, ".") // keys of entries are taken as they are
		i := slices.IndexFunc(fields, func(f field[T, R]) bool { return f.name == snake(path) })
		switch {
		case path == "*", path == "etag":
		case i >= 0:
			sets = append(sets, func(r *R) { fields[i].set(r, sent) })
		case name == "labels" && entry != "":
			sets = append(sets, func(r *R) { setEntry(&stored(r).Labels, entry, meta(sent).Labels) })
		case name == "annotations" && entry != "":
			sets = append(sets, func(r *R) { setEntry(&stored(r).Annotations, entry, meta(sent).Annotations) })
		default:
			p.addf("update_mask", "no field %q that can be updated", clip(path))
		}
	}
	return func(r *R) {
		for _, set := range sets {
			set(r)
		}
	}, p.err()
}

func setEntry(m *map[string]string, k string, from map[string]string) {
	v, ok := from[k]
	if !ok {
		delete(*m, k)
		return
	}
	if *m == nil {
		*m = map[string]string{}
	}
	(*m)[k] = v
}

// snake turns a JSON field name into a proto one; a proto one stays as it is.
func snake(path string) string {
	var b strings.Builder
	for _, r := range path {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
