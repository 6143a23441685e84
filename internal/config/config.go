// Package config reads cofferd's configuration: a YAML file, which the environment beats, which flags beat.
//
// It is one struct made of the packages' own; its tags name the keys of the file and the flags, and everything else, the
// environment variables, the help and the reference, is derived from them. A key that is not known is refused, so that a
// misspelt one is not silently without effect. Secrets are never values here, only paths of files.
package config

import (
	"encoding"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
	"sigs.k8s.io/yaml"

	"github.com/coffer-dev/coffer/internal/server"
)

// Config is all that cofferd can be told.
type Config struct {
	Server server.Config `json:"server"`
	Log    Log           `json:"log"`
}

// Log says what is logged.
type Log struct {
	// Level is debug, info, warn or error.
	Level string `json:"level" flag:"log-level" usage:"what is logged: debug, info, warn or error"`
}

// Logger returns the logger of the level, which writes JSON lines.
func (l Log) Logger(w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(l.Level)); err != nil {
		return nil, fmt.Errorf("log level %q is none of debug, info, warn and error", l.Level)
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})), nil
}

// Default is the configuration of a server that is told nothing.
func Default() Config {
	return Config{Server: server.DefaultConfig(), Log: Log{Level: "info"}}
}

const (
	prefix       = "COFFER_" // of every variable
	fileVariable = prefix + "CONFIG"
)

// setting is one key, however it is given.
type setting struct {
	key   string // in the file: server.tls.cert
	env   string // COFFER_SERVER_TLS_CERT
	flag  string // tls-cert
	usage string
	value reflect.Value // a field of the Config
}

// settings lists the keys of a configuration, in the order of its fields. Lists and mappings are in the file alone.
func (c *Config) settings() []setting {
	return slices.DeleteFunc(c.keys(), func(s setting) bool { return s.isList() || s.isMap() })
}

func (c *Config) keys() []setting { return settingsOf(reflect.ValueOf(c).Elem(), "") }

func (s setting) isList() bool { return s.value.Kind() == reflect.Slice }

func (s setting) isMap() bool { return s.value.Kind() == reflect.Map }

func settingsOf(v reflect.Value, above string) []setting {
	var all []setting
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name := field.Tag.Get("json")
		if name == "-" {
			continue
		}
		key := above + name
		if field.Type.Kind() == reflect.Struct {
			all = append(all, settingsOf(v.Field(i), key+".")...)
			continue
		}
		all = append(all, setting{
			key: key, env: prefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_")), flag: field.Tag.Get("flag"),
			usage: field.Tag.Get("usage"), value: v.Field(i),
		})
	}
	return all
}

// set parses a text given by the environment or a flag.
func (s setting) set(text string) error {
	if u, ok := reflect.TypeAssert[encoding.TextUnmarshaler](s.value.Addr()); ok {
		if err := u.UnmarshalText([]byte(text)); err != nil {
			return fmt.Errorf("%q is not a time like 90s or 24h", text)
		}
		return nil
	}
	switch s.value.Kind() {
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", text)
		}
		s.value.SetBool(b)
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", text)
		}
		s.value.SetInt(n)
	default:
		s.value.SetString(text)
	}
	return nil
}

// text is the value as it would be given.
func (s setting) text() string {
	if m, ok := reflect.TypeAssert[encoding.TextMarshaler](s.value); ok {
		text, _ := m.MarshalText() // of a duration, which cannot fail
		return string(text)
	}
	return fmt.Sprint(s.value.Interface())
}

// variables returns what the environment, as os.Environ has it, says of the configuration. One that is meant for it and
// not known is refused: misspelt, it would leave out what somebody relies on.
func (c *Config) variables(environment []string) (map[string]string, error) {
	known := map[string]bool{fileVariable: true}
	var sections []string
	for _, s := range c.settings() {
		known[s.env] = true
		section, _, _ := strings.Cut(s.key, ".")
		sections = append(sections, prefix+strings.ToUpper(section)+"_")
	}
	values := map[string]string{}
	for _, line := range environment {
		name, value, _ := strings.Cut(line, "=")
		if known[name] {
			values[name] = value
		} else if slices.ContainsFunc(sections, func(s string) bool { return strings.HasPrefix(name, s) }) {
			return nil, fmt.Errorf("the environment has %s, which is not known: see cofferd --help", name)
		}
	}
	return values, nil
}

// Parse reads the configuration that the arguments, the environment (as os.Environ has it) and the file they name give
// together. Its error is pflag.ErrHelp when help was asked for.
func Parse(arguments, environment []string) (Config, error) {
	return parse(pflag.NewFlagSet("cofferd", pflag.ContinueOnError), arguments, environment)
}

// Recover is what cofferd recover is to do.
type Recover struct {
	server.Recovery
	// AcceptAuditLoss: the audit log goes on without what it lost, and nothing else is recovered.
	AcceptAuditLoss bool
}

// ParseRecover is Parse for cofferd recover, which has flags of its own.
func ParseRecover(arguments, environment []string) (Config, Recover, error) {
	var r Recover
	flags := pflag.NewFlagSet("cofferd recover", pflag.ContinueOnError)
	flags.StringVar(&r.Account, "account", "", "")
	flags.StringVar(&r.Namespace, "namespace", "", "")
	flags.BoolVar(&r.AcceptAuditLoss, "accept-audit-loss", false, "")
	c, err := parse(flags, arguments, environment)
	if err == nil && r.AcceptAuditLoss && (flags.Changed("account") || flags.Changed("namespace")) {
		err = errors.New("--accept-audit-loss lets nobody in: it goes without --account and --namespace")
	}
	return c, r, err
}

// parse reads a configuration by flags to which its own are added.
func parse(flags *pflag.FlagSet, arguments, environment []string) (Config, error) {
	c := Default()
	flags.Usage = func() {} // the caller shows Help
	file := flags.String("config", "", "")
	given := map[string]*string{}
	for _, s := range c.settings() {
		given[s.flag] = flags.String(s.flag, "", "")
		if s.value.Kind() == reflect.Bool {
			flags.Lookup(s.flag).NoOptDefVal = "true"
		}
	}
	if err := flags.Parse(arguments); err != nil {
		return Config{}, err
	}
	if flags.NArg() > 0 {
		return Config{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	variables, err := c.variables(environment)
	if err != nil {
		return Config{}, err
	}
	if path, ok := variables[fileVariable]; ok && !flags.Changed("config") {
		*file = path
	}
	if *file != "" {
		text, err := os.ReadFile(*file)
		if err != nil {
			return Config{}, fmt.Errorf("reading the configuration: %w", err)
		}
		if err := yaml.UnmarshalStrict(text, &c); err != nil {
			return Config{}, fmt.Errorf("reading %s: %w", *file, err)
		}
	}
	for _, s := range c.settings() {
		if text, ok := variables[s.env]; ok {
			if err := s.set(text); err != nil {
				return Config{}, fmt.Errorf("%s: %w", s.env, err)
			}
		}
		if flags.Changed(s.flag) {
			if err := s.set(*given[s.flag]); err != nil {
				return Config{}, fmt.Errorf("--%s: %w", s.flag, err)
			}
		}
	}
	return c, nil
}

// Reference describes every key: its flag, its variable, its place in the file and its default.
func Reference() string {
	var b strings.Builder
	b.WriteString("  --config FILE\n      YAML file with the keys below; beaten by the environment, which flags beat\n      env COFFER_CONFIG\n")
	c := Default()
	var lists []setting
	for _, s := range c.keys() {
		if s.isList() || s.isMap() {
			lists = append(lists, s)
			continue
		}
		fmt.Fprintf(&b, "  --%s", s.flag)
		if s.value.Kind() != reflect.Bool {
			b.WriteString(" " + strings.ToUpper(s.key[strings.LastIndexByte(s.key, '.')+1:]))
		}
		fmt.Fprintf(&b, "\n      %s\n      env %s, file %s", s.usage, s.env, s.key)
		if s.text() != "" {
			fmt.Fprintf(&b, ", default %s", s.text())
		}
		b.WriteString("\n")
	}
	b.WriteString("\nLists and mappings, in the file alone:\n")
	for _, s := range lists {
		each := "names and IDs"
		if s.isList() {
			each = "each with " + strings.Join(namesOf(s.value.Type().Elem()), ", ")
		}
		fmt.Fprintf(&b, "  %s\n      %s\n      %s\n", s.key, s.usage, each)
	}
	return b.String()
}

// namesOf are the keys of a struct, those of the structs within it included.
func namesOf(t reflect.Type) []string {
	var names []string
	for field := range t.Fields() {
		if field.Anonymous {
			names = append(names, namesOf(field.Type)...)
			continue
		}
		names = append(names, field.Tag.Get("json"))
	}
	return names
}
