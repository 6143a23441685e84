package server

import (
	"context"
	"fmt"
	"os"

	"go.opentelemetry.io/contrib/exporters/autoexport"
	"go.opentelemetry.io/otel/attribute"
	otelcodes "go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc/codes"
)

// tracing makes one span per call. A span carries the method, the code and the request ID: no name of a resource and
// nothing of a message.
type tracing struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
	context  propagation.TraceContext
}

// newTracing returns nil unless one of OpenTelemetry's variables asks for traces.
func newTracing(ctx context.Context, version string) (*tracing, error) {
	asked := false
	for _, name := range []string{"OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"} {
		asked = asked || os.Getenv(name) != ""
	}
	if !asked || os.Getenv("OTEL_SDK_DISABLED") == "true" || os.Getenv("OTEL_TRACES_EXPORTER") == "none" {
		return nil, nil //nolint:nilnil // no tracing is not an error
	}
	exporter, err := autoexport.NewSpanExporter(ctx)
	if err != nil {
		return nil, fmt.Errorf("exporting traces: %w", err)
	}
	about, err := resource.New(ctx,
		resource.WithAttributes(semconv.ServiceName("cofferd"), semconv.ServiceVersion(version)), resource.WithFromEnv(), resource.WithTelemetrySDK())
	if err != nil {
		return nil, fmt.Errorf("describing this server to traces: %w", err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))
	return &tracing{provider: provider, tracer: provider.Tracer("github.com/coffer-dev/coffer/internal/server")}, nil
}

func (t *tracing) close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

func (ch *chain) trace(next step) step {
	if ch.tracing == nil {
		return next
	}
	return func(ctx context.Context, c *call) (any, error) {
		ctx = ch.tracing.context.Extract(ctx, propagation.MapCarrier{"traceparent": c.traceParent, "tracestate": c.traceState})
		ctx, span := ch.tracing.tracer.Start(ctx, c.method.name[1:], trace.WithSpanKind(trace.SpanKindServer), trace.WithTimestamp(c.start))
		defer span.End()
		answer, err := next(ctx, c)
		span.SetAttributes(
			attribute.String("rpc.system", "grpc"),
			attribute.String("rpc.service", string(c.method.desc.Parent().FullName())),
			attribute.String("rpc.method", string(c.method.desc.Name())),
			attribute.Int("rpc.grpc.status_code", int(c.code())),
			attribute.String("coffer.request_id", c.requestID),
		)
		switch c.code() {
		case codes.Internal, codes.DataLoss, codes.Unavailable, codes.DeadlineExceeded, codes.Unknown, codes.Unimplemented:
			span.SetStatus(otelcodes.Error, codeName(c.code()))
		}
		return answer, err
	}
}
