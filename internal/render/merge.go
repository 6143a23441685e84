package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// maxStored bounds the entries of all key stores together: each costs as much time as its password protects it by.
const maxStored = 256

// filePlan is a file as names without values: that of one item or template, or what several items put together.
type filePlan struct {
	FileTarget
	field string // of the path of the first
	parts []part
}

// part is what one item brings to a file.
type part struct {
	field   string // the item
	item    *Item  // nil: a template
	section string
	slots   []slot
}

// owner is the item, template or setting that the file belongs to.
func (f *filePlan) owner() string {
	owner, _, _ := strings.Cut(f.field, ".file.")
	return owner
}

// merges is whether items of one path make one file of this format.
func (f Format) merges() bool { return f != Raw }

func (p *planner) newFile(field string, t FileTarget) *filePlan {
	if t.Mode == 0 {
		t.Mode = DefaultMode
	}
	if other := p.paths[t.Path]; other != nil {
		p.addf(field, "%s has the same path", other.owner())
		return nil
	}
	f := &filePlan{FileTarget: t, field: field}
	p.paths[t.Path] = f
	p.plan.files = append(p.plan.files, f)
	return f
}

func (p *planner) file(field string, item *Item, t FileTarget, slots []slot) {
	f := p.paths[t.Path]
	if f == nil || item == nil || !f.mergesWith(t) {
		if f = p.newFile(field+".file.path", t); f == nil {
			return
		}
	} else if !p.agree(field+".file", f, t) {
		return
	}
	section := cmp.Or(t.Section, defaultSection)
	f.parts = append(f.parts, part{field: field, item: item, section: section, slots: p.entries(field, t, section, slots)})
}

// mergesWith is whether an item may add to the file at all.
func (f *filePlan) mergesWith(t FileTarget) bool {
	return len(f.parts) > 0 && f.parts[0].item != nil && f.Format.merges() && t.Format.merges()
}

// agree is whether an item says of its file what the first one said.
func (p *planner) agree(field string, f *filePlan, t FileTarget) bool {
	store := func(t FileTarget) StoreTarget {
		if t.Store == nil {
			return StoreTarget{}
		}
		return StoreTarget{PasswordSecret: t.Store.PasswordSecret, PasswordKey: t.Store.PasswordKey, Alias: t.Store.Alias}
	}
	a, b := store(f.FileTarget), store(t)
	for _, same := range []struct {
		name string
		ok   bool
	}{
		{"format", f.Format == t.Format},
		{"mode", f.Mode == cmp.Or(t.Mode, DefaultMode)},
		{"owner", f.Owner == t.Owner},
		{"store", a.PasswordSecret == b.PasswordSecret && a.PasswordKey == b.PasswordKey && a.Alias == b.Alias},
	} {
		if !same.ok {
			p.addf(field+"."+same.name, "differs from that of %s, which writes the same file", f.owner())
			return false
		}
	}
	return true
}

// entries names what an item brings to a file of pairs or a store.
func (p *planner) entries(field string, t FileTarget, section string, slots []slot) []slot {
	if t.Format == Raw || t.Format.logins() {
		return slots
	}
	named := make([]slot, 0, len(slots))
	for _, s := range slots {
		unique := s.name
		switch {
		case s.hidden():
		case t.Format == Dotenv:
			if s.item.Entry == "" {
				s.name = EnvName("", s.key)
			}
			if why := dotenvNameProblem(s.name); why != "" {
				p.addf(field+".file.format", "%s gives a variable name that %s", s.origin, why)
				continue
			}
			unique = s.name
		case t.Format == INI:
			if why := iniNameProblem(s.name); why != "" {
				p.addf(field+".file.format", "%s gives a name that %s", s.origin, why)
				continue
			}
			unique = "[" + section + "] " + strings.ToLower(s.name) // configparser ignores case
		case t.Format.stores():
			if p.stored++; p.stored > maxStored {
				p.addf(field+".file", "more than %d entries of key stores together", maxStored)
				return named
			}
			unique = strings.ToLower(s.name) // as key stores do
		}
		if p.claim(field+".file", fmt.Sprintf("entry %s of file %q", unique, t.Path), s) {
			named = append(named, s)
		}
	}
	return named
}

// sorted is all names of the file by name; but those of INI files by section first, and those of PEM files by item, in the
// order of the items: readers of chains want the leaf first.
func (f *filePlan) sorted() []sectioned {
	order := map[string]int{}
	var all []sectioned
	for _, part := range f.parts {
		section := ""
		switch f.Format {
		case INI:
			section = part.section
		case PEM:
			section = part.field
		default:
		}
		if _, seen := order[section]; !seen {
			order[section] = len(order)
		}
		for _, s := range part.slots {
			all = append(all, sectioned{section: section, slot: s})
		}
	}
	slices.SortStableFunc(all, func(a, b sectioned) int {
		return cmp.Or(cmp.Compare(order[a.section], order[b.section]), cmp.Compare(a.name, b.name))
	})
	return all
}

// sectioned is a name in a section.
type sectioned struct {
	section string
	slot
}
