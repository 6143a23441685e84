package render

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render/renderlogin"
)

// plan is a recipe as names without values: what Check looks for collisions in, what ShapeOf shows and Render fills.
type plan struct {
	env          []slot
	files        []*filePlan // in the order of their first items
	arguments    []slot      // the name is the text before the value
	dictionaries map[string][]slot
	spark        []slot
	takeovers    []string
}

// slot is a name and where its value comes from.
type slot struct {
	name string
	origin
}

// origin is what yields one value: a key of an item, the URL of an item, or a template.
type origin struct {
	field    string // items[3] or templates[0]
	item     *Item  // nil: a template
	key      string // of the item's payload; empty: the URL
	template int
}

// hidden stands for the keys of a payload that is not known.
func (o origin) hidden() bool { return o.key == HiddenName }

// String says what yields the value, with the secret that it belongs to.
func (o origin) String() string {
	switch {
	case o.item == nil:
		return "the template"
	case o.key == "":
		return fmt.Sprintf("the URL of secret %q", o.item.SecretName)
	}
	return fmt.Sprintf("key %q of secret %q", o.key, o.item.SecretName)
}

// place says what yields the value, with the item that it belongs to.
func (o origin) place() string {
	if o.item == nil || o.key == "" {
		return o.field
	}
	return fmt.Sprintf("key %q of %s", o.key, o.field)
}

// keysOf tells the keys of a secret, of which a recipe has a payload or names, sorted, and whether they are known. No keys that are
// known and nil: there is no version.
type keysOf func(plaintext.Payload, []string) (keys []string, known bool)

func unknownKeys(plaintext.Payload, []string) ([]string, bool) { return nil, false }

// gone is whether it is known that there is nothing of an item to deliver, and that this is no failure.
func (k keysOf) gone(item *Item) bool {
	held, known := k(item.Payload, item.KeyNames)
	return item.Optional && known && held == nil
}

type planner struct {
	violations
	keysOf keysOf
	owners owners
	paths  map[string]*filePlan
	stored int // entries of key stores
	plan   plan
}

// planOf names what a recipe delivers. The recipe has passed the checks of its fields.
func planOf(recipe Recipe, keys keysOf) (plan, error) {
	p := planner{keysOf: keys, owners: owners{}, paths: map[string]*filePlan{}, plan: plan{dictionaries: map[string][]slot{}}}
	for i := range recipe.Items {
		item := &recipe.Items[i]
		field := fmt.Sprintf("items[%d]", i)
		if slots, ok := p.selected(field, item); ok && p.unlocked(field+".file.store.password_key", item) {
			p.target(field, item, &item.Target, slots)
		}
	}
	for i := range recipe.Templates {
		t := &recipe.Templates[i]
		field := fmt.Sprintf("templates[%d]", i)
		p.target(field, nil, &t.Target, []slot{{name: t.Entry, origin: origin{field: field, template: i}}})
	}
	if recipe.Spark.DefaultsPath != "" {
		p.newFile("spark.defaults_path", FileTarget{Path: recipe.Spark.DefaultsPath, Format: Properties})
	}
	p.nesting()
	return p.plan, p.err()
}

// selected is what an item delivers of its secret, by key, each under its own name. It reports false if there is nothing.
func (p *planner) selected(field string, item *Item) ([]slot, bool) {
	held, known := p.keysOf(item.Payload, item.KeyNames)
	if known && held == nil && (item.AllKeys || item.URL != renderlogin.NoURL) {
		if !item.Optional {
			p.addf(field, "secret %q has no payload", item.SecretName)
		}
		return nil, false
	}
	var keys []string
	switch {
	case item.URL != renderlogin.NoURL:
		return []slot{{name: item.Entry, origin: origin{field: field, item: item}}}, true
	case item.AllKeys && !known:
		keys = []string{HiddenName}
	case item.AllKeys:
		keys = held
		for _, key := range keys {
			if !payloadKey.MatchString(key) { // Coffer's own are checked when written; formats here rely on it
				p.addf(field, "secret %q has a key that does not match %s", item.SecretName, payloadKey)
				return nil, false
			}
		}
	case item.Key != "":
		keys = p.present(field+".key", item, []string{item.Key}, held, known)
	default:
		keys = p.present(field+".keys", item, slices.Sorted(slices.Values(item.Keys)), held, known)
	}
	slots := make([]slot, len(keys))
	for i, key := range keys {
		slots[i] = slot{name: key, origin: origin{field: field, item: item, key: key}}
		if item.Entry != "" {
			slots[i].name = item.Entry
		}
	}
	return slots, len(slots) > 0 || item.AllKeys
}

// unlocked tells whether the key store that an item goes to has its password, if it is to have one.
func (p *planner) unlocked(field string, item *Item) bool {
	if item.File == nil || item.File.Store == nil || item.File.Store.PasswordKey == "" {
		return true
	}
	store := item.File.Store
	held, known := p.keysOf(store.Password, store.KeyNames)
	if !known || slices.Contains(held, store.PasswordKey) {
		return true
	}
	if !item.Optional {
		p.addf(field, "secret %q has no key %q", store.PasswordSecret, store.PasswordKey)
	}
	return false
}

func (p *planner) present(field string, item *Item, keys, held []string, known bool) []string {
	if !known {
		return keys
	}
	var present []string
	for _, key := range keys {
		_, found := slices.BinarySearch(held, key)
		if found {
			present = append(present, key)
		} else if !item.Optional {
			p.addf(field, "secret %q has no key %q", item.SecretName, key)
		}
	}
	return present
}

func (p *planner) target(field string, item *Item, t *Target, slots []slot) {
	switch {
	case t.File != nil:
		p.file(field, item, *t.File, slots)
	case t.Env != nil:
		p.plan.env = append(p.plan.env, p.named(field, t, t.Env.naming(), slots)...)
	case t.SparkConf != nil:
		p.plan.spark = append(p.plan.spark, p.named(field, t, t.SparkConf.naming(), slots)...)
	case t.Dictionary != "":
		for _, s := range slots {
			if p.claim(field+".dictionary", fmt.Sprintf("entry %s of dictionary %q", s.name, t.Dictionary), s) {
				p.plan.dictionaries[t.Dictionary] = append(p.plan.dictionaries[t.Dictionary], s)
			}
		}
	default:
		for _, s := range slots {
			s.name = *t.Argument
			name := strings.TrimSuffix(s.name, "=")
			if name == "" || p.claim(field+".argument", "argument "+name, s) {
				p.plan.arguments = append(p.plan.arguments, s)
			}
		}
	}
}

// named are the variables or properties that slots set.
func (p *planner) named(field string, t *Target, n naming, slots []slot) []slot {
	var named []slot
	for _, s := range slots {
		switch {
		case n.name != "":
			s.name = n.name
		case s.hidden():
		default:
			s.name = n.of(s.key)
			if why := n.problem(s.name, t.TakesOver); why != "" {
				p.addf(field+n.field, "%s gives a %s name that %s", s.origin, n.what, why)
				continue
			}
		}
		if p.claim(field+n.field, n.what+" "+s.name, s) {
			named = append(named, s)
			if n.takesOver(s.name) {
				p.plan.takeovers = append(p.plan.takeovers, s.name)
			}
		}
	}
	return named
}

// claim gives a name, together with what it is the name of, to a slot, unless another one has it.
func (p *planner) claim(field, name string, s slot) bool {
	if s.hidden() {
		return true
	}
	other, taken := p.owners.claim(name, s.place())
	if taken {
		p.addf(field, "%s gives the %s, which %s sets too", s.origin, name, other)
	}
	return !taken
}

// nesting refuses a file that another one needs as its directory.
func (p *planner) nesting() {
	for _, f := range p.plan.files {
		for dir := path.Dir(f.Path); dir != "."; dir = path.Dir(dir) {
			if other := p.paths[dir]; other != nil {
				p.addf(f.field, "lies below the path of %s, which is a file", other.owner())
			}
		}
	}
}

// sparkNames are the properties that Spark is given, sorted, and whether it is given anything at all: what is redacted
// comes with everything else.
func (p plan) sparkNames(spark Spark) ([]string, bool) {
	if len(p.spark) == 0 && spark == (Spark{}) {
		return nil, false
	}
	names := map[string]bool{redactionProperty: true}
	for _, s := range p.spark {
		names[s.name] = true
	}
	return slices.Sorted(maps.Keys(names)), true
}

// redacted are the properties and variables that Spark has to redact, sorted.
func (p plan) redacted() []string {
	names := map[string]bool{}
	for _, slots := range [][]slot{p.env, p.spark} {
		for _, s := range slots {
			names[s.name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}
