package dev.coffer.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * CatalogService tells which types of sources there are and which keys their credentials have. It is the same on every
 * server of a version, and tells nothing about what is stored.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class CatalogServiceGrpc {

  private CatalogServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "coffer.v1.CatalogService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.ListSourceTypesRequest,
      dev.coffer.v1.ListSourceTypesResponse> getListSourceTypesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSourceTypes",
      requestType = dev.coffer.v1.ListSourceTypesRequest.class,
      responseType = dev.coffer.v1.ListSourceTypesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.ListSourceTypesRequest,
      dev.coffer.v1.ListSourceTypesResponse> getListSourceTypesMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.ListSourceTypesRequest, dev.coffer.v1.ListSourceTypesResponse> getListSourceTypesMethod;
    if ((getListSourceTypesMethod = CatalogServiceGrpc.getListSourceTypesMethod) == null) {
      synchronized (CatalogServiceGrpc.class) {
        if ((getListSourceTypesMethod = CatalogServiceGrpc.getListSourceTypesMethod) == null) {
          CatalogServiceGrpc.getListSourceTypesMethod = getListSourceTypesMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.ListSourceTypesRequest, dev.coffer.v1.ListSourceTypesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSourceTypes"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ListSourceTypesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ListSourceTypesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new CatalogServiceMethodDescriptorSupplier("ListSourceTypes"))
              .build();
        }
      }
    }
    return getListSourceTypesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.GetSourceTypeRequest,
      dev.coffer.v1.SourceType> getGetSourceTypeMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetSourceType",
      requestType = dev.coffer.v1.GetSourceTypeRequest.class,
      responseType = dev.coffer.v1.SourceType.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.GetSourceTypeRequest,
      dev.coffer.v1.SourceType> getGetSourceTypeMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.GetSourceTypeRequest, dev.coffer.v1.SourceType> getGetSourceTypeMethod;
    if ((getGetSourceTypeMethod = CatalogServiceGrpc.getGetSourceTypeMethod) == null) {
      synchronized (CatalogServiceGrpc.class) {
        if ((getGetSourceTypeMethod = CatalogServiceGrpc.getGetSourceTypeMethod) == null) {
          CatalogServiceGrpc.getGetSourceTypeMethod = getGetSourceTypeMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.GetSourceTypeRequest, dev.coffer.v1.SourceType>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetSourceType"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.GetSourceTypeRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.SourceType.getDefaultInstance()))
              .setSchemaDescriptor(new CatalogServiceMethodDescriptorSupplier("GetSourceType"))
              .build();
        }
      }
    }
    return getGetSourceTypeMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static CatalogServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CatalogServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CatalogServiceStub>() {
        @java.lang.Override
        public CatalogServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CatalogServiceStub(channel, callOptions);
        }
      };
    return CatalogServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static CatalogServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CatalogServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CatalogServiceBlockingV2Stub>() {
        @java.lang.Override
        public CatalogServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CatalogServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return CatalogServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static CatalogServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CatalogServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CatalogServiceBlockingStub>() {
        @java.lang.Override
        public CatalogServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CatalogServiceBlockingStub(channel, callOptions);
        }
      };
    return CatalogServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static CatalogServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<CatalogServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<CatalogServiceFutureStub>() {
        @java.lang.Override
        public CatalogServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new CatalogServiceFutureStub(channel, callOptions);
        }
      };
    return CatalogServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * CatalogService tells which types of sources there are and which keys their credentials have. It is the same on every
   * server of a version, and tells nothing about what is stored.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * ListSourceTypes returns all types, by ID. It needs a credential, and no right.
     * </pre>
     */
    default void listSourceTypes(dev.coffer.v1.ListSourceTypesRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ListSourceTypesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSourceTypesMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetSourceType returns one type. It needs a credential, and no right. Errors: NOT_FOUND, naming the nearest.
     * </pre>
     */
    default void getSourceType(dev.coffer.v1.GetSourceTypeRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.SourceType> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetSourceTypeMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service CatalogService.
   * <pre>
   * CatalogService tells which types of sources there are and which keys their credentials have. It is the same on every
   * server of a version, and tells nothing about what is stored.
   * </pre>
   */
  public static abstract class CatalogServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return CatalogServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service CatalogService.
   * <pre>
   * CatalogService tells which types of sources there are and which keys their credentials have. It is the same on every
   * server of a version, and tells nothing about what is stored.
   * </pre>
   */
  public static final class CatalogServiceStub
      extends io.grpc.stub.AbstractAsyncStub<CatalogServiceStub> {
    private CatalogServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CatalogServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CatalogServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * ListSourceTypes returns all types, by ID. It needs a credential, and no right.
     * </pre>
     */
    public void listSourceTypes(dev.coffer.v1.ListSourceTypesRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ListSourceTypesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSourceTypesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetSourceType returns one type. It needs a credential, and no right. Errors: NOT_FOUND, naming the nearest.
     * </pre>
     */
    public void getSourceType(dev.coffer.v1.GetSourceTypeRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.SourceType> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetSourceTypeMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service CatalogService.
   * <pre>
   * CatalogService tells which types of sources there are and which keys their credentials have. It is the same on every
   * server of a version, and tells nothing about what is stored.
   * </pre>
   */
  public static final class CatalogServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<CatalogServiceBlockingV2Stub> {
    private CatalogServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CatalogServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CatalogServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * ListSourceTypes returns all types, by ID. It needs a credential, and no right.
     * </pre>
     */
    public dev.coffer.v1.ListSourceTypesResponse listSourceTypes(dev.coffer.v1.ListSourceTypesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSourceTypesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetSourceType returns one type. It needs a credential, and no right. Errors: NOT_FOUND, naming the nearest.
     * </pre>
     */
    public dev.coffer.v1.SourceType getSourceType(dev.coffer.v1.GetSourceTypeRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetSourceTypeMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service CatalogService.
   * <pre>
   * CatalogService tells which types of sources there are and which keys their credentials have. It is the same on every
   * server of a version, and tells nothing about what is stored.
   * </pre>
   */
  public static final class CatalogServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<CatalogServiceBlockingStub> {
    private CatalogServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CatalogServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CatalogServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * ListSourceTypes returns all types, by ID. It needs a credential, and no right.
     * </pre>
     */
    public dev.coffer.v1.ListSourceTypesResponse listSourceTypes(dev.coffer.v1.ListSourceTypesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSourceTypesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetSourceType returns one type. It needs a credential, and no right. Errors: NOT_FOUND, naming the nearest.
     * </pre>
     */
    public dev.coffer.v1.SourceType getSourceType(dev.coffer.v1.GetSourceTypeRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetSourceTypeMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service CatalogService.
   * <pre>
   * CatalogService tells which types of sources there are and which keys their credentials have. It is the same on every
   * server of a version, and tells nothing about what is stored.
   * </pre>
   */
  public static final class CatalogServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<CatalogServiceFutureStub> {
    private CatalogServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected CatalogServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new CatalogServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * ListSourceTypes returns all types, by ID. It needs a credential, and no right.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.ListSourceTypesResponse> listSourceTypes(
        dev.coffer.v1.ListSourceTypesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSourceTypesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetSourceType returns one type. It needs a credential, and no right. Errors: NOT_FOUND, naming the nearest.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.SourceType> getSourceType(
        dev.coffer.v1.GetSourceTypeRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetSourceTypeMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_LIST_SOURCE_TYPES = 0;
  private static final int METHODID_GET_SOURCE_TYPE = 1;

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
        case METHODID_LIST_SOURCE_TYPES:
          serviceImpl.listSourceTypes((dev.coffer.v1.ListSourceTypesRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.ListSourceTypesResponse>) responseObserver);
          break;
        case METHODID_GET_SOURCE_TYPE:
          serviceImpl.getSourceType((dev.coffer.v1.GetSourceTypeRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.SourceType>) responseObserver);
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
          getListSourceTypesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.ListSourceTypesRequest,
              dev.coffer.v1.ListSourceTypesResponse>(
                service, METHODID_LIST_SOURCE_TYPES)))
        .addMethod(
          getGetSourceTypeMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.GetSourceTypeRequest,
              dev.coffer.v1.SourceType>(
                service, METHODID_GET_SOURCE_TYPE)))
        .build();
  }

  private static abstract class CatalogServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    CatalogServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.coffer.v1.CatalogProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("CatalogService");
    }
  }

  private static final class CatalogServiceFileDescriptorSupplier
      extends CatalogServiceBaseDescriptorSupplier {
    CatalogServiceFileDescriptorSupplier() {}
  }

  private static final class CatalogServiceMethodDescriptorSupplier
      extends CatalogServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    CatalogServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (CatalogServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new CatalogServiceFileDescriptorSupplier())
              .addMethod(getListSourceTypesMethod())
              .addMethod(getGetSourceTypeMethod())
              .build();
        }
      }
    }
    return result;
  }
}
