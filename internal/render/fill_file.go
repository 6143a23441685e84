package render

import (
	"github.com/coffer-dev/coffer/internal/plaintext"
)

func (f *filler) files() {
	for _, file := range f.plan.files {
		content, ok := f.content(file)
		if ok {
			f.bundle.Files = append(f.bundle.Files, File{Path: file.Path, Mode: file.Mode, Owner: file.Owner, Content: content})
			f.size += len(file.Path) + len(file.Owner) + content.Len()
		}
		if f.done() {
			return
		}
	}
}

func (f *filler) content(file *filePlan) (plaintext.Value, bool) {
	switch {
	case len(file.parts) == 0: // Spark's
		pairs := make([]pair, len(f.bundle.SparkConf))
		for i, p := range f.bundle.SparkConf {
			pairs[i] = pair{name: p.Name, text: string(p.Value.Reveal())}
		}
		return plaintext.New(encode(Properties, pairs)), true
	case file.Format == Raw:
		return f.value(file.parts[0].slots[0])
	case file.Format.logins():
		return f.loginFile(file)
	case file.Format >= PEM:
		return f.storeFile(file)
	}
	pairs, ok := f.pairs(file)
	if !ok {
		return plaintext.Value{}, false
	}
	return plaintext.New(encode(file.Format, pairs)), true
}

// pairs is what a file maps, in its order. It reports false if the format cannot carry one of the values.
func (f *filler) pairs(file *filePlan) ([]pair, bool) {
	all, before := file.sorted(), len(f.violations)
	pairs := make([]pair, 0, len(all))
	written := 0
	for _, s := range all {
		value, ok := f.text(s.slot, ".file", s.name, noProblem)
		if !ok {
			continue
		}
		text := string(value.Reveal())
		if why := file.Format.valueProblem(text); why != "" && !s.binary() {
			f.addf(s.field+".file.format", "the value of %s %s; choose another format", s.origin, why)
			continue
		}
		if written += len(text); f.size+written > MaxBundle { // what is written is never shorter
			f.size += written
			return nil, false
		}
		pairs = append(pairs, pair{section: s.section, name: s.name, text: text, binary: s.binary()})
	}
	return pairs, len(f.violations) == before && len(pairs) == len(all)
}

// valueProblem says why readers of the format would not get a text as it is.
func (f Format) valueProblem(text string) string {
	switch f {
	case Dotenv:
		if dotenvStyle(text) == dotenvRefused {
			return "cannot be written as DOTENV so that shells and dotenv libraries agree on it"
		}
	case INI:
		if why := iniProblem(text); why != "" {
			return why + ", which readers of INI files do not agree on"
		}
	case HadoopXML:
		return hadoopProblem(text)
	default:
	}
	return ""
}
