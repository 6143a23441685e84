package server

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	dataosv1 "github.com/coffer-dev/coffer/gen/go/coffer/dataos/v1"
	iometev1 "github.com/coffer-dev/coffer/gen/go/coffer/iomete/v1"
	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	mgmtv1beta "github.com/coffer-dev/coffer/gen/go/instill/core/mgmt/v1beta"
	classicv1beta "github.com/coffer-dev/coffer/gen/go/instill/pipeline/pipeline/v1beta"
	pipelinev1beta "github.com/coffer-dev/coffer/gen/go/instill/pipeline/v1beta"
	vdpv1beta "github.com/coffer-dev/coffer/gen/go/instill/vdp/pipeline/v1beta"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/dialect/instill"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/rpc"
)

// What a method's policy leaves unsaid.
const (
	defaultMaxBytes = 64 << 10
	defaultDeadline = 30 * time.Second
)

// exempt is the one list of methods that answer without a decision of the gate. The health and reflection services are
// the only others: they are not Coffer's, tell nothing about what is stored and need no credential.
var exempt = []string{
	"/coffer.v1.AccessService/WhoAmI",                 // tells the caller what it is, and nothing else
	"/coffer.v1.CatalogService/ListSourceTypes",       // tells what is in the program
	"/coffer.v1.CatalogService/GetSourceType",         // likewise
	"/coffer.dataos.v1.DataOSService/LocateNamespace", // tells of a name what the settings make of it
	// Dialects' readiness, which clients ask for before they show a credential.
	"/core.mgmt.v1beta.MgmtPublicService/Liveness",
	"/core.mgmt.v1beta.MgmtPublicService/Readiness",
	"/pipeline.pipeline.v1beta.PipelinePublicService/Liveness",
	"/pipeline.pipeline.v1beta.PipelinePublicService/Readiness",
	"/vdp.pipeline.v1beta.PipelinePublicService/Liveness",
	"/vdp.pipeline.v1beta.PipelinePublicService/Readiness",
	"/pipeline.v1beta.PipelinePublicService/Liveness",
	"/pipeline.v1beta.PipelinePublicService/Readiness",
}

// method is one row of the method table: all that the server knows of a method, from its proto.
type method struct {
	name     string // /coffer.v1.SecretService/GetSecret
	desc     protoreflect.MethodDescriptor
	action   authz.Action
	exempt   bool
	open     bool // needs no credential
	status   statuses
	maxBytes int // of a request message
	binding  binding
	deadline time.Duration      // of a stream: until its request has arrived
	handler  grpc.MethodHandler // nil: a stream
	stream   grpc.StreamHandler // nil: one answer
	events   *eventStream       // how a stream reads over REST
	server   any
	metrics  *methodMetrics
	serve    step // the whole chain, ending in the handler
}

// statuses tell clients of errors. known is false for one that nobody expected.
type statuses func(err error, requestID string) (st *status.Status, known bool)

// service is a gRPC service with the rows of its methods, in the order of its descriptor.
type service struct {
	desc    *grpc.ServiceDesc
	server  any
	status  statuses // nil: rpc.Status
	methods []*method
}

func registered(s rpc.Services, d dialects) []service {
	return []service{
		{desc: &cofferv1.NamespaceService_ServiceDesc, server: s.Namespaces},
		{desc: &cofferv1.SecretService_ServiceDesc, server: s.Secrets},
		{desc: &cofferv1.ProjectionService_ServiceDesc, server: s.Projections},
		{desc: &cofferv1.AccessService_ServiceDesc, server: s.Access},
		{desc: &cofferv1.AuditService_ServiceDesc, server: s.Audit},
		{desc: &cofferv1.CatalogService_ServiceDesc, server: s.Catalog},
		{desc: &cofferv1.SystemService_ServiceDesc, server: s.System},
		{desc: &dataosv1.DataOSService_ServiceDesc, server: d.dataos},
		{desc: &iometev1.IometeService_ServiceDesc, server: d.iomete},
		{desc: &mgmtv1beta.MgmtPublicService_ServiceDesc, server: d.instill.Management, status: instill.Status},
		{desc: &classicv1beta.PipelinePublicService_ServiceDesc, server: d.instill.Classic, status: instill.Status},
		{desc: &vdpv1beta.PipelinePublicService_ServiceDesc, server: d.instill.VDP, status: instill.Status},
		{desc: &pipelinev1beta.PipelinePublicService_ServiceDesc, server: d.instill.Pipeline, status: instill.Status},
	}
}

// newTable derives the rows of all methods. A method without a complete policy does not start.
func newTable(services []service, actions []authz.Action) error {
	var unknown []string
	unknown = append(unknown, exempt...)
	for i := range services {
		s := &services[i]
		handlers := make([]method, 0, len(s.desc.Methods)+len(s.desc.Streams))
		for _, m := range s.desc.Methods {
			handlers = append(handlers, method{name: m.MethodName, handler: m.Handler})
		}
		for _, m := range s.desc.Streams {
			handlers = append(handlers, method{name: m.StreamName, stream: m.Handler})
		}
		for _, m := range handlers {
			row, err := newMethod(s, m, actions)
			if err != nil {
				return fmt.Errorf("method %s of %s: %w", m.name, s.desc.ServiceName, err)
			}
			s.methods = append(s.methods, row)
			unknown = slices.DeleteFunc(unknown, func(name string) bool { return name == row.name })
		}
	}
	if len(unknown) > 0 {
		return fmt.Errorf("exempt methods that do not exist: %v", unknown)
	}
	return nil
}

// newMethod completes the row of a method of which the name within its service and the handler are known.
func newMethod(s *service, m method, actions []authz.Action) (*method, error) {
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(s.desc.ServiceName + "." + m.name))
	if err != nil {
		return nil, err
	}
	desc, ok := found.(protoreflect.MethodDescriptor)
	if !ok {
		return nil, errors.New("is not a method")
	}
	policy, ok := proto.GetExtension(desc.Options(), cofferv1.E_Method).(*cofferv1.MethodPolicy)
	if !ok || policy.GetAudit() == cofferv1.MethodPolicy_AUDIT_UNSPECIFIED {
		return nil, errors.New("has no policy")
	}
	row := &method{
		name:     "/" + s.desc.ServiceName + "/" + m.name,
		desc:     desc,
		action:   authz.Action(policy.GetAction()),
		exempt:   policy.GetAudit() == cofferv1.MethodPolicy_EXEMPT,
		open:     policy.GetOpen(),
		maxBytes: int(policy.GetMaxRequestBytes()),
		deadline: policy.GetDeadline().AsDuration(),
		binding:  bindingOf(desc),
		handler:  m.handler,
		stream:   m.stream,
		server:   s.server,
		status:   s.status,
	}
	if row.status == nil {
		row.status = rpc.Status
	}
	if events, ok := eventStreams[row.name]; ok {
		row.events = &events
	}
	switch {
	case desc.IsStreamingClient():
		return nil, errors.New("is a stream of requests, which has no chain")
	case desc.IsStreamingServer() != (row.events != nil):
		return nil, errors.New("is a stream that has no form over REST, or the other way round")
	case row.exempt != slices.Contains(exempt, row.name):
		return nil, errors.New("the proto and the server's list do not agree on whether it is exempt")
	case row.open && (!row.exempt || row.stream != nil):
		return nil, errors.New("is open to everybody and not exempt, or a stream")
	case row.exempt != (row.action == ""):
		return nil, errors.New("has neither or both of an action and an exemption")
	case !row.exempt && !slices.Contains(actions, row.action):
		return nil, fmt.Errorf("action %q is not in the policy schema", row.action)
	case !row.exempt && gate.Changes(row.action) != (policy.GetAudit() == cofferv1.MethodPolicy_WRITE):
		return nil, errors.New("has an audit class that is not the one of its action")
	case row.maxBytes < 0 || row.deadline < 0:
		return nil, errors.New("has a negative limit")
	}
	if row.maxBytes == 0 {
		row.maxBytes = defaultMaxBytes
	}
	if row.deadline == 0 {
		row.deadline = defaultDeadline
	}
	return row, nil
}
