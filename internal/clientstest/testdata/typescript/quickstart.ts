/**
 * Coffer from TypeScript: store a credential, change it, deliver it, and tell why a call was refused.
 *
 * Usage: COFFER_TOKEN=cfr_... node dist/quickstart.js HOST:PORT NAMESPACE
 *
 * Needs the package in gen/typescript, and Connect with its transport for Node. Prints a JSON line for each step.
 */
import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Projection_Format, ProjectionService } from "@coffer-dev/client/coffer/v1/projection";
import { SecretService } from "@coffer-dev/client/coffer/v1/secret";
import { BadRequestSchema, ErrorInfoSchema } from "@coffer-dev/client/google/rpc/error_details";

const DOMAIN = "coffer.dev";

async function main(address: string, namespace: string, token: string): Promise<void> {
  const parent = `namespaces/${namespace}`;
  const authorize: Interceptor = (next) => (request) => {
    request.header.set("authorization", `Bearer ${token}`);
    return next(request);
  };
  const transport = createGrpcTransport({
    baseUrl: `http://${address}`, // beyond this machine: https
    interceptors: [authorize],
    defaultTimeoutMs: 30_000,
  });
  const secrets = createClient(SecretService, transport);
  const projections = createClient(ProjectionService, transport);

  const secret = await secrets.createSecret({
    parent,
    secretId: "orders-db",
    secret: {
      payload: {
        data: { username: "orders", password: "first" },
        binaryData: { keytab: new Uint8Array([0x00, 0xff, 0x80]) },
      },
    },
  });
  show({ step: "create", secret: secret.name, activeVersion: Number(secret.activeVersion) });

  // Merged, so that the other keys stay. The etag makes sure that nobody else changed the secret meanwhile.
  const change = {
    parent: secret.name,
    payload: { data: { password: "zwölf $ecrets" } },
    merge: true,
    etag: secret.etag,
  };
  const version = await secrets.addSecretVersion(change);
  show({ step: "add", version: version.name, active: version.active });

  const projection = await projections.createProjection({
    parent,
    projectionId: "etl",
    projection: {
      items: [
        { secret: "orders-db", key: "password", env: "PGPASSWORD" },
        {
          secret: "orders-db",
          allKeys: true,
          file: { path: "conf/db.json", format: Projection_Format.JSON, mode: 0o440 },
        },
        { secret: "orders-db", key: "keytab", file: { path: "orders.keytab" } },
      ],
    },
  });
  const bundle = await projections.renderProjection({ name: projection.name });
  show({
    step: "render",
    env: bundle.env,
    files: bundle.files.map((file) => ({
      path: file.path,
      mode: file.mode,
      content: Buffer.from(file.content).toString("base64"),
    })),
  });

  try {
    await secrets.addSecretVersion(change); // its etag is that of before the change
  } catch (error) {
    show({ step: "stale etag", ...explain(error) });
  }
  try {
    await secrets.createSecret({ parent, secretId: "no spaces" });
  } catch (error) {
    show({ step: "bad name", ...explain(error) });
  }
}

/** The code of an error, the reason from coffer.v1.ErrorReason, and the fields that were refused. */
function explain(error: unknown): { code: Code; reason: string; fields: string[] } {
  const refused = ConnectError.from(error);
  const info = refused.findDetails(ErrorInfoSchema).find((detail) => detail.domain === DOMAIN);
  const bad = refused.findDetails(BadRequestSchema);
  return {
    code: refused.code,
    reason: info?.reason ?? "",
    fields: bad.flatMap((detail) => detail.fieldViolations.map((violation) => violation.field)),
  };
}

function show(step: Record<string, unknown>): void {
  console.log(JSON.stringify(step));
}

const [address, namespace] = process.argv.slice(2);
const token = process.env.COFFER_TOKEN;
if (!address || !namespace || !token) {
  console.error("usage: COFFER_TOKEN=cfr_... node dist/quickstart.js HOST:PORT NAMESPACE");
  process.exit(2);
}
await main(address, namespace, token);
