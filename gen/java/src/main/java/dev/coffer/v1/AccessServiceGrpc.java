package dev.coffer.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * AccessService says who may do what: workload identities, tokens, roles, grants of roles, policies, and why a decision is
 * what it is.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class AccessServiceGrpc {

  private AccessServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "coffer.v1.AccessService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.WhoAmIRequest,
      dev.coffer.v1.WhoAmIResponse> getWhoAmIMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "WhoAmI",
      requestType = dev.coffer.v1.WhoAmIRequest.class,
      responseType = dev.coffer.v1.WhoAmIResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.WhoAmIRequest,
      dev.coffer.v1.WhoAmIResponse> getWhoAmIMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.WhoAmIRequest, dev.coffer.v1.WhoAmIResponse> getWhoAmIMethod;
    if ((getWhoAmIMethod = AccessServiceGrpc.getWhoAmIMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getWhoAmIMethod = AccessServiceGrpc.getWhoAmIMethod) == null) {
          AccessServiceGrpc.getWhoAmIMethod = getWhoAmIMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.WhoAmIRequest, dev.coffer.v1.WhoAmIResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "WhoAmI"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.WhoAmIRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.WhoAmIResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("WhoAmI"))
              .build();
        }
      }
    }
    return getWhoAmIMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.CreateServiceAccountRequest,
      dev.coffer.v1.ServiceAccount> getCreateServiceAccountMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateServiceAccount",
      requestType = dev.coffer.v1.CreateServiceAccountRequest.class,
      responseType = dev.coffer.v1.ServiceAccount.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.CreateServiceAccountRequest,
      dev.coffer.v1.ServiceAccount> getCreateServiceAccountMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.CreateServiceAccountRequest, dev.coffer.v1.ServiceAccount> getCreateServiceAccountMethod;
    if ((getCreateServiceAccountMethod = AccessServiceGrpc.getCreateServiceAccountMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getCreateServiceAccountMethod = AccessServiceGrpc.getCreateServiceAccountMethod) == null) {
          AccessServiceGrpc.getCreateServiceAccountMethod = getCreateServiceAccountMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.CreateServiceAccountRequest, dev.coffer.v1.ServiceAccount>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateServiceAccount"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.CreateServiceAccountRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ServiceAccount.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("CreateServiceAccount"))
              .build();
        }
      }
    }
    return getCreateServiceAccountMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.GetServiceAccountRequest,
      dev.coffer.v1.ServiceAccount> getGetServiceAccountMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetServiceAccount",
      requestType = dev.coffer.v1.GetServiceAccountRequest.class,
      responseType = dev.coffer.v1.ServiceAccount.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.GetServiceAccountRequest,
      dev.coffer.v1.ServiceAccount> getGetServiceAccountMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.GetServiceAccountRequest, dev.coffer.v1.ServiceAccount> getGetServiceAccountMethod;
    if ((getGetServiceAccountMethod = AccessServiceGrpc.getGetServiceAccountMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getGetServiceAccountMethod = AccessServiceGrpc.getGetServiceAccountMethod) == null) {
          AccessServiceGrpc.getGetServiceAccountMethod = getGetServiceAccountMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.GetServiceAccountRequest, dev.coffer.v1.ServiceAccount>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetServiceAccount"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.GetServiceAccountRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ServiceAccount.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("GetServiceAccount"))
              .build();
        }
      }
    }
    return getGetServiceAccountMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.ListServiceAccountsRequest,
      dev.coffer.v1.ListServiceAccountsResponse> getListServiceAccountsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListServiceAccounts",
      requestType = dev.coffer.v1.ListServiceAccountsRequest.class,
      responseType = dev.coffer.v1.ListServiceAccountsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.ListServiceAccountsRequest,
      dev.coffer.v1.ListServiceAccountsResponse> getListServiceAccountsMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.ListServiceAccountsRequest, dev.coffer.v1.ListServiceAccountsResponse> getListServiceAccountsMethod;
    if ((getListServiceAccountsMethod = AccessServiceGrpc.getListServiceAccountsMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getListServiceAccountsMethod = AccessServiceGrpc.getListServiceAccountsMethod) == null) {
          AccessServiceGrpc.getListServiceAccountsMethod = getListServiceAccountsMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.ListServiceAccountsRequest, dev.coffer.v1.ListServiceAccountsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListServiceAccounts"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ListServiceAccountsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ListServiceAccountsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("ListServiceAccounts"))
              .build();
        }
      }
    }
    return getListServiceAccountsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.UpdateServiceAccountRequest,
      dev.coffer.v1.ServiceAccount> getUpdateServiceAccountMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateServiceAccount",
      requestType = dev.coffer.v1.UpdateServiceAccountRequest.class,
      responseType = dev.coffer.v1.ServiceAccount.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.UpdateServiceAccountRequest,
      dev.coffer.v1.ServiceAccount> getUpdateServiceAccountMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.UpdateServiceAccountRequest, dev.coffer.v1.ServiceAccount> getUpdateServiceAccountMethod;
    if ((getUpdateServiceAccountMethod = AccessServiceGrpc.getUpdateServiceAccountMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getUpdateServiceAccountMethod = AccessServiceGrpc.getUpdateServiceAccountMethod) == null) {
          AccessServiceGrpc.getUpdateServiceAccountMethod = getUpdateServiceAccountMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.UpdateServiceAccountRequest, dev.coffer.v1.ServiceAccount>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateServiceAccount"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.UpdateServiceAccountRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ServiceAccount.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("UpdateServiceAccount"))
              .build();
        }
      }
    }
    return getUpdateServiceAccountMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.DeleteServiceAccountRequest,
      dev.coffer.v1.DeleteServiceAccountResponse> getDeleteServiceAccountMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteServiceAccount",
      requestType = dev.coffer.v1.DeleteServiceAccountRequest.class,
      responseType = dev.coffer.v1.DeleteServiceAccountResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.DeleteServiceAccountRequest,
      dev.coffer.v1.DeleteServiceAccountResponse> getDeleteServiceAccountMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.DeleteServiceAccountRequest, dev.coffer.v1.DeleteServiceAccountResponse> getDeleteServiceAccountMethod;
    if ((getDeleteServiceAccountMethod = AccessServiceGrpc.getDeleteServiceAccountMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getDeleteServiceAccountMethod = AccessServiceGrpc.getDeleteServiceAccountMethod) == null) {
          AccessServiceGrpc.getDeleteServiceAccountMethod = getDeleteServiceAccountMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.DeleteServiceAccountRequest, dev.coffer.v1.DeleteServiceAccountResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteServiceAccount"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.DeleteServiceAccountRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.DeleteServiceAccountResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("DeleteServiceAccount"))
              .build();
        }
      }
    }
    return getDeleteServiceAccountMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.CreateTokenRequest,
      dev.coffer.v1.Token> getCreateTokenMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateToken",
      requestType = dev.coffer.v1.CreateTokenRequest.class,
      responseType = dev.coffer.v1.Token.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.CreateTokenRequest,
      dev.coffer.v1.Token> getCreateTokenMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.CreateTokenRequest, dev.coffer.v1.Token> getCreateTokenMethod;
    if ((getCreateTokenMethod = AccessServiceGrpc.getCreateTokenMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getCreateTokenMethod = AccessServiceGrpc.getCreateTokenMethod) == null) {
          AccessServiceGrpc.getCreateTokenMethod = getCreateTokenMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.CreateTokenRequest, dev.coffer.v1.Token>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateToken"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.CreateTokenRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.Token.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("CreateToken"))
              .build();
        }
      }
    }
    return getCreateTokenMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.GetTokenRequest,
      dev.coffer.v1.Token> getGetTokenMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetToken",
      requestType = dev.coffer.v1.GetTokenRequest.class,
      responseType = dev.coffer.v1.Token.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.GetTokenRequest,
      dev.coffer.v1.Token> getGetTokenMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.GetTokenRequest, dev.coffer.v1.Token> getGetTokenMethod;
    if ((getGetTokenMethod = AccessServiceGrpc.getGetTokenMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getGetTokenMethod = AccessServiceGrpc.getGetTokenMethod) == null) {
          AccessServiceGrpc.getGetTokenMethod = getGetTokenMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.GetTokenRequest, dev.coffer.v1.Token>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetToken"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.GetTokenRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.Token.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("GetToken"))
              .build();
        }
      }
    }
    return getGetTokenMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.ListTokensRequest,
      dev.coffer.v1.ListTokensResponse> getListTokensMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListTokens",
      requestType = dev.coffer.v1.ListTokensRequest.class,
      responseType = dev.coffer.v1.ListTokensResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.ListTokensRequest,
      dev.coffer.v1.ListTokensResponse> getListTokensMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.ListTokensRequest, dev.coffer.v1.ListTokensResponse> getListTokensMethod;
    if ((getListTokensMethod = AccessServiceGrpc.getListTokensMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getListTokensMethod = AccessServiceGrpc.getListTokensMethod) == null) {
          AccessServiceGrpc.getListTokensMethod = getListTokensMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.ListTokensRequest, dev.coffer.v1.ListTokensResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListTokens"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ListTokensRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ListTokensResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("ListTokens"))
              .build();
        }
      }
    }
    return getListTokensMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.DeleteTokenRequest,
      dev.coffer.v1.DeleteTokenResponse> getDeleteTokenMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteToken",
      requestType = dev.coffer.v1.DeleteTokenRequest.class,
      responseType = dev.coffer.v1.DeleteTokenResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.DeleteTokenRequest,
      dev.coffer.v1.DeleteTokenResponse> getDeleteTokenMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.DeleteTokenRequest, dev.coffer.v1.DeleteTokenResponse> getDeleteTokenMethod;
    if ((getDeleteTokenMethod = AccessServiceGrpc.getDeleteTokenMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getDeleteTokenMethod = AccessServiceGrpc.getDeleteTokenMethod) == null) {
          AccessServiceGrpc.getDeleteTokenMethod = getDeleteTokenMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.DeleteTokenRequest, dev.coffer.v1.DeleteTokenResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteToken"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.DeleteTokenRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.DeleteTokenResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("DeleteToken"))
              .build();
        }
      }
    }
    return getDeleteTokenMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.RenewTokenRequest,
      dev.coffer.v1.Token> getRenewTokenMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RenewToken",
      requestType = dev.coffer.v1.RenewTokenRequest.class,
      responseType = dev.coffer.v1.Token.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.RenewTokenRequest,
      dev.coffer.v1.Token> getRenewTokenMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.RenewTokenRequest, dev.coffer.v1.Token> getRenewTokenMethod;
    if ((getRenewTokenMethod = AccessServiceGrpc.getRenewTokenMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getRenewTokenMethod = AccessServiceGrpc.getRenewTokenMethod) == null) {
          AccessServiceGrpc.getRenewTokenMethod = getRenewTokenMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.RenewTokenRequest, dev.coffer.v1.Token>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RenewToken"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.RenewTokenRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.Token.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("RenewToken"))
              .build();
        }
      }
    }
    return getRenewTokenMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.CreateGrantRequest,
      dev.coffer.v1.Grant> getCreateGrantMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateGrant",
      requestType = dev.coffer.v1.CreateGrantRequest.class,
      responseType = dev.coffer.v1.Grant.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.CreateGrantRequest,
      dev.coffer.v1.Grant> getCreateGrantMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.CreateGrantRequest, dev.coffer.v1.Grant> getCreateGrantMethod;
    if ((getCreateGrantMethod = AccessServiceGrpc.getCreateGrantMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getCreateGrantMethod = AccessServiceGrpc.getCreateGrantMethod) == null) {
          AccessServiceGrpc.getCreateGrantMethod = getCreateGrantMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.CreateGrantRequest, dev.coffer.v1.Grant>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateGrant"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.CreateGrantRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.Grant.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("CreateGrant"))
              .build();
        }
      }
    }
    return getCreateGrantMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.GetGrantRequest,
      dev.coffer.v1.Grant> getGetGrantMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetGrant",
      requestType = dev.coffer.v1.GetGrantRequest.class,
      responseType = dev.coffer.v1.Grant.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.GetGrantRequest,
      dev.coffer.v1.Grant> getGetGrantMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.GetGrantRequest, dev.coffer.v1.Grant> getGetGrantMethod;
    if ((getGetGrantMethod = AccessServiceGrpc.getGetGrantMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getGetGrantMethod = AccessServiceGrpc.getGetGrantMethod) == null) {
          AccessServiceGrpc.getGetGrantMethod = getGetGrantMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.GetGrantRequest, dev.coffer.v1.Grant>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetGrant"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.GetGrantRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.Grant.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("GetGrant"))
              .build();
        }
      }
    }
    return getGetGrantMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.ListGrantsRequest,
      dev.coffer.v1.ListGrantsResponse> getListGrantsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListGrants",
      requestType = dev.coffer.v1.ListGrantsRequest.class,
      responseType = dev.coffer.v1.ListGrantsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.ListGrantsRequest,
      dev.coffer.v1.ListGrantsResponse> getListGrantsMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.ListGrantsRequest, dev.coffer.v1.ListGrantsResponse> getListGrantsMethod;
    if ((getListGrantsMethod = AccessServiceGrpc.getListGrantsMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getListGrantsMethod = AccessServiceGrpc.getListGrantsMethod) == null) {
          AccessServiceGrpc.getListGrantsMethod = getListGrantsMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.ListGrantsRequest, dev.coffer.v1.ListGrantsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListGrants"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ListGrantsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ListGrantsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("ListGrants"))
              .build();
        }
      }
    }
    return getListGrantsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.DeleteGrantRequest,
      dev.coffer.v1.DeleteGrantResponse> getDeleteGrantMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteGrant",
      requestType = dev.coffer.v1.DeleteGrantRequest.class,
      responseType = dev.coffer.v1.DeleteGrantResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.DeleteGrantRequest,
      dev.coffer.v1.DeleteGrantResponse> getDeleteGrantMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.DeleteGrantRequest, dev.coffer.v1.DeleteGrantResponse> getDeleteGrantMethod;
    if ((getDeleteGrantMethod = AccessServiceGrpc.getDeleteGrantMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getDeleteGrantMethod = AccessServiceGrpc.getDeleteGrantMethod) == null) {
          AccessServiceGrpc.getDeleteGrantMethod = getDeleteGrantMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.DeleteGrantRequest, dev.coffer.v1.DeleteGrantResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteGrant"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.DeleteGrantRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.DeleteGrantResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("DeleteGrant"))
              .build();
        }
      }
    }
    return getDeleteGrantMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.CreateRoleRequest,
      dev.coffer.v1.Role> getCreateRoleMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateRole",
      requestType = dev.coffer.v1.CreateRoleRequest.class,
      responseType = dev.coffer.v1.Role.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.CreateRoleRequest,
      dev.coffer.v1.Role> getCreateRoleMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.CreateRoleRequest, dev.coffer.v1.Role> getCreateRoleMethod;
    if ((getCreateRoleMethod = AccessServiceGrpc.getCreateRoleMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getCreateRoleMethod = AccessServiceGrpc.getCreateRoleMethod) == null) {
          AccessServiceGrpc.getCreateRoleMethod = getCreateRoleMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.CreateRoleRequest, dev.coffer.v1.Role>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateRole"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.CreateRoleRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.Role.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("CreateRole"))
              .build();
        }
      }
    }
    return getCreateRoleMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.GetRoleRequest,
      dev.coffer.v1.Role> getGetRoleMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetRole",
      requestType = dev.coffer.v1.GetRoleRequest.class,
      responseType = dev.coffer.v1.Role.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.GetRoleRequest,
      dev.coffer.v1.Role> getGetRoleMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.GetRoleRequest, dev.coffer.v1.Role> getGetRoleMethod;
    if ((getGetRoleMethod = AccessServiceGrpc.getGetRoleMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getGetRoleMethod = AccessServiceGrpc.getGetRoleMethod) == null) {
          AccessServiceGrpc.getGetRoleMethod = getGetRoleMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.GetRoleRequest, dev.coffer.v1.Role>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetRole"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.GetRoleRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.Role.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("GetRole"))
              .build();
        }
      }
    }
    return getGetRoleMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.ListRolesRequest,
      dev.coffer.v1.ListRolesResponse> getListRolesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListRoles",
      requestType = dev.coffer.v1.ListRolesRequest.class,
      responseType = dev.coffer.v1.ListRolesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.ListRolesRequest,
      dev.coffer.v1.ListRolesResponse> getListRolesMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.ListRolesRequest, dev.coffer.v1.ListRolesResponse> getListRolesMethod;
    if ((getListRolesMethod = AccessServiceGrpc.getListRolesMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getListRolesMethod = AccessServiceGrpc.getListRolesMethod) == null) {
          AccessServiceGrpc.getListRolesMethod = getListRolesMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.ListRolesRequest, dev.coffer.v1.ListRolesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListRoles"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ListRolesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ListRolesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("ListRoles"))
              .build();
        }
      }
    }
    return getListRolesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.UpdateRoleRequest,
      dev.coffer.v1.Role> getUpdateRoleMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateRole",
      requestType = dev.coffer.v1.UpdateRoleRequest.class,
      responseType = dev.coffer.v1.Role.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.UpdateRoleRequest,
      dev.coffer.v1.Role> getUpdateRoleMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.UpdateRoleRequest, dev.coffer.v1.Role> getUpdateRoleMethod;
    if ((getUpdateRoleMethod = AccessServiceGrpc.getUpdateRoleMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getUpdateRoleMethod = AccessServiceGrpc.getUpdateRoleMethod) == null) {
          AccessServiceGrpc.getUpdateRoleMethod = getUpdateRoleMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.UpdateRoleRequest, dev.coffer.v1.Role>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateRole"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.UpdateRoleRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.Role.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("UpdateRole"))
              .build();
        }
      }
    }
    return getUpdateRoleMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.DeleteRoleRequest,
      dev.coffer.v1.DeleteRoleResponse> getDeleteRoleMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteRole",
      requestType = dev.coffer.v1.DeleteRoleRequest.class,
      responseType = dev.coffer.v1.DeleteRoleResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.DeleteRoleRequest,
      dev.coffer.v1.DeleteRoleResponse> getDeleteRoleMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.DeleteRoleRequest, dev.coffer.v1.DeleteRoleResponse> getDeleteRoleMethod;
    if ((getDeleteRoleMethod = AccessServiceGrpc.getDeleteRoleMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getDeleteRoleMethod = AccessServiceGrpc.getDeleteRoleMethod) == null) {
          AccessServiceGrpc.getDeleteRoleMethod = getDeleteRoleMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.DeleteRoleRequest, dev.coffer.v1.DeleteRoleResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteRole"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.DeleteRoleRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.DeleteRoleResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("DeleteRole"))
              .build();
        }
      }
    }
    return getDeleteRoleMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.CreatePolicyRequest,
      dev.coffer.v1.Policy> getCreatePolicyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreatePolicy",
      requestType = dev.coffer.v1.CreatePolicyRequest.class,
      responseType = dev.coffer.v1.Policy.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.CreatePolicyRequest,
      dev.coffer.v1.Policy> getCreatePolicyMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.CreatePolicyRequest, dev.coffer.v1.Policy> getCreatePolicyMethod;
    if ((getCreatePolicyMethod = AccessServiceGrpc.getCreatePolicyMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getCreatePolicyMethod = AccessServiceGrpc.getCreatePolicyMethod) == null) {
          AccessServiceGrpc.getCreatePolicyMethod = getCreatePolicyMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.CreatePolicyRequest, dev.coffer.v1.Policy>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreatePolicy"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.CreatePolicyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.Policy.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("CreatePolicy"))
              .build();
        }
      }
    }
    return getCreatePolicyMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.GetPolicyRequest,
      dev.coffer.v1.Policy> getGetPolicyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetPolicy",
      requestType = dev.coffer.v1.GetPolicyRequest.class,
      responseType = dev.coffer.v1.Policy.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.GetPolicyRequest,
      dev.coffer.v1.Policy> getGetPolicyMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.GetPolicyRequest, dev.coffer.v1.Policy> getGetPolicyMethod;
    if ((getGetPolicyMethod = AccessServiceGrpc.getGetPolicyMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getGetPolicyMethod = AccessServiceGrpc.getGetPolicyMethod) == null) {
          AccessServiceGrpc.getGetPolicyMethod = getGetPolicyMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.GetPolicyRequest, dev.coffer.v1.Policy>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetPolicy"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.GetPolicyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.Policy.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("GetPolicy"))
              .build();
        }
      }
    }
    return getGetPolicyMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.ListPoliciesRequest,
      dev.coffer.v1.ListPoliciesResponse> getListPoliciesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListPolicies",
      requestType = dev.coffer.v1.ListPoliciesRequest.class,
      responseType = dev.coffer.v1.ListPoliciesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.ListPoliciesRequest,
      dev.coffer.v1.ListPoliciesResponse> getListPoliciesMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.ListPoliciesRequest, dev.coffer.v1.ListPoliciesResponse> getListPoliciesMethod;
    if ((getListPoliciesMethod = AccessServiceGrpc.getListPoliciesMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getListPoliciesMethod = AccessServiceGrpc.getListPoliciesMethod) == null) {
          AccessServiceGrpc.getListPoliciesMethod = getListPoliciesMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.ListPoliciesRequest, dev.coffer.v1.ListPoliciesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListPolicies"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ListPoliciesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ListPoliciesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("ListPolicies"))
              .build();
        }
      }
    }
    return getListPoliciesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.UpdatePolicyRequest,
      dev.coffer.v1.Policy> getUpdatePolicyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdatePolicy",
      requestType = dev.coffer.v1.UpdatePolicyRequest.class,
      responseType = dev.coffer.v1.Policy.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.UpdatePolicyRequest,
      dev.coffer.v1.Policy> getUpdatePolicyMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.UpdatePolicyRequest, dev.coffer.v1.Policy> getUpdatePolicyMethod;
    if ((getUpdatePolicyMethod = AccessServiceGrpc.getUpdatePolicyMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getUpdatePolicyMethod = AccessServiceGrpc.getUpdatePolicyMethod) == null) {
          AccessServiceGrpc.getUpdatePolicyMethod = getUpdatePolicyMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.UpdatePolicyRequest, dev.coffer.v1.Policy>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdatePolicy"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.UpdatePolicyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.Policy.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("UpdatePolicy"))
              .build();
        }
      }
    }
    return getUpdatePolicyMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.DeletePolicyRequest,
      dev.coffer.v1.DeletePolicyResponse> getDeletePolicyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeletePolicy",
      requestType = dev.coffer.v1.DeletePolicyRequest.class,
      responseType = dev.coffer.v1.DeletePolicyResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.DeletePolicyRequest,
      dev.coffer.v1.DeletePolicyResponse> getDeletePolicyMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.DeletePolicyRequest, dev.coffer.v1.DeletePolicyResponse> getDeletePolicyMethod;
    if ((getDeletePolicyMethod = AccessServiceGrpc.getDeletePolicyMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getDeletePolicyMethod = AccessServiceGrpc.getDeletePolicyMethod) == null) {
          AccessServiceGrpc.getDeletePolicyMethod = getDeletePolicyMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.DeletePolicyRequest, dev.coffer.v1.DeletePolicyResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeletePolicy"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.DeletePolicyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.DeletePolicyResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("DeletePolicy"))
              .build();
        }
      }
    }
    return getDeletePolicyMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.CheckAccessRequest,
      dev.coffer.v1.CheckAccessResponse> getCheckAccessMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CheckAccess",
      requestType = dev.coffer.v1.CheckAccessRequest.class,
      responseType = dev.coffer.v1.CheckAccessResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.CheckAccessRequest,
      dev.coffer.v1.CheckAccessResponse> getCheckAccessMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.CheckAccessRequest, dev.coffer.v1.CheckAccessResponse> getCheckAccessMethod;
    if ((getCheckAccessMethod = AccessServiceGrpc.getCheckAccessMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getCheckAccessMethod = AccessServiceGrpc.getCheckAccessMethod) == null) {
          AccessServiceGrpc.getCheckAccessMethod = getCheckAccessMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.CheckAccessRequest, dev.coffer.v1.CheckAccessResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CheckAccess"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.CheckAccessRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.CheckAccessResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("CheckAccess"))
              .build();
        }
      }
    }
    return getCheckAccessMethod;
  }

  private static volatile io.grpc.MethodDescriptor<dev.coffer.v1.ListAccessorsRequest,
      dev.coffer.v1.ListAccessorsResponse> getListAccessorsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListAccessors",
      requestType = dev.coffer.v1.ListAccessorsRequest.class,
      responseType = dev.coffer.v1.ListAccessorsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<dev.coffer.v1.ListAccessorsRequest,
      dev.coffer.v1.ListAccessorsResponse> getListAccessorsMethod() {
    io.grpc.MethodDescriptor<dev.coffer.v1.ListAccessorsRequest, dev.coffer.v1.ListAccessorsResponse> getListAccessorsMethod;
    if ((getListAccessorsMethod = AccessServiceGrpc.getListAccessorsMethod) == null) {
      synchronized (AccessServiceGrpc.class) {
        if ((getListAccessorsMethod = AccessServiceGrpc.getListAccessorsMethod) == null) {
          AccessServiceGrpc.getListAccessorsMethod = getListAccessorsMethod =
              io.grpc.MethodDescriptor.<dev.coffer.v1.ListAccessorsRequest, dev.coffer.v1.ListAccessorsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListAccessors"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ListAccessorsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  dev.coffer.v1.ListAccessorsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new AccessServiceMethodDescriptorSupplier("ListAccessors"))
              .build();
        }
      }
    }
    return getListAccessorsMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static AccessServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AccessServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AccessServiceStub>() {
        @java.lang.Override
        public AccessServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AccessServiceStub(channel, callOptions);
        }
      };
    return AccessServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static AccessServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AccessServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AccessServiceBlockingV2Stub>() {
        @java.lang.Override
        public AccessServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AccessServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return AccessServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static AccessServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AccessServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AccessServiceBlockingStub>() {
        @java.lang.Override
        public AccessServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AccessServiceBlockingStub(channel, callOptions);
        }
      };
    return AccessServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static AccessServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<AccessServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<AccessServiceFutureStub>() {
        @java.lang.Override
        public AccessServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new AccessServiceFutureStub(channel, callOptions);
        }
      };
    return AccessServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * AccessService says who may do what: workload identities, tokens, roles, grants of roles, policies, and why a decision is
   * what it is.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * WhoAmI tells whom the server takes the caller for. Needs a valid credential and no right.
     * </pre>
     */
    default void whoAmI(dev.coffer.v1.WhoAmIRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.WhoAmIResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getWhoAmIMethod(), responseObserver);
    }

    /**
     * <pre>
     * CreateServiceAccount adds a workload identity to a namespace. Needs `serviceAccount:create`.
     * </pre>
     */
    default void createServiceAccount(dev.coffer.v1.CreateServiceAccountRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ServiceAccount> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateServiceAccountMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetServiceAccount returns a service account. Needs `serviceAccount:get`.
     * </pre>
     */
    default void getServiceAccount(dev.coffer.v1.GetServiceAccountRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ServiceAccount> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetServiceAccountMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListServiceAccounts returns those service accounts of a namespace that the caller may see. Needs
     * `serviceAccount:list` at or below the namespace.
     * </pre>
     */
    default void listServiceAccounts(dev.coffer.v1.ListServiceAccountsRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ListServiceAccountsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListServiceAccountsMethod(), responseObserver);
    }

    /**
     * <pre>
     * UpdateServiceAccount changes description, labels and annotations. Needs `serviceAccount:update`.
     * </pre>
     */
    default void updateServiceAccount(dev.coffer.v1.UpdateServiceAccountRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ServiceAccount> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateServiceAccountMethod(), responseObserver);
    }

    /**
     * <pre>
     * DeleteServiceAccount removes a service account; its tokens die with it, and one created later under the same name
     * holds none of its grants. Needs `serviceAccount:delete`.
     * </pre>
     */
    default void deleteServiceAccount(dev.coffer.v1.DeleteServiceAccountRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.DeleteServiceAccountResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteServiceAccountMethod(), responseObserver);
    }

    /**
     * <pre>
     * CreateToken mints a bearer token and shows it this once: of a service account, which needs `token:create` on the
     * account, or a personal one of a person, which needs `token:create` and `user:impersonate` on the instance. Whoever
     * mints a token can reach what it reaches; that is recorded as such.
     * </pre>
     */
    default void createToken(dev.coffer.v1.CreateTokenRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Token> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateTokenMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetToken returns a token's metadata. Needs `token:get` on the account, or on the instance for a person's token. A
     * person needs no right for tokens of its own.
     * </pre>
     */
    default void getToken(dev.coffer.v1.GetTokenRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Token> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetTokenMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListTokens returns the metadata of the tokens of an account or a person. Needs `token:list` on the account, or on the
     * instance for a person's tokens. A person needs no right for tokens of its own.
     * </pre>
     */
    default void listTokens(dev.coffer.v1.ListTokensRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ListTokensResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListTokensMethod(), responseObserver);
    }

    /**
     * <pre>
     * DeleteToken revokes a token: from the answer on it authenticates nobody, and streams that it opened end. Needs
     * `token:delete` on the account, or on the instance for a person's token. The holder of a token needs no right to
     * revoke that one, nor a person to revoke another of its own.
     * </pre>
     */
    default void deleteToken(dev.coffer.v1.DeleteTokenRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.DeleteTokenResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteTokenMethod(), responseObserver);
    }

    /**
     * <pre>
     * RenewToken moves the end of a token's life. The holder of a token may renew that very token, until its
     * renewable_until and without another right; renewing another one needs `token:renew` on the account, or on the
     * instance for a person's token. A token that has expired is not brought back.
     * </pre>
     */
    default void renewToken(dev.coffer.v1.RenewTokenRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Token> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRenewTokenMethod(), responseObserver);
    }

    /**
     * <pre>
     * CreateGrant gives a role to a principal on a resource. Needs `grant:create` on the resource, and the right to give that
     * role there, by grants without a condition that last as long: `grant:ROLE`, or every action of the role. The owner of a
     * secret holds `grant:create` on it, and so may give what it holds itself.
     * </pre>
     */
    default void createGrant(dev.coffer.v1.CreateGrantRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Grant> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateGrantMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetGrant returns a grant. Needs `grant:get`.
     * </pre>
     */
    default void getGrant(dev.coffer.v1.GetGrantRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Grant> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetGrantMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListGrants returns those grants of a namespace that the caller may see. Needs `grant:list` at or below the namespace.
     * </pre>
     */
    default void listGrants(dev.coffer.v1.ListGrantsRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ListGrantsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListGrantsMethod(), responseObserver);
    }

    /**
     * <pre>
     * DeleteGrant takes a role away, from the answer on. Needs `grant:delete` on the resource and the right to give that role.
     * </pre>
     */
    default void deleteGrant(dev.coffer.v1.DeleteGrantRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.DeleteGrantResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteGrantMethod(), responseObserver);
    }

    /**
     * <pre>
     * CreateRole makes a role of actions, for grants in its namespace and below. Needs `role:create`, and for each action the right
     * to give it.
     * </pre>
     */
    default void createRole(dev.coffer.v1.CreateRoleRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Role> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateRoleMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetRole returns a role of a namespace. Needs `role:get`; the built-in ones, `namespaces/-/roles/{role}`, anybody may see.
     * </pre>
     */
    default void getRole(dev.coffer.v1.GetRoleRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Role> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetRoleMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListRoles returns those roles of a namespace that the caller may see, and with `parent` `namespaces/-` the built-in ones, which
     * anybody may see. Needs `role:list` at or below the namespace.
     * </pre>
     */
    default void listRoles(dev.coffer.v1.ListRolesRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ListRolesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListRolesMethod(), responseObserver);
    }

    /**
     * <pre>
     * UpdateRole changes a role, and with it what every grant of it gives, from the answer on. Needs `role:update`, and for each
     * action of the new list the right to give it.
     * </pre>
     */
    default void updateRole(dev.coffer.v1.UpdateRoleRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Role> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateRoleMethod(), responseObserver);
    }

    /**
     * <pre>
     * DeleteRole removes a role; its grants give nothing from the answer on. Needs `role:delete`.
     * </pre>
     */
    default void deleteRole(dev.coffer.v1.DeleteRoleRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.DeleteRoleResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteRoleMethod(), responseObserver);
    }

    /**
     * <pre>
     * CreatePolicy adds a policy, in force from the answer on. Needs `policy:create`, and for each action that it permits the right
     * to give it. A text that is not strictly valid, or fails one of its tests, is refused.
     * </pre>
     */
    default void createPolicy(dev.coffer.v1.CreatePolicyRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Policy> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreatePolicyMethod(), responseObserver);
    }

    /**
     * <pre>
     * GetPolicy returns a policy. Needs `policy:get`.
     * </pre>
     */
    default void getPolicy(dev.coffer.v1.GetPolicyRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Policy> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetPolicyMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListPolicies returns those policies of a namespace that the caller may see. Needs `policy:list` at or below the namespace.
     * </pre>
     */
    default void listPolicies(dev.coffer.v1.ListPoliciesRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ListPoliciesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListPoliciesMethod(), responseObserver);
    }

    /**
     * <pre>
     * UpdatePolicy replaces the text or the tests of a policy. Needs `policy:update`, and for each action that the new text permits
     * the right to give it.
     * </pre>
     */
    default void updatePolicy(dev.coffer.v1.UpdatePolicyRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Policy> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdatePolicyMethod(), responseObserver);
    }

    /**
     * <pre>
     * DeletePolicy removes a policy. Needs `policy:delete`, which no policy can forbid.
     * </pre>
     */
    default void deletePolicy(dev.coffer.v1.DeletePolicyRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.DeletePolicyResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeletePolicyMethod(), responseObserver);
    }

    /**
     * <pre>
     * CheckAccess tells whether a principal may do an action on a resource, and which grants and policies make it so. It
     * needs no right for oneself; for another principal, `access:check` on the resource. What the caller may not see is
     * counted and not named.
     * </pre>
     */
    default void checkAccess(dev.coffer.v1.CheckAccessRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.CheckAccessResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCheckAccessMethod(), responseObserver);
    }

    /**
     * <pre>
     * ListAccessors tells who may do an action on a resource, and through what: grants, policies, ownership and, for
     * `secret:use`, the projections that deliver the secret. Needs `access:list` on the resource. What the caller may not
     * see is counted and not named.
     * </pre>
     */
    default void listAccessors(dev.coffer.v1.ListAccessorsRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ListAccessorsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListAccessorsMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service AccessService.
   * <pre>
   * AccessService says who may do what: workload identities, tokens, roles, grants of roles, policies, and why a decision is
   * what it is.
   * </pre>
   */
  public static abstract class AccessServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return AccessServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service AccessService.
   * <pre>
   * AccessService says who may do what: workload identities, tokens, roles, grants of roles, policies, and why a decision is
   * what it is.
   * </pre>
   */
  public static final class AccessServiceStub
      extends io.grpc.stub.AbstractAsyncStub<AccessServiceStub> {
    private AccessServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AccessServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AccessServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * WhoAmI tells whom the server takes the caller for. Needs a valid credential and no right.
     * </pre>
     */
    public void whoAmI(dev.coffer.v1.WhoAmIRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.WhoAmIResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getWhoAmIMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * CreateServiceAccount adds a workload identity to a namespace. Needs `serviceAccount:create`.
     * </pre>
     */
    public void createServiceAccount(dev.coffer.v1.CreateServiceAccountRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ServiceAccount> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateServiceAccountMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetServiceAccount returns a service account. Needs `serviceAccount:get`.
     * </pre>
     */
    public void getServiceAccount(dev.coffer.v1.GetServiceAccountRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ServiceAccount> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetServiceAccountMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListServiceAccounts returns those service accounts of a namespace that the caller may see. Needs
     * `serviceAccount:list` at or below the namespace.
     * </pre>
     */
    public void listServiceAccounts(dev.coffer.v1.ListServiceAccountsRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ListServiceAccountsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListServiceAccountsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * UpdateServiceAccount changes description, labels and annotations. Needs `serviceAccount:update`.
     * </pre>
     */
    public void updateServiceAccount(dev.coffer.v1.UpdateServiceAccountRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ServiceAccount> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateServiceAccountMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * DeleteServiceAccount removes a service account; its tokens die with it, and one created later under the same name
     * holds none of its grants. Needs `serviceAccount:delete`.
     * </pre>
     */
    public void deleteServiceAccount(dev.coffer.v1.DeleteServiceAccountRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.DeleteServiceAccountResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteServiceAccountMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * CreateToken mints a bearer token and shows it this once: of a service account, which needs `token:create` on the
     * account, or a personal one of a person, which needs `token:create` and `user:impersonate` on the instance. Whoever
     * mints a token can reach what it reaches; that is recorded as such.
     * </pre>
     */
    public void createToken(dev.coffer.v1.CreateTokenRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Token> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateTokenMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetToken returns a token's metadata. Needs `token:get` on the account, or on the instance for a person's token. A
     * person needs no right for tokens of its own.
     * </pre>
     */
    public void getToken(dev.coffer.v1.GetTokenRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Token> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetTokenMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListTokens returns the metadata of the tokens of an account or a person. Needs `token:list` on the account, or on the
     * instance for a person's tokens. A person needs no right for tokens of its own.
     * </pre>
     */
    public void listTokens(dev.coffer.v1.ListTokensRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ListTokensResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListTokensMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * DeleteToken revokes a token: from the answer on it authenticates nobody, and streams that it opened end. Needs
     * `token:delete` on the account, or on the instance for a person's token. The holder of a token needs no right to
     * revoke that one, nor a person to revoke another of its own.
     * </pre>
     */
    public void deleteToken(dev.coffer.v1.DeleteTokenRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.DeleteTokenResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteTokenMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * RenewToken moves the end of a token's life. The holder of a token may renew that very token, until its
     * renewable_until and without another right; renewing another one needs `token:renew` on the account, or on the
     * instance for a person's token. A token that has expired is not brought back.
     * </pre>
     */
    public void renewToken(dev.coffer.v1.RenewTokenRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Token> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRenewTokenMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * CreateGrant gives a role to a principal on a resource. Needs `grant:create` on the resource, and the right to give that
     * role there, by grants without a condition that last as long: `grant:ROLE`, or every action of the role. The owner of a
     * secret holds `grant:create` on it, and so may give what it holds itself.
     * </pre>
     */
    public void createGrant(dev.coffer.v1.CreateGrantRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Grant> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateGrantMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetGrant returns a grant. Needs `grant:get`.
     * </pre>
     */
    public void getGrant(dev.coffer.v1.GetGrantRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Grant> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetGrantMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListGrants returns those grants of a namespace that the caller may see. Needs `grant:list` at or below the namespace.
     * </pre>
     */
    public void listGrants(dev.coffer.v1.ListGrantsRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ListGrantsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListGrantsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * DeleteGrant takes a role away, from the answer on. Needs `grant:delete` on the resource and the right to give that role.
     * </pre>
     */
    public void deleteGrant(dev.coffer.v1.DeleteGrantRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.DeleteGrantResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteGrantMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * CreateRole makes a role of actions, for grants in its namespace and below. Needs `role:create`, and for each action the right
     * to give it.
     * </pre>
     */
    public void createRole(dev.coffer.v1.CreateRoleRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Role> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateRoleMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetRole returns a role of a namespace. Needs `role:get`; the built-in ones, `namespaces/-/roles/{role}`, anybody may see.
     * </pre>
     */
    public void getRole(dev.coffer.v1.GetRoleRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Role> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetRoleMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListRoles returns those roles of a namespace that the caller may see, and with `parent` `namespaces/-` the built-in ones, which
     * anybody may see. Needs `role:list` at or below the namespace.
     * </pre>
     */
    public void listRoles(dev.coffer.v1.ListRolesRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ListRolesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListRolesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * UpdateRole changes a role, and with it what every grant of it gives, from the answer on. Needs `role:update`, and for each
     * action of the new list the right to give it.
     * </pre>
     */
    public void updateRole(dev.coffer.v1.UpdateRoleRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Role> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateRoleMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * DeleteRole removes a role; its grants give nothing from the answer on. Needs `role:delete`.
     * </pre>
     */
    public void deleteRole(dev.coffer.v1.DeleteRoleRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.DeleteRoleResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteRoleMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * CreatePolicy adds a policy, in force from the answer on. Needs `policy:create`, and for each action that it permits the right
     * to give it. A text that is not strictly valid, or fails one of its tests, is refused.
     * </pre>
     */
    public void createPolicy(dev.coffer.v1.CreatePolicyRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Policy> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreatePolicyMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * GetPolicy returns a policy. Needs `policy:get`.
     * </pre>
     */
    public void getPolicy(dev.coffer.v1.GetPolicyRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Policy> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetPolicyMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListPolicies returns those policies of a namespace that the caller may see. Needs `policy:list` at or below the namespace.
     * </pre>
     */
    public void listPolicies(dev.coffer.v1.ListPoliciesRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ListPoliciesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListPoliciesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * UpdatePolicy replaces the text or the tests of a policy. Needs `policy:update`, and for each action that the new text permits
     * the right to give it.
     * </pre>
     */
    public void updatePolicy(dev.coffer.v1.UpdatePolicyRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.Policy> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdatePolicyMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * DeletePolicy removes a policy. Needs `policy:delete`, which no policy can forbid.
     * </pre>
     */
    public void deletePolicy(dev.coffer.v1.DeletePolicyRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.DeletePolicyResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeletePolicyMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * CheckAccess tells whether a principal may do an action on a resource, and which grants and policies make it so. It
     * needs no right for oneself; for another principal, `access:check` on the resource. What the caller may not see is
     * counted and not named.
     * </pre>
     */
    public void checkAccess(dev.coffer.v1.CheckAccessRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.CheckAccessResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCheckAccessMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * ListAccessors tells who may do an action on a resource, and through what: grants, policies, ownership and, for
     * `secret:use`, the projections that deliver the secret. Needs `access:list` on the resource. What the caller may not
     * see is counted and not named.
     * </pre>
     */
    public void listAccessors(dev.coffer.v1.ListAccessorsRequest request,
        io.grpc.stub.StreamObserver<dev.coffer.v1.ListAccessorsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListAccessorsMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service AccessService.
   * <pre>
   * AccessService says who may do what: workload identities, tokens, roles, grants of roles, policies, and why a decision is
   * what it is.
   * </pre>
   */
  public static final class AccessServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<AccessServiceBlockingV2Stub> {
    private AccessServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AccessServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AccessServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * WhoAmI tells whom the server takes the caller for. Needs a valid credential and no right.
     * </pre>
     */
    public dev.coffer.v1.WhoAmIResponse whoAmI(dev.coffer.v1.WhoAmIRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getWhoAmIMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CreateServiceAccount adds a workload identity to a namespace. Needs `serviceAccount:create`.
     * </pre>
     */
    public dev.coffer.v1.ServiceAccount createServiceAccount(dev.coffer.v1.CreateServiceAccountRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateServiceAccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetServiceAccount returns a service account. Needs `serviceAccount:get`.
     * </pre>
     */
    public dev.coffer.v1.ServiceAccount getServiceAccount(dev.coffer.v1.GetServiceAccountRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetServiceAccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListServiceAccounts returns those service accounts of a namespace that the caller may see. Needs
     * `serviceAccount:list` at or below the namespace.
     * </pre>
     */
    public dev.coffer.v1.ListServiceAccountsResponse listServiceAccounts(dev.coffer.v1.ListServiceAccountsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListServiceAccountsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateServiceAccount changes description, labels and annotations. Needs `serviceAccount:update`.
     * </pre>
     */
    public dev.coffer.v1.ServiceAccount updateServiceAccount(dev.coffer.v1.UpdateServiceAccountRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateServiceAccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteServiceAccount removes a service account; its tokens die with it, and one created later under the same name
     * holds none of its grants. Needs `serviceAccount:delete`.
     * </pre>
     */
    public dev.coffer.v1.DeleteServiceAccountResponse deleteServiceAccount(dev.coffer.v1.DeleteServiceAccountRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteServiceAccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CreateToken mints a bearer token and shows it this once: of a service account, which needs `token:create` on the
     * account, or a personal one of a person, which needs `token:create` and `user:impersonate` on the instance. Whoever
     * mints a token can reach what it reaches; that is recorded as such.
     * </pre>
     */
    public dev.coffer.v1.Token createToken(dev.coffer.v1.CreateTokenRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateTokenMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetToken returns a token's metadata. Needs `token:get` on the account, or on the instance for a person's token. A
     * person needs no right for tokens of its own.
     * </pre>
     */
    public dev.coffer.v1.Token getToken(dev.coffer.v1.GetTokenRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetTokenMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListTokens returns the metadata of the tokens of an account or a person. Needs `token:list` on the account, or on the
     * instance for a person's tokens. A person needs no right for tokens of its own.
     * </pre>
     */
    public dev.coffer.v1.ListTokensResponse listTokens(dev.coffer.v1.ListTokensRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListTokensMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteToken revokes a token: from the answer on it authenticates nobody, and streams that it opened end. Needs
     * `token:delete` on the account, or on the instance for a person's token. The holder of a token needs no right to
     * revoke that one, nor a person to revoke another of its own.
     * </pre>
     */
    public dev.coffer.v1.DeleteTokenResponse deleteToken(dev.coffer.v1.DeleteTokenRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteTokenMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RenewToken moves the end of a token's life. The holder of a token may renew that very token, until its
     * renewable_until and without another right; renewing another one needs `token:renew` on the account, or on the
     * instance for a person's token. A token that has expired is not brought back.
     * </pre>
     */
    public dev.coffer.v1.Token renewToken(dev.coffer.v1.RenewTokenRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRenewTokenMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CreateGrant gives a role to a principal on a resource. Needs `grant:create` on the resource, and the right to give that
     * role there, by grants without a condition that last as long: `grant:ROLE`, or every action of the role. The owner of a
     * secret holds `grant:create` on it, and so may give what it holds itself.
     * </pre>
     */
    public dev.coffer.v1.Grant createGrant(dev.coffer.v1.CreateGrantRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateGrantMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetGrant returns a grant. Needs `grant:get`.
     * </pre>
     */
    public dev.coffer.v1.Grant getGrant(dev.coffer.v1.GetGrantRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetGrantMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListGrants returns those grants of a namespace that the caller may see. Needs `grant:list` at or below the namespace.
     * </pre>
     */
    public dev.coffer.v1.ListGrantsResponse listGrants(dev.coffer.v1.ListGrantsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListGrantsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteGrant takes a role away, from the answer on. Needs `grant:delete` on the resource and the right to give that role.
     * </pre>
     */
    public dev.coffer.v1.DeleteGrantResponse deleteGrant(dev.coffer.v1.DeleteGrantRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteGrantMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CreateRole makes a role of actions, for grants in its namespace and below. Needs `role:create`, and for each action the right
     * to give it.
     * </pre>
     */
    public dev.coffer.v1.Role createRole(dev.coffer.v1.CreateRoleRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateRoleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetRole returns a role of a namespace. Needs `role:get`; the built-in ones, `namespaces/-/roles/{role}`, anybody may see.
     * </pre>
     */
    public dev.coffer.v1.Role getRole(dev.coffer.v1.GetRoleRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetRoleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListRoles returns those roles of a namespace that the caller may see, and with `parent` `namespaces/-` the built-in ones, which
     * anybody may see. Needs `role:list` at or below the namespace.
     * </pre>
     */
    public dev.coffer.v1.ListRolesResponse listRoles(dev.coffer.v1.ListRolesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListRolesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateRole changes a role, and with it what every grant of it gives, from the answer on. Needs `role:update`, and for each
     * action of the new list the right to give it.
     * </pre>
     */
    public dev.coffer.v1.Role updateRole(dev.coffer.v1.UpdateRoleRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateRoleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteRole removes a role; its grants give nothing from the answer on. Needs `role:delete`.
     * </pre>
     */
    public dev.coffer.v1.DeleteRoleResponse deleteRole(dev.coffer.v1.DeleteRoleRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteRoleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CreatePolicy adds a policy, in force from the answer on. Needs `policy:create`, and for each action that it permits the right
     * to give it. A text that is not strictly valid, or fails one of its tests, is refused.
     * </pre>
     */
    public dev.coffer.v1.Policy createPolicy(dev.coffer.v1.CreatePolicyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreatePolicyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetPolicy returns a policy. Needs `policy:get`.
     * </pre>
     */
    public dev.coffer.v1.Policy getPolicy(dev.coffer.v1.GetPolicyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetPolicyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListPolicies returns those policies of a namespace that the caller may see. Needs `policy:list` at or below the namespace.
     * </pre>
     */
    public dev.coffer.v1.ListPoliciesResponse listPolicies(dev.coffer.v1.ListPoliciesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListPoliciesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdatePolicy replaces the text or the tests of a policy. Needs `policy:update`, and for each action that the new text permits
     * the right to give it.
     * </pre>
     */
    public dev.coffer.v1.Policy updatePolicy(dev.coffer.v1.UpdatePolicyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdatePolicyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeletePolicy removes a policy. Needs `policy:delete`, which no policy can forbid.
     * </pre>
     */
    public dev.coffer.v1.DeletePolicyResponse deletePolicy(dev.coffer.v1.DeletePolicyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeletePolicyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CheckAccess tells whether a principal may do an action on a resource, and which grants and policies make it so. It
     * needs no right for oneself; for another principal, `access:check` on the resource. What the caller may not see is
     * counted and not named.
     * </pre>
     */
    public dev.coffer.v1.CheckAccessResponse checkAccess(dev.coffer.v1.CheckAccessRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCheckAccessMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListAccessors tells who may do an action on a resource, and through what: grants, policies, ownership and, for
     * `secret:use`, the projections that deliver the secret. Needs `access:list` on the resource. What the caller may not
     * see is counted and not named.
     * </pre>
     */
    public dev.coffer.v1.ListAccessorsResponse listAccessors(dev.coffer.v1.ListAccessorsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListAccessorsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service AccessService.
   * <pre>
   * AccessService says who may do what: workload identities, tokens, roles, grants of roles, policies, and why a decision is
   * what it is.
   * </pre>
   */
  public static final class AccessServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<AccessServiceBlockingStub> {
    private AccessServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AccessServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AccessServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * WhoAmI tells whom the server takes the caller for. Needs a valid credential and no right.
     * </pre>
     */
    public dev.coffer.v1.WhoAmIResponse whoAmI(dev.coffer.v1.WhoAmIRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getWhoAmIMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CreateServiceAccount adds a workload identity to a namespace. Needs `serviceAccount:create`.
     * </pre>
     */
    public dev.coffer.v1.ServiceAccount createServiceAccount(dev.coffer.v1.CreateServiceAccountRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateServiceAccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetServiceAccount returns a service account. Needs `serviceAccount:get`.
     * </pre>
     */
    public dev.coffer.v1.ServiceAccount getServiceAccount(dev.coffer.v1.GetServiceAccountRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetServiceAccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListServiceAccounts returns those service accounts of a namespace that the caller may see. Needs
     * `serviceAccount:list` at or below the namespace.
     * </pre>
     */
    public dev.coffer.v1.ListServiceAccountsResponse listServiceAccounts(dev.coffer.v1.ListServiceAccountsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListServiceAccountsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateServiceAccount changes description, labels and annotations. Needs `serviceAccount:update`.
     * </pre>
     */
    public dev.coffer.v1.ServiceAccount updateServiceAccount(dev.coffer.v1.UpdateServiceAccountRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateServiceAccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteServiceAccount removes a service account; its tokens die with it, and one created later under the same name
     * holds none of its grants. Needs `serviceAccount:delete`.
     * </pre>
     */
    public dev.coffer.v1.DeleteServiceAccountResponse deleteServiceAccount(dev.coffer.v1.DeleteServiceAccountRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteServiceAccountMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CreateToken mints a bearer token and shows it this once: of a service account, which needs `token:create` on the
     * account, or a personal one of a person, which needs `token:create` and `user:impersonate` on the instance. Whoever
     * mints a token can reach what it reaches; that is recorded as such.
     * </pre>
     */
    public dev.coffer.v1.Token createToken(dev.coffer.v1.CreateTokenRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateTokenMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetToken returns a token's metadata. Needs `token:get` on the account, or on the instance for a person's token. A
     * person needs no right for tokens of its own.
     * </pre>
     */
    public dev.coffer.v1.Token getToken(dev.coffer.v1.GetTokenRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetTokenMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListTokens returns the metadata of the tokens of an account or a person. Needs `token:list` on the account, or on the
     * instance for a person's tokens. A person needs no right for tokens of its own.
     * </pre>
     */
    public dev.coffer.v1.ListTokensResponse listTokens(dev.coffer.v1.ListTokensRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListTokensMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteToken revokes a token: from the answer on it authenticates nobody, and streams that it opened end. Needs
     * `token:delete` on the account, or on the instance for a person's token. The holder of a token needs no right to
     * revoke that one, nor a person to revoke another of its own.
     * </pre>
     */
    public dev.coffer.v1.DeleteTokenResponse deleteToken(dev.coffer.v1.DeleteTokenRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteTokenMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * RenewToken moves the end of a token's life. The holder of a token may renew that very token, until its
     * renewable_until and without another right; renewing another one needs `token:renew` on the account, or on the
     * instance for a person's token. A token that has expired is not brought back.
     * </pre>
     */
    public dev.coffer.v1.Token renewToken(dev.coffer.v1.RenewTokenRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRenewTokenMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CreateGrant gives a role to a principal on a resource. Needs `grant:create` on the resource, and the right to give that
     * role there, by grants without a condition that last as long: `grant:ROLE`, or every action of the role. The owner of a
     * secret holds `grant:create` on it, and so may give what it holds itself.
     * </pre>
     */
    public dev.coffer.v1.Grant createGrant(dev.coffer.v1.CreateGrantRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateGrantMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetGrant returns a grant. Needs `grant:get`.
     * </pre>
     */
    public dev.coffer.v1.Grant getGrant(dev.coffer.v1.GetGrantRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetGrantMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListGrants returns those grants of a namespace that the caller may see. Needs `grant:list` at or below the namespace.
     * </pre>
     */
    public dev.coffer.v1.ListGrantsResponse listGrants(dev.coffer.v1.ListGrantsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListGrantsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteGrant takes a role away, from the answer on. Needs `grant:delete` on the resource and the right to give that role.
     * </pre>
     */
    public dev.coffer.v1.DeleteGrantResponse deleteGrant(dev.coffer.v1.DeleteGrantRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteGrantMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CreateRole makes a role of actions, for grants in its namespace and below. Needs `role:create`, and for each action the right
     * to give it.
     * </pre>
     */
    public dev.coffer.v1.Role createRole(dev.coffer.v1.CreateRoleRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateRoleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetRole returns a role of a namespace. Needs `role:get`; the built-in ones, `namespaces/-/roles/{role}`, anybody may see.
     * </pre>
     */
    public dev.coffer.v1.Role getRole(dev.coffer.v1.GetRoleRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetRoleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListRoles returns those roles of a namespace that the caller may see, and with `parent` `namespaces/-` the built-in ones, which
     * anybody may see. Needs `role:list` at or below the namespace.
     * </pre>
     */
    public dev.coffer.v1.ListRolesResponse listRoles(dev.coffer.v1.ListRolesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListRolesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdateRole changes a role, and with it what every grant of it gives, from the answer on. Needs `role:update`, and for each
     * action of the new list the right to give it.
     * </pre>
     */
    public dev.coffer.v1.Role updateRole(dev.coffer.v1.UpdateRoleRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateRoleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeleteRole removes a role; its grants give nothing from the answer on. Needs `role:delete`.
     * </pre>
     */
    public dev.coffer.v1.DeleteRoleResponse deleteRole(dev.coffer.v1.DeleteRoleRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteRoleMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CreatePolicy adds a policy, in force from the answer on. Needs `policy:create`, and for each action that it permits the right
     * to give it. A text that is not strictly valid, or fails one of its tests, is refused.
     * </pre>
     */
    public dev.coffer.v1.Policy createPolicy(dev.coffer.v1.CreatePolicyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreatePolicyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * GetPolicy returns a policy. Needs `policy:get`.
     * </pre>
     */
    public dev.coffer.v1.Policy getPolicy(dev.coffer.v1.GetPolicyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetPolicyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListPolicies returns those policies of a namespace that the caller may see. Needs `policy:list` at or below the namespace.
     * </pre>
     */
    public dev.coffer.v1.ListPoliciesResponse listPolicies(dev.coffer.v1.ListPoliciesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListPoliciesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * UpdatePolicy replaces the text or the tests of a policy. Needs `policy:update`, and for each action that the new text permits
     * the right to give it.
     * </pre>
     */
    public dev.coffer.v1.Policy updatePolicy(dev.coffer.v1.UpdatePolicyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdatePolicyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * DeletePolicy removes a policy. Needs `policy:delete`, which no policy can forbid.
     * </pre>
     */
    public dev.coffer.v1.DeletePolicyResponse deletePolicy(dev.coffer.v1.DeletePolicyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeletePolicyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * CheckAccess tells whether a principal may do an action on a resource, and which grants and policies make it so. It
     * needs no right for oneself; for another principal, `access:check` on the resource. What the caller may not see is
     * counted and not named.
     * </pre>
     */
    public dev.coffer.v1.CheckAccessResponse checkAccess(dev.coffer.v1.CheckAccessRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCheckAccessMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * ListAccessors tells who may do an action on a resource, and through what: grants, policies, ownership and, for
     * `secret:use`, the projections that deliver the secret. Needs `access:list` on the resource. What the caller may not
     * see is counted and not named.
     * </pre>
     */
    public dev.coffer.v1.ListAccessorsResponse listAccessors(dev.coffer.v1.ListAccessorsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListAccessorsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service AccessService.
   * <pre>
   * AccessService says who may do what: workload identities, tokens, roles, grants of roles, policies, and why a decision is
   * what it is.
   * </pre>
   */
  public static final class AccessServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<AccessServiceFutureStub> {
    private AccessServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected AccessServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new AccessServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * WhoAmI tells whom the server takes the caller for. Needs a valid credential and no right.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.WhoAmIResponse> whoAmI(
        dev.coffer.v1.WhoAmIRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getWhoAmIMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * CreateServiceAccount adds a workload identity to a namespace. Needs `serviceAccount:create`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.ServiceAccount> createServiceAccount(
        dev.coffer.v1.CreateServiceAccountRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateServiceAccountMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetServiceAccount returns a service account. Needs `serviceAccount:get`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.ServiceAccount> getServiceAccount(
        dev.coffer.v1.GetServiceAccountRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetServiceAccountMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListServiceAccounts returns those service accounts of a namespace that the caller may see. Needs
     * `serviceAccount:list` at or below the namespace.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.ListServiceAccountsResponse> listServiceAccounts(
        dev.coffer.v1.ListServiceAccountsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListServiceAccountsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * UpdateServiceAccount changes description, labels and annotations. Needs `serviceAccount:update`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.ServiceAccount> updateServiceAccount(
        dev.coffer.v1.UpdateServiceAccountRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateServiceAccountMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * DeleteServiceAccount removes a service account; its tokens die with it, and one created later under the same name
     * holds none of its grants. Needs `serviceAccount:delete`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.DeleteServiceAccountResponse> deleteServiceAccount(
        dev.coffer.v1.DeleteServiceAccountRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteServiceAccountMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * CreateToken mints a bearer token and shows it this once: of a service account, which needs `token:create` on the
     * account, or a personal one of a person, which needs `token:create` and `user:impersonate` on the instance. Whoever
     * mints a token can reach what it reaches; that is recorded as such.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.Token> createToken(
        dev.coffer.v1.CreateTokenRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateTokenMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetToken returns a token's metadata. Needs `token:get` on the account, or on the instance for a person's token. A
     * person needs no right for tokens of its own.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.Token> getToken(
        dev.coffer.v1.GetTokenRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetTokenMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListTokens returns the metadata of the tokens of an account or a person. Needs `token:list` on the account, or on the
     * instance for a person's tokens. A person needs no right for tokens of its own.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.ListTokensResponse> listTokens(
        dev.coffer.v1.ListTokensRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListTokensMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * DeleteToken revokes a token: from the answer on it authenticates nobody, and streams that it opened end. Needs
     * `token:delete` on the account, or on the instance for a person's token. The holder of a token needs no right to
     * revoke that one, nor a person to revoke another of its own.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.DeleteTokenResponse> deleteToken(
        dev.coffer.v1.DeleteTokenRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteTokenMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * RenewToken moves the end of a token's life. The holder of a token may renew that very token, until its
     * renewable_until and without another right; renewing another one needs `token:renew` on the account, or on the
     * instance for a person's token. A token that has expired is not brought back.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.Token> renewToken(
        dev.coffer.v1.RenewTokenRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRenewTokenMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * CreateGrant gives a role to a principal on a resource. Needs `grant:create` on the resource, and the right to give that
     * role there, by grants without a condition that last as long: `grant:ROLE`, or every action of the role. The owner of a
     * secret holds `grant:create` on it, and so may give what it holds itself.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.Grant> createGrant(
        dev.coffer.v1.CreateGrantRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateGrantMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetGrant returns a grant. Needs `grant:get`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.Grant> getGrant(
        dev.coffer.v1.GetGrantRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetGrantMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListGrants returns those grants of a namespace that the caller may see. Needs `grant:list` at or below the namespace.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.ListGrantsResponse> listGrants(
        dev.coffer.v1.ListGrantsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListGrantsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * DeleteGrant takes a role away, from the answer on. Needs `grant:delete` on the resource and the right to give that role.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.DeleteGrantResponse> deleteGrant(
        dev.coffer.v1.DeleteGrantRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteGrantMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * CreateRole makes a role of actions, for grants in its namespace and below. Needs `role:create`, and for each action the right
     * to give it.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.Role> createRole(
        dev.coffer.v1.CreateRoleRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateRoleMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetRole returns a role of a namespace. Needs `role:get`; the built-in ones, `namespaces/-/roles/{role}`, anybody may see.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.Role> getRole(
        dev.coffer.v1.GetRoleRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetRoleMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListRoles returns those roles of a namespace that the caller may see, and with `parent` `namespaces/-` the built-in ones, which
     * anybody may see. Needs `role:list` at or below the namespace.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.ListRolesResponse> listRoles(
        dev.coffer.v1.ListRolesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListRolesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * UpdateRole changes a role, and with it what every grant of it gives, from the answer on. Needs `role:update`, and for each
     * action of the new list the right to give it.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.Role> updateRole(
        dev.coffer.v1.UpdateRoleRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateRoleMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * DeleteRole removes a role; its grants give nothing from the answer on. Needs `role:delete`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.DeleteRoleResponse> deleteRole(
        dev.coffer.v1.DeleteRoleRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteRoleMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * CreatePolicy adds a policy, in force from the answer on. Needs `policy:create`, and for each action that it permits the right
     * to give it. A text that is not strictly valid, or fails one of its tests, is refused.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.Policy> createPolicy(
        dev.coffer.v1.CreatePolicyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreatePolicyMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * GetPolicy returns a policy. Needs `policy:get`.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.Policy> getPolicy(
        dev.coffer.v1.GetPolicyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetPolicyMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListPolicies returns those policies of a namespace that the caller may see. Needs `policy:list` at or below the namespace.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.ListPoliciesResponse> listPolicies(
        dev.coffer.v1.ListPoliciesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListPoliciesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * UpdatePolicy replaces the text or the tests of a policy. Needs `policy:update`, and for each action that the new text permits
     * the right to give it.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.Policy> updatePolicy(
        dev.coffer.v1.UpdatePolicyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdatePolicyMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * DeletePolicy removes a policy. Needs `policy:delete`, which no policy can forbid.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.DeletePolicyResponse> deletePolicy(
        dev.coffer.v1.DeletePolicyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeletePolicyMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * CheckAccess tells whether a principal may do an action on a resource, and which grants and policies make it so. It
     * needs no right for oneself; for another principal, `access:check` on the resource. What the caller may not see is
     * counted and not named.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.CheckAccessResponse> checkAccess(
        dev.coffer.v1.CheckAccessRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCheckAccessMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * ListAccessors tells who may do an action on a resource, and through what: grants, policies, ownership and, for
     * `secret:use`, the projections that deliver the secret. Needs `access:list` on the resource. What the caller may not
     * see is counted and not named.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<dev.coffer.v1.ListAccessorsResponse> listAccessors(
        dev.coffer.v1.ListAccessorsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListAccessorsMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_WHO_AM_I = 0;
  private static final int METHODID_CREATE_SERVICE_ACCOUNT = 1;
  private static final int METHODID_GET_SERVICE_ACCOUNT = 2;
  private static final int METHODID_LIST_SERVICE_ACCOUNTS = 3;
  private static final int METHODID_UPDATE_SERVICE_ACCOUNT = 4;
  private static final int METHODID_DELETE_SERVICE_ACCOUNT = 5;
  private static final int METHODID_CREATE_TOKEN = 6;
  private static final int METHODID_GET_TOKEN = 7;
  private static final int METHODID_LIST_TOKENS = 8;
  private static final int METHODID_DELETE_TOKEN = 9;
  private static final int METHODID_RENEW_TOKEN = 10;
  private static final int METHODID_CREATE_GRANT = 11;
  private static final int METHODID_GET_GRANT = 12;
  private static final int METHODID_LIST_GRANTS = 13;
  private static final int METHODID_DELETE_GRANT = 14;
  private static final int METHODID_CREATE_ROLE = 15;
  private static final int METHODID_GET_ROLE = 16;
  private static final int METHODID_LIST_ROLES = 17;
  private static final int METHODID_UPDATE_ROLE = 18;
  private static final int METHODID_DELETE_ROLE = 19;
  private static final int METHODID_CREATE_POLICY = 20;
  private static final int METHODID_GET_POLICY = 21;
  private static final int METHODID_LIST_POLICIES = 22;
  private static final int METHODID_UPDATE_POLICY = 23;
  private static final int METHODID_DELETE_POLICY = 24;
  private static final int METHODID_CHECK_ACCESS = 25;
  private static final int METHODID_LIST_ACCESSORS = 26;

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
        case METHODID_WHO_AM_I:
          serviceImpl.whoAmI((dev.coffer.v1.WhoAmIRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.WhoAmIResponse>) responseObserver);
          break;
        case METHODID_CREATE_SERVICE_ACCOUNT:
          serviceImpl.createServiceAccount((dev.coffer.v1.CreateServiceAccountRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.ServiceAccount>) responseObserver);
          break;
        case METHODID_GET_SERVICE_ACCOUNT:
          serviceImpl.getServiceAccount((dev.coffer.v1.GetServiceAccountRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.ServiceAccount>) responseObserver);
          break;
        case METHODID_LIST_SERVICE_ACCOUNTS:
          serviceImpl.listServiceAccounts((dev.coffer.v1.ListServiceAccountsRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.ListServiceAccountsResponse>) responseObserver);
          break;
        case METHODID_UPDATE_SERVICE_ACCOUNT:
          serviceImpl.updateServiceAccount((dev.coffer.v1.UpdateServiceAccountRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.ServiceAccount>) responseObserver);
          break;
        case METHODID_DELETE_SERVICE_ACCOUNT:
          serviceImpl.deleteServiceAccount((dev.coffer.v1.DeleteServiceAccountRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.DeleteServiceAccountResponse>) responseObserver);
          break;
        case METHODID_CREATE_TOKEN:
          serviceImpl.createToken((dev.coffer.v1.CreateTokenRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.Token>) responseObserver);
          break;
        case METHODID_GET_TOKEN:
          serviceImpl.getToken((dev.coffer.v1.GetTokenRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.Token>) responseObserver);
          break;
        case METHODID_LIST_TOKENS:
          serviceImpl.listTokens((dev.coffer.v1.ListTokensRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.ListTokensResponse>) responseObserver);
          break;
        case METHODID_DELETE_TOKEN:
          serviceImpl.deleteToken((dev.coffer.v1.DeleteTokenRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.DeleteTokenResponse>) responseObserver);
          break;
        case METHODID_RENEW_TOKEN:
          serviceImpl.renewToken((dev.coffer.v1.RenewTokenRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.Token>) responseObserver);
          break;
        case METHODID_CREATE_GRANT:
          serviceImpl.createGrant((dev.coffer.v1.CreateGrantRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.Grant>) responseObserver);
          break;
        case METHODID_GET_GRANT:
          serviceImpl.getGrant((dev.coffer.v1.GetGrantRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.Grant>) responseObserver);
          break;
        case METHODID_LIST_GRANTS:
          serviceImpl.listGrants((dev.coffer.v1.ListGrantsRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.ListGrantsResponse>) responseObserver);
          break;
        case METHODID_DELETE_GRANT:
          serviceImpl.deleteGrant((dev.coffer.v1.DeleteGrantRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.DeleteGrantResponse>) responseObserver);
          break;
        case METHODID_CREATE_ROLE:
          serviceImpl.createRole((dev.coffer.v1.CreateRoleRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.Role>) responseObserver);
          break;
        case METHODID_GET_ROLE:
          serviceImpl.getRole((dev.coffer.v1.GetRoleRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.Role>) responseObserver);
          break;
        case METHODID_LIST_ROLES:
          serviceImpl.listRoles((dev.coffer.v1.ListRolesRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.ListRolesResponse>) responseObserver);
          break;
        case METHODID_UPDATE_ROLE:
          serviceImpl.updateRole((dev.coffer.v1.UpdateRoleRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.Role>) responseObserver);
          break;
        case METHODID_DELETE_ROLE:
          serviceImpl.deleteRole((dev.coffer.v1.DeleteRoleRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.DeleteRoleResponse>) responseObserver);
          break;
        case METHODID_CREATE_POLICY:
          serviceImpl.createPolicy((dev.coffer.v1.CreatePolicyRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.Policy>) responseObserver);
          break;
        case METHODID_GET_POLICY:
          serviceImpl.getPolicy((dev.coffer.v1.GetPolicyRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.Policy>) responseObserver);
          break;
        case METHODID_LIST_POLICIES:
          serviceImpl.listPolicies((dev.coffer.v1.ListPoliciesRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.ListPoliciesResponse>) responseObserver);
          break;
        case METHODID_UPDATE_POLICY:
          serviceImpl.updatePolicy((dev.coffer.v1.UpdatePolicyRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.Policy>) responseObserver);
          break;
        case METHODID_DELETE_POLICY:
          serviceImpl.deletePolicy((dev.coffer.v1.DeletePolicyRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.DeletePolicyResponse>) responseObserver);
          break;
        case METHODID_CHECK_ACCESS:
          serviceImpl.checkAccess((dev.coffer.v1.CheckAccessRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.CheckAccessResponse>) responseObserver);
          break;
        case METHODID_LIST_ACCESSORS:
          serviceImpl.listAccessors((dev.coffer.v1.ListAccessorsRequest) request,
              (io.grpc.stub.StreamObserver<dev.coffer.v1.ListAccessorsResponse>) responseObserver);
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
          getWhoAmIMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.WhoAmIRequest,
              dev.coffer.v1.WhoAmIResponse>(
                service, METHODID_WHO_AM_I)))
        .addMethod(
          getCreateServiceAccountMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.CreateServiceAccountRequest,
              dev.coffer.v1.ServiceAccount>(
                service, METHODID_CREATE_SERVICE_ACCOUNT)))
        .addMethod(
          getGetServiceAccountMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.GetServiceAccountRequest,
              dev.coffer.v1.ServiceAccount>(
                service, METHODID_GET_SERVICE_ACCOUNT)))
        .addMethod(
          getListServiceAccountsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.ListServiceAccountsRequest,
              dev.coffer.v1.ListServiceAccountsResponse>(
                service, METHODID_LIST_SERVICE_ACCOUNTS)))
        .addMethod(
          getUpdateServiceAccountMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.UpdateServiceAccountRequest,
              dev.coffer.v1.ServiceAccount>(
                service, METHODID_UPDATE_SERVICE_ACCOUNT)))
        .addMethod(
          getDeleteServiceAccountMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.DeleteServiceAccountRequest,
              dev.coffer.v1.DeleteServiceAccountResponse>(
                service, METHODID_DELETE_SERVICE_ACCOUNT)))
        .addMethod(
          getCreateTokenMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.CreateTokenRequest,
              dev.coffer.v1.Token>(
                service, METHODID_CREATE_TOKEN)))
        .addMethod(
          getGetTokenMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.GetTokenRequest,
              dev.coffer.v1.Token>(
                service, METHODID_GET_TOKEN)))
        .addMethod(
          getListTokensMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.ListTokensRequest,
              dev.coffer.v1.ListTokensResponse>(
                service, METHODID_LIST_TOKENS)))
        .addMethod(
          getDeleteTokenMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.DeleteTokenRequest,
              dev.coffer.v1.DeleteTokenResponse>(
                service, METHODID_DELETE_TOKEN)))
        .addMethod(
          getRenewTokenMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.RenewTokenRequest,
              dev.coffer.v1.Token>(
                service, METHODID_RENEW_TOKEN)))
        .addMethod(
          getCreateGrantMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.CreateGrantRequest,
              dev.coffer.v1.Grant>(
                service, METHODID_CREATE_GRANT)))
        .addMethod(
          getGetGrantMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.GetGrantRequest,
              dev.coffer.v1.Grant>(
                service, METHODID_GET_GRANT)))
        .addMethod(
          getListGrantsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.ListGrantsRequest,
              dev.coffer.v1.ListGrantsResponse>(
                service, METHODID_LIST_GRANTS)))
        .addMethod(
          getDeleteGrantMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.DeleteGrantRequest,
              dev.coffer.v1.DeleteGrantResponse>(
                service, METHODID_DELETE_GRANT)))
        .addMethod(
          getCreateRoleMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.CreateRoleRequest,
              dev.coffer.v1.Role>(
                service, METHODID_CREATE_ROLE)))
        .addMethod(
          getGetRoleMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.GetRoleRequest,
              dev.coffer.v1.Role>(
                service, METHODID_GET_ROLE)))
        .addMethod(
          getListRolesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.ListRolesRequest,
              dev.coffer.v1.ListRolesResponse>(
                service, METHODID_LIST_ROLES)))
        .addMethod(
          getUpdateRoleMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.UpdateRoleRequest,
              dev.coffer.v1.Role>(
                service, METHODID_UPDATE_ROLE)))
        .addMethod(
          getDeleteRoleMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.DeleteRoleRequest,
              dev.coffer.v1.DeleteRoleResponse>(
                service, METHODID_DELETE_ROLE)))
        .addMethod(
          getCreatePolicyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.CreatePolicyRequest,
              dev.coffer.v1.Policy>(
                service, METHODID_CREATE_POLICY)))
        .addMethod(
          getGetPolicyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.GetPolicyRequest,
              dev.coffer.v1.Policy>(
                service, METHODID_GET_POLICY)))
        .addMethod(
          getListPoliciesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.ListPoliciesRequest,
              dev.coffer.v1.ListPoliciesResponse>(
                service, METHODID_LIST_POLICIES)))
        .addMethod(
          getUpdatePolicyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.UpdatePolicyRequest,
              dev.coffer.v1.Policy>(
                service, METHODID_UPDATE_POLICY)))
        .addMethod(
          getDeletePolicyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.DeletePolicyRequest,
              dev.coffer.v1.DeletePolicyResponse>(
                service, METHODID_DELETE_POLICY)))
        .addMethod(
          getCheckAccessMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.CheckAccessRequest,
              dev.coffer.v1.CheckAccessResponse>(
                service, METHODID_CHECK_ACCESS)))
        .addMethod(
          getListAccessorsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              dev.coffer.v1.ListAccessorsRequest,
              dev.coffer.v1.ListAccessorsResponse>(
                service, METHODID_LIST_ACCESSORS)))
        .build();
  }

  private static abstract class AccessServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    AccessServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return dev.coffer.v1.AccessProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("AccessService");
    }
  }

  private static final class AccessServiceFileDescriptorSupplier
      extends AccessServiceBaseDescriptorSupplier {
    AccessServiceFileDescriptorSupplier() {}
  }

  private static final class AccessServiceMethodDescriptorSupplier
      extends AccessServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    AccessServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (AccessServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new AccessServiceFileDescriptorSupplier())
              .addMethod(getWhoAmIMethod())
              .addMethod(getCreateServiceAccountMethod())
              .addMethod(getGetServiceAccountMethod())
              .addMethod(getListServiceAccountsMethod())
              .addMethod(getUpdateServiceAccountMethod())
              .addMethod(getDeleteServiceAccountMethod())
              .addMethod(getCreateTokenMethod())
              .addMethod(getGetTokenMethod())
              .addMethod(getListTokensMethod())
              .addMethod(getDeleteTokenMethod())
              .addMethod(getRenewTokenMethod())
              .addMethod(getCreateGrantMethod())
              .addMethod(getGetGrantMethod())
              .addMethod(getListGrantsMethod())
              .addMethod(getDeleteGrantMethod())
              .addMethod(getCreateRoleMethod())
              .addMethod(getGetRoleMethod())
              .addMethod(getListRolesMethod())
              .addMethod(getUpdateRoleMethod())
              .addMethod(getDeleteRoleMethod())
              .addMethod(getCreatePolicyMethod())
              .addMethod(getGetPolicyMethod())
              .addMethod(getListPoliciesMethod())
              .addMethod(getUpdatePolicyMethod())
              .addMethod(getDeletePolicyMethod())
              .addMethod(getCheckAccessMethod())
              .addMethod(getListAccessorsMethod())
              .build();
        }
      }
    }
    return result;
  }
}
