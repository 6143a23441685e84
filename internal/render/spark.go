package render

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

const (
	redactionProperty = "spark.redaction.regex"
	// sparkRedaction is what spark.redaction.regex is by default, with its flag for itself.
	sparkRedaction = `(?i:secret|password|token|access[.]?key)`
	sparkArgument  = "--conf"
	maxSparkName   = 512
	maxRedaction   = 4096
)

// sparkName is narrower than what Spark takes, so that names need no escape in files, arguments and expressions.
var sparkName = regexp.MustCompile(`^spark\.[-_.A-Za-z0-9]+$`)

// wordEnd is what \b is the boundary of.
var wordEnd = regexp.MustCompile(`^[A-Za-z0-9_]$`)

var sparkPrefix = regexp.MustCompile(`^(spark\.[-_.A-Za-z0-9]*)?$`)

// As with variables, names are refused by which a property makes Spark load code, run a command, read another
// configuration or work for another master. The list is best effort, as theirs. Names are compared in lower case.
var (
	sparkTakeoverNames = nameSet(
		"spark.jars spark.files spark.archives spark.plugins spark.executor.plugins spark.extralisteners",
		"spark.master spark.remote spark.home spark.local.dir spark.driver.host spark.driver.port spark.driver.bindaddress",
		"spark.serializer spark.closure.serializer spark.kryo.registrator spark.shuffle.manager spark.ui.filters",
		"spark.sql.extensions spark.sql.queryexecutionlisteners spark.sql.streaming.streamingquerylisteners",
		"spark.sql.cache.serializer spark.sql.sources.commitprotocolclass spark.sql.sources.outputcommitterclass",
		"spark.sql.hive.metastore.sharedprefixes spark.kubernetes.context spark.kubernetes.allocation.pods.allocator",
		"spark.python.daemon.module spark.python.worker.module spark.pyspark.python spark.pyspark.driver.python",
		"spark.resources.discoveryplugin spark.yarn.archive spark.kubernetes.file.upload.path",
		"spark.hadoop.net.topology.script.file.name spark.hadoop.hadoop.security.group.mapping spark.hadoop.io.serializations",
	)
	sparkTakeoverPrefixes = []string{
		"spark.jars.", "spark.submit.", "spark.plugins.", "spark.launcher.", "spark.repl.", "spark.yarn.dist.", "spark.yarn.jars",
		"spark.metrics.conf", "spark.sql.hive.metastore.jars", "spark.sql.redaction.", "spark.shuffle.sort.io.plugin.",
		"spark.connect.extensions.", "spark.connect.grpc.interceptor.", "spark.kubernetes.authenticate.", "spark.kubernetes.driver.volumes.",
		"spark.kubernetes.executor.volumes.", "spark.kubernetes.driver.secrets.", "spark.kubernetes.executor.secrets.",
	}
	sparkTakeoverSuffixes = []string{
		"javaoptions", "classpath", "librarypath", "userclasspathfirst", ".command", ".discoveryscript", ".container.image",
		".podtemplatefile", ".featuresteps", ".aux.jars.path", ".exec.pre.hooks", ".exec.post.hooks", ".exec.failure.hooks",
	}
	// sparkClass is what names the class of a catalog, whose own properties have more names, or of a file system.
	sparkClass = regexp.MustCompile(`^spark\.(sql\.catalog\.[^.]+|hadoop\.fs\..*impl)$`)
	// sparkEnvPrefixes are followed by the name of a variable.
	sparkEnvPrefixes = []string{
		"spark.executorenv.", "spark.yarn.appmasterenv.", "spark.kubernetes.driverenv.", "spark.kubernetes.executorenv.",
		"spark.kubernetes.driver.secretkeyref.", "spark.kubernetes.executor.secretkeyref.", "spark.mesos.driverenv.",
	}
)

func sparkTakesOver(name string) bool {
	lower := strings.ToLower(name)
	return sparkTakeoverNames[lower] || sparkClass.MatchString(lower) ||
		slices.ContainsFunc(sparkTakeoverPrefixes, func(prefix string) bool { return strings.HasPrefix(lower, prefix) }) ||
		slices.ContainsFunc(sparkTakeoverSuffixes, func(suffix string) bool { return strings.HasSuffix(lower, suffix) }) ||
		slices.ContainsFunc(sparkEnvPrefixes, func(prefix string) bool {
			variable, ok := strings.CutPrefix(lower, prefix)
			return ok && takesOver(variable)
		})
}

// sparkRedacts is whether a property is one of those that say what Spark redacts, which are ours to set.
func sparkRedacts(name string) bool {
	return strings.HasPrefix(strings.ToLower(name), "spark.redaction.")
}

// sparkNameProblem says why a property may not be set.
func sparkNameProblem(name string, takeover bool) string {
	switch {
	case len(name) > maxSparkName:
		return fmt.Sprintf("is longer than %d bytes", maxSparkName)
	case !sparkName.MatchString(name):
		return fmt.Sprintf("does not match %s", sparkName)
	case sparkRedacts(name):
		return "is refused, since Coffer sets what Spark redacts: see spark.redaction_regex"
	case !takeover && sparkTakesOver(name):
		return "is refused, since that property changes how Spark starts, what it loads or for whom it works"
	}
	return ""
}

// sparkPrefixProblem refuses a prefix of which every name would be refused.
func sparkPrefixProblem(prefix string, takeover bool) string {
	switch {
	case len(prefix) > maxSparkName:
		return fmt.Sprintf("is longer than %d bytes", maxSparkName)
	case !sparkPrefix.MatchString(prefix):
		return fmt.Sprintf("does not match %s", sparkPrefix)
	case prefix == "":
		return ""
	}
	return sparkNameProblem(prefix+"X.X", takeover) // of one part alone are classes of catalogs, below whose names there is more
}

// sparkValueProblem says why Spark would not see a value as it is, given as an argument or by its API.
func sparkValueProblem(value string) string {
	switch {
	case strings.ContainsRune(value, 0):
		return "contains a NUL byte, which no argument can carry"
	case substituted.MatchString(value):
		return "contains ${…}, which Spark and Hadoop replace"
	}
	return ""
}

// sparkDefaultsProblem says why Spark would not see a value of a properties file as it is: it takes off space at either
// end, and control characters with it, but for line breaks.
func sparkDefaultsProblem(value string) string {
	trimmed := strings.TrimFunc(value, func(r rune) bool { return r <= ' ' && r != '\r' && r != '\n' })
	if trimmed != value {
		return "begins or ends with space, which Spark takes off"
	}
	return ""
}

// RedactionRegex is what spark.redaction.regex has to be so that Spark redacts these properties and variables besides
// what it redacts by default and what more, unless it is empty, makes it redact. Spark looks for it in names and in
// values, such as command lines, where a property may follow -D. What is more comes last: whatever flags or open
// quotations it has, it has them for itself.
func RedactionRegex(more string, names []string) string {
	var b strings.Builder
	for _, name := range names {
		if name == "" {
			continue // it would be found in everything
		}
		// A boundary keeps a short name from redacting every longer one.
		if wordEnd.MatchString(name[:1]) && !sparkName.MatchString(name) {
			b.WriteString(`\b`)
		}
		b.WriteString(regexp.QuoteMeta(name)) // Java takes its escapes as Go does
		if wordEnd.MatchString(name[len(name)-1:]) {
			b.WriteString(`\b`)
		}
		b.WriteByte('|')
	}
	b.WriteString(sparkRedaction)
	if more != "" {
		b.WriteByte('|')
		b.WriteString(more)
	}
	return b.String()
}
