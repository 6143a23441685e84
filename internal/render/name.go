package render

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

const maxEnvName = 512

var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Whoever may write a projection decides the names and often the values of variables in processes that run with other
// rights than theirs. So names are refused by which a variable makes a program load code, run a command, read another
// configuration, ask another server or believe another. One that a consumer wants in spite of that, such as a proxy with a
// password in it, is what allow_takeover is for. Names are compared in upper case, since some systems ignore case.
//
// The list is best effort: any program may have such a variable, and no list has all of them. What carries credentials,
// such as PGPASSWORD or JUPYTER_TOKEN, is none of them, whatever else begins so.
var (
	takeoverPrefixes = []string{
		"COFFER_",              // ours
		"LD_", "DYLD_", "_RLD", // dynamic loaders
		"BASH_", "CORECLR_", "COR_PROFILER", "LUA_", "R_LIBS", "R_PROFILE", "R_ENVIRON", "ERL_", "PYTEST_", "JUPYTER_CONFIG",
		"GIT_SSH", "GIT_SSL", "GIT_CONFIG", "GIT_TRACE", "LIBMYSQL_PLUGIN",
		"PIP_", "NPM_CONFIG_", // where installers take code from
	}
	// takeoverSuffixes are of what tools hand to the runtime below them, for the most part a JVM.
	takeoverSuffixes = []string{"_OPTS", "_JAVA_OPTIONS", "CLASSPATH"}
	takeoverNames    = nameSet(
		// libraries: search paths, tunables, converters, locales, allocation traces, temporary files and name resolution
		"LIBPATH SHLIB_PATH GLIBC_TUNABLES GCONV_PATH GETCONF_DIR LOCPATH NLSPATH MALLOC_TRACE TMPDIR TMP TEMP TZDIR",
		"LOCALDOMAIN RES_OPTIONS HOSTALIASES RESOLV_HOST_CONF NIS_PATH",
		// shells and what interactive programs run
		"PATH IFS ENV CDPATH SHELL HOME SHELLOPTS BASHOPTS GLOBIGNORE PS0 PS1 PS2 PS3 PS4 PROMPT_COMMAND FPATH ZDOTDIR INPUTRC",
		"XDG_CONFIG_HOME XDG_CONFIG_DIRS XDG_DATA_HOME XDG_DATA_DIRS",
		"EDITOR VISUAL PAGER MANPAGER BROWSER LESS LESSKEY LESSOPEN LESSCLOSE COMSPEC PATHEXT PSMODULEPATH VIMINIT EXINIT",
		// database clients: what they run at their start, and where they find drivers, plug-ins and servers
		"PSQLRC PSQL_PAGER PSQL_EDITOR ODBCINI ODBCSYSINI ODBCINSTINI TNS_ADMIN ORACLE_HOME MYSQL_HOME PGSYSCONFDIR PGSERVICEFILE",
		"KRB5_CONFIG SASL_PATH SASL_CONF_PATH",
		// language runtimes
		"NODE_OPTIONS NODE_PATH NODE_REPL_EXTERNAL_MODULE NODE_TLS_REJECT_UNAUTHORIZED",
		"PYTHONPATH PYTHONSTARTUP PYTHONHOME PYTHONINSPECT PYTHONBREAKPOINT PYTHONUSERBASE PYTHONWARNINGS PYTHONEXECUTABLE",
		"PYTHONPLATLIBDIR PYTHONPYCACHEPREFIX PYSPARK_PYTHON PYSPARK_DRIVER_PYTHON CLOUDSDK_PYTHON",
		"IPYTHONDIR JUPYTER_PATH JUPYTER_DATA_DIR JUPYTER_RUNTIME_DIR MPLBACKEND UV_INDEX UV_INDEX_URL UV_DEFAULT_INDEX UV_EXTRA_INDEX_URL",
		"AIRFLOW_HOME AIRFLOW_CONFIG AIRFLOW__CORE__PLUGINS_FOLDER AIRFLOW__CORE__DAGS_FOLDER DBT_PROFILES_DIR",
		"PERL5LIB PERL5OPT PERL5DB PERLLIB PERL_MM_OPT PERL_MB_OPT RUBYOPT RUBYLIB RUBYSHELL RUBYGEMS_GEMDEPS GEM_HOME GEM_PATH BUNDLE_GEMFILE BUNDLE_PATH",
		"JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS JDK_JAVAC_OPTIONS JAVA_HOME HADOOP_USER_CLASSPATH_FIRST",
		"SPARK_HOME SPARK_CONF_DIR PYSPARK_SUBMIT_ARGS SPARKR_SUBMIT_ARGS SPARKR_DRIVER_R",
		"HADOOP_HOME HADOOP_COMMON_HOME HADOOP_HDFS_HOME HADOOP_LIBEXEC_DIR HADOOP_CONF_DIR YARN_CONF_DIR HIVE_CONF_DIR",
		"DOTNET_STARTUP_HOOKS DOTNET_ADDITIONAL_DEPS PHPRC PHP_INI_SCAN_DIR COMPOSER_HOME BUN_OPTIONS DENO_DIR",
		"R_HOME GOFLAGS GOENV GOTOOLCHAIN MAKEFLAGS RUSTC_WRAPPER CC JULIA_LOAD_PATH JULIA_DEPOT_PATH TCLLIBPATH",
		"GIO_EXTRA_MODULES GDK_PIXBUF_MODULE_FILE QT_PLUGIN_PATH OPENSSL_CONF OPENSSL_CONF_INCLUDE OPENSSL_ENGINES OPENSSL_MODULES",
		// whom programs ask, whom they believe, and who can read along
		"HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY FTP_PROXY SSLKEYLOGFILE NODE_EXTRA_CA_CERTS SSL_CERT_FILE SSL_CERT_DIR",
		"REQUESTS_CA_BUNDLE CURL_CA_BUNDLE AWS_CA_BUNDLE PYTHONHTTPSVERIFY CURL_HOME WGETRC",
		// git and ssh
		"GIT_EXEC_PATH GIT_DIR GIT_TEMPLATE_DIR GIT_ASKPASS GIT_PAGER GIT_EDITOR GIT_SEQUENCE_EDITOR GIT_EXTERNAL_DIFF",
		"GIT_PROXY_COMMAND GIT_ALLOW_PROTOCOL SSH_ASKPASS SSH_AUTH_SOCK SUDO_ASKPASS HGRCPATH GNUPGHOME",
		// configurations that name commands to get credentials by
		"KUBECONFIG AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE DOCKER_CONFIG TF_CLI_CONFIG_FILE HELM_PLUGINS ANSIBLE_CONFIG",
	)
	// shellOwned cannot be set by a sourced file: bash sets them itself or makes them read-only.
	shellOwned = nameSet("_ BASH UID EUID PPID GROUPS RANDOM SRANDOM SECONDS LINENO EPOCHSECONDS EPOCHREALTIME HISTCMD DIRSTACK",
		"FUNCNAME PIPESTATUS OPTIND OPTARG COMP_WORDBREAKS")
)

func nameSet(lines ...string) map[string]bool {
	set := map[string]bool{}
	for _, line := range lines {
		for name := range strings.FieldsSeq(line) {
			set[name] = true
		}
	}
	return set
}

// TakeoverError says that a recipe delivers variables, or properties of Spark, that take over a process, and that the
// consumer did not ask for.
type TakeoverError struct {
	// Names are theirs, sorted.
	Names []string
}

// Error implements error.
func (e *TakeoverError) Error() string {
	return "the projection delivers what takes over a process, and allow_env does not name it: " + strings.Join(e.Names, ", ")
}

// naming is how the variables or properties that an item sets get their names.
type naming struct {
	field, what            string // on the API
	name, prefix           string // of one, of several
	of                     func(key string) string
	problem, prefixProblem func(name string, takeover bool) string
	takesOver              func(name string) bool
}

func (t *EnvTarget) naming() naming {
	return naming{
		field: ".env", what: "variable", name: t.Name, prefix: t.Prefix, of: func(key string) string { return t.Case.Name(t.Prefix, key) },
		problem: envNameProblem, prefixProblem: envPrefixProblem, takesOver: takesOver,
	}
}

func (t *SparkConfTarget) naming() naming {
	return naming{
		field: ".spark_conf", what: "property", name: t.Name, prefix: t.Prefix, of: func(key string) string { return t.Prefix + key },
		problem: sparkNameProblem, prefixProblem: sparkPrefixProblem, takesOver: sparkTakesOver,
	}
}

// envNameProblem says why a variable may not be set. It does not repeat the name, which may be long.
func envNameProblem(name string, takeover bool) string {
	switch {
	case len(name) > maxEnvName:
		return fmt.Sprintf("is longer than %d bytes", maxEnvName)
	case !envName.MatchString(name):
		return fmt.Sprintf("does not match %s", envName)
	case !takeover && takesOver(name):
		return "is refused, since that variable changes how programs start, what they load or whom they ask"
	}
	return ""
}

func takesOver(name string) bool {
	upper := strings.ToUpper(name)
	return takeoverNames[upper] ||
		slices.ContainsFunc(takeoverPrefixes, func(prefix string) bool { return strings.HasPrefix(upper, prefix) }) ||
		slices.ContainsFunc(takeoverSuffixes, func(suffix string) bool { return strings.HasSuffix(upper, suffix) })
}

// envPrefixProblem refuses a prefix of which every name would be refused.
func envPrefixProblem(prefix string, takeover bool) string {
	switch {
	case prefix == "":
		return ""
	case len(prefix) > maxEnvName:
		return fmt.Sprintf("is longer than %d bytes", maxEnvName)
	case !envName.MatchString(prefix):
		return fmt.Sprintf("does not match %s", envName)
	case !takeover && takesOver(prefix+"X"):
		return "is refused, since variables that begin so change how programs start, what they load or whom they ask"
	}
	return ""
}
