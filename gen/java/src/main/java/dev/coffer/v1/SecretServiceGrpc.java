package dev.coffer.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * SecretService keeps secrets and their versions. Only AccessSecretVersion ever returns values.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class SecretServiceGrpc {

  private SecretServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "coffer.v1.SecretService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.CreateSecretRequest,
      dev.coffer.v1.Secret> getCreateSecretMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateSecret",
      requestType = dev.coffer.v1.CreateSecretRequest.class,
      responseType = dev.coffer.v1.Secret.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.CreateSecretRequest,
      dev.coffer.v1.Secret> getCreateSecretMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.CreateSecretRequest, dev.coffer.v1.Secret> getCreateSecretMethod;
    if ((getCreateSecretMethod = SecretServiceGrpc.getCreateSecretMethod) == null) {
      synchronized (SecretServiceGrpc.class) {
        if ((getCreateSecretMethod = SecretServiceGrpc.getCreateSecretMethod) == null) {
          SecretServiceGrpc.getCreateSecretMethod = getCreateSecretMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.CreateSecretRequest, dev.coffer.v1.Secret>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateSecret"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.CreateSecretRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.Secret.getDefaultInstance()))
              .setSchemaDescriptor(new SecretServiceMethodDescriptorSupplier("CreateSecret"))
              .build();
        }
      }
    }
    return getCreateSecretMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.GetSecretRequest,
      dev.coffer.v1.Secret> getGetSecretMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetSecret",
      requestType = dev.coffer.v1.GetSecretRequest.class,
      responseType = dev.coffer.v1.Secret.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.GetSecretRequest,
      dev.coffer.v1.Secret> getGetSecretMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.GetSecretRequest, dev.coffer.v1.Secret> getGetSecretMethod;
    if ((getGetSecretMethod = SecretServiceGrpc.getGetSecretMethod) == null) {
      synchronized (SecretServiceGrpc.class) {
        if ((getGetSecretMethod = SecretServiceGrpc.getGetSecretMethod) == null) {
          SecretServiceGrpc.getGetSecretMethod = getGetSecretMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.GetSecretRequest, dev.coffer.v1.Secret>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetSecret"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.GetSecretRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.Secret.getDefaultInstance()))
              .setSchemaDescriptor(new SecretServiceMethodDescriptorSupplier("GetSecret"))
              .build();
        }
      }
    }
    return getGetSecretMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.ListSecretsRequest,
      dev.coffer.v1.ListSecretsResponse> getListSecretsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSecrets",
      requestType = dev.coffer.v1.ListSecretsRequest.class,
      responseType = dev.coffer.v1.ListSecretsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.ListSecretsRequest,
      dev.coffer.v1.ListSecretsResponse> getListSecretsMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.ListSecretsRequest, dev.coffer.v1.ListSecretsResponse> getListSecretsMethod;
    if ((getListSecretsMethod = SecretServiceGrpc.getListSecretsMethod) == null) {
      synchronized (SecretServiceGrpc.class) {
        if ((getListSecretsMethod = SecretServiceGrpc.getListSecretsMethod) == null) {
          SecretServiceGrpc.getListSecretsMethod = getListSecretsMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.ListSecretsRequest, dev.coffer.v1.ListSecretsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSecrets"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ListSecretsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ListSecretsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretServiceMethodDescriptorSupplier("ListSecrets"))
              .build();
        }
      }
    }
    return getListSecretsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.SearchSecretsRequest,
      dev.coffer.v1.SearchSecretsResponse> getSearchSecretsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "SearchSecrets",
      requestType = dev.coffer.v1.SearchSecretsRequest.class,
      responseType = dev.coffer.v1.SearchSecretsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.SearchSecretsRequest,
      dev.coffer.v1.SearchSecretsResponse> getSearchSecretsMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.SearchSecretsRequest, dev.coffer.v1.SearchSecretsResponse> getSearchSecretsMethod;
    if ((getSearchSecretsMethod = SecretServiceGrpc.getSearchSecretsMethod) == null) {
      synchronized (SecretServiceGrpc.class) {
        if ((getSearchSecretsMethod = SecretServiceGrpc.getSearchSecretsMethod) == null) {
          SecretServiceGrpc.getSearchSecretsMethod = getSearchSecretsMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.SearchSecretsRequest, dev.coffer.v1.SearchSecretsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "SearchSecrets"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.SearchSecretsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.SearchSecretsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretServiceMethodDescriptorSupplier("SearchSecrets"))
              .build();
        }
      }
    }
    return getSearchSecretsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.UpdateSecretRequest,
      dev.coffer.v1.Secret> getUpdateSecretMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateSecret",
      requestType = dev.coffer.v1.UpdateSecretRequest.class,
      responseType = dev.coffer.v1.Secret.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.UpdateSecretRequest,
      dev.coffer.v1.Secret> getUpdateSecretMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.UpdateSecretRequest, dev.coffer.v1.Secret> getUpdateSecretMethod;
    if ((getUpdateSecretMethod = SecretServiceGrpc.getUpdateSecretMethod) == null) {
      synchronized (SecretServiceGrpc.class) {
        if ((getUpdateSecretMethod = SecretServiceGrpc.getUpdateSecretMethod) == null) {
          SecretServiceGrpc.getUpdateSecretMethod = getUpdateSecretMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.UpdateSecretRequest, dev.coffer.v1.Secret>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateSecret"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.UpdateSecretRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.Secret.getDefaultInstance()))
              .setSchemaDescriptor(new SecretServiceMethodDescriptorSupplier("UpdateSecret"))
              .build();
        }
      }
    }
    return getUpdateSecretMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.DeleteSecretRequest,
      dev.coffer.v1.Secret> getDeleteSecretMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteSecret",
      requestType = dev.coffer.v1.DeleteSecretRequest.class,
      responseType = dev.coffer.v1.Secret.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.DeleteSecretRequest,
      dev.coffer.v1.Secret> getDeleteSecretMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.DeleteSecretRequest, dev.coffer.v1.Secret> getDeleteSecretMethod;
    if ((getDeleteSecretMethod = SecretServiceGrpc.getDeleteSecretMethod) == null) {
      synchronized (SecretServiceGrpc.class) {
        if ((getDeleteSecretMethod = SecretServiceGrpc.getDeleteSecretMethod) == null) {
          SecretServiceGrpc.getDeleteSecretMethod = getDeleteSecretMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.DeleteSecretRequest, dev.coffer.v1.Secret>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteSecret"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.DeleteSecretRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.Secret.getDefaultInstance()))
              .setSchemaDescriptor(new SecretServiceMethodDescriptorSupplier("DeleteSecret"))
              .build();
        }
      }
    }
    return getDeleteSecretMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.UndeleteSecretRequest,
      dev.coffer.v1.Secret> getUndeleteSecretMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UndeleteSecret",
      requestType = dev.coffer.v1.UndeleteSecretRequest.class,
      responseType = dev.coffer.v1.Secret.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.UndeleteSecretRequest,
      dev.coffer.v1.Secret> getUndeleteSecretMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.UndeleteSecretRequest, dev.coffer.v1.Secret> getUndeleteSecretMethod;
    if ((getUndeleteSecretMethod = SecretServiceGrpc.getUndeleteSecretMethod) == null) {
      synchronized (SecretServiceGrpc.class) {
        if ((getUndeleteSecretMethod = SecretServiceGrpc.getUndeleteSecretMethod) == null) {
          SecretServiceGrpc.getUndeleteSecretMethod = getUndeleteSecretMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.UndeleteSecretRequest, dev.coffer.v1.Secret>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UndeleteSecret"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.UndeleteSecretRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.Secret.getDefaultInstance()))
              .setSchemaDescriptor(new SecretServiceMethodDescriptorSupplier("UndeleteSecret"))
              .build();
        }
      }
    }
    return getUndeleteSecretMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.PurgeSecretRequest,
      dev.coffer.v1.PurgeSecretResponse> getPurgeSecretMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "PurgeSecret",
      requestType = dev.coffer.v1.PurgeSecretRequest.class,
      responseType = dev.coffer.v1.PurgeSecretResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.PurgeSecretRequest,
      dev.coffer.v1.PurgeSecretResponse> getPurgeSecretMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.PurgeSecretRequest, dev.coffer.v1.PurgeSecretResponse> getPurgeSecretMethod;
    if ((getPurgeSecretMethod = SecretServiceGrpc.getPurgeSecretMethod) == null) {
      synchronized (SecretServiceGrpc.class) {
        if ((getPurgeSecretMethod = SecretServiceGrpc.getPurgeSecretMethod) == null) {
          SecretServiceGrpc.getPurgeSecretMethod = getPurgeSecretMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.PurgeSecretRequest, dev.coffer.v1.PurgeSecretResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "PurgeSecret"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.PurgeSecretRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.PurgeSecretResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretServiceMethodDescriptorSupplier("PurgeSecret"))
              .build();
        }
      }
    }
    return getPurgeSecretMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.AddSecretVersionRequest,
      dev.coffer.v1.SecretVersion> getAddSecretVersionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "AddSecretVersion",
      requestType = dev.coffer.v1.AddSecretVersionRequest.class,
      responseType = dev.coffer.v1.SecretVersion.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.AddSecretVersionRequest,
      dev.coffer.v1.SecretVersion> getAddSecretVersionMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.AddSecretVersionRequest, dev.coffer.v1.SecretVersion> getAddSecretVersionMethod;
    if ((getAddSecretVersionMethod = SecretServiceGrpc.getAddSecretVersionMethod) == null) {
      synchronized (SecretServiceGrpc.class) {
        if ((getAddSecretVersionMethod = SecretServiceGrpc.getAddSecretVersionMethod) == null) {
          SecretServiceGrpc.getAddSecretVersionMethod = getAddSecretVersionMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.AddSecretVersionRequest, dev.coffer.v1.SecretVersion>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "AddSecretVersion"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.AddSecretVersionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.SecretVersion.getDefaultInstance()))
              .setSchemaDescriptor(new SecretServiceMethodDescriptorSupplier("AddSecretVersion"))
              .build();
        }
      }
    }
    return getAddSecretVersionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.GetSecretVersionRequest,
      dev.coffer.v1.SecretVersion> getGetSecretVersionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetSecretVersion",
      requestType = dev.coffer.v1.GetSecretVersionRequest.class,
      responseType = dev.coffer.v1.SecretVersion.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.GetSecretVersionRequest,
      dev.coffer.v1.SecretVersion> getGetSecretVersionMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.GetSecretVersionRequest, dev.coffer.v1.SecretVersion> getGetSecretVersionMethod;
    if ((getGetSecretVersionMethod = SecretServiceGrpc.getGetSecretVersionMethod) == null) {
      synchronized (SecretServiceGrpc.class) {
        if ((getGetSecretVersionMethod = SecretServiceGrpc.getGetSecretVersionMethod) == null) {
          SecretServiceGrpc.getGetSecretVersionMethod = getGetSecretVersionMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.GetSecretVersionRequest, dev.coffer.v1.SecretVersion>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetSecretVersion"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.GetSecretVersionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.SecretVersion.getDefaultInstance()))
              .setSchemaDescriptor(new SecretServiceMethodDescriptorSupplier("GetSecretVersion"))
              .build();
        }
      }
    }
    return getGetSecretVersionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.ListSecretVersionsRequest,
      dev.coffer.v1.ListSecretVersionsResponse> getListSecretVersionsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListSecretVersions",
      requestType = dev.coffer.v1.ListSecretVersionsRequest.class,
      responseType = dev.coffer.v1.ListSecretVersionsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.ListSecretVersionsRequest,
      dev.coffer.v1.ListSecretVersionsResponse> getListSecretVersionsMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.ListSecretVersionsRequest, dev.coffer.v1.ListSecretVersionsResponse> getListSecretVersionsMethod;
    if ((getListSecretVersionsMethod = SecretServiceGrpc.getListSecretVersionsMethod) == null) {
      synchronized (SecretServiceGrpc.class) {
        if ((getListSecretVersionsMethod = SecretServiceGrpc.getListSecretVersionsMethod) == null) {
          SecretServiceGrpc.getListSecretVersionsMethod = getListSecretVersionsMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.ListSecretVersionsRequest, dev.coffer.v1.ListSecretVersionsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListSecretVersions"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ListSecretVersionsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ListSecretVersionsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretServiceMethodDescriptorSupplier("ListSecretVersions"))
              .build();
        }
      }
    }
    return getListSecretVersionsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.AccessSecretVersionRequest,
      dev.coffer.v1.AccessSecretVersionResponse> getAccessSecretVersionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "AccessSecretVersion",
      requestType = dev.coffer.v1.AccessSecretVersionRequest.class,
      responseType = dev.coffer.v1.AccessSecretVersionResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.AccessSecretVersionRequest,
      dev.coffer.v1.AccessSecretVersionResponse> getAccessSecretVersionMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.AccessSecretVersionRequest, dev.coffer.v1.AccessSecretVersionResponse> getAccessSecretVersionMethod;
    if ((getAccessSecretVersionMethod = SecretServiceGrpc.getAccessSecretVersionMethod) == null) {
      synchronized (SecretServiceGrpc.class) {
        if ((getAccessSecretVersionMethod = SecretServiceGrpc.getAccessSecretVersionMethod) == null) {
          SecretServiceGrpc.getAccessSecretVersionMethod = getAccessSecretVersionMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.AccessSecretVersionRequest, dev.coffer.v1.AccessSecretVersionResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "AccessSecretVersion"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.AccessSecretVersionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.AccessSecretVersionResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretServiceMethodDescriptorSupplier("AccessSecretVersion"))
              .build();
        }
      }
    }
    return getAccessSecretVersionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.EnableSecretVersionRequest,
      dev.coffer.v1.SecretVersion> getEnableSecretVersionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "EnableSecretVersion",
      requestType = dev.coffer.v1.EnableSecretVersionRequest.class,
      responseType = dev.coffer.v1.SecretVersion.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.EnableSecretVersionRequest,
      dev.coffer.v1.SecretVersion> getEnableSecretVersionMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.EnableSecretVersionRequest, dev.coffer.v1.SecretVersion> getEnableSecretVersionMethod;
    if ((getEnableSecretVersionMethod = SecretServiceGrpc.getEnableSecretVersionMethod) == null) {
      synchronized (SecretServiceGrpc.class) {
        if ((getEnableSecretVersionMethod = SecretServiceGrpc.getEnableSecretVersionMethod) == null) {
          SecretServiceGrpc.getEnableSecretVersionMethod = getEnableSecretVersionMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.EnableSecretVersionRequest, dev.coffer.v1.SecretVersion>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "EnableSecretVersion"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.EnableSecretVersionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.SecretVersion.getDefaultInstance()))
              .setSchemaDescriptor(new SecretServiceMethodDescriptorSupplier("EnableSecretVersion"))
              .build();
        }
      }
    }
    return getEnableSecretVersionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.DisableSecretVersionRequest,
      dev.coffer.v1.SecretVersion> getDisableSecretVersionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DisableSecretVersion",
      requestType = dev.coffer.v1.DisableSecretVersionRequest.class,
      responseType = dev.coffer.v1.SecretVersion.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.DisableSecretVersionRequest,
      dev.coffer.v1.SecretVersion> getDisableSecretVersionMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.DisableSecretVersionRequest, dev.coffer.v1.SecretVersion> getDisableSecretVersionMethod;
    if ((getDisableSecretVersionMethod = SecretServiceGrpc.getDisableSecretVersionMethod) == null) {
      synchronized (SecretServiceGrpc.class) {
        if ((getDisableSecretVersionMethod = SecretServiceGrpc.getDisableSecretVersionMethod) == null) {
          SecretServiceGrpc.getDisableSecretVersionMethod = getDisableSecretVersionMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.DisableSecretVersionRequest, dev.coffer.v1.SecretVersion>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DisableSecretVersion"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.DisableSecretVersionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.SecretVersion.getDefaultInstance()))
              .setSchemaDescriptor(new SecretServiceMethodDescriptorSupplier("DisableSecretVersion"))
              .build();
        }
      }
    }
    return getDisableSecretVersionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.ActivateSecretVersionRequest,
      dev.coffer.v1.SecretVersion> getActivateSecretVersionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ActivateSecretVersion",
      requestType = dev.coffer.v1.ActivateSecretVersionRequest.class,
      responseType = dev.coffer.v1.SecretVersion.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.ActivateSecretVersionRequest,
      dev.coffer.v1.SecretVersion> getActivateSecretVersionMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.ActivateSecretVersionRequest, dev.coffer.v1.SecretVersion> getActivateSecretVersionMethod;
    if ((getActivateSecretVersionMethod = SecretServiceGrpc.getActivateSecretVersionMethod) == null) {
      synchronized (SecretServiceGrpc.class) {
        if ((getActivateSecretVersionMethod = SecretServiceGrpc.getActivateSecretVersionMethod) == null) {
          SecretServiceGrpc.getActivateSecretVersionMethod = getActivateSecretVersionMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.ActivateSecretVersionRequest, dev.coffer.v1.SecretVersion>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ActivateSecretVersion"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ActivateSecretVersionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.SecretVersion.getDefaultInstance()))
              .setSchemaDescriptor(new SecretServiceMethodDescriptorSupplier("ActivateSecretVersion"))
              .build();
        }
      }
    }
    return getActivateSecretVersionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.DestroySecretVersionRequest,
      dev.coffer.v1.SecretVersion> getDestroySecretVersionMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DestroySecretVersion",
      requestType = dev.coffer.v1.DestroySecretVersionRequest.class,
      responseType = dev.coffer.v1.SecretVersion.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.DestroySecretVersionRequest,
      dev.coffer.v1.SecretVersion> getDestroySecretVersionMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.DestroySecretVersionRequest, dev.coffer.v1.SecretVersion> getDestroySecretVersionMethod;
    if ((getDestroySecretVersionMethod = SecretServiceGrpc.getDestroySecretVersionMethod) == null) {
      synchronized (SecretServiceGrpc.class) {
        if ((getDestroySecretVersionMethod = SecretServiceGrpc.getDestroySecretVersionMethod) == null) {
          SecretServiceGrpc.getDestroySecretVersionMethod = getDestroySecretVersionMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.DestroySecretVersionRequest, dev.coffer.v1.SecretVersion>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DestroySecretVersion"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.DestroySecretVersionRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.SecretVersion.getDefaultInstance()))
              .setSchemaDescriptor(new SecretServiceMethodDescriptorSupplier("DestroySecretVersion"))
              .build();
        }
      }
    }
    return getDestroySecretVersionMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.MoveSecretRequest,
      dev.coffer.v1.Secret> getMoveSecretMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "MoveSecret",
      requestType = dev.coffer.v1.MoveSecretRequest.class,
      responseType = dev.coffer.v1.Secret.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.MoveSecretRequest,
      dev.coffer.v1.Secret> getMoveSecretMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.MoveSecretRequest, dev.coffer.v1.Secret> getMoveSecretMethod;
    if ((getMoveSecretMethod = SecretServiceGrpc.getMoveSecretMethod) == null) {
      synchronized (SecretServiceGrpc.class) {
        if ((getMoveSecretMethod = SecretServiceGrpc.getMoveSecretMethod) == null) {
          SecretServiceGrpc.getMoveSecretMethod = getMoveSecretMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.MoveSecretRequest, dev.coffer.v1.Secret>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "MoveSecret"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.MoveSecretRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.Secret.getDefaultInstance()))
              .setSchemaDescriptor(new SecretServiceMethodDescriptorSupplier("MoveSecret"))
              .build();
        }
      }
    }
    return getMoveSecretMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.CopySecretRequest,
      dev.coffer.v1.Secret> getCopySecretMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CopySecret",
      requestType = dev.coffer.v1.CopySecretRequest.class,
      responseType = dev.coffer.v1.Secret.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.CopySecretRequest,
      dev.coffer.v1.Secret> getCopySecretMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.CopySecretRequest, dev.coffer.v1.Secret> getCopySecretMethod;
    if ((getCopySecretMethod = SecretServiceGrpc.getCopySecretMethod) == null) {
      synchronized (SecretServiceGrpc.class) {
        if ((getCopySecretMethod = SecretServiceGrpc.getCopySecretMethod) == null) {
          SecretServiceGrpc.getCopySecretMethod = getCopySecretMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.CopySecretRequest, dev.coffer.v1.Secret>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CopySecret"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.CopySecretRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.Secret.getDefaultInstance()))
              .setSchemaDescriptor(new SecretServiceMethodDescriptorSupplier("CopySecret"))
              .build();
        }
      }
    }
    return getCopySecretMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.ListDependentsRequest,
      dev.coffer.v1.ListDependentsResponse> getListDependentsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListDependents",
      requestType = dev.coffer.v1.ListDependentsRequest.class,
      responseType = dev.coffer.v1.ListDependentsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.ListDependentsRequest,
      dev.coffer.v1.ListDependentsResponse> getListDependentsMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.ListDependentsRequest, dev.coffer.v1.ListDependentsResponse> getListDependentsMethod;
    if ((getListDependentsMethod = SecretServiceGrpc.getListDependentsMethod) == null) {
      synchronized (SecretServiceGrpc.class) {
        if ((getListDependentsMethod = SecretServiceGrpc.getListDependentsMethod) == null) {
          SecretServiceGrpc.getListDependentsMethod = getListDependentsMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.ListDependentsRequest, dev.coffer.v1.ListDependentsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListDependents"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ListDependentsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ListDependentsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new SecretServiceMethodDescriptorSupplier("ListDependents"))
              .build();
        }
      }
    }
    return getListDependentsMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static SecretServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SecretServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SecretServiceStub>() {
        @java.lang.Override
        public SecretServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SecretServiceStub(channel, callOptions);
        }
      };
    return SecretServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static SecretServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SecretServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SecretServiceBlockingV2Stub>() {
        @java.lang.Override
        public SecretServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SecretServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return SecretServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static SecretServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SecretServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SecretServiceBlockingStub>() {
        @java.lang.Override
        public SecretServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SecretServiceBlockingStub(channel, callOptions);
        }
      };
    return SecretServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static SecretServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<SecretServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<SecretServiceFutureStub>() {
        @java.lang.Override
        public SecretServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new SecretServiceFutureStub(channel, callOptions);
        }
      };
    return SecretServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * SecretService keeps secrets and their versions. Only AccessSecretVersion ever returns values.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * CreateSecret stores a secret; a payload becomes its version 1, active at once. Needs `secret:create` on the namespace.
     * </pre>
     */
    default void createSecret(dev.coffer.v1.CreateSecretRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Secret> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateSecretMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetSecret returns a secret's metadata, never its values. Needs `secret:get`.
     * </pre>
     */
    default void getSecret(dev.coffer.v1.GetSecretRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Secret> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetSecretMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListSecrets returns the metadata of those secrets of a namespace that the caller may see. Needs `secret:list` at
     * or below the namespace.
     * </pre>
     */
    default void listSecrets(dev.coffer.v1.ListSecretsRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ListSecretsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSecretsMethod(), responseObserver);
    }

    /**
     * <pre>
     * SearchSecrets finds secrets at and below a namespace by what their IDs, descriptions, types, owners, labels and key names
     * contain, among those that the caller may see. Needs `secret:list` at or below the namespace.
     * </pre>
     */
    default void searchSecrets(dev.coffer.v1.SearchSecretsRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.SearchSecretsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getSearchSecretsMethod(), responseObserver);
    }

    /**
     * <pre>
     * UpdateSecret changes metadata. Values are changed by AddSecretVersion. Needs `secret:update`.
     * </pre>
     */
    default void updateSecret(dev.coffer.v1.UpdateSecretRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Secret> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateSecretMethod(), responseObserver);
    }

    /**
     * <pre>
     * DeleteSecret puts a secret into the bin, from where it can be undeleted until its purge_time. Its name is free at
     * once. Needs `secret:delete`. Errors: FAILED_PRECONDITION with reason SECRET_IN_USE when projections use it, unless
     * `force` is set.
     * </pre>
     */
    default void deleteSecret(dev.coffer.v1.DeleteSecretRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Secret> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteSecretMethod(), responseObserver);
    }

    /**
     * <pre>
     * UndeleteSecret takes a secret out of the bin, with all versions, and what referred to it refers to it again. Needs
     * `secret:undelete`. Errors: ALREADY_EXISTS when the name is taken and no other `secret_id` is given.
     * </pre>
     */
    default void undeleteSecret(dev.coffer.v1.UndeleteSecretRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Secret> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUndeleteSecretMethod(), responseObserver);
    }

    /**
     * <pre>
     * PurgeSecret erases a secret in the bin, with all versions, for good. Needs `secret:purge`.
     * </pre>
     */
    default void purgeSecret(dev.coffer.v1.PurgeSecretRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.PurgeSecretResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getPurgeSecretMethod(), responseObserver);
    }

    /**
     * <pre>
     * AddSecretVersion adds a payload as the next version and makes it the active one. A payload identical to the active
     * one adds nothing: the active version is returned with `unchanged`. Needs `secret:addVersion`.
     * </pre>
     */
    default void addSecretVersion(dev.coffer.v1.AddSecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.SecretVersion> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getAddSecretVersionMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetSecretVersion returns a version's metadata, never its values. Needs `secret:get` on the secret.
     * </pre>
     */
    default void getSecretVersion(dev.coffer.v1.GetSecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.SecretVersion> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetSecretVersionMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListSecretVersions returns the versions of a secret, newest first, destroyed ones too. Needs `secret:get` on it.
     * </pre>
     */
    default void listSecretVersions(dev.coffer.v1.ListSecretVersionsRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ListSecretVersionsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListSecretVersionsMethod(), responseObserver);
    }

    /**
     * <pre>
     * AccessSecretVersion returns the values of a version. Needs `secret:access` on the secret. The version is a number,
     * `active` (the one in force) or `latest` (the newest enabled one, which may be staged). Errors: FAILED_PRECONDITION
     * when the version is disabled or destroyed, or the secret expired.
     * </pre>
     */
    default void accessSecretVersion(dev.coffer.v1.AccessSecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.AccessSecretVersionResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getAccessSecretVersionMethod(), responseObserver);
    }

    /**
     * <pre>
     * EnableSecretVersion makes a disabled version usable again. Needs `secret:enable`.
     * </pre>
     */
    default void enableSecretVersion(dev.coffer.v1.EnableSecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.SecretVersion> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getEnableSecretVersionMethod(), responseObserver);
    }

    /**
     * <pre>
     * DisableSecretVersion makes a version unusable until it is enabled. The active version cannot be disabled. Needs
     * `secret:disable`. Errors: FAILED_PRECONDITION with reason SECRET_IN_USE when a projection names it by its number.
     * </pre>
     */
    default void disableSecretVersion(dev.coffer.v1.DisableSecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.SecretVersion> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDisableSecretVersionMethod(), responseObserver);
    }

    /**
     * <pre>
     * ActivateSecretVersion puts an enabled version in force: forwards for a staged one, back for a rollback. Needs
     * `secret:activate`.
     * </pre>
     */
    default void activateSecretVersion(dev.coffer.v1.ActivateSecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.SecretVersion> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getActivateSecretVersionMethod(), responseObserver);
    }

    /**
     * <pre>
     * DestroySecretVersion erases the payload of a version for good and keeps its number. The active version cannot be
     * destroyed. Needs `secret:destroy`. Errors: FAILED_PRECONDITION with reason SECRET_IN_USE when a projection names it by
     * its number.
     * </pre>
     */
    default void destroySecretVersion(dev.coffer.v1.DestroySecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.SecretVersion> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDestroySecretVersionMethod(), responseObserver);
    }

    /**
     * <pre>
     * MoveSecret gives a secret another name, with all versions, labels and its owner. Within its namespace it stays the
     * same secret: grants and projections follow it. In another namespace it is a new one, with the same version numbers;
     * the old one goes to the bin, and is refused to go, as DeleteSecret refuses, while projections use it. Needs
     * `secret:move` on the secret and `secret:create` for the new name; across namespaces also `secret:access` and
     * `secret:delete` on the secret, and there the caller becomes its owner unless it may set one. Denied where the caller
     * would gain access to it, or its use, by its new name. Errors: ALREADY_EXISTS when the name is taken,
     * FAILED_PRECONDITION with reason SECRET_IN_USE.
     * </pre>
     */
    default void moveSecret(dev.coffer.v1.MoveSecretRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Secret> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getMoveSecretMethod(), responseObserver);
    }

    /**
     * <pre>
     * CopySecret makes a new secret of the versions, labels and owner of another; numbers stay what they are. Needs
     * `secret:copy` on the secret and `secret:create` for the new name; across namespaces also `secret:access` on the secret,
     * and there the caller becomes the owner of the copy unless it may set one. Denied where the caller would gain access to
     * it, or its use, by the new name. Errors: ALREADY_EXISTS when the name is taken, ABORTED when the secret changes again and again meanwhile.
     * </pre>
     */
    default void copySecret(dev.coffer.v1.CopySecretRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Secret> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCopySecretMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListDependents returns the projections that use a secret: names where the caller may see them, a count of the
     * others. Needs `secret:get` on the secret.
     * </pre>
     */
    default void listDependents(dev.coffer.v1.ListDependentsRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ListDependentsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListDependentsMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service SecretService.
   * <pre>
   * SecretService keeps secrets and their versions. Only AccessSecretVersion ever returns values.
   * </pre>
   */
  public static abstract class SecretServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return SecretServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service SecretService.
   * <pre>
   * SecretService keeps secrets and their versions. Only AccessSecretVersion ever returns values.
   * </pre>
   */
  public static final class SecretServiceStub
      extends io.grpc.stub.AbstractAsyncStub<SecretServiceStub> {
    private SecretServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SecretServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SecretServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateSecret stores a secret; a payload becomes its version 1, active at once. Needs `secret:create` on the namespace.
     * </pre>
     */
    public void createSecret(dev.coffer.v1.CreateSecretRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Secret> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateSecretMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetSecret returns a secret's metadata, never its values. Needs `secret:get`.
     * </pre>
     */
    public void getSecret(dev.coffer.v1.GetSecretRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Secret> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetSecretMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListSecrets returns the metadata of those secrets of a namespace that the caller may see. Needs `secret:list` at
     * or below the namespace.
     * </pre>
     */
    public void listSecrets(dev.coffer.v1.ListSecretsRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ListSecretsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSecretsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * SearchSecrets finds secrets at and below a namespace by what their IDs, descriptions, types, owners, labels and key names
     * contain, among those that the caller may see. Needs `secret:list` at or below the namespace.
     * </pre>
     */
    public void searchSecrets(dev.coffer.v1.SearchSecretsRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.SearchSecretsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getSearchSecretsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * UpdateSecret changes metadata. Values are changed by AddSecretVersion. Needs `secret:update`.
     * </pre>
     */
    public void updateSecret(dev.coffer.v1.UpdateSecretRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Secret> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateSecretMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * DeleteSecret puts a secret into the bin, from where it can be undeleted until its purge_time. Its name is free at
     * once. Needs `secret:delete`. Errors: FAILED_PRECONDITION with reason SECRET_IN_USE when projections use it, unless
     * `force` is set.
     * </pre>
     */
    public void deleteSecret(dev.coffer.v1.DeleteSecretRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Secret> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteSecretMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * UndeleteSecret takes a secret out of the bin, with all versions, and what referred to it refers to it again. Needs
     * `secret:undelete`. Errors: ALREADY_EXISTS when the name is taken and no other `secret_id` is given.
     * </pre>
     */
    public void undeleteSecret(dev.coffer.v1.UndeleteSecretRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Secret> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUndeleteSecretMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * PurgeSecret erases a secret in the bin, with all versions, for good. Needs `secret:purge`.
     * </pre>
     */
    public void purgeSecret(dev.coffer.v1.PurgeSecretRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.PurgeSecretResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getPurgeSecretMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * AddSecretVersion adds a payload as the next version and makes it the active one. A payload identical to the active
     * one adds nothing: the active version is returned with `unchanged`. Needs `secret:addVersion`.
     * </pre>
     */
    public void addSecretVersion(dev.coffer.v1.AddSecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.SecretVersion> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getAddSecretVersionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetSecretVersion returns a version's metadata, never its values. Needs `secret:get` on the secret.
     * </pre>
     */
    public void getSecretVersion(dev.coffer.v1.GetSecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.SecretVersion> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetSecretVersionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListSecretVersions returns the versions of a secret, newest first, destroyed ones too. Needs `secret:get` on it.
     * </pre>
     */
    public void listSecretVersions(dev.coffer.v1.ListSecretVersionsRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ListSecretVersionsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListSecretVersionsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * AccessSecretVersion returns the values of a version. Needs `secret:access` on the secret. The version is a number,
     * `active` (the one in force) or `latest` (the newest enabled one, which may be staged). Errors: FAILED_PRECONDITION
     * when the version is disabled or destroyed, or the secret expired.
     * </pre>
     */
    public void accessSecretVersion(dev.coffer.v1.AccessSecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.AccessSecretVersionResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getAccessSecretVersionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * EnableSecretVersion makes a disabled version usable again. Needs `secret:enable`.
     * </pre>
     */
    public void enableSecretVersion(dev.coffer.v1.EnableSecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.SecretVersion> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getEnableSecretVersionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * DisableSecretVersion makes a version unusable until it is enabled. The active version cannot be disabled. Needs
     * `secret:disable`. Errors: FAILED_PRECONDITION with reason SECRET_IN_USE when a projection names it by its number.
     * </pre>
     */
    public void disableSecretVersion(dev.coffer.v1.DisableSecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.SecretVersion> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDisableSecretVersionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ActivateSecretVersion puts an enabled version in force: forwards for a staged one, back for a rollback. Needs
     * `secret:activate`.
     * </pre>
     */
    public void activateSecretVersion(dev.coffer.v1.ActivateSecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.SecretVersion> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getActivateSecretVersionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * DestroySecretVersion erases the payload of a version for good and keeps its number. The active version cannot be
     * destroyed. Needs `secret:destroy`. Errors: FAILED_PRECONDITION with reason SECRET_IN_USE when a projection names it by
     * its number.
     * </pre>
     */
    public void destroySecretVersion(dev.coffer.v1.DestroySecretVersionRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.SecretVersion> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDestroySecretVersionMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * MoveSecret gives a secret another name, with all versions, labels and its owner. Within its namespace it stays the
     * same secret: grants and projections follow it. In another namespace it is a new one, with the same version numbers;
     * the old one goes to the bin, and is refused to go, as DeleteSecret refuses, while projections use it. Needs
     * `secret:move` on the secret and `secret:create` for the new name; across namespaces also `secret:access` and
     * `secret:delete` on the secret, and there the caller becomes its owner unless it may set one. Denied where the caller
     * would gain access to it, or its use, by its new name. Errors: ALREADY_EXISTS when the name is taken,
     * FAILED_PRECONDITION with reason SECRET_IN_USE.
     * </pre>
     */
    public void moveSecret(dev.coffer.v1.MoveSecretRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Secret> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getMoveSecretMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * CopySecret makes a new secret of the versions, labels and owner of another; numbers stay what they are. Needs
     * `secret:copy` on the secret and `secret:create` for the new name; across namespaces also `secret:access` on the secret,
     * and there the caller becomes the owner of the copy unless it may set one. Denied where the caller would gain access to
     * it, or its use, by the new name. Errors: ALREADY_EXISTS when the name is taken, ABORTED when the secret changes again and again meanwhile.
     * </pre>
     */
    public void copySecret(dev.coffer.v1.CopySecretRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Secret> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCopySecretMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListDependents returns the projections that use a secret: names where the caller may see them, a count of the
     * others. Needs `secret:get` on the secret.
     * </pre>
     */
    public void listDependents(dev.coffer.v1.ListDependentsRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ListDependentsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListDependentsMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service SecretService.
   * <pre>
   * SecretService keeps secrets and their versions. Only AccessSecretVersion ever returns values.
   * </pre>
   */
  public static final class SecretServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<SecretServiceBlockingV2Stub> {
    private SecretServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SecretServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SecretServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateSecret stores a secret; a payload becomes its version 1, active at once. Needs `secret:create` on the namespace.
     * </pre>
     */
    public dev.coffer.v1.Secret createSecret(dev.coffer.v1.CreateSecretRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetSecret returns a secret's metadata, never its values. Needs `secret:get`.
     * </pre>
     */
    public dev.coffer.v1.Secret getSecret(dev.coffer.v1.GetSecretRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSecrets returns the metadata of those secrets of a namespace that the caller may see. Needs `secret:list` at
     * or below the namespace.
     * </pre>
     */
    public dev.coffer.v1.ListSecretsResponse listSecrets(dev.coffer.v1.ListSecretsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSecretsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * SearchSecrets finds secrets at and below a namespace by what their IDs, descriptions, types, owners, labels and key names
     * contain, among those that the caller may see. Needs `secret:list` at or below the namespace.
     * </pre>
     */
    public dev.coffer.v1.SearchSecretsResponse searchSecrets(dev.coffer.v1.SearchSecretsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getSearchSecretsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateSecret changes metadata. Values are changed by AddSecretVersion. Needs `secret:update`.
     * </pre>
     */
    public dev.coffer.v1.Secret updateSecret(dev.coffer.v1.UpdateSecretRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteSecret puts a secret into the bin, from where it can be undeleted until its purge_time. Its name is free at
     * once. Needs `secret:delete`. Errors: FAILED_PRECONDITION with reason SECRET_IN_USE when projections use it, unless
     * `force` is set.
     * </pre>
     */
    public dev.coffer.v1.Secret deleteSecret(dev.coffer.v1.DeleteSecretRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UndeleteSecret takes a secret out of the bin, with all versions, and what referred to it refers to it again. Needs
     * `secret:undelete`. Errors: ALREADY_EXISTS when the name is taken and no other `secret_id` is given.
     * </pre>
     */
    public dev.coffer.v1.Secret undeleteSecret(dev.coffer.v1.UndeleteSecretRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUndeleteSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * PurgeSecret erases a secret in the bin, with all versions, for good. Needs `secret:purge`.
     * </pre>
     */
    public dev.coffer.v1.PurgeSecretResponse purgeSecret(dev.coffer.v1.PurgeSecretRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getPurgeSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * AddSecretVersion adds a payload as the next version and makes it the active one. A payload identical to the active
     * one adds nothing: the active version is returned with `unchanged`. Needs `secret:addVersion`.
     * </pre>
     */
    public dev.coffer.v1.SecretVersion addSecretVersion(dev.coffer.v1.AddSecretVersionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getAddSecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetSecretVersion returns a version's metadata, never its values. Needs `secret:get` on the secret.
     * </pre>
     */
    public dev.coffer.v1.SecretVersion getSecretVersion(dev.coffer.v1.GetSecretVersionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetSecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSecretVersions returns the versions of a secret, newest first, destroyed ones too. Needs `secret:get` on it.
     * </pre>
     */
    public dev.coffer.v1.ListSecretVersionsResponse listSecretVersions(dev.coffer.v1.ListSecretVersionsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListSecretVersionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * AccessSecretVersion returns the values of a version. Needs `secret:access` on the secret. The version is a number,
     * `active` (the one in force) or `latest` (the newest enabled one, which may be staged). Errors: FAILED_PRECONDITION
     * when the version is disabled or destroyed, or the secret expired.
     * </pre>
     */
    public dev.coffer.v1.AccessSecretVersionResponse accessSecretVersion(dev.coffer.v1.AccessSecretVersionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getAccessSecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * EnableSecretVersion makes a disabled version usable again. Needs `secret:enable`.
     * </pre>
     */
    public dev.coffer.v1.SecretVersion enableSecretVersion(dev.coffer.v1.EnableSecretVersionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getEnableSecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DisableSecretVersion makes a version unusable until it is enabled. The active version cannot be disabled. Needs
     * `secret:disable`. Errors: FAILED_PRECONDITION with reason SECRET_IN_USE when a projection names it by its number.
     * </pre>
     */
    public dev.coffer.v1.SecretVersion disableSecretVersion(dev.coffer.v1.DisableSecretVersionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDisableSecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ActivateSecretVersion puts an enabled version in force: forwards for a staged one, back for a rollback. Needs
     * `secret:activate`.
     * </pre>
     */
    public dev.coffer.v1.SecretVersion activateSecretVersion(dev.coffer.v1.ActivateSecretVersionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getActivateSecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DestroySecretVersion erases the payload of a version for good and keeps its number. The active version cannot be
     * destroyed. Needs `secret:destroy`. Errors: FAILED_PRECONDITION with reason SECRET_IN_USE when a projection names it by
     * its number.
     * </pre>
     */
    public dev.coffer.v1.SecretVersion destroySecretVersion(dev.coffer.v1.DestroySecretVersionRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDestroySecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * MoveSecret gives a secret another name, with all versions, labels and its owner. Within its namespace it stays the
     * same secret: grants and projections follow it. In another namespace it is a new one, with the same version numbers;
     * the old one goes to the bin, and is refused to go, as DeleteSecret refuses, while projections use it. Needs
     * `secret:move` on the secret and `secret:create` for the new name; across namespaces also `secret:access` and
     * `secret:delete` on the secret, and there the caller becomes its owner unless it may set one. Denied where the caller
     * would gain access to it, or its use, by its new name. Errors: ALREADY_EXISTS when the name is taken,
     * FAILED_PRECONDITION with reason SECRET_IN_USE.
     * </pre>
     */
    public dev.coffer.v1.Secret moveSecret(dev.coffer.v1.MoveSecretRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getMoveSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CopySecret makes a new secret of the versions, labels and owner of another; numbers stay what they are. Needs
     * `secret:copy` on the secret and `secret:create` for the new name; across namespaces also `secret:access` on the secret,
     * and there the caller becomes the owner of the copy unless it may set one. Denied where the caller would gain access to
     * it, or its use, by the new name. Errors: ALREADY_EXISTS when the name is taken, ABORTED when the secret changes again and again meanwhile.
     * </pre>
     */
    public dev.coffer.v1.Secret copySecret(dev.coffer.v1.CopySecretRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCopySecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListDependents returns the projections that use a secret: names where the caller may see them, a count of the
     * others. Needs `secret:get` on the secret.
     * </pre>
     */
    public dev.coffer.v1.ListDependentsResponse listDependents(dev.coffer.v1.ListDependentsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListDependentsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service SecretService.
   * <pre>
   * SecretService keeps secrets and their versions. Only AccessSecretVersion ever returns values.
   * </pre>
   */
  public static final class SecretServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<SecretServiceBlockingStub> {
    private SecretServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SecretServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SecretServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateSecret stores a secret; a payload becomes its version 1, active at once. Needs `secret:create` on the namespace.
     * </pre>
     */
    public dev.coffer.v1.Secret createSecret(dev.coffer.v1.CreateSecretRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetSecret returns a secret's metadata, never its values. Needs `secret:get`.
     * </pre>
     */
    public dev.coffer.v1.Secret getSecret(dev.coffer.v1.GetSecretRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSecrets returns the metadata of those secrets of a namespace that the caller may see. Needs `secret:list` at
     * or below the namespace.
     * </pre>
     */
    public dev.coffer.v1.ListSecretsResponse listSecrets(dev.coffer.v1.ListSecretsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSecretsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * SearchSecrets finds secrets at and below a namespace by what their IDs, descriptions, types, owners, labels and key names
     * contain, among those that the caller may see. Needs `secret:list` at or below the namespace.
     * </pre>
     */
    public dev.coffer.v1.SearchSecretsResponse searchSecrets(dev.coffer.v1.SearchSecretsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getSearchSecretsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateSecret changes metadata. Values are changed by AddSecretVersion. Needs `secret:update`.
     * </pre>
     */
    public dev.coffer.v1.Secret updateSecret(dev.coffer.v1.UpdateSecretRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteSecret puts a secret into the bin, from where it can be undeleted until its purge_time. Its name is free at
     * once. Needs `secret:delete`. Errors: FAILED_PRECONDITION with reason SECRET_IN_USE when projections use it, unless
     * `force` is set.
     * </pre>
     */
    public dev.coffer.v1.Secret deleteSecret(dev.coffer.v1.DeleteSecretRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UndeleteSecret takes a secret out of the bin, with all versions, and what referred to it refers to it again. Needs
     * `secret:undelete`. Errors: ALREADY_EXISTS when the name is taken and no other `secret_id` is given.
     * </pre>
     */
    public dev.coffer.v1.Secret undeleteSecret(dev.coffer.v1.UndeleteSecretRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUndeleteSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * PurgeSecret erases a secret in the bin, with all versions, for good. Needs `secret:purge`.
     * </pre>
     */
    public dev.coffer.v1.PurgeSecretResponse purgeSecret(dev.coffer.v1.PurgeSecretRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getPurgeSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * AddSecretVersion adds a payload as the next version and makes it the active one. A payload identical to the active
     * one adds nothing: the active version is returned with `unchanged`. Needs `secret:addVersion`.
     * </pre>
     */
    public dev.coffer.v1.SecretVersion addSecretVersion(dev.coffer.v1.AddSecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getAddSecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetSecretVersion returns a version's metadata, never its values. Needs `secret:get` on the secret.
     * </pre>
     */
    public dev.coffer.v1.SecretVersion getSecretVersion(dev.coffer.v1.GetSecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetSecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListSecretVersions returns the versions of a secret, newest first, destroyed ones too. Needs `secret:get` on it.
     * </pre>
     */
    public dev.coffer.v1.ListSecretVersionsResponse listSecretVersions(dev.coffer.v1.ListSecretVersionsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListSecretVersionsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * AccessSecretVersion returns the values of a version. Needs `secret:access` on the secret. The version is a number,
     * `active` (the one in force) or `latest` (the newest enabled one, which may be staged). Errors: FAILED_PRECONDITION
     * when the version is disabled or destroyed, or the secret expired.
     * </pre>
     */
    public dev.coffer.v1.AccessSecretVersionResponse accessSecretVersion(dev.coffer.v1.AccessSecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getAccessSecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * EnableSecretVersion makes a disabled version usable again. Needs `secret:enable`.
     * </pre>
     */
    public dev.coffer.v1.SecretVersion enableSecretVersion(dev.coffer.v1.EnableSecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getEnableSecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DisableSecretVersion makes a version unusable until it is enabled. The active version cannot be disabled. Needs
     * `secret:disable`. Errors: FAILED_PRECONDITION with reason SECRET_IN_USE when a projection names it by its number.
     * </pre>
     */
    public dev.coffer.v1.SecretVersion disableSecretVersion(dev.coffer.v1.DisableSecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDisableSecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ActivateSecretVersion puts an enabled version in force: forwards for a staged one, back for a rollback. Needs
     * `secret:activate`.
     * </pre>
     */
    public dev.coffer.v1.SecretVersion activateSecretVersion(dev.coffer.v1.ActivateSecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getActivateSecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DestroySecretVersion erases the payload of a version for good and keeps its number. The active version cannot be
     * destroyed. Needs `secret:destroy`. Errors: FAILED_PRECONDITION with reason SECRET_IN_USE when a projection names it by
     * its number.
     * </pre>
     */
    public dev.coffer.v1.SecretVersion destroySecretVersion(dev.coffer.v1.DestroySecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDestroySecretVersionMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * MoveSecret gives a secret another name, with all versions, labels and its owner. Within its namespace it stays the
     * same secret: grants and projections follow it. In another namespace it is a new one, with the same version numbers;
     * the old one goes to the bin, and is refused to go, as DeleteSecret refuses, while projections use it. Needs
     * `secret:move` on the secret and `secret:create` for the new name; across namespaces also `secret:access` and
     * `secret:delete` on the secret, and there the caller becomes its owner unless it may set one. Denied where the caller
     * would gain access to it, or its use, by its new name. Errors: ALREADY_EXISTS when the name is taken,
     * FAILED_PRECONDITION with reason SECRET_IN_USE.
     * </pre>
     */
    public dev.coffer.v1.Secret moveSecret(dev.coffer.v1.MoveSecretRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getMoveSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CopySecret makes a new secret of the versions, labels and owner of another; numbers stay what they are. Needs
     * `secret:copy` on the secret and `secret:create` for the new name; across namespaces also `secret:access` on the secret,
     * and there the caller becomes the owner of the copy unless it may set one. Denied where the caller would gain access to
     * it, or its use, by the new name. Errors: ALREADY_EXISTS when the name is taken, ABORTED when the secret changes again and again meanwhile.
     * </pre>
     */
    public dev.coffer.v1.Secret copySecret(dev.coffer.v1.CopySecretRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCopySecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListDependents returns the projections that use a secret: names where the caller may see them, a count of the
     * others. Needs `secret:get` on the secret.
     * </pre>
     */
    public dev.coffer.v1.ListDependentsResponse listDependents(dev.coffer.v1.ListDependentsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListDependentsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service SecretService.
   * <pre>
   * SecretService keeps secrets and their versions. Only AccessSecretVersion ever returns values.
   * </pre>
   */
  public static final class SecretServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<SecretServiceFutureStub> {
    private SecretServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected SecretServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new SecretServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * CreateSecret stores a secret; a payload becomes its version 1, active at once. Needs `secret:create` on the namespace.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.Secret> createSecret(
        dev.coffer.v1.CreateSecretRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateSecretMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetSecret returns a secret's metadata, never its values. Needs `secret:get`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.Secret> getSecret(
        dev.coffer.v1.GetSecretRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetSecretMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListSecrets returns the metadata of those secrets of a namespace that the caller may see. Needs `secret:list` at
     * or below the namespace.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.ListSecretsResponse> listSecrets(
        dev.coffer.v1.ListSecretsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSecretsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * SearchSecrets finds secrets at and below a namespace by what their IDs, descriptions, types, owners, labels and key names
     * contain, among those that the caller may see. Needs `secret:list` at or below the namespace.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.SearchSecretsResponse> searchSecrets(
        dev.coffer.v1.SearchSecretsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getSearchSecretsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * UpdateSecret changes metadata. Values are changed by AddSecretVersion. Needs `secret:update`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.Secret> updateSecret(
        dev.coffer.v1.UpdateSecretRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateSecretMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * DeleteSecret puts a secret into the bin, from where it can be undeleted until its purge_time. Its name is free at
     * once. Needs `secret:delete`. Errors: FAILED_PRECONDITION with reason SECRET_IN_USE when projections use it, unless
     * `force` is set.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.Secret> deleteSecret(
        dev.coffer.v1.DeleteSecretRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteSecretMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * UndeleteSecret takes a secret out of the bin, with all versions, and what referred to it refers to it again. Needs
     * `secret:undelete`. Errors: ALREADY_EXISTS when the name is taken and no other `secret_id` is given.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.Secret> undeleteSecret(
        dev.coffer.v1.UndeleteSecretRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUndeleteSecretMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * PurgeSecret erases a secret in the bin, with all versions, for good. Needs `secret:purge`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.PurgeSecretResponse> purgeSecret(
        dev.coffer.v1.PurgeSecretRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getPurgeSecretMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * AddSecretVersion adds a payload as the next version and makes it the active one. A payload identical to the active
     * one adds nothing: the active version is returned with `unchanged`. Needs `secret:addVersion`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.SecretVersion> addSecretVersion(
        dev.coffer.v1.AddSecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getAddSecretVersionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetSecretVersion returns a version's metadata, never its values. Needs `secret:get` on the secret.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.SecretVersion> getSecretVersion(
        dev.coffer.v1.GetSecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetSecretVersionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListSecretVersions returns the versions of a secret, newest first, destroyed ones too. Needs `secret:get` on it.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.ListSecretVersionsResponse> listSecretVersions(
        dev.coffer.v1.ListSecretVersionsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListSecretVersionsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * AccessSecretVersion returns the values of a version. Needs `secret:access` on the secret. The version is a number,
     * `active` (the one in force) or `latest` (the newest enabled one, which may be staged). Errors: FAILED_PRECONDITION
     * when the version is disabled or destroyed, or the secret expired.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.AccessSecretVersionResponse> accessSecretVersion(
        dev.coffer.v1.AccessSecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getAccessSecretVersionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * EnableSecretVersion makes a disabled version usable again. Needs `secret:enable`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.SecretVersion> enableSecretVersion(
        dev.coffer.v1.EnableSecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getEnableSecretVersionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * DisableSecretVersion makes a version unusable until it is enabled. The active version cannot be disabled. Needs
     * `secret:disable`. Errors: FAILED_PRECONDITION with reason SECRET_IN_USE when a projection names it by its number.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.SecretVersion> disableSecretVersion(
        dev.coffer.v1.DisableSecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDisableSecretVersionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ActivateSecretVersion puts an enabled version in force: forwards for a staged one, back for a rollback. Needs
     * `secret:activate`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.SecretVersion> activateSecretVersion(
        dev.coffer.v1.ActivateSecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getActivateSecretVersionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * DestroySecretVersion erases the payload of a version for good and keeps its number. The active version cannot be
     * destroyed. Needs `secret:destroy`. Errors: FAILED_PRECONDITION with reason SECRET_IN_USE when a projection names it by
     * its number.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.SecretVersion> destroySecretVersion(
        dev.coffer.v1.DestroySecretVersionRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDestroySecretVersionMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * MoveSecret gives a secret another name, with all versions, labels and its owner. Within its namespace it stays the
     * same secret: grants and projections follow it. In another namespace it is a new one, with the same version numbers;
     * the old one goes to the bin, and is refused to go, as DeleteSecret refuses, while projections use it. Needs
     * `secret:move` on the secret and `secret:create` for the new name; across namespaces also `secret:access` and
     * `secret:delete` on the secret, and there the caller becomes its owner unless it may set one. Denied where the caller
     * would gain access to it, or its use, by its new name. Errors: ALREADY_EXISTS when the name is taken,
     * FAILED_PRECONDITION with reason SECRET_IN_USE.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.Secret> moveSecret(
        dev.coffer.v1.MoveSecretRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getMoveSecretMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * CopySecret makes a new secret of the versions, labels and owner of another; numbers stay what they are. Needs
     * `secret:copy` on the secret and `secret:create` for the new name; across namespaces also `secret:access` on the secret,
     * and there the caller becomes the owner of the copy unless it may set one. Denied where the caller would gain access to
     * it, or its use, by the new name. Errors: ALREADY_EXISTS when the name is taken, ABORTED when the secret changes again and again meanwhile.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.Secret> copySecret(
        dev.coffer.v1.CopySecretRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCopySecretMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListDependents returns the projections that use a secret: names where the caller may see them, a count of the
     * others. Needs `secret:get` on the secret.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.ListDependentsResponse> listDependents(
        dev.coffer.v1.ListDependentsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListDependentsMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CREATE_SECRET = 0;
  private static final int METHODID_GET_SECRET = 1;
  private static final int METHODID_LIST_SECRETS = 2;
  private static final int METHODID_SEARCH_SECRETS = 3;
  private static final int METHODID_UPDATE_SECRET = 4;
  private static final int METHODID_DELETE_SECRET = 5;
  private static final int METHODID_UNDELETE_SECRET = 6;
  private static final int METHODID_PURGE_SECRET = 7;
  private static final int METHODID_ADD_SECRET_VERSION = 8;
  private static final int METHODID_GET_SECRET_VERSION = 9;
  private static final int METHODID_LIST_SECRET_VERSIONS = 10;
  private static final int METHODID_ACCESS_SECRET_VERSION = 11;
  private static final int METHODID_ENABLE_SECRET_VERSION = 12;
  private static final int METHODID_DISABLE_SECRET_VERSION = 13;
  private static final int METHODID_ACTIVATE_SECRET_VERSION = 14;
  private static final int METHODID_DESTROY_SECRET_VERSION = 15;
  private static final int METHODID_MOVE_SECRET = 16;
  private static final int METHODID_COPY_SECRET = 17;
  private static final int METHODID_LIST_DEPENDENTS = 18;

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
        case METHODID_CREATE_SECRET:
          serviceImpl.createSecret((dev.coffer.v1.CreateSecretRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.Secret>) responseObserver);
          break;
        case METHODID_GET_SECRET:
          serviceImpl.getSecret((dev.coffer.v1.GetSecretRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.Secret>) responseObserver);
          break;
        case METHODID_LIST_SECRETS:
          serviceImpl.listSecrets((dev.coffer.v1.ListSecretsRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.ListSecretsResponse>) responseObserver);
          break;
        case METHODID_SEARCH_SECRETS:
          serviceImpl.searchSecrets((dev.coffer.v1.SearchSecretsRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.SearchSecretsResponse>) responseObserver);
          break;
        case METHODID_UPDATE_SECRET:
          serviceImpl.updateSecret((dev.coffer.v1.UpdateSecretRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.Secret>) responseObserver);
          break;
        case METHODID_DELETE_SECRET:
          serviceImpl.deleteSecret((dev.coffer.v1.DeleteSecretRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.Secret>) responseObserver);
          break;
        case METHODID_UNDELETE_SECRET:
          serviceImpl.undeleteSecret((dev.coffer.v1.UndeleteSecretRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.Secret>) responseObserver);
          break;
        case METHODID_PURGE_SECRET:
          serviceImpl.purgeSecret((dev.coffer.v1.PurgeSecretRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.PurgeSecretResponse>) responseObserver);
          break;
        case METHODID_ADD_SECRET_VERSION:
          serviceImpl.addSecretVersion((dev.coffer.v1.AddSecretVersionRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.SecretVersion>) responseObserver);
          break;
        case METHODID_GET_SECRET_VERSION:
          serviceImpl.getSecretVersion((dev.coffer.v1.GetSecretVersionRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.SecretVersion>) responseObserver);
          break;
        case METHODID_LIST_SECRET_VERSIONS:
          serviceImpl.listSecretVersions((dev.coffer.v1.ListSecretVersionsRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.ListSecretVersionsResponse>) responseObserver);
          break;
        case METHODID_ACCESS_SECRET_VERSION:
          serviceImpl.accessSecretVersion((dev.coffer.v1.AccessSecretVersionRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.AccessSecretVersionResponse>) responseObserver);
          break;
        case METHODID_ENABLE_SECRET_VERSION:
          serviceImpl.enableSecretVersion((dev.coffer.v1.EnableSecretVersionRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.SecretVersion>) responseObserver);
          break;
        case METHODID_DISABLE_SECRET_VERSION:
          serviceImpl.disableSecretVersion((dev.coffer.v1.DisableSecretVersionRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.SecretVersion>) responseObserver);
          break;
        case METHODID_ACTIVATE_SECRET_VERSION:
          serviceImpl.activateSecretVersion((dev.coffer.v1.ActivateSecretVersionRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.SecretVersion>) responseObserver);
          break;
        case METHODID_DESTROY_SECRET_VERSION:
          serviceImpl.destroySecretVersion((dev.coffer.v1.DestroySecretVersionRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.SecretVersion>) responseObserver);
          break;
        case METHODID_MOVE_SECRET:
          serviceImpl.moveSecret((dev.coffer.v1.MoveSecretRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.Secret>) responseObserver);
          break;
        case METHODID_COPY_SECRET:
          serviceImpl.copySecret((dev.coffer.v1.CopySecretRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.Secret>) responseObserver);
          break;
        case METHODID_LIST_DEPENDENTS:
          serviceImpl.listDependents((dev.coffer.v1.ListDependentsRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.ListDependentsResponse>) responseObserver);
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
          getCreateSecretMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.CreateSecretRequest,
              dev.coffer.v1.Secret>(
                service, METHODID_CREATE_SECRET)))
        .addMethod(
          getGetSecretMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.GetSecretRequest,
              dev.coffer.v1.Secret>(
                service, METHODID_GET_SECRET)))
        .addMethod(
          getListSecretsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.ListSecretsRequest,
              dev.coffer.v1.ListSecretsResponse>(
                service, METHODID_LIST_SECRETS)))
        .addMethod(
          getSearchSecretsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.SearchSecretsRequest,
              dev.coffer.v1.SearchSecretsResponse>(
                service, METHODID_SEARCH_SECRETS)))
        .addMethod(
          getUpdateSecretMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.UpdateSecretRequest,
              dev.coffer.v1.Secret>(
                service, METHODID_UPDATE_SECRET)))
        .addMethod(
          getDeleteSecretMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.DeleteSecretRequest,
              dev.coffer.v1.Secret>(
                service, METHODID_DELETE_SECRET)))
        .addMethod(
          getUndeleteSecretMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.UndeleteSecretRequest,
              dev.coffer.v1.Secret>(
                service, METHODID_UNDELETE_SECRET)))
        .addMethod(
          getPurgeSecretMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.PurgeSecretRequest,
              dev.coffer.v1.PurgeSecretResponse>(
                service, METHODID_PURGE_SECRET)))
        .addMethod(
          getAddSecretVersionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.AddSecretVersionRequest,
              dev.coffer.v1.SecretVersion>(
                service, METHODID_ADD_SECRET_VERSION)))
        .addMethod(
          getGetSecretVersionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.GetSecretVersionRequest,
              dev.coffer.v1.SecretVersion>(
                service, METHODID_GET_SECRET_VERSION)))
        .addMethod(
          getListSecretVersionsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.ListSecretVersionsRequest,
              dev.coffer.v1.ListSecretVersionsResponse>(
                service, METHODID_LIST_SECRET_VERSIONS)))
        .addMethod(
          getAccessSecretVersionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.AccessSecretVersionRequest,
              dev.coffer.v1.AccessSecretVersionResponse>(
                service, METHODID_ACCESS_SECRET_VERSION)))
        .addMethod(
          getEnableSecretVersionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.EnableSecretVersionRequest,
              dev.coffer.v1.SecretVersion>(
                service, METHODID_ENABLE_SECRET_VERSION)))
        .addMethod(
          getDisableSecretVersionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.DisableSecretVersionRequest,
              dev.coffer.v1.SecretVersion>(
                service, METHODID_DISABLE_SECRET_VERSION)))
        .addMethod(
          getActivateSecretVersionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.ActivateSecretVersionRequest,
              dev.coffer.v1.SecretVersion>(
                service, METHODID_ACTIVATE_SECRET_VERSION)))
        .addMethod(
          getDestroySecretVersionMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.DestroySecretVersionRequest,
              dev.coffer.v1.SecretVersion>(
                service, METHODID_DESTROY_SECRET_VERSION)))
        .addMethod(
          getMoveSecretMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.MoveSecretRequest,
              dev.coffer.v1.Secret>(
                service, METHODID_MOVE_SECRET)))
        .addMethod(
          getCopySecretMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.CopySecretRequest,
              dev.coffer.v1.Secret>(
                service, METHODID_COPY_SECRET)))
        .addMethod(
          getListDependentsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.ListDependentsRequest,
              dev.coffer.v1.ListDependentsResponse>(
                service, METHODID_LIST_DEPENDENTS)))
        .build();
  }

  private static abstract class SecretServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    SecretServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.coffer.v1.SecretProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("SecretService");
    }
  }

  private static final class SecretServiceFileDescriptorSupplier
      extends SecretServiceBaseDescriptorSupplier {
    SecretServiceFileDescriptorSupplier() {}
  }

  private static final class SecretServiceMethodDescriptorSupplier
      extends SecretServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    SecretServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (SecretServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new SecretServiceFileDescriptorSupplier())
              .addMethod(getCreateSecretMethod())
              .addMethod(getGetSecretMethod())
              .addMethod(getListSecretsMethod())
              .addMethod(getSearchSecretsMethod())
              .addMethod(getUpdateSecretMethod())
              .addMethod(getDeleteSecretMethod())
              .addMethod(getUndeleteSecretMethod())
              .addMethod(getPurgeSecretMethod())
              .addMethod(getAddSecretVersionMethod())
              .addMethod(getGetSecretVersionMethod())
              .addMethod(getListSecretVersionsMethod())
              .addMethod(getAccessSecretVersionMethod())
              .addMethod(getEnableSecretVersionMethod())
              .addMethod(getDisableSecretVersionMethod())
              .addMethod(getActivateSecretVersionMethod())
              .addMethod(getDestroySecretVersionMethod())
              .addMethod(getMoveSecretMethod())
              .addMethod(getCopySecretMethod())
              .addMethod(getListDependentsMethod())
              .build();
        }
      }
    }
    return result;
  }
}
