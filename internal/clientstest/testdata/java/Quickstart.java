import com.google.gson.Gson;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import dev.coffer.v1.AddSecretVersionRequest;
import dev.coffer.v1.CreateProjectionRequest;
import dev.coffer.v1.CreateSecretRequest;
import dev.coffer.v1.Payload;
import dev.coffer.v1.Projection;
import dev.coffer.v1.ProjectionServiceGrpc;
import dev.coffer.v1.RenderProjectionRequest;
import dev.coffer.v1.Secret;
import dev.coffer.v1.SecretServiceGrpc;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Coffer from Java: store a credential, change it, deliver it, and tell why a call was refused.
 *
 * <p>Usage: {@code COFFER_TOKEN=cfr_... java -cp CLASSPATH Quickstart.java HOST:PORT NAMESPACE}
 *
 * <p>Needs the package in gen/java with its dependencies; here Gson, one of them, writes a JSON line for each step.
 */
public final class Quickstart {
  private static final String DOMAIN = "coffer.dev";
  private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  public static void main(String[] args) throws Exception {
    String token = System.getenv("COFFER_TOKEN");
    if (args.length != 2 || token == null) {
      System.err.println("usage: COFFER_TOKEN=cfr_... java -cp CLASSPATH Quickstart.java HOST:PORT NAMESPACE");
      System.exit(2);
    }
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    // Beyond this machine: TlsChannelCredentials.create().
    ManagedChannel channel =
        Grpc.newChannelBuilder(args[0], InsecureChannelCredentials.create())
            .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
            .build();
    try {
      run(channel, "namespaces/" + args[1]);
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  private static void run(ManagedChannel channel, String parent) throws Exception {
    var secrets = SecretServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
    var projections = ProjectionServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);

    Secret secret =
        secrets.createSecret(
            CreateSecretRequest.newBuilder()
                .setParent(parent)
                .setSecretId("orders-db")
                .setSecret(
                    Secret.newBuilder()
                        .setPayload(
                            Payload.newBuilder()
                                .putData("username", "orders")
                                .putData("password", "first")
                                .putBinaryData(
                                    "keytab", ByteString.copyFrom(new byte[] {0, (byte) 0xff, (byte) 0x80}))))
                .build());
    show(Map.of("step", "create", "secret", secret.getName(), "activeVersion", secret.getActiveVersion()));

    // Merged, so that the other keys stay. The etag makes sure that nobody else changed the secret meanwhile.
    AddSecretVersionRequest change =
        AddSecretVersionRequest.newBuilder()
            .setParent(secret.getName())
            .setPayload(Payload.newBuilder().putData("password", "zw\u00f6lf $ecrets"))
            .setMerge(true)
            .setEtag(secret.getEtag())
            .build();
    var version = secrets.addSecretVersion(change);
    show(Map.of("step", "add", "version", version.getName(), "active", version.getActive()));

    var projection =
        projections.createProjection(
            CreateProjectionRequest.newBuilder()
                .setParent(parent)
                .setProjectionId("etl")
                .setProjection(
                    Projection.newBuilder()
                        .addItems(item().setKey("password").setEnv("PGPASSWORD"))
                        .addItems(
                            item()
                                .setAllKeys(true)
                                .setFile(file("conf/db.json").setFormat(Projection.Format.JSON).setMode(0440)))
                        .addItems(item().setKey("keytab").setFile(file("orders.keytab"))))
                .build());
    var bundle =
        projections.renderProjection(RenderProjectionRequest.newBuilder().setName(projection.getName()).build());
    List<Map<String, Object>> files = new ArrayList<>();
    for (var file : bundle.getFilesList()) {
      String content = Base64.getEncoder().encodeToString(file.getContent().toByteArray());
      files.add(Map.of("path", file.getPath(), "mode", file.getMode(), "content", content));
    }
    show(Map.of("step", "render", "env", bundle.getEnvMap(), "files", files));

    try {
      secrets.addSecretVersion(change); // its etag is that of before the change
    } catch (StatusRuntimeException e) {
      show(explain("stale etag", e));
    }
    try {
      secrets.createSecret(CreateSecretRequest.newBuilder().setParent(parent).setSecretId("no spaces").build());
    } catch (StatusRuntimeException e) {
      show(explain("bad name", e));
    }
  }

  private static Projection.Item.Builder item() {
    return Projection.Item.newBuilder().setSecret("orders-db");
  }

  private static Projection.File.Builder file(String path) {
    return Projection.File.newBuilder().setPath(path);
  }

  /** The code of an error, the reason from dev.coffer.v1.ErrorReason, and the fields that were refused. */
  private static Map<String, Object> explain(String step, StatusRuntimeException error)
      throws InvalidProtocolBufferException {
    String reason = "";
    List<String> fields = new ArrayList<>();
    for (Any detail : StatusProto.fromThrowable(error).getDetailsList()) {
      if (detail.is(ErrorInfo.class) && detail.unpack(ErrorInfo.class).getDomain().equals(DOMAIN)) {
        reason = detail.unpack(ErrorInfo.class).getReason();
      } else if (detail.is(BadRequest.class)) {
        detail.unpack(BadRequest.class).getFieldViolationsList().forEach(v -> fields.add(v.getField()));
      }
    }
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("step", step);
    told.put("code", error.getStatus().getCode().value());
    told.put("reason", reason);
    told.put("fields", fields);
    return told;
  }

  private static void show(Map<String, Object> step) {
    OUT.println(new Gson().toJson(step));
  }
}
