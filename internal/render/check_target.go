package render

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of a file's path, in bytes: what every file system that matters can hold below a directory.
const (
	maxPath    = 1024
	maxSegment = 255
)

const maxArgument = 512

// configuring are the options by which spark-submit, or an interpreter, takes a value for configuration or code.
var configuring = nameSet("-c --conf --properties-file --jars --packages --repositories --py-files",
	"--driver-java-options --driver-class-path --driver-library-path")

// ownerName is what user databases hold, those of directory services included. Two of them, at most, are divided by ':'.
var (
	ownerName = regexp.MustCompile(`^[A-Za-z0-9_][-._@A-Za-z0-9]{0,63}\$?$`)
	digits    = regexp.MustCompile(`^[0-9]+$`)
)

// target checks where one value goes, or several.
func (c *checker) target(field string, t *Target, single bool) {
	targets := 0
	for _, given := range []bool{t.Env != nil, t.File != nil, t.Argument != nil, t.Dictionary != "", t.SparkConf != nil} {
		if given {
			targets++
		}
	}
	if t.TakesOver && t.Env == nil && t.SparkConf == nil {
		c.addf(field+".allow_takeover", "is for variables and properties of Spark")
	}
	switch {
	case targets != 1:
		c.addf(field, "give one of env, file, argument, dictionary and spark_conf")
	case t.Env != nil:
		if t.Env.Case < Upper || t.Env.Case > Pascal {
			c.addf(field+".env_case", "is not a known case")
		} else if single && t.Env.Case != Upper {
			c.addf(field+".env_case", "is for env_prefix only")
		}
		c.named(field, t, t.Env.naming(), single)
	case t.File != nil:
		c.file(field+".file", t.File, single)
	case t.Argument != nil:
		c.argument(field+".argument", *t.Argument, single)
	case t.SparkConf != nil:
		c.named(field, t, t.SparkConf.naming(), single)
	case !payloadKey.MatchString(t.Dictionary):
		c.addf(field+".dictionary", "must match %s", payloadKey)
	}
}

// named checks how an item names the variable or property that it sets, or those of its keys.
func (c *checker) named(field string, t *Target, n naming, single bool) {
	if single {
		if n.prefix != "" {
			c.addf(field+n.field+"_prefix", "is for keys and all_keys only")
		}
		if why := n.problem(n.name, t.TakesOver); why != "" {
			c.addf(field+n.field, "%s", why)
		}
		return
	}
	if n.name != "" {
		c.addf(field+n.field, "names one %s, but keys and all_keys give one for each key: use %s_prefix", n.what, n.field[1:])
	}
	if why := n.prefixProblem(n.prefix, t.TakesOver); why != "" {
		c.addf(field+n.field+"_prefix", "%s", why)
	}
}

func (c *checker) argument(field, text string, single bool) {
	if !single {
		c.addf(field, "takes a single value")
	}
	if why := lineProblem(text, maxArgument); why != "" {
		c.addf(field, "%s", why)
	}
	if option, _, _ := strings.Cut(text, "="); configuring[option] {
		c.addf(field, "is refused, since %s takes configuration or code: properties of Spark are delivered by spark_conf", option)
	}
}

func (c *checker) file(field string, t *FileTarget, single bool) {
	switch {
	case t.Format < Raw || int(t.Format) >= len(formatNames):
		c.addf(field+".format", "is not a known format")
	case t.Format == Raw && !single:
		c.addf(field+".format", "RAW takes a single value")
	}
	if t.Mode&^0o777 != 0 {
		c.addf(field+".mode", "has more than permission bits (0777): no setuid, setgid or sticky")
	}
	if why := pathProblem(t.Path); why != "" {
		c.addf(field+".path", "%s", why)
	}
	if why := ownerProblem(t.Owner); why != "" {
		c.addf(field+".owner", "%s", why)
	}
	if t.Section != "" && t.Format != INI {
		c.addf(field+".section", "is for INI files only")
	} else if why := sectionProblem(t.Section); why != "" {
		c.addf(field+".section", "%s", why)
	}
	c.store(field+".store", t.Format, t.Store)
}

func (c *checker) store(field string, format Format, store *StoreTarget) {
	switch {
	case !format.stores():
		if store != nil {
			c.addf(field, "is for key stores only")
		}
		return
	case store == nil || store.PasswordSecret == "" && store.PasswordKey == "":
		if format != HadoopCredentials {
			c.addf(field+".password_secret", "is required: a key store has a password")
		}
	case store.PasswordSecret == "":
		c.addf(field+".password_secret", "is required with password_key")
	case !payloadKey.MatchString(store.PasswordKey):
		c.addf(field+".password_key", "must match %s", payloadKey)
	}
	if store != nil && store.Alias != "" {
		switch {
		case format == HadoopCredentials:
			c.addf(field+".alias", "is for stores of keys and certificates")
		case !payloadKey.MatchString(store.Alias):
			c.addf(field+".alias", "must match %s", payloadKey)
		}
	}
}

// ownerProblem says why nobody can be called so. An empty owner is whoever writes the file.
func ownerProblem(owner string) string {
	if owner == "" {
		return ""
	}
	user, group, both := strings.Cut(owner, ":")
	if user == "" && !both || user != "" && !ownerName.MatchString(user) || both && !ownerName.MatchString(group) {
		return "must be user, user:group or :group, by name or number"
	}
	for _, id := range []string{user, group} {
		// The greatest number is "leave it as it is" to the system.
		if n, err := strconv.ParseUint(id, 10, 32); digits.MatchString(id) && (err != nil || n == 1<<32-1) {
			return "has a number out of range"
		}
	}
	return ""
}

// pathProblem says why a path could leave the bundle's directory or could not be written, on any operating system.
func pathProblem(p string) string {
	switch {
	case p == "":
		return "is required"
	case len(p) > maxPath:
		return fmt.Sprintf("is longer than %d bytes", maxPath)
	case strings.HasPrefix(p, "/"):
		return "must be relative"
	case !utf8.ValidString(p) || strings.ContainsFunc(p, unicode.IsControl):
		return "must be UTF-8 without control characters"
	case strings.ContainsAny(p, `\:`):
		return `must not contain a backslash or a colon`
	}
	for segment := range strings.SplitSeq(p, "/") {
		switch {
		case segment == "" || segment == "." || segment == "..":
			return `must not have empty, "." or ".." segments`
		case len(segment) > maxSegment:
			return fmt.Sprintf("has a segment longer than %d bytes", maxSegment)
		}
	}
	return ""
}
