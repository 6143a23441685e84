"""Secrets of Coffer from Instill's own SDK.

Usage: INSTILL_API_TOKEN=cfr_... python sdk.py HOST:PORT NAMESPACE story|paging|missing

Prints a JSON line for each step. Where a call fails, the SDK logs why and ends the process.
"""

import json
import os
import sys

from google.protobuf.json_format import MessageToDict
from instill.clients import init_pipeline_client

ADDRESS, NAMESPACE, STORY = sys.argv[1:]


def step(name: str, **told) -> None:
    print(json.dumps({"step": name, **told}), flush=True)


def secret(answer) -> dict:
    return MessageToDict(answer.secret, preserving_proto_field_name=True)


def connect(**more):
    # gRPC takes the address as it is, so that it has no http:// before it; and without TLS one has to say so.
    return init_pipeline_client(
        api_token=os.environ["INSTILL_API_TOKEN"], url=ADDRESS, secure=False, **more
    )


def story(pipeline) -> None:
    created = pipeline.create_secret(
        namespace_id=NAMESPACE, secret_id="my-secret-1", description="A secret", value="first"
    )
    step("create", secret=secret(created))
    got = pipeline.get_secret(namespace_id=NAMESPACE, secret_id="my-secret-1")
    step("get", secret=secret(got))
    updated = pipeline.update_secret(
        namespace_id=NAMESPACE,
        secret_id="my-secret-1",
        description="A brief description of your secret",
        value="The secret value",
    )
    step("update", secret=secret(updated))
    described = pipeline.update_secret(
        namespace_id=NAMESPACE, secret_id="my-secret-1", description="Another description"
    )
    step("describe", secret=secret(described))
    listed = pipeline.list_secrets(namespace_id=NAMESPACE)
    step("list", ids=[s.id for s in listed.secrets], total=listed.total_size, more=listed.next_page_token != "")
    again = pipeline.create_secret(
        namespace_id=NAMESPACE, secret_id="my-secret-1", description="", value="v", silent=True
    )
    step("create again", refused=again is None)
    # On behalf of a user or an organization, whom the SDK looks up first.
    behalf = connect(requester_id=NAMESPACE)
    step("on behalf", secret=secret(behalf.get_secret(namespace_id=NAMESPACE, secret_id="my-secret-1")))
    behalf.close()


def paging(pipeline) -> None:
    for i in range(255):
        pipeline.create_secret(
            namespace_id=NAMESPACE, secret_id=f"s{i}", description="", value=f"v{i}"
        )
    listed = pipeline.list_secrets(namespace_id=NAMESPACE)
    step("default", ids=[s.id for s in listed.secrets], total=listed.total_size, more=listed.next_page_token != "")
    token = ""
    while True:
        listed = pipeline.list_secrets(
            namespace_id=NAMESPACE, total_size=100, next_page_token=token
        )
        token = listed.next_page_token
        step("page", ids=[s.id for s in listed.secrets], total=listed.total_size, more=token != "")
        if not token:
            break
    for i in range(255):
        pipeline.delete_secret(namespace_id=NAMESPACE, secret_id=f"s{i}")
    listed = pipeline.list_secrets(namespace_id=NAMESPACE)
    step("deleted", ids=[s.id for s in listed.secrets], total=listed.total_size)


def missing(pipeline) -> None:
    pipeline.get_secret(namespace_id=NAMESPACE, secret_id="absent")
    step("not reached")


client = connect()
{"story": story, "paging": paging, "missing": missing}[STORY](client)
client.close()
