import datetime

from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Projection(_message.Message):
    __slots__ = ("name", "uid", "description", "labels", "annotations", "items", "authorized_by", "create_time", "update_time", "created_by", "updated_by", "etag", "revision")
    class Format(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        FORMAT_UNSPECIFIED: _ClassVar[Projection.Format]
        RAW: _ClassVar[Projection.Format]
        JSON: _ClassVar[Projection.Format]
        YAML: _ClassVar[Projection.Format]
        DOTENV: _ClassVar[Projection.Format]
        PROPERTIES: _ClassVar[Projection.Format]
    FORMAT_UNSPECIFIED: Projection.Format
    RAW: Projection.Format
    JSON: Projection.Format
    YAML: Projection.Format
    DOTENV: Projection.Format
    PROPERTIES: Projection.Format
    class File(_message.Message):
        __slots__ = ("path", "format", "mode")
        PATH_FIELD_NUMBER: _ClassVar[int]
        FORMAT_FIELD_NUMBER: _ClassVar[int]
        MODE_FIELD_NUMBER: _ClassVar[int]
        path: str
        format: Projection.Format
        mode: int
        def __init__(self, path: _Optional[str] = ..., format: _Optional[_Union[Projection.Format, str]] = ..., mode: _Optional[int] = ...) -> None: ...
    class Item(_message.Message):
        __slots__ = ("secret", "key", "all_keys", "env", "env_prefix", "file", "optional", "bound_secret", "dangling")
        SECRET_FIELD_NUMBER: _ClassVar[int]
        KEY_FIELD_NUMBER: _ClassVar[int]
        ALL_KEYS_FIELD_NUMBER: _ClassVar[int]
        ENV_FIELD_NUMBER: _ClassVar[int]
        ENV_PREFIX_FIELD_NUMBER: _ClassVar[int]
        FILE_FIELD_NUMBER: _ClassVar[int]
        OPTIONAL_FIELD_NUMBER: _ClassVar[int]
        BOUND_SECRET_FIELD_NUMBER: _ClassVar[int]
        DANGLING_FIELD_NUMBER: _ClassVar[int]
        secret: str
        key: str
        all_keys: bool
        env: str
        env_prefix: str
        file: Projection.File
        optional: bool
        bound_secret: str
        dangling: bool
        def __init__(self, secret: _Optional[str] = ..., key: _Optional[str] = ..., all_keys: _Optional[bool] = ..., env: _Optional[str] = ..., env_prefix: _Optional[str] = ..., file: _Optional[_Union[Projection.File, _Mapping]] = ..., optional: _Optional[bool] = ..., bound_secret: _Optional[str] = ..., dangling: _Optional[bool] = ...) -> None: ...
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class AnnotationsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    UID_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    ANNOTATIONS_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    AUTHORIZED_BY_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    CREATED_BY_FIELD_NUMBER: _ClassVar[int]
    UPDATED_BY_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    name: str
    uid: str
    description: str
    labels: _containers.ScalarMap[str, str]
    annotations: _containers.ScalarMap[str, str]
    items: _containers.RepeatedCompositeFieldContainer[Projection.Item]
    authorized_by: str
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    created_by: str
    updated_by: str
    etag: str
    revision: int
    def __init__(self, name: _Optional[str] = ..., uid: _Optional[str] = ..., description: _Optional[str] = ..., labels: _Optional[_Mapping[str, str]] = ..., annotations: _Optional[_Mapping[str, str]] = ..., items: _Optional[_Iterable[_Union[Projection.Item, _Mapping]]] = ..., authorized_by: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., created_by: _Optional[str] = ..., updated_by: _Optional[str] = ..., etag: _Optional[str] = ..., revision: _Optional[int] = ...) -> None: ...

class CreateProjectionRequest(_message.Message):
    __slots__ = ("parent", "projection_id", "projection", "request_id", "validate_only")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PROJECTION_ID_FIELD_NUMBER: _ClassVar[int]
    PROJECTION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    projection_id: str
    projection: Projection
    request_id: str
    validate_only: bool
    def __init__(self, parent: _Optional[str] = ..., projection_id: _Optional[str] = ..., projection: _Optional[_Union[Projection, _Mapping]] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class GetProjectionRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListProjectionsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "filter", "order_by")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    ORDER_BY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    filter: str
    order_by: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., filter: _Optional[str] = ..., order_by: _Optional[str] = ...) -> None: ...

class ListProjectionsResponse(_message.Message):
    __slots__ = ("projections", "next_page_token")
    PROJECTIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    projections: _containers.RepeatedCompositeFieldContainer[Projection]
    next_page_token: str
    def __init__(self, projections: _Optional[_Iterable[_Union[Projection, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateProjectionRequest(_message.Message):
    __slots__ = ("projection", "update_mask", "validate_only")
    PROJECTION_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    projection: Projection
    update_mask: _field_mask_pb2.FieldMask
    validate_only: bool
    def __init__(self, projection: _Optional[_Union[Projection, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class DeleteProjectionRequest(_message.Message):
    __slots__ = ("name", "etag", "validate_only")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    name: str
    etag: str
    validate_only: bool
    def __init__(self, name: _Optional[str] = ..., etag: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class DeleteProjectionResponse(_message.Message):
    __slots__ = ("revision",)
    REVISION_FIELD_NUMBER: _ClassVar[int]
    revision: int
    def __init__(self, revision: _Optional[int] = ...) -> None: ...

class RenderProjectionRequest(_message.Message):
    __slots__ = ("name", "if_none_match")
    NAME_FIELD_NUMBER: _ClassVar[int]
    IF_NONE_MATCH_FIELD_NUMBER: _ClassVar[int]
    name: str
    if_none_match: str
    def __init__(self, name: _Optional[str] = ..., if_none_match: _Optional[str] = ...) -> None: ...

class RenderProjectionResponse(_message.Message):
    __slots__ = ("env", "files", "revision", "etag", "not_modified")
    class RenderedFile(_message.Message):
        __slots__ = ("path", "mode", "content")
        PATH_FIELD_NUMBER: _ClassVar[int]
        MODE_FIELD_NUMBER: _ClassVar[int]
        CONTENT_FIELD_NUMBER: _ClassVar[int]
        path: str
        mode: int
        content: bytes
        def __init__(self, path: _Optional[str] = ..., mode: _Optional[int] = ..., content: _Optional[bytes] = ...) -> None: ...
    class EnvEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ENV_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    NOT_MODIFIED_FIELD_NUMBER: _ClassVar[int]
    env: _containers.ScalarMap[str, str]
    files: _containers.RepeatedCompositeFieldContainer[RenderProjectionResponse.RenderedFile]
    revision: int
    etag: str
    not_modified: bool
    def __init__(self, env: _Optional[_Mapping[str, str]] = ..., files: _Optional[_Iterable[_Union[RenderProjectionResponse.RenderedFile, _Mapping]]] = ..., revision: _Optional[int] = ..., etag: _Optional[str] = ..., not_modified: _Optional[bool] = ...) -> None: ...

class WatchProjectionRequest(_message.Message):
    __slots__ = ("name", "if_none_match")
    NAME_FIELD_NUMBER: _ClassVar[int]
    IF_NONE_MATCH_FIELD_NUMBER: _ClassVar[int]
    name: str
    if_none_match: str
    def __init__(self, name: _Optional[str] = ..., if_none_match: _Optional[str] = ...) -> None: ...

class WatchProjectionResponse(_message.Message):
    __slots__ = ("bundle",)
    BUNDLE_FIELD_NUMBER: _ClassVar[int]
    bundle: RenderProjectionResponse
    def __init__(self, bundle: _Optional[_Union[RenderProjectionResponse, _Mapping]] = ...) -> None: ...
