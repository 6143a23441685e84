package resolve

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/coffer-dev/coffer/internal/dialect/dataosproperties"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render"
)

// mounted is what DataOS says of a secret that it mounts.
type mounted struct {
	name       string
	properties bool              // its pairs are one text
	unsaid     bool              // DataOS says nothing of it
	files      map[string]string // base names of the entries that were files
}

// kept reads what annotations keep of a secret. What is ill-formed there says nothing.
func kept(name string, annotations map[string]string) mounted {
	kind := annotations[naming.DataOSType]
	m := mounted{name: name, properties: kind == naming.KeyValueProperties, unsaid: kind == ""}
	if files := annotations[naming.DataOSFiles]; files == "" || json.Unmarshal([]byte(files), &m.files) != nil {
		m.files = nil
	}
	return m
}

// file is what the file of an entry is called.
func (m mounted) file(key string) string {
	if base := m.files[key]; base != "" {
		return m.name + "_" + base[strings.LastIndexAny(base, `/\`)+1:]
	}
	return m.name + "_" + key
}

// asFile tells whether an entry is a file beside the properties.
func (m mounted) asFile(key string) bool { return m.files[key] != "" }

// pick is which keys, of those that the secret holds, are delivered, sorted. Of a secret whose pairs are one text, that text
// has the name of the secret, with or without its workspace, and a file the name it is mounted by.
func (l *dataOS) pick(m mounted, held []string) (keys []string, problem string) {
	m.properties = m.properties || m.unsaid && l.consumption == asProperties
	whole := l.all || l.consumption == asSource || len(l.keys) == 0 && (m.properties || l.consumption != asVariables)
	if len(held) == 0 {
		return nil, ErrUnresolved.Error()
	}
	if whole {
		return held, ""
	}
	if len(l.keys) == 0 {
		if len(held) > 1 {
			return nil, severalKeys
		}
		return held, ""
	}
	for _, key := range l.keys {
		switch {
		case slices.Contains(held, key):
			keys = append(keys, key)
		case m.properties && (key == m.name || strings.HasSuffix(key, "_"+m.name)):
			return held, ""
		default:
			i := slices.IndexFunc(held, func(k string) bool { return m.asFile(k) && m.file(k) == key })
			if i < 0 {
				return nil, ErrUnresolved.Error()
			}
			keys = append(keys, held[i])
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys), ""
}

// inProperties tells whether the keys are delivered as one text of properties.
func (l *dataOS) inProperties(m mounted) bool {
	return l.consumption == asProperties || l.consumption == asFiles && m.properties
}

// mount delivers what a secret of DataOS does: variables; files; or a file of properties, and the files that it names.
// What another reference delivers already, by the same name and with the same value, is left out.
func (c *recipe) mount(use int, list *dataOS, found Found) (problem string) {
	m := kept(found.Name.Secret, found.Annotations)
	keys := slices.Sorted(maps.Keys(found.Payload))
	switch {
	case list.consumption == asSource:
	case list.consumption == asLogin:
		c.file(use, m.name, m.name+"/config.json", found.Payload[keys[0]])
	case list.consumption == asVariables:
		item := render.Item{SecretName: m.name, Payload: found.Payload, Target: render.Target{Env: &render.EnvTarget{Case: render.AsIs}}}
		for _, key := range keys {
			if c.first("$"+render.AsIs.Name("", key), found.Payload[key].Value) {
				item.Keys = append(item.Keys, key)
			}
		}
		if len(item.Keys) > 0 {
			c.add(use, item)
		}
	case list.inProperties(m):
		text, err := m.text(keys, found.Payload)
		if err != nil {
			return err.Error()
		}
		c.file(use, m.name, m.name, plaintext.Entry{Value: plaintext.New(text)})
		for _, key := range keys {
			if m.asFile(key) {
				c.file(use, m.name, m.file(key), found.Payload[key])
			}
		}
	default:
		for _, key := range keys {
			c.file(use, m.name, m.file(key), found.Payload[key])
		}
	}
	return ""
}

// text is the properties of a secret, in which a file is the name of its own.
func (m mounted) text(keys []string, payload plaintext.Payload) (text []byte, err error) {
	for _, key := range keys {
		value := payload[key].Value.Reveal()
		if m.asFile(key) {
			value = []byte(m.file(key))
		}
		if text, err = dataosproperties.Append(text, key, value); err != nil {
			return nil, err
		}
	}
	return text, nil
}

// file delivers a file.
func (c *recipe) file(use int, secret, path string, entry plaintext.Entry) {
	const key = "value"
	if !c.first(path, entry.Value) {
		return
	}
	c.add(use, render.Item{
		SecretName: secret, Key: key, Payload: plaintext.Payload{key: entry},
		Target: render.Target{File: &render.FileTarget{Path: path, Format: render.Raw}},
	})
}

// first tells whether nothing yet delivers the value under a name. Another value under it is left to the renderer to refuse.
func (c *recipe) first(name string, value plaintext.Value) bool {
	if c.delivered == nil {
		c.delivered = map[string]plaintext.Value{}
	}
	if before, ok := c.delivered[name]; ok && plaintext.Equal(before, value) {
		return false
	}
	c.delivered[name] = value
	return true
}

// shape adds what a reference of DataOS delivers of a secret with these keys.
func (l *dataOS) shape(shape *render.Shape, name string, held []string, annotations map[string]string) {
	m := kept(name, annotations)
	keys := l.keys
	if held != nil {
		keys, _ = l.pick(m, held)
	} else if l.all || len(keys) == 0 {
		keys = []string{render.HiddenName}
	}
	add := func(path string, format render.Format, entries []string) {
		file := render.FileShape{Path: path, Format: format, Mode: render.DefaultMode, Entries: entries}
		if !slices.ContainsFunc(shape.Files, func(f render.FileShape) bool { return f.Path == path }) {
			shape.Files = append(shape.Files, file)
		}
	}
	switch {
	case l.consumption == asSource:
		return
	case l.consumption == asLogin:
		add(name+"/config.json", render.Raw, nil)
		return
	case l.inProperties(m):
		add(name, render.Properties, slices.Compact(slices.Sorted(slices.Values(keys))))
	}
	for _, key := range keys {
		switch {
		case l.consumption == asVariables && key == render.HiddenName:
			shape.Env = append(shape.Env, key)
		case l.consumption == asVariables:
			shape.Env = append(shape.Env, render.AsIs.Name("", key))
		case !l.inProperties(m) || m.asFile(key):
			add(m.file(key), render.Raw, nil)
		}
	}
}
