package cli

import (
	"bytes"
	"fmt"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"
)

// Mask writes pieces through a masker of values, flushing after each where flush is set, and returns what came out.
func Mask(values []string, flush bool, pieces ...string) string {
	needles := newNeedles(values)
	if needles == nil {
		return fmt.Sprint("nothing to mask in ", pieces)
	}
	var out bytes.Buffer
	m := &masker{needles: needles, out: &out}
	for _, piece := range pieces {
		_, _ = m.Write([]byte(piece))
		if flush {
			_ = m.Flush()
		}
	}
	_ = m.Close()
	return out.String()
}

// FileValues returns what is masked because of a file.
func FileValues(content string) []string { return fileValues(content) }

// MinNeedle is the length of the shortest value that is masked.
const MinNeedle = minNeedle

// ParsedManifest is what a document became.
type ParsedManifest struct {
	Where, Name string
	Message     proto.Message
	Fields      []string
}

// ParseManifests reads manifests, in the order in which apply would write them.
func ParseManifests(name, content, namespace string) ([]ParsedManifest, error) {
	manifests, err := parseManifests(source{name: name, content: content}, namespace)
	if err != nil {
		return nil, err
	}
	if manifests, err = order(manifests); err != nil {
		return nil, err
	}
	parsed := make([]ParsedManifest, len(manifests))
	for i, m := range manifests {
		parsed[i] = ParsedManifest{m.where, m.name, m.message, m.fields}
	}
	return parsed, nil
}

// ParseDotenv reads a dotenv file; a key given twice keeps its last value.
func ParseDotenv(content string) (map[string]string, error) {
	pairs, err := parseDotenv(content)
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for _, pair := range pairs {
		values[pair.key] = pair.value
	}
	return values, nil
}

// ChildEnv is the environment that run gives a child.
var ChildEnv = childEnv

// Printable is what a terminal gets to see of a text.
var Printable = printable

// Settings resolves an address and a token as flags, environment and stored login give them.
func Settings(flagAddress, flagTokenFile string, env map[string]string, storedAddress, storedToken string) (address, token, tokenFile string) {
	s := settings{Address: flagAddress, TokenFile: flagTokenFile}.complete(
		func(name string) string { return env[name] }, settings{Address: storedAddress, credential: credential{Token: storedToken}})
	return s.Address, s.Token, s.TokenFile
}

// Harmless is what a spreadsheet gets to see of a text.
var Harmless = harmless

// Help returns what each command says of itself, by its path.
func Help() map[string]string {
	a := &app{}
	helps := map[string]string{}
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		var b bytes.Buffer
		cmd.SetOut(&b)
		cmd.InitDefaultHelpFlag()
		_ = cmd.Help()
		helps[cmd.CommandPath()] = b.String()
		for _, below := range cmd.Commands() {
			walk(below)
		}
	}
	walk(a.root())
	return helps
}

// FollowLine is a line of audit follow on a terminal of a width; 0: elsewhere.
func FollowLine(width int, cells []string) string {
	var w eventWatch
	w.layOut(width)
	return w.line(cells)
}
