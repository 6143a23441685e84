package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
	"golang.org/x/sys/unix"

	"github.com/coffer-dev/coffer/internal/agent"
)

// agentFile is the file of coffer agent.
type agentFile struct {
	Socket      string            `yaml:"socket"`
	AllowUIDs   []int             `yaml:"allowUids"`
	Projections []agentProjection `yaml:"projections"`
}

// agentProjection is one of its projections.
type agentProjection struct {
	Projection string       `yaml:"projection"`
	Name       string       `yaml:"name"`
	Dir        string       `yaml:"dir"`
	DirMode    string       `yaml:"dirMode"`
	AllowEnv   []string     `yaml:"allowEnv"`
	OnChange   *agentChange `yaml:"onChange"`
}

// agentChange is what to do when it has changed.
type agentChange struct {
	Command []string `yaml:"command"`
	Signal  string   `yaml:"signal"`
	PIDFile string   `yaml:"pidFile"`
	Timeout string   `yaml:"timeout"`
}

// readAgentFile refuses what it does not know.
func (a *app) readAgentFile(path string) (agentFile, error) {
	var file agentFile
	var s source
	var err error
	if path == "-" {
		s, err = readSource("standard input", a.In)
	} else {
		s, err = readSourceFile(path)
	}
	if err != nil {
		return file, err
	}
	parser := yaml.NewDecoder(strings.NewReader(s.content))
	parser.KnownFields(true)
	if err := parser.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return file, usage(s.name + ": " + agentFileFault(err))
	}
	if !errors.Is(parser.Decode(new(yaml.Node)), io.EOF) {
		return file, usage(s.name + ": want one document")
	}
	return file, nil
}

// The parser names Go's types, and quotes what it finds.
var (
	yamlUnknownField = regexp.MustCompile("field (.+) not found in type .+")
	yamlOtherType    = regexp.MustCompile("cannot unmarshal !!([a-z]+)(?: `(?s:.*)`)? into (.+)")
)

// agentFileFault tells what is wrong with a file, and where.
func agentFileFault(err error) string {
	of, ok := errors.AsType[*yaml.TypeError](err)
	if !ok {
		return yamlCause(err)
	}
	var faults []string
	for _, text := range of.Errors {
		text = yamlUnknownField.ReplaceAllString(text, `unknown field "$1"`)
		if found := yamlOtherType.FindStringSubmatch(text); found != nil {
			where, _, _ := strings.Cut(text, ": ")
			text = fmt.Sprintf("%s: want %s, not %s", where, yamlKind(found[2]), yamlKind(found[1]))
		}
		faults = append(faults, text)
	}
	return strings.Join(faults, "; ")
}

// yamlKind says what one of the parser's or Go's types is in a file.
func yamlKind(name string) string {
	switch {
	case name == "seq" || strings.HasPrefix(name, "[]"):
		return "a list"
	case name == "map" || strings.Contains(name, "."):
		return "a mapping"
	case name == "int":
		return "a number"
	}
	return "text"
}

// projections completes the names.
func (f agentFile) projections(namespace string) ([]agent.Projection, error) {
	var projections []agent.Projection
	for i, p := range f.Projections {
		full, err := kindOf(kindProjection).fullName(p.Projection, namespace)
		if err != nil {
			return nil, err
		}
		projection := agent.Projection{Name: p.Name, Resource: full, Dir: p.Dir, AllowEnv: p.AllowEnv}
		if p.DirMode != "" {
			mode, err := strconv.ParseUint(p.DirMode, 8, 12)
			if err != nil {
				return nil, usage(fmt.Sprintf("projections[%d].dirMode: %q is no mode, such as 0711", i, p.DirMode))
			}
			projection.DirMode = fs.FileMode(mode)
		}
		if p.OnChange != nil {
			if projection.OnChange, err = p.OnChange.parse(); err != nil {
				return nil, usage(fmt.Sprintf("projections[%d].onChange.%v", i, err))
			}
		}
		projections = append(projections, projection)
	}
	return projections, nil
}

func (c agentChange) parse() (agent.OnChange, error) {
	change := agent.OnChange{Command: c.Command, PIDFile: c.PIDFile}
	if c.Signal != "" {
		name := "SIG" + strings.TrimPrefix(strings.ToUpper(c.Signal), "SIG")
		if change.Signal = unix.SignalNum(name); change.Signal == 0 {
			return change, fmt.Errorf("signal: %q is the name of none", c.Signal)
		}
	}
	if c.Timeout != "" {
		var err error
		if change.Timeout, err = time.ParseDuration(c.Timeout); err != nil || change.Timeout <= 0 {
			return change, fmt.Errorf("timeout: %q is no time, such as 30s", c.Timeout)
		}
	}
	return change, nil
}
