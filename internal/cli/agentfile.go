package cli

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
	"sigs.k8s.io/yaml"

	"github.com/coffer-dev/coffer/internal/agent"
)

// agentFile is the file of coffer agent.
type agentFile struct {
	Socket      string            `json:"socket"`
	AllowUIDs   []int             `json:"allowUids"`
	Projections []agentProjection `json:"projections"`
}

// agentProjection is one of its projections.
type agentProjection struct {
	Projection string       `json:"projection"`
	Name       string       `json:"name"`
	Dir        string       `json:"dir"`
	DirMode    string       `json:"dirMode"`
	AllowEnv   []string     `json:"allowEnv"`
	OnChange   *agentChange `json:"onChange"`
}

// agentChange is what to do when it has changed.
type agentChange struct {
	Command []string `json:"command"`
	Signal  string   `json:"signal"`
	PIDFile string   `json:"pidFile"`
	Timeout string   `json:"timeout"`
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
	if err := yaml.UnmarshalStrict([]byte(s.content), &file); err != nil {
		return file, usage(fmt.Sprintf("%s: %v", s.name, err))
	}
	return file, nil
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
