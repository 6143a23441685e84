package render

import (
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render/renderlogin"
	"github.com/coffer-dev/coffer/internal/render/rendertemplate"
)

// Recipe is what a projection delivers, together with what it draws from.
type Recipe struct {
	Items     []Item
	Sources   []Source
	Values    map[string]string // plain values of templates; they are no secrets
	Templates []Template
	Spark     Spark
	// AllowEnv are the variables, and properties of Spark, that take over a process and that the consumer wants anyway.
	// Check does not look at it.
	AllowEnv []string
}

// Item is one line of a recipe together with what it draws from. Exactly one of Key, Keys, AllKeys and URL is set.
type Item struct {
	// SecretName is the secret's name: it identifies the secret among the items and appears in errors.
	SecretName string
	// SecretType is the secret's source type; it says what kind of server its login is for.
	SecretType string
	// Key is the payload key to deliver.
	Key string
	// Keys are the payload keys to deliver.
	Keys []string
	// AllKeys delivers every key of the payload.
	AllKeys bool
	// URL delivers the URL that the keys make.
	URL renderlogin.Style
	// Connection says where the login logs in, for URL and files of logins.
	Connection renderlogin.Connection
	// Entry is the name of Key's value in a file, dictionary or store, instead of the key's own.
	Entry string
	// Optional leaves the item out, rather than failing, when the payload or the key is missing.
	Optional bool
	Target
	// Payload is what the secret's version holds; nil means that there is none. Check does not look at it.
	Payload plaintext.Payload
	// KeyNames are the keys that the version holds, for ShapeOf: nil where they are not known or not for the caller, and
	// empty where there is no version.
	KeyNames []string
}

// Target is where a value goes: exactly one of its fields, TakesOver aside, is set.
type Target struct {
	Env *EnvTarget
	// File delivers as a file, or as a part of one.
	File *FileTarget
	// Argument delivers as an argument of a command: a text that ends in "=" makes one argument with the value, another
	// one an argument before it, and the empty one none.
	Argument *string
	// Dictionary is the name of the dictionary to deliver to.
	Dictionary string
	// SparkConf delivers as properties of Spark's configuration.
	SparkConf *SparkConfTarget
	// TakesOver allows a name that takes over a process.
	TakesOver bool
}

// EnvTarget says which variables an item sets.
type EnvTarget struct {
	// Name is the variable that takes a single value. Required with a single value, refused with several.
	Name string
	// Prefix comes before the names made from several keys by EnvName. May be empty. Refused with a single value.
	Prefix string
	// Case is that of the names made.
	Case Case
}

// SparkConfTarget says which properties an item sets.
type SparkConfTarget struct {
	// Name is the property that takes a single value.
	Name string
	// Prefix comes before the names of several keys. May be empty.
	Prefix string
}

// FileTarget says which file an item writes. Targets of one path make one file.
type FileTarget struct {
	// Path is relative to the bundle's directory, with slashes.
	Path string
	// Format is Raw by default, which takes a single value.
	Format Format
	// Mode is the permission bits; 0 means DefaultMode.
	Mode uint32
	// Owner is `user`, `user:group` or `:group`; empty is whoever writes the file.
	Owner string
	// Section is that of an INI file; empty is DEFAULT.
	Section string
	// Store is what key stores need.
	Store *StoreTarget
}

// StoreTarget is what a key store has besides its entries.
type StoreTarget struct {
	// PasswordSecret is the name of the secret that holds the password.
	PasswordSecret string
	// PasswordKey is the key that holds it.
	PasswordKey string
	// Password is what the secret's version holds; nil means that there is none. Check does not look at it.
	Password plaintext.Payload
	// KeyNames are the keys that the version holds, as those of an item.
	KeyNames []string
	// Alias names the entries; empty: from their keys.
	Alias string
}

// Source is a secret that templates draw from.
type Source struct {
	// SecretName is the secret's name.
	SecretName string
	// Alias is its name in templates.
	Alias string
	// Keys are those that templates may use; none: all.
	Keys []string
	// Optional makes what is missing an empty text.
	Optional bool
	// Base64 gives values as base64.
	Base64 bool
	// Payload is what the secret's version holds; nil means that there is none. Check does not look at it.
	Payload plaintext.Payload
}

// Template is a text with places for values.
type Template struct {
	Engine rendertemplate.Engine
	Text   string
	// Entry is its name in a dictionary.
	Entry string
	Target
}

// Spark says where Spark's configuration goes besides Bundle.SparkConf.
type Spark struct {
	// DefaultsPath is the path of a properties file; empty: none.
	DefaultsPath string
	// Arguments delivers `--conf` arguments, too.
	Arguments bool
	// RedactionRegex is what spark.redaction.regex has besides Spark's own default.
	RedactionRegex string
}

// Bundle is what one rendering yields: variables, arguments and files in the order of items and templates, and by key
// within one.
type Bundle struct {
	Env          []EnvVar
	Files        []File
	Arguments    []plaintext.Value
	Dictionaries []Dictionary // by name
	SparkConf    []Property   // by name
}

// EnvVar is an environment variable. Its value is UTF-8 without NUL.
type EnvVar struct {
	Name  string
	Value plaintext.Value
}

// File is a file to write.
type File struct {
	// Path is relative, clean, and below the bundle's directory.
	Path string
	// Mode is permission bits only.
	Mode uint32
	// Owner is as in FileTarget.
	Owner   string
	Content plaintext.Value
}

// Dictionary is a set of named values.
type Dictionary struct {
	Name    string
	Entries []Property // by name
}

// Property is a named value. Its value is UTF-8.
type Property struct {
	Name  string
	Value plaintext.Value
}

// Shape is a bundle without values and without their sizes.
type Shape struct {
	Env          []string // sorted
	Files        []FileShape
	Arguments    []string // without values, in order
	Dictionaries []DictionaryShape
	SparkConf    []string // sorted
	Payload      bool     // whether the payload of a workload is delivered, too
}

// FileShape is a file without its content.
type FileShape struct {
	Path    string
	Format  Format
	Mode    uint32
	Owner   string
	Entries []string // sorted; HiddenName stands for those that the caller may not see
}

// DictionaryShape is a dictionary without its values.
type DictionaryShape struct {
	Name    string
	Entries []string // sorted
}

// HiddenName stands in a Shape for the names of keys that are not known, or not for the caller.
const HiddenName = "*"
