"""Coffer from Python: store a credential, change it, deliver it, and tell why a call was refused.

Usage: COFFER_TOKEN=cfr_... python quickstart.py HOST:PORT NAMESPACE

Needs the package in gen/python, and grpcio-status for what an error carries. Prints a JSON line for each step.
"""

import base64
import json
import os
import sys

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from coffer.v1 import projection_pb2, projection_pb2_grpc, secret_pb2, secret_pb2_grpc

DOMAIN = "coffer.dev"


def main(address: str, namespace: str, token: str) -> None:
    parent = f"namespaces/{namespace}"
    call = {"metadata": [("authorization", f"Bearer {token}")], "timeout": 30}
    # Beyond this machine: grpc.secure_channel(address, grpc.ssl_channel_credentials()).
    with grpc.insecure_channel(address) as channel:
        secrets = secret_pb2_grpc.SecretServiceStub(channel)
        projections = projection_pb2_grpc.ProjectionServiceStub(channel)

        secret = secrets.CreateSecret(
            secret_pb2.CreateSecretRequest(
                parent=parent,
                secret_id="orders-db",
                secret=secret_pb2.Secret(
                    payload=secret_pb2.Payload(
                        data={"username": "orders", "password": "first"},
                        binary_data={"keytab": b"\x00\xff\x80"},
                    ),
                ),
            ),
            **call,
        )
        show(step="create", secret=secret.name, activeVersion=secret.active_version)

        # Merged, so that the other keys stay. The etag makes sure that nobody else changed the secret meanwhile.
        change = secret_pb2.AddSecretVersionRequest(
            parent=secret.name,
            payload=secret_pb2.Payload(data={"password": "zwölf $ecrets"}),
            merge=True,
            etag=secret.etag,
        )
        version = secrets.AddSecretVersion(change, **call)
        show(step="add", version=version.name, active=version.active)

        projection = projections.CreateProjection(
            projection_pb2.CreateProjectionRequest(
                parent=parent,
                projection_id="etl",
                projection=projection_pb2.Projection(
                    items=[
                        projection_pb2.Projection.Item(secret="orders-db", key="password", env="PGPASSWORD"),
                        projection_pb2.Projection.Item(
                            secret="orders-db",
                            all_keys=True,
                            file=projection_pb2.Projection.File(
                                path="conf/db.json", format=projection_pb2.Projection.JSON, mode=0o440
                            ),
                        ),
                        projection_pb2.Projection.Item(
                            secret="orders-db",
                            key="keytab",
                            file=projection_pb2.Projection.File(path="orders.keytab"),
                        ),
                    ]
                ),
            ),
            **call,
        )
        bundle = projections.RenderProjection(
            projection_pb2.RenderProjectionRequest(name=projection.name), **call
        )
        show(
            step="render",
            env=dict(bundle.env),
            files=[
                {"path": f.path, "mode": f.mode, "content": base64.b64encode(f.content).decode()}
                for f in bundle.files
            ],
        )

        try:
            secrets.AddSecretVersion(change, **call)  # its etag is that of before the change
        except grpc.RpcError as error:
            show(step="stale etag", **explain(error))
        try:
            secrets.CreateSecret(
                secret_pb2.CreateSecretRequest(parent=parent, secret_id="no spaces"), **call
            )
        except grpc.RpcError as error:
            show(step="bad name", **explain(error))


def explain(error: grpc.RpcError) -> dict:
    """Tells the code of an error, the reason from coffer.v1.ErrorReason, and the fields that were refused."""
    told = {"code": error.code().value[0], "reason": "", "fields": []}
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info) and info.domain == DOMAIN:
            told["reason"] = info.reason
        bad = error_details_pb2.BadRequest()
        if detail.Unpack(bad):
            told["fields"] = [violation.field for violation in bad.field_violations]
    return told


def show(**step: object) -> None:
    print(json.dumps(step))


if __name__ == "__main__":
    if len(sys.argv) != 3 or "COFFER_TOKEN" not in os.environ:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], os.environ["COFFER_TOKEN"])
