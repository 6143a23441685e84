package render_test

import (
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/render"
)

func TestTakesOver_variables(t *testing.T) {
	for name := range strings.FieldsSeq(`PSQLRC ODBCSYSINI ODBCINI ODBCINSTINI LUA_PATH LUA_PATH_5_4 LUA_CPATH_5_4 R_LIBS R_LIBS_USER R_LIBS_SITE
		R_PROFILE_USER ERL_FLAGS ERL_AFLAGS ERL_ZFLAGS ERL_LIBS KRB5_CONFIG npm_config_node_options NPM_CONFIG_SCRIPT_SHELL PYTEST_ADDOPTS
		PYTEST_PLUGINS IPYTHONDIR JUPYTER_CONFIG_DIR JUPYTER_PATH MPLBACKEND HADOOP_LIBEXEC_DIR HADOOP_COMMON_HOME
		HADOOP_USER_CLASSPATH_FIRST YARN_OPTS HADOOP_HDFS_HOME HIVE_OPTS SPARK_DAEMON_CLASSPATH SPARK_EXECUTOR_OPTS IBM_JAVA_OPTIONS
		OPENJ9_JAVA_OPTIONS _JAVA_OPTIONS KAFKA_OPTS kafka_opts JVM_OPTS ANT_OPTS JAVA_OPTS CLASSPATH HADOOP_CLASSPATH TNS_ADMIN ORACLE_HOME
		SASL_PATH SASL_CONF_PATH LIBMYSQL_PLUGIN_DIR LIBMYSQL_PLUGINS PIP_CONFIG_FILE PIP_INDEX_URL UV_INDEX_URL RUSTC_WRAPPER CC
		JULIA_LOAD_PATH JULIA_DEPOT_PATH TCLLIBPATH GIO_EXTRA_MODULES QT_PLUGIN_PATH VIMINIT EXINIT HGRCPATH GNUPGHOME CLOUDSDK_PYTHON
		PERL_MB_OPT CURL_HOME WGETRC PGSYSCONFDIR PGSERVICEFILE MYSQL_HOME DBT_PROFILES_DIR AIRFLOW_HOME AIRFLOW__CORE__PLUGINS_FOLDER
		RUBYGEMS_GEMDEPS RUBYSHELL GOENV GOTOOLCHAIN LESSKEY LESS OPENSSL_CONF_INCLUDE TF_CLI_CONFIG_FILE HELM_PLUGINS ANSIBLE_CONFIG
		GDK_PIXBUF_MODULE_FILE BUNDLE_PATH COMPOSER_HOME DENO_DIR BUN_OPTIONS`) {
		if !render.TakesOver(name) {
			t.Errorf("the variable %s does not take over", name)
		}
	}
	for name := range strings.FieldsSeq(`PGPASSWORD PGUSER PGHOST PGSERVICE PGPASSFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
		AZURE_CLIENT_SECRET GOOGLE_APPLICATION_CREDENTIALS GITHUB_TOKEN NPM_TOKEN JUPYTER_TOKEN MYSQL_PWD MYSQL_PASSWORD ORACLE_PASSWORD
		SPARK_AUTH_SECRET SPARK_USER HADOOP_CREDSTORE_PASSWORD KAFKA_SASL_PASSWORD SNOWFLAKE_PASSWORD REDIS_URL DATABASE_URL
		AIRFLOW__CORE__FERNET_KEY AIRFLOW__DATABASE__SQL_ALCHEMY_CONN UV_PUBLISH_TOKEN UV_INDEX_PRIVATE_PASSWORD R_TOKEN RABBITMQ_ERLANG_COOKIE
		VAULT_TOKEN LUA OPTS CCTOKEN`) {
		if render.TakesOver(name) {
			t.Errorf("the variable %s takes over", name)
		}
	}
}

func TestTakesOver_properties(t *testing.T) {
	for name := range strings.FieldsSeq(`spark.hadoop.hive.aux.jars.path spark.hive.aux.jars.path spark.hadoop.fs.s3a.impl spark.hadoop.fs.file.impl
		spark.hadoop.fs.AbstractFileSystem.s3a.impl spark.sql.catalog.x spark.sql.catalog.My-2 spark.driver.host spark.driver.port
		spark.driver.bindAddress spark.master spark.kubernetes.authenticate.driver.serviceAccountName
		spark.kubernetes.authenticate.submission.caCertFile spark.kubernetes.authenticate.oauthToken spark.hadoop.hive.exec.pre.hooks
		spark.sql.hive.metastore.sharedPrefixes spark.sql.sources.commitProtocolClass spark.sql.cache.serializer
		spark.kubernetes.allocation.pods.allocator spark.kubernetes.context spark.executor.plugins spark.executorEnv.PSQLRC
		spark.executorEnv.KAFKA_OPTS spark.worker.resource.gpu.discoveryScript`) {
		if !render.TakesOver(name) {
			t.Errorf("the property %s does not take over", name)
		}
	}
	for name := range strings.FieldsSeq(`spark.sql.catalog.x.jdbc.password spark.sql.catalog.x.uri spark.hadoop.fs.s3a.endpoint
		spark.hadoop.fs.s3a.access.key spark.hadoop.fs.s3a.secret.key spark.hadoop.fs.s3a.aws.credentials.provider
		spark.hadoop.hadoop.security.credential.provider.path spark.hadoop.javax.jdo.option.ConnectionPassword spark.authenticate.secret
		spark.hadoop.javax.jdo.option.ConnectionURL spark.driver.memory spark.app.name spark.executorEnv.AWS_ACCESS_KEY_ID`) {
		if render.TakesOver(name) {
			t.Errorf("the property %s takes over", name)
		}
	}
	for _, prefix := range []string{"spark.sql.catalog.", "spark.sql.catalog.pg."} {
		if err := render.Check(of(to(spark("", prefix), all))); err != nil {
			t.Errorf("Check of the prefix %s: %v", prefix, err)
		}
	}
}

// TestCheck_argumentsThatConfigure: what names of properties are refused for shall not come as an argument.
func TestCheck_argumentsThatConfigure(t *testing.T) {
	for text := range strings.FieldsSeq(`--conf --conf= --conf=spark.driver.extraJavaOptions= -c -c= --properties-file --jars --jars= --packages
		--repositories --py-files --driver-java-options --driver-class-path --driver-library-path`) {
		if v := violations(render.Check(of(to(argument(text))))); len(v) != 1 || v[0].Field != "items[0].argument" {
			t.Errorf("Check of the argument %s: %v", text, v)
		}
		recipe := render.Recipe{Templates: []render.Template{{Text: "x", Target: argument(text)}}}
		if v := violations(render.Check(recipe)); len(v) != 1 || v[0].Field != "templates[0].argument" {
			t.Errorf("Check of the template's argument %s: %v", text, v)
		}
	}
	for text := range strings.FieldsSeq("-config --config --config= -C --conf-dir --password= -p --jar") {
		if err := render.Check(of(to(argument(text)))); err != nil {
			t.Errorf("Check of the argument %s: %v", text, err)
		}
	}
}

func TestRedactionRegex(t *testing.T) {
	const own = `(?i:secret|password|token|access[.]?key)`
	for more, want := range map[string]string{"": `\bA\b|` + own, "zzz": `\bA\b|` + own + "|zzz", `(?i)b|\Qopen`: `\bA\b|` + own + `|(?i)b|\Qopen`} {
		if got := render.RedactionRegex(more, []string{"A"}); got != want {
			t.Errorf("RedactionRegex(%q) = %q, want %q", more, got, want)
		}
	}
}
