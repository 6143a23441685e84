package auditsink

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Kind is what a sink delivers to.
type Kind string

// The kinds of sinks.
const (
	// Stdout writes JSON Lines to standard output.
	Stdout Kind = "stdout"
	// Syslog sends RFC 5424 messages of facility 13, log audit, whose text is the event in JSON.
	Syslog Kind = "syslog"
	// OTLP posts log records to an OpenTelemetry collector, as protobuf over HTTP.
	OTLP Kind = "otlp"
	// Webhook posts batches in JSON, signed as Standard Webhooks are.
	Webhook Kind = "webhook"
)

const (
	defaultDeadline  = Duration(10 * time.Second)
	maxDeadline      = Duration(5 * time.Minute)
	defaultBatchSize = 500
	maxBatchSize     = 1000
	maxSinks         = 16

	fromNow       = "now"
	fromBeginning = "beginning"
)

// Settings are one sink, as the configuration file has it.
type Settings struct {
	// Name tells the sink from others, and keeps its place in the log: lower case letters, digits and hyphens. A sink
	// that is renamed is a new one. Required.
	Name string `json:"name"`
	// Kind is stdout, syslog, otlp or webhook. Required.
	Kind Kind `json:"kind"`
	// URL is where the sink delivers to. For syslog udp://HOST:PORT, tcp://HOST:PORT, tls://HOST:PORT or unix:///PATH;
	// a stream must be closed by the receiver when the sender has closed its side, as receivers do. For otlp and webhook
	// the whole https URL, or http on this machine. Credentials have no place in it. Required but for stdout.
	URL string `json:"url"`
	// SecretFile is a file of mode 0600, read anew for every delivery. For webhook it is required and holds the secret
	// that signs, whsec_BASE64 of 24 to 64 bytes; several lines are several secrets, each of which signs. For otlp it
	// holds a bearer token.
	SecretFile string `json:"secret_file"`
	// CAFile is a PEM file of the authorities that vouch for the receiver; empty: those of the system.
	CAFile string `json:"ca_file"`
	// Deadline is how long one delivery may take; 0: 10s, at most 5m.
	Deadline Duration `json:"deadline"`
	// BatchSize is how many events one delivery has at most; 0: 500, at most 1000.
	BatchSize int `json:"batch_size"`
	// From is where a sink begins that has no place in the log yet: now, or beginning for all that the log has. Empty:
	// now.
	From string `json:"from"`
}

// Duration is a time.Duration that is written as "10s".
type Duration time.Duration

// UnmarshalText reads what time.ParseDuration does.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = Duration(parsed)
	return err
}

// MarshalText writes what UnmarshalText reads.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// namePattern keeps a name fit for the name of a file.
var namePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// Validate refuses settings that cannot work together.
func Validate(sinks []Settings) error {
	if len(sinks) > maxSinks {
		return fmt.Errorf("%d audit sinks, at most %d are possible", len(sinks), maxSinks)
	}
	names := map[string]bool{}
	stdout := false
	for _, s := range sinks {
		if err := s.Validate(); err != nil {
			return fmt.Errorf("audit sink %q: %w", s.Name, err)
		}
		if names[s.Name] {
			return fmt.Errorf("audit sink %q is there twice", s.Name)
		}
		names[s.Name] = true
		if s.Kind == Stdout && stdout {
			return fmt.Errorf("audit sink %q is the second on stdout: their lines would mix", s.Name)
		}
		stdout = stdout || s.Kind == Stdout
	}
	return nil
}

// Validate refuses what cannot work and what is not safe. Its errors repeat no URL, which may hold a credential by
// mistake.
func (s Settings) Validate() error {
	switch {
	case !namePattern.MatchString(s.Name):
		return errors.New("the name must be 1 to 63 lower case letters, digits and hyphens")
	case s.Deadline < 0 || s.Deadline > maxDeadline:
		return fmt.Errorf("deadline %v is not between 0 and %v", time.Duration(s.Deadline), time.Duration(maxDeadline))
	case s.BatchSize < 0 || s.BatchSize > maxBatchSize:
		return fmt.Errorf("batch_size %d is not between 0 and %d", s.BatchSize, maxBatchSize)
	case s.From != "" && s.From != fromNow && s.From != fromBeginning:
		return fmt.Errorf("from %q is neither %s nor %s", s.From, fromNow, fromBeginning)
	}
	switch s.Kind {
	case Stdout:
		if s.URL != "" || s.CAFile != "" || s.SecretFile != "" {
			return errors.New("stdout takes neither url, secret_file nor ca_file")
		}
		return nil
	case Syslog:
		return s.validateSyslog()
	case OTLP, Webhook:
		return s.validateHTTP()
	}
	return fmt.Errorf("kind %q is none of stdout, syslog, otlp and webhook", s.Kind)
}

func (s Settings) validateSyslog() error {
	u, err := s.parseURL()
	if err != nil {
		return err
	}
	switch u.Scheme {
	case "unix":
		if u.Host != "" || u.Path == "" {
			return errors.New("url names no socket: want unix:///PATH")
		}
	case "udp", "tcp", "tls":
		if _, port, err := net.SplitHostPort(u.Host); err != nil || port == "" || u.Hostname() == "" || u.Path != "" {
			return fmt.Errorf("url is no address: want %s://HOST:PORT", u.Scheme)
		}
	default:
		return errors.New("url of syslog must be udp://, tcp://, tls:// or unix://")
	}
	switch {
	case s.SecretFile != "":
		return errors.New("syslog takes no secret_file")
	case s.CAFile != "" && u.Scheme != "tls":
		return errors.New("ca_file is for tls:// alone")
	}
	return nil
}

func (s Settings) validateHTTP() error {
	u, err := s.parseURL()
	if err != nil {
		return err
	}
	switch {
	case u.Hostname() == "":
		return errors.New("url has no host")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return errors.New("url must be https: http is for this machine alone")
	case u.Scheme != "http" && u.Scheme != "https":
		return errors.New("url must be https://")
	case s.CAFile != "" && u.Scheme != "https":
		return errors.New("ca_file is for https alone")
	case s.Kind == OTLP && strings.Trim(u.Path, "/") == "":
		return errors.New("url of otlp has no path: collectors take logs at /v1/logs")
	case s.Kind == Webhook && s.SecretFile == "":
		return errors.New("webhook needs a secret_file, which signs")
	}
	return nil
}

func (s Settings) parseURL() (*url.URL, error) {
	u, err := url.Parse(s.URL)
	switch {
	case s.URL == "":
		return nil, errors.New("no url")
	case err != nil:
		return nil, errors.New("url cannot be parsed")
	case u.User != nil:
		return nil, errors.New("url holds credentials: they belong into secret_file")
	case u.Fragment != "":
		return nil, errors.New("url has a fragment")
	}
	return u, nil
}

func (s Settings) withDefaults() Settings {
	if s.Deadline == 0 {
		s.Deadline = defaultDeadline
	}
	if s.BatchSize == 0 {
		s.BatchSize = defaultBatchSize
	}
	return s
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}
