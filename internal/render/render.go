// Package render turns a projection's recipe and the payloads it names into a bundle: environment variables, files,
// arguments, dictionaries and Spark's configuration.
//
// It is pure: no clock, no disk, no randomness, and the same recipe always yields the same bytes. It guarantees that what
// a consumer parses back is what was stored, byte for byte, or else refuses. What threatens that are formats whose
// readers disagree (dotenv.go, ini.go) or replace parts of what they read (hadoop.go, spark.go), names that hand a
// program's start-up to whoever may write projections (name.go, spark.go) and paths that leave the bundle's directory
// (check_target.go). No error of this package carries a value or a part of one.
//
// A recipe is checked field by field (check.go), planned as names without values (plan.go, merge.go), and the plan filled
// with values (fill.go), or shown without them (shape.go).
//
// A text value must be UTF-8 and is written as it is. A binary value is written as standard base64 with padding, which
// YAML tags as !!binary, so that parsers undo it. Raw writes the bytes of either unchanged, stores of keys and
// certificates and files of logins take them so.
package render

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/coffer-dev/coffer/internal/plaintext"
)

// Bounds of one projection.
const (
	// MaxItems bounds the items of a recipe.
	MaxItems = 256
	// MaxSecrets bounds the different secrets that the items name.
	MaxSecrets = 40
	// MaxBundle bounds the bytes of all names, paths and contents of a bundle.
	MaxBundle = 3 << 20
	// DefaultMode is the mode of a file whose target gives none: its owner may read it.
	DefaultMode = 0o400
)

// Format is the shape of a file.
type Format int

// The formats. Those up to HadoopXML map key names to values, sorted by name, except Raw; those from PEM to
// HadoopCredentials are made of values under names; the others of logins, one from each item.
const (
	// Raw is the bytes of one key, unchanged.
	Raw Format = iota
	// JSON is one object of strings on one line.
	JSON
	// YAML is one mapping of strings. Keys and values are quoted, so that none becomes a number, boolean or null.
	// Binary values are !!binary.
	YAML
	// Dotenv is NAME=value lines for shells and dotenv libraries. Names are made from keys as for environment variables.
	Dotenv
	// Properties is what java.util.Properties loads, in ASCII, so that Latin-1 and UTF-8 readers agree.
	Properties
	// INI is sections of name = value lines, for Python's configparser without interpolation and its like.
	INI
	// HadoopXML is a configuration file of Hadoop, such as core-site.xml.
	HadoopXML
	// PEM is the certificates and private keys of the values, one after the other.
	PEM
	// PKCS12 is a store of the certificates and private keys of the values.
	PKCS12
	// JKS is such a store of Java's own format.
	JKS
	// HadoopCredentials is a credential provider of Hadoop.
	HadoopCredentials
	// DockerConfig is logins of registries.
	DockerConfig
	// Netrc is logins of hosts.
	Netrc
	// Pgpass is logins of PostgreSQL servers.
	Pgpass
)

var formatNames = [...]string{
	Raw: "RAW", JSON: "JSON", YAML: "YAML", Dotenv: "DOTENV", Properties: "PROPERTIES", INI: "INI", HadoopXML: "HADOOP_XML",
	PEM: "PEM", PKCS12: "PKCS12", JKS: "JKS", HadoopCredentials: "HADOOP_CREDENTIALS",
	DockerConfig: "DOCKER_CONFIG", Netrc: "NETRC", Pgpass: "PGPASS",
}

// stores is whether the format is a key store, which has a password.
func (f Format) stores() bool { return f == PKCS12 || f == JKS || f == HadoopCredentials }

// logins is whether each item makes one login of the file.
func (f Format) logins() bool { return f == DockerConfig || f == Netrc || f == Pgpass }

// String is the format's name on the API.
func (f Format) String() string {
	if f < 0 || int(f) >= len(formatNames) {
		return fmt.Sprintf("Format(%d)", int(f))
	}
	return formatNames[f]
}

// Render makes the bundle of a recipe, all or nothing. It checks it again, so that a recipe stored under older rules is
// refused rather than delivered. Every error is an *InvalidError, or a *TakeoverError, but for that of a context that
// ended.
func Render(ctx context.Context, recipe Recipe) (Bundle, error) {
	templates, err := check(recipe, keysHeld)
	if err != nil {
		return Bundle{}, err
	}
	plan, err := planOf(recipe, keysHeld)
	if err != nil {
		return Bundle{}, err
	}
	if names := unwanted(plan.takeovers, recipe.AllowEnv); len(names) > 0 {
		return Bundle{}, &TakeoverError{Names: names}
	}
	f := filler{ctx: ctx, recipe: recipe, templates: templates, plan: plan}
	if err := f.fill(); err != nil {
		return Bundle{}, err
	}
	return f.bundle, nil
}

// keysHeld are the keys of payloads.
func keysHeld(payload plaintext.Payload, _ []string) ([]string, bool) {
	if payload == nil {
		return nil, true
	}
	keys := slices.AppendSeq(make([]string, 0, len(payload)), maps.Keys(payload))
	slices.Sort(keys)
	return keys, true
}

// unwanted are the names that take over a process and are not wanted, sorted.
func unwanted(takeovers, allowed []string) []string {
	var names []string
	for _, name := range takeovers {
		if !slices.Contains(allowed, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
