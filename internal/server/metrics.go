package server

import (
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"google.golang.org/grpc/codes"

	"github.com/coffer-dev/coffer/internal/audit/auditsink"
)

// codeNames are the canonical names, as the audit log and the metrics of other gRPC servers do not agree on a spelling.
var codeNames = [...]string{
	"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
	"RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
	"UNAUTHENTICATED",
}

// codeName is the canonical name of a code.
func codeName(code codes.Code) string {
	if int(code) >= len(codeNames) {
		code = codes.Unknown
	}
	return codeNames[code]
}

// metrics are the server's. None is labelled with anything that a caller chooses.
type metrics struct {
	registry      *prometheus.Registry
	started       *prometheus.CounterVec
	handled       *prometheus.CounterVec
	seconds       *prometheus.HistogramVec
	authnFailures prometheus.Counter
	panics        prometheus.Counter
	unguarded     prometheus.Counter
	limited       *prometheus.CounterVec
}

// newMetrics uses the names of go-grpc-middleware, which dashboards know. ready tells the state of the server, streams how
// many are open.
func newMetrics(ready func() error, streams func() int, sinks func() []auditsink.State) *metrics {
	labels := []string{"grpc_type", "grpc_service", "grpc_method"}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		started: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "grpc_server_started_total", Help: "Calls begun, through either door.",
		}, labels),
		handled: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "grpc_server_handled_total", Help: "Calls ended, by code.",
		}, append(labels, "grpc_code")),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "grpc_server_handling_seconds", Help: "Time from the arrival of a call to its answer.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, labels),
		authnFailures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "coffer_authn_failures_total", Help: "Calls without a valid credential.",
		}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "coffer_panics_total", Help: "Handlers that panicked.",
		}),
		unguarded: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "coffer_unguarded_calls_total", Help: "Calls stopped because no decision of the gate was made. Anything but 0 is a bug.",
		}),
		limited: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "coffer_limited_calls_total", Help: "Calls refused, by what there were too many of.",
		}, []string{"limit"}),
	}
	open := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "coffer_streams", Help: "Open streams.",
	}, func() float64 { return float64(streams()) })
	state := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "coffer_ready", Help: "1 while the server can serve: keys in memory, store and audit log taking writes.",
	}, func() float64 {
		if ready() != nil {
			return 0
		}
		return 1
	})
	m.registry.MustRegister(
		m.started, m.handled, m.seconds, m.authnFailures, m.panics, m.unguarded, m.limited, state, open,
		sinkMetrics(sinks),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

// sinkMetrics are the states of the audit sinks, by the names that the configuration gives them.
type sinkMetrics func() []auditsink.State

var (
	sinkLag = prometheus.NewDesc("coffer_audit_sink_lag", "Audit events that a sink has yet to take over.", []string{"sink", "kind"}, nil)
	sinkUp  = prometheus.NewDesc("coffer_audit_sink_up", "1 unless the last delivery to a sink failed.", []string{"sink", "kind"}, nil)
)

// Describe implements prometheus.Collector.
func (sinkMetrics) Describe(descs chan<- *prometheus.Desc) { descs <- sinkLag; descs <- sinkUp }

// Collect implements prometheus.Collector.
func (s sinkMetrics) Collect(values chan<- prometheus.Metric) {
	for _, state := range s() {
		up := 1.0
		if state.Error != "" {
			up = 0
		}
		values <- prometheus.MustNewConstMetric(sinkLag, prometheus.GaugeValue, float64(state.Lag), state.Name, string(state.Kind))
		values <- prometheus.MustNewConstMetric(sinkUp, prometheus.GaugeValue, up, state.Name, string(state.Kind))
	}
}

// methodMetrics are those of one method, with their labels looked up once.
type methodMetrics struct {
	started prometheus.Counter
	seconds prometheus.Observer
	byCode  [len(codeNames)]atomic.Pointer[prometheus.Counter]
	resolve func(codes.Code) prometheus.Counter
}

func (m *metrics) method(row *method) *methodMetrics {
	service, method, _ := strings.Cut(strings.TrimPrefix(row.name, "/"), "/")
	kind := "unary"
	if row.stream != nil {
		kind = "server_stream"
	}
	return &methodMetrics{
		started: m.started.WithLabelValues(kind, service, method),
		seconds: m.seconds.WithLabelValues(kind, service, method),
		// The spelling is go-grpc-middleware's: NotFound.
		resolve: func(code codes.Code) prometheus.Counter {
			return m.handled.WithLabelValues(kind, service, method, code.String())
		},
	}
}

func (m *methodMetrics) handled(code codes.Code, took time.Duration) {
	if int(code) >= len(m.byCode) {
		code = codes.Unknown
	}
	counter := m.byCode[code].Load()
	if counter == nil {
		c := m.resolve(code) // the same one every time, so a race stores it twice
		counter = &c
		m.byCode[code].Store(counter)
	}
	(*counter).Inc()
	m.seconds.Observe(took.Seconds())
}
