package dev.coffer.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * ProjectionService keeps projections, the recipes of what a workload receives, and renders them.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class ProjectionServiceGrpc {

  private ProjectionServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "coffer.v1.ProjectionService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.CreateProjectionRequest,
      dev.coffer.v1.Projection> getCreateProjectionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateProjection",
      requestType = dev.coffer.v1.CreateProjectionRequest.class,
      responseType = dev.coffer.v1.Projection.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.CreateProjectionRequest,
      dev.coffer.v1.Projection> getCreateProjectionMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.CreateProjectionRequest, dev.coffer.v1.Projection> getCreateProjectionMethod;
    if ((getCreateProjectionMethod = ProjectionServiceGrpc.getCreateProjectionMethod) == null) {
      synchronized (ProjectionServiceGrpc.class) {
        if ((getCreateProjectionMethod = ProjectionServiceGrpc.getCreateProjectionMethod) == null) {
          ProjectionServiceGrpc.getCreateProjectionMethod = getCreateProjectionMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.CreateProjectionRequest, dev.coffer.v1.Projection>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateProjection"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.CreateProjectionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.Projection.getDefaultInstance()))
              .setSchemaDescriptor(new ProjectionServiceMethodDescriptorSupplier("CreateProjection"))
              .build();
        }
      }
    }
    return getCreateProjectionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.GetProjectionRequest,
      dev.coffer.v1.Projection> getGetProjectionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetProjection",
      requestType = dev.coffer.v1.GetProjectionRequest.class,
      responseType = dev.coffer.v1.Projection.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.GetProjectionRequest,
      dev.coffer.v1.Projection> getGetProjectionMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.GetProjectionRequest, dev.coffer.v1.Projection> getGetProjectionMethod;
    if ((getGetProjectionMethod = ProjectionServiceGrpc.getGetProjectionMethod) == null) {
      synchronized (ProjectionServiceGrpc.class) {
        if ((getGetProjectionMethod = ProjectionServiceGrpc.getGetProjectionMethod) == null) {
          ProjectionServiceGrpc.getGetProjectionMethod = getGetProjectionMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.GetProjectionRequest, dev.coffer.v1.Projection>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetProjection"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.GetProjectionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.Projection.getDefaultInstance()))
              .setSchemaDescriptor(new ProjectionServiceMethodDescriptorSupplier("GetProjection"))
              .build();
        }
      }
    }
    return getGetProjectionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.ListProjectionsRequest,
      dev.coffer.v1.ListProjectionsResponse> getListProjectionsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListProjections",
      requestType = dev.coffer.v1.ListProjectionsRequest.class,
      responseType = dev.coffer.v1.ListProjectionsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.ListProjectionsRequest,
      dev.coffer.v1.ListProjectionsResponse> getListProjectionsMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.ListProjectionsRequest, dev.coffer.v1.ListProjectionsResponse> getListProjectionsMethod;
    if ((getListProjectionsMethod = ProjectionServiceGrpc.getListProjectionsMethod) == null) {
      synchronized (ProjectionServiceGrpc.class) {
        if ((getListProjectionsMethod = ProjectionServiceGrpc.getListProjectionsMethod) == null) {
          ProjectionServiceGrpc.getListProjectionsMethod = getListProjectionsMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.ListProjectionsRequest, dev.coffer.v1.ListProjectionsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListProjections"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ListProjectionsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ListProjectionsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ProjectionServiceMethodDescriptorSupplier("ListProjections"))
              .build();
        }
      }
    }
    return getListProjectionsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.UpdateProjectionRequest,
      dev.coffer.v1.Projection> getUpdateProjectionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateProjection",
      requestType = dev.coffer.v1.UpdateProjectionRequest.class,
      responseType = dev.coffer.v1.Projection.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.UpdateProjectionRequest,
      dev.coffer.v1.Projection> getUpdateProjectionMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.UpdateProjectionRequest, dev.coffer.v1.Projection> getUpdateProjectionMethod;
    if ((getUpdateProjectionMethod = ProjectionServiceGrpc.getUpdateProjectionMethod) == null) {
      synchronized (ProjectionServiceGrpc.class) {
        if ((getUpdateProjectionMethod = ProjectionServiceGrpc.getUpdateProjectionMethod) == null) {
          ProjectionServiceGrpc.getUpdateProjectionMethod = getUpdateProjectionMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.UpdateProjectionRequest, dev.coffer.v1.Projection>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateProjection"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.UpdateProjectionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.Projection.getDefaultInstance()))
              .setSchemaDescriptor(new ProjectionServiceMethodDescriptorSupplier("UpdateProjection"))
              .build();
        }
      }
    }
    return getUpdateProjectionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.DeleteProjectionRequest,
      dev.coffer.v1.DeleteProjectionResponse> getDeleteProjectionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteProjection",
      requestType = dev.coffer.v1.DeleteProjectionRequest.class,
      responseType = dev.coffer.v1.DeleteProjectionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.DeleteProjectionRequest,
      dev.coffer.v1.DeleteProjectionResponse> getDeleteProjectionMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.DeleteProjectionRequest, dev.coffer.v1.DeleteProjectionResponse> getDeleteProjectionMethod;
    if ((getDeleteProjectionMethod = ProjectionServiceGrpc.getDeleteProjectionMethod) == null) {
      synchronized (ProjectionServiceGrpc.class) {
        if ((getDeleteProjectionMethod = ProjectionServiceGrpc.getDeleteProjectionMethod) == null) {
          ProjectionServiceGrpc.getDeleteProjectionMethod = getDeleteProjectionMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.DeleteProjectionRequest, dev.coffer.v1.DeleteProjectionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteProjection"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.DeleteProjectionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.DeleteProjectionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ProjectionServiceMethodDescriptorSupplier("DeleteProjection"))
              .build();
        }
      }
    }
    return getDeleteProjectionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.RenderProjectionRequest,
      dev.coffer.v1.RenderProjectionResponse> getRenderProjectionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RenderProjection",
      requestType = dev.coffer.v1.RenderProjectionRequest.class,
      responseType = dev.coffer.v1.RenderProjectionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.RenderProjectionRequest,
      dev.coffer.v1.RenderProjectionResponse> getRenderProjectionMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.RenderProjectionRequest, dev.coffer.v1.RenderProjectionResponse> getRenderProjectionMethod;
    if ((getRenderProjectionMethod = ProjectionServiceGrpc.getRenderProjectionMethod) == null) {
      synchronized (ProjectionServiceGrpc.class) {
        if ((getRenderProjectionMethod = ProjectionServiceGrpc.getRenderProjectionMethod) == null) {
          ProjectionServiceGrpc.getRenderProjectionMethod = getRenderProjectionMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.RenderProjectionRequest, dev.coffer.v1.RenderProjectionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RenderProjection"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.RenderProjectionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.RenderProjectionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ProjectionServiceMethodDescriptorSupplier("RenderProjection"))
              .build();
        }
      }
    }
    return getRenderProjectionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.WatchProjectionRequest,
      dev.coffer.v1.WatchProjectionResponse> getWatchProjectionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WatchProjection",
      requestType = dev.coffer.v1.WatchProjectionRequest.class,
      responseType = dev.coffer.v1.WatchProjectionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.WatchProjectionRequest,
      dev.coffer.v1.WatchProjectionResponse> getWatchProjectionMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.WatchProjectionRequest, dev.coffer.v1.WatchProjectionResponse> getWatchProjectionMethod;
    if ((getWatchProjectionMethod = ProjectionServiceGrpc.getWatchProjectionMethod) == null) {
      synchronized (ProjectionServiceGrpc.class) {
        if ((getWatchProjectionMethod = ProjectionServiceGrpc.getWatchProjectionMethod) == null) {
          ProjectionServiceGrpc.getWatchProjectionMethod = getWatchProjectionMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.WatchProjectionRequest, dev.coffer.v1.WatchProjectionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WatchProjection"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.WatchProjectionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.WatchProjectionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ProjectionServiceMethodDescriptorSupplier("WatchProjection"))
              .build();
        }
      }
    }
    return getWatchProjectionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.ResolveWorkloadRequest,
      dev.coffer.v1.ResolveWorkloadResponse> getResolveWorkloadMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ResolveWorkload",
      requestType = dev.coffer.v1.ResolveWorkloadRequest.class,
      responseType = dev.coffer.v1.ResolveWorkloadResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.ResolveWorkloadRequest,
      dev.coffer.v1.ResolveWorkloadResponse> getResolveWorkloadMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.ResolveWorkloadRequest, dev.coffer.v1.ResolveWorkloadResponse> getResolveWorkloadMethod;
    if ((getResolveWorkloadMethod = ProjectionServiceGrpc.getResolveWorkloadMethod) == null) {
      synchronized (ProjectionServiceGrpc.class) {
        if ((getResolveWorkloadMethod = ProjectionServiceGrpc.getResolveWorkloadMethod) == null) {
          ProjectionServiceGrpc.getResolveWorkloadMethod = getResolveWorkloadMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.ResolveWorkloadRequest, dev.coffer.v1.ResolveWorkloadResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ResolveWorkload"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ResolveWorkloadRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ResolveWorkloadResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ProjectionServiceMethodDescriptorSupplier("ResolveWorkload"))
              .build();
        }
      }
    }
    return getResolveWorkloadMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static ProjectionServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ProjectionServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ProjectionServiceStub>() {
        @java.lang.Override
        public ProjectionServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ProjectionServiceStub(channel, callOptions);
        }
      };
    return ProjectionServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static ProjectionServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ProjectionServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ProjectionServiceBlockingV2Stub>() {
        @java.lang.Override
        public ProjectionServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ProjectionServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return ProjectionServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static ProjectionServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ProjectionServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ProjectionServiceBlockingStub>() {
        @java.lang.Override
        public ProjectionServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ProjectionServiceBlockingStub(channel, callOptions);
        }
      };
    return ProjectionServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static ProjectionServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ProjectionServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ProjectionServiceFutureStub>() {
        @java.lang.Override
        public ProjectionServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ProjectionServiceFutureStub(channel, callOptions);
        }
      };
    return ProjectionServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * ProjectionService keeps projections, the recipes of what a workload receives, and renders them.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * CreateProjection stores a projection. Needs `projection:create` on the namespace and `secret:use` on every secret
     * it names; the caller becomes its `authorized_by`.
     * </pre>
     */
    default void createProjection(dev.coffer.v1.CreateProjectionRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Projection> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateProjectionMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetProjection returns a projection. Needs `projection:get`.
     * </pre>
     */
    default void getProjection(dev.coffer.v1.GetProjectionRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Projection> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetProjectionMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListProjections returns those projections of a namespace that the caller may see. Needs `projection:list` at or
     * below the namespace.
     * </pre>
     */
    default void listProjections(dev.coffer.v1.ListProjectionsRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ListProjectionsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListProjectionsMethod(), responseObserver);
    }

    /**
     * <pre>
     * UpdateProjection changes a projection. Needs `projection:update`. Writing `items` binds their secrets anew, needs
     * `secret:use` on every one, and makes the caller `authorized_by`, which needs `projection:takeOver` where that is
     * somebody else.
     * </pre>
     */
    default void updateProjection(dev.coffer.v1.UpdateProjectionRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Projection> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateProjectionMethod(), responseObserver);
    }

    /**
     * <pre>
     * DeleteProjection removes a projection for good. Needs `projection:delete`.
     * </pre>
     */
    default void deleteProjection(dev.coffer.v1.DeleteProjectionRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.DeleteProjectionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteProjectionMethod(), responseObserver);
    }

    /**
     * <pre>
     * RenderProjection returns the values of a projection in their shapes, all of one store revision, or none. Needs
     * `projection:render`, and its `authorized_by` must still hold `secret:use` on every secret. With `dry_run` it returns
     * names and shapes only, and needs `projection:get` instead. Errors: PERMISSION_DENIED when either right is gone,
     * FAILED_PRECONDITION when a secret is deleted, expired, or lacks a key, when a template fails, or when a variable takes
     * over a process and `allow_env` does not name it.
     * </pre>
     */
    default void renderProjection(dev.coffer.v1.RenderProjectionRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.RenderProjectionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRenderProjectionMethod(), responseObserver);
    }

    /**
     * <pre>
     * WatchProjection delivers a projection and then, as soon as it changes, the newest bundle again; a slow reader misses
     * states, never the last. Needs `projection:watch`, and the author's rights as RenderProjection does; each delivery is
     * decided and recorded anew. The stream ends within a second of losing the credential (UNAUTHENTICATED) or a right
     * (PERMISSION_DENIED), when nothing can be delivered (FAILED_PRECONDITION, NOT_FOUND), and when the server stops
     * (UNAVAILABLE: connect again). Over REST it is Server-Sent Events, and `Last-Event-ID` is if_none_match.
     * </pre>
     */
    default void watchProjection(dev.coffer.v1.WatchProjectionRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.WatchProjectionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWatchProjectionMethod(), responseObserver);
    }

    /**
     * <pre>
     * ResolveWorkload resolves the references to secrets inside a workload's own payload, all of one store revision, or
     * none. Needs `secret:access` at or below the namespace, or on one of its secrets, and on every secret referred to. A
     * payload that is to be resolved without that right is stored as the `workload` of a projection, and rendered. Errors:
     * FAILED_PRECONDITION with reason REFERENCE_UNRESOLVED; its `BadRequest` detail names each reference that cannot be
     * resolved, by its place in the payload. One that is missing and one that may not be accessed read the same.
     * </pre>
     */
    default void resolveWorkload(dev.coffer.v1.ResolveWorkloadRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ResolveWorkloadResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getResolveWorkloadMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service ProjectionService.
   * <pre>
   * ProjectionService keeps projections, the recipes of what a workload receives, and renders them.
   * </pre>
   */
  public static abstract class ProjectionServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return ProjectionServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service ProjectionService.
   * <pre>
   * ProjectionService keeps projections, the recipes of what a workload receives, and renders them.
   * </pre>
   */
  public static final class ProjectionServiceStub
      extends io.grpc.stub.AbstractAsyncStub<ProjectionServiceStub> {
    private ProjectionServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ProjectionServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ProjectionServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateProjection stores a projection. Needs `projection:create` on the namespace and `secret:use` on every secret
     * it names; the caller becomes its `authorized_by`.
     * </pre>
     */
    public void createProjection(dev.coffer.v1.CreateProjectionRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Projection> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateProjectionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetProjection returns a projection. Needs `projection:get`.
     * </pre>
     */
    public void getProjection(dev.coffer.v1.GetProjectionRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Projection> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetProjectionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListProjections returns those projections of a namespace that the caller may see. Needs `projection:list` at or
     * below the namespace.
     * </pre>
     */
    public void listProjections(dev.coffer.v1.ListProjectionsRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ListProjectionsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListProjectionsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * UpdateProjection changes a projection. Needs `projection:update`. Writing `items` binds their secrets anew, needs
     * `secret:use` on every one, and makes the caller `authorized_by`, which needs `projection:takeOver` where that is
     * somebody else.
     * </pre>
     */
    public void updateProjection(dev.coffer.v1.UpdateProjectionRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Projection> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateProjectionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * DeleteProjection removes a projection for good. Needs `projection:delete`.
     * </pre>
     */
    public void deleteProjection(dev.coffer.v1.DeleteProjectionRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.DeleteProjectionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteProjectionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * RenderProjection returns the values of a projection in their shapes, all of one store revision, or none. Needs
     * `projection:render`, and its `authorized_by` must still hold `secret:use` on every secret. With `dry_run` it returns
     * names and shapes only, and needs `projection:get` instead. Errors: PERMISSION_DENIED when either right is gone,
     * FAILED_PRECONDITION when a secret is deleted, expired, or lacks a key, when a template fails, or when a variable takes
     * over a process and `allow_env` does not name it.
     * </pre>
     */
    public void renderProjection(dev.coffer.v1.RenderProjectionRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.RenderProjectionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRenderProjectionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * WatchProjection delivers a projection and then, as soon as it changes, the newest bundle again; a slow reader misses
     * states, never the last. Needs `projection:watch`, and the author's rights as RenderProjection does; each delivery is
     * decided and recorded anew. The stream ends within a second of losing the credential (UNAUTHENTICATED) or a right
     * (PERMISSION_DENIED), when nothing can be delivered (FAILED_PRECONDITION, NOT_FOUND), and when the server stops
     * (UNAVAILABLE: connect again). Over REST it is Server-Sent Events, and `Last-Event-ID` is if_none_match.
     * </pre>
     */
    public void watchProjection(dev.coffer.v1.WatchProjectionRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.WatchProjectionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getWatchProjectionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ResolveWorkload resolves the references to secrets inside a workload's own payload, all of one store revision, or
     * none. Needs `secret:access` at or below the namespace, or on one of its secrets, and on every secret referred to. A
     * payload that is to be resolved without that right is stored as the `workload` of a projection, and rendered. Errors:
     * FAILED_PRECONDITION with reason REFERENCE_UNRESOLVED; its `BadRequest` detail names each reference that cannot be
     * resolved, by its place in the payload. One that is missing and one that may not be accessed read the same.
     * </pre>
     */
    public void resolveWorkload(dev.coffer.v1.ResolveWorkloadRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ResolveWorkloadResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getResolveWorkloadMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service ProjectionService.
   * <pre>
   * ProjectionService keeps projections, the recipes of what a workload receives, and renders them.
   * </pre>
   */
  public static final class ProjectionServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<ProjectionServiceBlockingV2Stub> {
    private ProjectionServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ProjectionServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ProjectionServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateProjection stores a projection. Needs `projection:create` on the namespace and `secret:use` on every secret
     * it names; the caller becomes its `authorized_by`.
     * </pre>
     */
    public dev.coffer.v1.Projection createProjection(dev.coffer.v1.CreateProjectionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateProjectionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetProjection returns a projection. Needs `projection:get`.
     * </pre>
     */
    public dev.coffer.v1.Projection getProjection(dev.coffer.v1.GetProjectionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetProjectionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListProjections returns those projections of a namespace that the caller may see. Needs `projection:list` at or
     * below the namespace.
     * </pre>
     */
    public dev.coffer.v1.ListProjectionsResponse listProjections(dev.coffer.v1.ListProjectionsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListProjectionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateProjection changes a projection. Needs `projection:update`. Writing `items` binds their secrets anew, needs
     * `secret:use` on every one, and makes the caller `authorized_by`, which needs `projection:takeOver` where that is
     * somebody else.
     * </pre>
     */
    public dev.coffer.v1.Projection updateProjection(dev.coffer.v1.UpdateProjectionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateProjectionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteProjection removes a projection for good. Needs `projection:delete`.
     * </pre>
     */
    public dev.coffer.v1.DeleteProjectionResponse deleteProjection(dev.coffer.v1.DeleteProjectionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteProjectionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RenderProjection returns the values of a projection in their shapes, all of one store revision, or none. Needs
     * `projection:render`, and its `authorized_by` must still hold `secret:use` on every secret. With `dry_run` it returns
     * names and shapes only, and needs `projection:get` instead. Errors: PERMISSION_DENIED when either right is gone,
     * FAILED_PRECONDITION when a secret is deleted, expired, or lacks a key, when a template fails, or when a variable takes
     * over a process and `allow_env` does not name it.
     * </pre>
     */
    public dev.coffer.v1.RenderProjectionResponse renderProjection(dev.coffer.v1.RenderProjectionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRenderProjectionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * WatchProjection delivers a projection and then, as soon as it changes, the newest bundle again; a slow reader misses
     * states, never the last. Needs `projection:watch`, and the author's rights as RenderProjection does; each delivery is
     * decided and recorded anew. The stream ends within a second of losing the credential (UNAUTHENTICATED) or a right
     * (PERMISSION_DENIED), when nothing can be delivered (FAILED_PRECONDITION, NOT_FOUND), and when the server stops
     * (UNAVAILABLE: connect again). Over REST it is Server-Sent Events, and `Last-Event-ID` is if_none_match.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, dev.coffer.v1.WatchProjectionResponse>
        watchProjection(dev.coffer.v1.WatchProjectionRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getWatchProjectionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ResolveWorkload resolves the references to secrets inside a workload's own payload, all of one store revision, or
     * none. Needs `secret:access` at or below the namespace, or on one of its secrets, and on every secret referred to. A
     * payload that is to be resolved without that right is stored as the `workload` of a projection, and rendered. Errors:
     * FAILED_PRECONDITION with reason REFERENCE_UNRESOLVED; its `BadRequest` detail names each reference that cannot be
     * resolved, by its place in the payload. One that is missing and one that may not be accessed read the same.
     * </pre>
     */
    public dev.coffer.v1.ResolveWorkloadResponse resolveWorkload(dev.coffer.v1.ResolveWorkloadRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getResolveWorkloadMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service ProjectionService.
   * <pre>
   * ProjectionService keeps projections, the recipes of what a workload receives, and renders them.
   * </pre>
   */
  public static final class ProjectionServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<ProjectionServiceBlockingStub> {
    private ProjectionServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ProjectionServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ProjectionServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateProjection stores a projection. Needs `projection:create` on the namespace and `secret:use` on every secret
     * it names; the caller becomes its `authorized_by`.
     * </pre>
     */
    public dev.coffer.v1.Projection createProjection(dev.coffer.v1.CreateProjectionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateProjectionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetProjection returns a projection. Needs `projection:get`.
     * </pre>
     */
    public dev.coffer.v1.Projection getProjection(dev.coffer.v1.GetProjectionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetProjectionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListProjections returns those projections of a namespace that the caller may see. Needs `projection:list` at or
     * below the namespace.
     * </pre>
     */
    public dev.coffer.v1.ListProjectionsResponse listProjections(dev.coffer.v1.ListProjectionsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListProjectionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateProjection changes a projection. Needs `projection:update`. Writing `items` binds their secrets anew, needs
     * `secret:use` on every one, and makes the caller `authorized_by`, which needs `projection:takeOver` where that is
     * somebody else.
     * </pre>
     */
    public dev.coffer.v1.Projection updateProjection(dev.coffer.v1.UpdateProjectionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateProjectionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteProjection removes a projection for good. Needs `projection:delete`.
     * </pre>
     */
    public dev.coffer.v1.DeleteProjectionResponse deleteProjection(dev.coffer.v1.DeleteProjectionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteProjectionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RenderProjection returns the values of a projection in their shapes, all of one store revision, or none. Needs
     * `projection:render`, and its `authorized_by` must still hold `secret:use` on every secret. With `dry_run` it returns
     * names and shapes only, and needs `projection:get` instead. Errors: PERMISSION_DENIED when either right is gone,
     * FAILED_PRECONDITION when a secret is deleted, expired, or lacks a key, when a template fails, or when a variable takes
     * over a process and `allow_env` does not name it.
     * </pre>
     */
    public dev.coffer.v1.RenderProjectionResponse renderProjection(dev.coffer.v1.RenderProjectionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRenderProjectionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * WatchProjection delivers a projection and then, as soon as it changes, the newest bundle again; a slow reader misses
     * states, never the last. Needs `projection:watch`, and the author's rights as RenderProjection does; each delivery is
     * decided and recorded anew. The stream ends within a second of losing the credential (UNAUTHENTICATED) or a right
     * (PERMISSION_DENIED), when nothing can be delivered (FAILED_PRECONDITION, NOT_FOUND), and when the server stops
     * (UNAVAILABLE: connect again). Over REST it is Server-Sent Events, and `Last-Event-ID` is if_none_match.
     * </pre>
     */
    public java.util.Iterator<dev.coffer.v1.WatchProjectionResponse> watchProjection(
        dev.coffer.v1.WatchProjectionRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getWatchProjectionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ResolveWorkload resolves the references to secrets inside a workload's own payload, all of one store revision, or
     * none. Needs `secret:access` at or below the namespace, or on one of its secrets, and on every secret referred to. A
     * payload that is to be resolved without that right is stored as the `workload` of a projection, and rendered. Errors:
     * FAILED_PRECONDITION with reason REFERENCE_UNRESOLVED; its `BadRequest` detail names each reference that cannot be
     * resolved, by its place in the payload. One that is missing and one that may not be accessed read the same.
     * </pre>
     */
    public dev.coffer.v1.ResolveWorkloadResponse resolveWorkload(dev.coffer.v1.ResolveWorkloadRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getResolveWorkloadMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service ProjectionService.
   * <pre>
   * ProjectionService keeps projections, the recipes of what a workload receives, and renders them.
   * </pre>
   */
  public static final class ProjectionServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<ProjectionServiceFutureStub> {
    private ProjectionServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ProjectionServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ProjectionServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateProjection stores a projection. Needs `projection:create` on the namespace and `secret:use` on every secret
     * it names; the caller becomes its `authorized_by`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.Projection> createProjection(
        dev.coffer.v1.CreateProjectionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateProjectionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetProjection returns a projection. Needs `projection:get`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.Projection> getProjection(
        dev.coffer.v1.GetProjectionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetProjectionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListProjections returns those projections of a namespace that the caller may see. Needs `projection:list` at or
     * below the namespace.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.ListProjectionsResponse> listProjections(
        dev.coffer.v1.ListProjectionsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListProjectionsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * UpdateProjection changes a projection. Needs `projection:update`. Writing `items` binds their secrets anew, needs
     * `secret:use` on every one, and makes the caller `authorized_by`, which needs `projection:takeOver` where that is
     * somebody else.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.Projection> updateProjection(
        dev.coffer.v1.UpdateProjectionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateProjectionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * DeleteProjection removes a projection for good. Needs `projection:delete`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.DeleteProjectionResponse> deleteProjection(
        dev.coffer.v1.DeleteProjectionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteProjectionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * RenderProjection returns the values of a projection in their shapes, all of one store revision, or none. Needs
     * `projection:render`, and its `authorized_by` must still hold `secret:use` on every secret. With `dry_run` it returns
     * names and shapes only, and needs `projection:get` instead. Errors: PERMISSION_DENIED when either right is gone,
     * FAILED_PRECONDITION when a secret is deleted, expired, or lacks a key, when a template fails, or when a variable takes
     * over a process and `allow_env` does not name it.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.RenderProjectionResponse> renderProjection(
        dev.coffer.v1.RenderProjectionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRenderProjectionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ResolveWorkload resolves the references to secrets inside a workload's own payload, all of one store revision, or
     * none. Needs `secret:access` at or below the namespace, or on one of its secrets, and on every secret referred to. A
     * payload that is to be resolved without that right is stored as the `workload` of a projection, and rendered. Errors:
     * FAILED_PRECONDITION with reason REFERENCE_UNRESOLVED; its `BadRequest` detail names each reference that cannot be
     * resolved, by its place in the payload. One that is missing and one that may not be accessed read the same.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.ResolveWorkloadResponse> resolveWorkload(
        dev.coffer.v1.ResolveWorkloadRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getResolveWorkloadMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CREATE_PROJECTION = 0;
  private static final int METHODID_GET_PROJECTION = 1;
  private static final int METHODID_LIST_PROJECTIONS = 2;
  private static final int METHODID_UPDATE_PROJECTION = 3;
  private static final int METHODID_DELETE_PROJECTION = 4;
  private static final int METHODID_RENDER_PROJECTION = 5;
  private static final int METHODID_WATCH_PROJECTION = 6;
  private static final int METHODID_RESOLVE_WORKLOAD = 7;

  private static final class MethodHandlers<Req, Resp> implements
      io.grpc.stub.ServerCalls.UnaryMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ServerStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ClientStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.BidiStreamingMethod<Req, Resp> {
    private final AsyncService serviceImpl;
    private final int methodId;

    MethodHandlers(AsyncService serviceImpl, int methodId) {
      this.serviceImpl = serviceImpl;
      this.methodId = methodId;
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public void invoke(Req request, io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_CREATE_PROJECTION:
          serviceImpl.createProjection((dev.coffer.v1.CreateProjectionRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.Projection>) responseObserver);
          break;
        case METHODID_GET_PROJECTION:
          serviceImpl.getProjection((dev.coffer.v1.GetProjectionRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.Projection>) responseObserver);
          break;
        case METHODID_LIST_PROJECTIONS:
          serviceImpl.listProjections((dev.coffer.v1.ListProjectionsRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.ListProjectionsResponse>) responseObserver);
          break;
        case METHODID_UPDATE_PROJECTION:
          serviceImpl.updateProjection((dev.coffer.v1.UpdateProjectionRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.Projection>) responseObserver);
          break;
        case METHODID_DELETE_PROJECTION:
          serviceImpl.deleteProjection((dev.coffer.v1.DeleteProjectionRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.DeleteProjectionResponse>) responseObserver);
          break;
        case METHODID_RENDER_PROJECTION:
          serviceImpl.renderProjection((dev.coffer.v1.RenderProjectionRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.RenderProjectionResponse>) responseObserver);
          break;
        case METHODID_WATCH_PROJECTION:
          serviceImpl.watchProjection((dev.coffer.v1.WatchProjectionRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.WatchProjectionResponse>) responseObserver);
          break;
        case METHODID_RESOLVE_WORKLOAD:
          serviceImpl.resolveWorkload((dev.coffer.v1.ResolveWorkloadRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.ResolveWorkloadResponse>) responseObserver);
          break;
        default:
          throw new AssertionError();
      }
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public io.grpc.stub.StreamObserver<Req> invoke(
        io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getCreateProjectionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.CreateProjectionRequest,
              dev.coffer.v1.Projection>(
                service, METHODID_CREATE_PROJECTION)))
        .addMethod(
          getGetProjectionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.GetProjectionRequest,
              dev.coffer.v1.Projection>(
                service, METHODID_GET_PROJECTION)))
        .addMethod(
          getListProjectionsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.ListProjectionsRequest,
              dev.coffer.v1.ListProjectionsResponse>(
                service, METHODID_LIST_PROJECTIONS)))
        .addMethod(
          getUpdateProjectionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.UpdateProjectionRequest,
              dev.coffer.v1.Projection>(
                service, METHODID_UPDATE_PROJECTION)))
        .addMethod(
          getDeleteProjectionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.DeleteProjectionRequest,
              dev.coffer.v1.DeleteProjectionResponse>(
                service, METHODID_DELETE_PROJECTION)))
        .addMethod(
          getRenderProjectionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.RenderProjectionRequest,
              dev.coffer.v1.RenderProjectionResponse>(
                service, METHODID_RENDER_PROJECTION)))
        .addMethod(
          getWatchProjectionMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              dev.coffer.v1.WatchProjectionRequest,
              dev.coffer.v1.WatchProjectionResponse>(
                service, METHODID_WATCH_PROJECTION)))
        .addMethod(
          getResolveWorkloadMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.ResolveWorkloadRequest,
              dev.coffer.v1.ResolveWorkloadResponse>(
                service, METHODID_RESOLVE_WORKLOAD)))
        .build();
  }

  private static abstract class ProjectionServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    ProjectionServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.coffer.v1.ProjectionProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("ProjectionService");
    }
  }

  private static final class ProjectionServiceFileDescriptorSupplier
      extends ProjectionServiceBaseDescriptorSupplier {
    ProjectionServiceFileDescriptorSupplier() {}
  }

  private static final class ProjectionServiceMethodDescriptorSupplier
      extends ProjectionServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    ProjectionServiceMethodDescriptorSupplier(java.lang.String methodName) {
      this.methodName = methodName;
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.MethodDescriptor getMethodDescriptor() {
      return getServiceDescriptor().findMethodByName(methodName);
    }
  }

  private static volatile io.grpc.ServiceDescriptor serviceDescriptor;

  public static io.grpc.ServiceDescriptor getServiceDescriptor() {
    io.grpc.ServiceDescriptor result = serviceDescriptor;
    if (result == null) {
      synchronized (ProjectionServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new ProjectionServiceFileDescriptorSupplier())
              .addMethod(getCreateProjectionMethod())
              .addMethod(getGetProjectionMethod())
              .addMethod(getListProjectionsMethod())
              .addMethod(getUpdateProjectionMethod())
              .addMethod(getDeleteProjectionMethod())
              .addMethod(getRenderProjectionMethod())
              .addMethod(getWatchProjectionMethod())
              .addMethod(getResolveWorkloadMethod())
              .build();
        }
      }
    }
    return result;
  }
}
