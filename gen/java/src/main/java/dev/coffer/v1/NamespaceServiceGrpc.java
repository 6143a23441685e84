package dev.coffer.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * NamespaceService manages the tree of namespaces: containers of secrets, each with encryption keys of its own.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class NamespaceServiceGrpc {

  private NamespaceServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "coffer.v1.NamespaceService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.CreateNamespaceRequest,
      dev.coffer.v1.Namespace> getCreateNamespaceMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateNamespace",
      requestType = dev.coffer.v1.CreateNamespaceRequest.class,
      responseType = dev.coffer.v1.Namespace.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.CreateNamespaceRequest,
      dev.coffer.v1.Namespace> getCreateNamespaceMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.CreateNamespaceRequest, dev.coffer.v1.Namespace> getCreateNamespaceMethod;
    if ((getCreateNamespaceMethod = NamespaceServiceGrpc.getCreateNamespaceMethod) == null) {
      synchronized (NamespaceServiceGrpc.class) {
        if ((getCreateNamespaceMethod = NamespaceServiceGrpc.getCreateNamespaceMethod) == null) {
          NamespaceServiceGrpc.getCreateNamespaceMethod = getCreateNamespaceMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.CreateNamespaceRequest, dev.coffer.v1.Namespace>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateNamespace"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.CreateNamespaceRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.Namespace.getDefaultInstance()))
              .setSchemaDescriptor(new NamespaceServiceMethodDescriptorSupplier("CreateNamespace"))
              .build();
        }
      }
    }
    return getCreateNamespaceMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.GetNamespaceRequest,
      dev.coffer.v1.Namespace> getGetNamespaceMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetNamespace",
      requestType = dev.coffer.v1.GetNamespaceRequest.class,
      responseType = dev.coffer.v1.Namespace.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.GetNamespaceRequest,
      dev.coffer.v1.Namespace> getGetNamespaceMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.GetNamespaceRequest, dev.coffer.v1.Namespace> getGetNamespaceMethod;
    if ((getGetNamespaceMethod = NamespaceServiceGrpc.getGetNamespaceMethod) == null) {
      synchronized (NamespaceServiceGrpc.class) {
        if ((getGetNamespaceMethod = NamespaceServiceGrpc.getGetNamespaceMethod) == null) {
          NamespaceServiceGrpc.getGetNamespaceMethod = getGetNamespaceMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.GetNamespaceRequest, dev.coffer.v1.Namespace>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetNamespace"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.GetNamespaceRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.Namespace.getDefaultInstance()))
              .setSchemaDescriptor(new NamespaceServiceMethodDescriptorSupplier("GetNamespace"))
              .build();
        }
      }
    }
    return getGetNamespaceMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.ListNamespacesRequest,
      dev.coffer.v1.ListNamespacesResponse> getListNamespacesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListNamespaces",
      requestType = dev.coffer.v1.ListNamespacesRequest.class,
      responseType = dev.coffer.v1.ListNamespacesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.ListNamespacesRequest,
      dev.coffer.v1.ListNamespacesResponse> getListNamespacesMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.ListNamespacesRequest, dev.coffer.v1.ListNamespacesResponse> getListNamespacesMethod;
    if ((getListNamespacesMethod = NamespaceServiceGrpc.getListNamespacesMethod) == null) {
      synchronized (NamespaceServiceGrpc.class) {
        if ((getListNamespacesMethod = NamespaceServiceGrpc.getListNamespacesMethod) == null) {
          NamespaceServiceGrpc.getListNamespacesMethod = getListNamespacesMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.ListNamespacesRequest, dev.coffer.v1.ListNamespacesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListNamespaces"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ListNamespacesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ListNamespacesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new NamespaceServiceMethodDescriptorSupplier("ListNamespaces"))
              .build();
        }
      }
    }
    return getListNamespacesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.UpdateNamespaceRequest,
      dev.coffer.v1.Namespace> getUpdateNamespaceMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateNamespace",
      requestType = dev.coffer.v1.UpdateNamespaceRequest.class,
      responseType = dev.coffer.v1.Namespace.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.UpdateNamespaceRequest,
      dev.coffer.v1.Namespace> getUpdateNamespaceMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.UpdateNamespaceRequest, dev.coffer.v1.Namespace> getUpdateNamespaceMethod;
    if ((getUpdateNamespaceMethod = NamespaceServiceGrpc.getUpdateNamespaceMethod) == null) {
      synchronized (NamespaceServiceGrpc.class) {
        if ((getUpdateNamespaceMethod = NamespaceServiceGrpc.getUpdateNamespaceMethod) == null) {
          NamespaceServiceGrpc.getUpdateNamespaceMethod = getUpdateNamespaceMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.UpdateNamespaceRequest, dev.coffer.v1.Namespace>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateNamespace"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.UpdateNamespaceRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.Namespace.getDefaultInstance()))
              .setSchemaDescriptor(new NamespaceServiceMethodDescriptorSupplier("UpdateNamespace"))
              .build();
        }
      }
    }
    return getUpdateNamespaceMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.DeleteNamespaceRequest,
      dev.coffer.v1.Namespace> getDeleteNamespaceMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteNamespace",
      requestType = dev.coffer.v1.DeleteNamespaceRequest.class,
      responseType = dev.coffer.v1.Namespace.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.DeleteNamespaceRequest,
      dev.coffer.v1.Namespace> getDeleteNamespaceMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.DeleteNamespaceRequest, dev.coffer.v1.Namespace> getDeleteNamespaceMethod;
    if ((getDeleteNamespaceMethod = NamespaceServiceGrpc.getDeleteNamespaceMethod) == null) {
      synchronized (NamespaceServiceGrpc.class) {
        if ((getDeleteNamespaceMethod = NamespaceServiceGrpc.getDeleteNamespaceMethod) == null) {
          NamespaceServiceGrpc.getDeleteNamespaceMethod = getDeleteNamespaceMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.DeleteNamespaceRequest, dev.coffer.v1.Namespace>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteNamespace"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.DeleteNamespaceRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.Namespace.getDefaultInstance()))
              .setSchemaDescriptor(new NamespaceServiceMethodDescriptorSupplier("DeleteNamespace"))
              .build();
        }
      }
    }
    return getDeleteNamespaceMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.UndeleteNamespaceRequest,
      dev.coffer.v1.Namespace> getUndeleteNamespaceMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UndeleteNamespace",
      requestType = dev.coffer.v1.UndeleteNamespaceRequest.class,
      responseType = dev.coffer.v1.Namespace.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.UndeleteNamespaceRequest,
      dev.coffer.v1.Namespace> getUndeleteNamespaceMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.UndeleteNamespaceRequest, dev.coffer.v1.Namespace> getUndeleteNamespaceMethod;
    if ((getUndeleteNamespaceMethod = NamespaceServiceGrpc.getUndeleteNamespaceMethod) == null) {
      synchronized (NamespaceServiceGrpc.class) {
        if ((getUndeleteNamespaceMethod = NamespaceServiceGrpc.getUndeleteNamespaceMethod) == null) {
          NamespaceServiceGrpc.getUndeleteNamespaceMethod = getUndeleteNamespaceMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.UndeleteNamespaceRequest, dev.coffer.v1.Namespace>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UndeleteNamespace"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.UndeleteNamespaceRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.Namespace.getDefaultInstance()))
              .setSchemaDescriptor(new NamespaceServiceMethodDescriptorSupplier("UndeleteNamespace"))
              .build();
        }
      }
    }
    return getUndeleteNamespaceMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static NamespaceServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<NamespaceServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<NamespaceServiceStub>() {
        @java.lang.Override
        public NamespaceServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new NamespaceServiceStub(channel, callOptions);
        }
      };
    return NamespaceServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static NamespaceServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<NamespaceServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<NamespaceServiceBlockingV2Stub>() {
        @java.lang.Override
        public NamespaceServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new NamespaceServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return NamespaceServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static NamespaceServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<NamespaceServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<NamespaceServiceBlockingStub>() {
        @java.lang.Override
        public NamespaceServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new NamespaceServiceBlockingStub(channel, callOptions);
        }
      };
    return NamespaceServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static NamespaceServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<NamespaceServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<NamespaceServiceFutureStub>() {
        @java.lang.Override
        public NamespaceServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new NamespaceServiceFutureStub(channel, callOptions);
        }
      };
    return NamespaceServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * NamespaceService manages the tree of namespaces: containers of secrets, each with encryption keys of its own.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * CreateNamespace adds a namespace below a parent.
     * Needs `namespace:create` on the parent. Errors: ALREADY_EXISTS (IDs are unique in the whole instance),
     * FAILED_PRECONDITION (the parent is deleted, or the tree would be deeper than 16).
     * </pre>
     */
    default void createNamespace(dev.coffer.v1.CreateNamespaceRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Namespace> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateNamespaceMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetNamespace returns a namespace. Needs `namespace:get`.
     * </pre>
     */
    default void getNamespace(dev.coffer.v1.GetNamespaceRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Namespace> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetNamespaceMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListNamespaces returns the namespaces at and below the parent that the caller may see. Needs `namespace:list`
     * somewhere at or below the parent.
     * </pre>
     */
    default void listNamespaces(dev.coffer.v1.ListNamespacesRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ListNamespacesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListNamespacesMethod(), responseObserver);
    }

    /**
     * <pre>
     * UpdateNamespace changes description, labels and annotations. Needs `namespace:update`.
     * </pre>
     */
    default void updateNamespace(dev.coffer.v1.UpdateNamespaceRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Namespace> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateNamespaceMethod(), responseObserver);
    }

    /**
     * <pre>
     * DeleteNamespace closes a namespace: nothing in it can be read or written, and it keeps its ID, until it is undeleted, or
     * erased for good, with its keys, after its purge_time. Needs `namespace:delete`; with `cascade` on every namespace below
     * it, too. Errors: FAILED_PRECONDITION with reason NAMESPACE_NOT_EMPTY when it holds namespaces, secrets, projections or
     * service accounts and `cascade` is not set, with reason SECRET_IN_USE when projections elsewhere use its secrets.
     * </pre>
     */
    default void deleteNamespace(dev.coffer.v1.DeleteNamespaceRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Namespace> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteNamespaceMethod(), responseObserver);
    }

    /**
     * <pre>
     * UndeleteNamespace opens a deleted namespace again. Needs `namespace:undelete`.
     * </pre>
     */
    default void undeleteNamespace(dev.coffer.v1.UndeleteNamespaceRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Namespace> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUndeleteNamespaceMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service NamespaceService.
   * <pre>
   * NamespaceService manages the tree of namespaces: containers of secrets, each with encryption keys of its own.
   * </pre>
   */
  public static abstract class NamespaceServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return NamespaceServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service NamespaceService.
   * <pre>
   * NamespaceService manages the tree of namespaces: containers of secrets, each with encryption keys of its own.
   * </pre>
   */
  public static final class NamespaceServiceStub
      extends io.grpc.stub.AbstractAsyncStub<NamespaceServiceStub> {
    private NamespaceServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected NamespaceServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new NamespaceServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateNamespace adds a namespace below a parent.
     * Needs `namespace:create` on the parent. Errors: ALREADY_EXISTS (IDs are unique in the whole instance),
     * FAILED_PRECONDITION (the parent is deleted, or the tree would be deeper than 16).
     * </pre>
     */
    public void createNamespace(dev.coffer.v1.CreateNamespaceRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Namespace> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateNamespaceMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetNamespace returns a namespace. Needs `namespace:get`.
     * </pre>
     */
    public void getNamespace(dev.coffer.v1.GetNamespaceRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Namespace> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetNamespaceMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListNamespaces returns the namespaces at and below the parent that the caller may see. Needs `namespace:list`
     * somewhere at or below the parent.
     * </pre>
     */
    public void listNamespaces(dev.coffer.v1.ListNamespacesRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ListNamespacesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListNamespacesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * UpdateNamespace changes description, labels and annotations. Needs `namespace:update`.
     * </pre>
     */
    public void updateNamespace(dev.coffer.v1.UpdateNamespaceRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Namespace> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateNamespaceMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * DeleteNamespace closes a namespace: nothing in it can be read or written, and it keeps its ID, until it is undeleted, or
     * erased for good, with its keys, after its purge_time. Needs `namespace:delete`; with `cascade` on every namespace below
     * it, too. Errors: FAILED_PRECONDITION with reason NAMESPACE_NOT_EMPTY when it holds namespaces, secrets, projections or
     * service accounts and `cascade` is not set, with reason SECRET_IN_USE when projections elsewhere use its secrets.
     * </pre>
     */
    public void deleteNamespace(dev.coffer.v1.DeleteNamespaceRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Namespace> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteNamespaceMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * UndeleteNamespace opens a deleted namespace again. Needs `namespace:undelete`.
     * </pre>
     */
    public void undeleteNamespace(dev.coffer.v1.UndeleteNamespaceRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Namespace> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUndeleteNamespaceMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service NamespaceService.
   * <pre>
   * NamespaceService manages the tree of namespaces: containers of secrets, each with encryption keys of its own.
   * </pre>
   */
  public static final class NamespaceServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<NamespaceServiceBlockingV2Stub> {
    private NamespaceServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected NamespaceServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new NamespaceServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateNamespace adds a namespace below a parent.
     * Needs `namespace:create` on the parent. Errors: ALREADY_EXISTS (IDs are unique in the whole instance),
     * FAILED_PRECONDITION (the parent is deleted, or the tree would be deeper than 16).
     * </pre>
     */
    public dev.coffer.v1.Namespace createNamespace(dev.coffer.v1.CreateNamespaceRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateNamespaceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetNamespace returns a namespace. Needs `namespace:get`.
     * </pre>
     */
    public dev.coffer.v1.Namespace getNamespace(dev.coffer.v1.GetNamespaceRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetNamespaceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListNamespaces returns the namespaces at and below the parent that the caller may see. Needs `namespace:list`
     * somewhere at or below the parent.
     * </pre>
     */
    public dev.coffer.v1.ListNamespacesResponse listNamespaces(dev.coffer.v1.ListNamespacesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListNamespacesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateNamespace changes description, labels and annotations. Needs `namespace:update`.
     * </pre>
     */
    public dev.coffer.v1.Namespace updateNamespace(dev.coffer.v1.UpdateNamespaceRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateNamespaceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteNamespace closes a namespace: nothing in it can be read or written, and it keeps its ID, until it is undeleted, or
     * erased for good, with its keys, after its purge_time. Needs `namespace:delete`; with `cascade` on every namespace below
     * it, too. Errors: FAILED_PRECONDITION with reason NAMESPACE_NOT_EMPTY when it holds namespaces, secrets, projections or
     * service accounts and `cascade` is not set, with reason SECRET_IN_USE when projections elsewhere use its secrets.
     * </pre>
     */
    public dev.coffer.v1.Namespace deleteNamespace(dev.coffer.v1.DeleteNamespaceRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteNamespaceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UndeleteNamespace opens a deleted namespace again. Needs `namespace:undelete`.
     * </pre>
     */
    public dev.coffer.v1.Namespace undeleteNamespace(dev.coffer.v1.UndeleteNamespaceRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUndeleteNamespaceMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service NamespaceService.
   * <pre>
   * NamespaceService manages the tree of namespaces: containers of secrets, each with encryption keys of its own.
   * </pre>
   */
  public static final class NamespaceServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<NamespaceServiceBlockingStub> {
    private NamespaceServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected NamespaceServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new NamespaceServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateNamespace adds a namespace below a parent.
     * Needs `namespace:create` on the parent. Errors: ALREADY_EXISTS (IDs are unique in the whole instance),
     * FAILED_PRECONDITION (the parent is deleted, or the tree would be deeper than 16).
     * </pre>
     */
    public dev.coffer.v1.Namespace createNamespace(dev.coffer.v1.CreateNamespaceRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateNamespaceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetNamespace returns a namespace. Needs `namespace:get`.
     * </pre>
     */
    public dev.coffer.v1.Namespace getNamespace(dev.coffer.v1.GetNamespaceRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetNamespaceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListNamespaces returns the namespaces at and below the parent that the caller may see. Needs `namespace:list`
     * somewhere at or below the parent.
     * </pre>
     */
    public dev.coffer.v1.ListNamespacesResponse listNamespaces(dev.coffer.v1.ListNamespacesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListNamespacesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateNamespace changes description, labels and annotations. Needs `namespace:update`.
     * </pre>
     */
    public dev.coffer.v1.Namespace updateNamespace(dev.coffer.v1.UpdateNamespaceRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateNamespaceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteNamespace closes a namespace: nothing in it can be read or written, and it keeps its ID, until it is undeleted, or
     * erased for good, with its keys, after its purge_time. Needs `namespace:delete`; with `cascade` on every namespace below
     * it, too. Errors: FAILED_PRECONDITION with reason NAMESPACE_NOT_EMPTY when it holds namespaces, secrets, projections or
     * service accounts and `cascade` is not set, with reason SECRET_IN_USE when projections elsewhere use its secrets.
     * </pre>
     */
    public dev.coffer.v1.Namespace deleteNamespace(dev.coffer.v1.DeleteNamespaceRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteNamespaceMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UndeleteNamespace opens a deleted namespace again. Needs `namespace:undelete`.
     * </pre>
     */
    public dev.coffer.v1.Namespace undeleteNamespace(dev.coffer.v1.UndeleteNamespaceRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUndeleteNamespaceMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service NamespaceService.
   * <pre>
   * NamespaceService manages the tree of namespaces: containers of secrets, each with encryption keys of its own.
   * </pre>
   */
  public static final class NamespaceServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<NamespaceServiceFutureStub> {
    private NamespaceServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected NamespaceServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new NamespaceServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateNamespace adds a namespace below a parent.
     * Needs `namespace:create` on the parent. Errors: ALREADY_EXISTS (IDs are unique in the whole instance),
     * FAILED_PRECONDITION (the parent is deleted, or the tree would be deeper than 16).
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.Namespace> createNamespace(
        dev.coffer.v1.CreateNamespaceRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateNamespaceMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetNamespace returns a namespace. Needs `namespace:get`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.Namespace> getNamespace(
        dev.coffer.v1.GetNamespaceRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetNamespaceMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListNamespaces returns the namespaces at and below the parent that the caller may see. Needs `namespace:list`
     * somewhere at or below the parent.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.ListNamespacesResponse> listNamespaces(
        dev.coffer.v1.ListNamespacesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListNamespacesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * UpdateNamespace changes description, labels and annotations. Needs `namespace:update`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.Namespace> updateNamespace(
        dev.coffer.v1.UpdateNamespaceRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateNamespaceMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * DeleteNamespace closes a namespace: nothing in it can be read or written, and it keeps its ID, until it is undeleted, or
     * erased for good, with its keys, after its purge_time. Needs `namespace:delete`; with `cascade` on every namespace below
     * it, too. Errors: FAILED_PRECONDITION with reason NAMESPACE_NOT_EMPTY when it holds namespaces, secrets, projections or
     * service accounts and `cascade` is not set, with reason SECRET_IN_USE when projections elsewhere use its secrets.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.Namespace> deleteNamespace(
        dev.coffer.v1.DeleteNamespaceRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteNamespaceMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * UndeleteNamespace opens a deleted namespace again. Needs `namespace:undelete`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.Namespace> undeleteNamespace(
        dev.coffer.v1.UndeleteNamespaceRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUndeleteNamespaceMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CREATE_NAMESPACE = 0;
  private static final int METHODID_GET_NAMESPACE = 1;
  private static final int METHODID_LIST_NAMESPACES = 2;
  private static final int METHODID_UPDATE_NAMESPACE = 3;
  private static final int METHODID_DELETE_NAMESPACE = 4;
  private static final int METHODID_UNDELETE_NAMESPACE = 5;

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
        case METHODID_CREATE_NAMESPACE:
          serviceImpl.createNamespace((dev.coffer.v1.CreateNamespaceRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.Namespace>) responseObserver);
          break;
        case METHODID_GET_NAMESPACE:
          serviceImpl.getNamespace((dev.coffer.v1.GetNamespaceRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.Namespace>) responseObserver);
          break;
        case METHODID_LIST_NAMESPACES:
          serviceImpl.listNamespaces((dev.coffer.v1.ListNamespacesRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.ListNamespacesResponse>) responseObserver);
          break;
        case METHODID_UPDATE_NAMESPACE:
          serviceImpl.updateNamespace((dev.coffer.v1.UpdateNamespaceRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.Namespace>) responseObserver);
          break;
        case METHODID_DELETE_NAMESPACE:
          serviceImpl.deleteNamespace((dev.coffer.v1.DeleteNamespaceRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.Namespace>) responseObserver);
          break;
        case METHODID_UNDELETE_NAMESPACE:
          serviceImpl.undeleteNamespace((dev.coffer.v1.UndeleteNamespaceRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.Namespace>) responseObserver);
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
          getCreateNamespaceMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.CreateNamespaceRequest,
              dev.coffer.v1.Namespace>(
                service, METHODID_CREATE_NAMESPACE)))
        .addMethod(
          getGetNamespaceMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.GetNamespaceRequest,
              dev.coffer.v1.Namespace>(
                service, METHODID_GET_NAMESPACE)))
        .addMethod(
          getListNamespacesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.ListNamespacesRequest,
              dev.coffer.v1.ListNamespacesResponse>(
                service, METHODID_LIST_NAMESPACES)))
        .addMethod(
          getUpdateNamespaceMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.UpdateNamespaceRequest,
              dev.coffer.v1.Namespace>(
                service, METHODID_UPDATE_NAMESPACE)))
        .addMethod(
          getDeleteNamespaceMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.DeleteNamespaceRequest,
              dev.coffer.v1.Namespace>(
                service, METHODID_DELETE_NAMESPACE)))
        .addMethod(
          getUndeleteNamespaceMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.UndeleteNamespaceRequest,
              dev.coffer.v1.Namespace>(
                service, METHODID_UNDELETE_NAMESPACE)))
        .build();
  }

  private static abstract class NamespaceServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    NamespaceServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.coffer.v1.NamespaceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("NamespaceService");
    }
  }

  private static final class NamespaceServiceFileDescriptorSupplier
      extends NamespaceServiceBaseDescriptorSupplier {
    NamespaceServiceFileDescriptorSupplier() {}
  }

  private static final class NamespaceServiceMethodDescriptorSupplier
      extends NamespaceServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    NamespaceServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (NamespaceServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new NamespaceServiceFileDescriptorSupplier())
              .addMethod(getCreateNamespaceMethod())
              .addMethod(getGetNamespaceMethod())
              .addMethod(getListNamespacesMethod())
              .addMethod(getUpdateNamespaceMethod())
              .addMethod(getDeleteNamespaceMethod())
              .addMethod(getUndeleteNamespaceMethod())
              .build();
        }
      }
    }
    return result;
  }
}
