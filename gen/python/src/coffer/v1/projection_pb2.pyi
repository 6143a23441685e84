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
    __slots__ = ("name", "uid", "description", "labels", "annotations", "items", "authorized_by", "create_time", "update_time", "created_by", "updated_by", "etag", "revision", "sources", "values", "templates", "spark", "workload")
    class Format(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        FORMAT_UNSPECIFIED: _ClassVar[Projection.Format]
        RAW: _ClassVar[Projection.Format]
        JSON: _ClassVar[Projection.Format]
        YAML: _ClassVar[Projection.Format]
        DOTENV: _ClassVar[Projection.Format]
        PROPERTIES: _ClassVar[Projection.Format]
        INI: _ClassVar[Projection.Format]
        HADOOP_XML: _ClassVar[Projection.Format]
        PEM: _ClassVar[Projection.Format]
        PKCS12: _ClassVar[Projection.Format]
        JKS: _ClassVar[Projection.Format]
        HADOOP_CREDENTIALS: _ClassVar[Projection.Format]
        DOCKER_CONFIG: _ClassVar[Projection.Format]
        NETRC: _ClassVar[Projection.Format]
        PGPASS: _ClassVar[Projection.Format]
    FORMAT_UNSPECIFIED: Projection.Format
    RAW: Projection.Format
    JSON: Projection.Format
    YAML: Projection.Format
    DOTENV: Projection.Format
    PROPERTIES: Projection.Format
    INI: Projection.Format
    HADOOP_XML: Projection.Format
    PEM: Projection.Format
    PKCS12: Projection.Format
    JKS: Projection.Format
    HADOOP_CREDENTIALS: Projection.Format
    DOCKER_CONFIG: Projection.Format
    NETRC: Projection.Format
    PGPASS: Projection.Format
    class Url(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        URL_UNSPECIFIED: _ClassVar[Projection.Url]
        JDBC: _ClassVar[Projection.Url]
        SQLALCHEMY: _ClassVar[Projection.Url]
        ODBC: _ClassVar[Projection.Url]
        URI: _ClassVar[Projection.Url]
    URL_UNSPECIFIED: Projection.Url
    JDBC: Projection.Url
    SQLALCHEMY: Projection.Url
    ODBC: Projection.Url
    URI: Projection.Url
    class Case(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        CASE_UNSPECIFIED: _ClassVar[Projection.Case]
        UPPER: _ClassVar[Projection.Case]
        LOWER: _ClassVar[Projection.Case]
        AS_IS: _ClassVar[Projection.Case]
        CAMEL: _ClassVar[Projection.Case]
        PASCAL: _ClassVar[Projection.Case]
    CASE_UNSPECIFIED: Projection.Case
    UPPER: Projection.Case
    LOWER: Projection.Case
    AS_IS: Projection.Case
    CAMEL: Projection.Case
    PASCAL: Projection.Case
    class Store(_message.Message):
        __slots__ = ("password_secret", "password_key", "alias")
        PASSWORD_SECRET_FIELD_NUMBER: _ClassVar[int]
        PASSWORD_KEY_FIELD_NUMBER: _ClassVar[int]
        ALIAS_FIELD_NUMBER: _ClassVar[int]
        password_secret: str
        password_key: str
        alias: str
        def __init__(self, password_secret: _Optional[str] = ..., password_key: _Optional[str] = ..., alias: _Optional[str] = ...) -> None: ...
    class File(_message.Message):
        __slots__ = ("path", "format", "mode", "owner", "section", "store")
        PATH_FIELD_NUMBER: _ClassVar[int]
        FORMAT_FIELD_NUMBER: _ClassVar[int]
        MODE_FIELD_NUMBER: _ClassVar[int]
        OWNER_FIELD_NUMBER: _ClassVar[int]
        SECTION_FIELD_NUMBER: _ClassVar[int]
        STORE_FIELD_NUMBER: _ClassVar[int]
        path: str
        format: Projection.Format
        mode: int
        owner: str
        section: str
        store: Projection.Store
        def __init__(self, path: _Optional[str] = ..., format: _Optional[_Union[Projection.Format, str]] = ..., mode: _Optional[int] = ..., owner: _Optional[str] = ..., section: _Optional[str] = ..., store: _Optional[_Union[Projection.Store, _Mapping]] = ...) -> None: ...
    class Connection(_message.Message):
        __slots__ = ("type", "host", "port", "database", "parameters")
        class ParametersEntry(_message.Message):
            __slots__ = ("key", "value")
            KEY_FIELD_NUMBER: _ClassVar[int]
            VALUE_FIELD_NUMBER: _ClassVar[int]
            key: str
            value: str
            def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
        TYPE_FIELD_NUMBER: _ClassVar[int]
        HOST_FIELD_NUMBER: _ClassVar[int]
        PORT_FIELD_NUMBER: _ClassVar[int]
        DATABASE_FIELD_NUMBER: _ClassVar[int]
        PARAMETERS_FIELD_NUMBER: _ClassVar[int]
        type: str
        host: str
        port: int
        database: str
        parameters: _containers.ScalarMap[str, str]
        def __init__(self, type: _Optional[str] = ..., host: _Optional[str] = ..., port: _Optional[int] = ..., database: _Optional[str] = ..., parameters: _Optional[_Mapping[str, str]] = ...) -> None: ...
    class Item(_message.Message):
        __slots__ = ("secret", "key", "all_keys", "env", "env_prefix", "file", "optional", "bound_secret", "dangling", "keys", "version", "url", "connection", "env_case", "entry", "argument", "dictionary", "spark_conf", "spark_conf_prefix", "allow_takeover")
        SECRET_FIELD_NUMBER: _ClassVar[int]
        KEY_FIELD_NUMBER: _ClassVar[int]
        ALL_KEYS_FIELD_NUMBER: _ClassVar[int]
        ENV_FIELD_NUMBER: _ClassVar[int]
        ENV_PREFIX_FIELD_NUMBER: _ClassVar[int]
        FILE_FIELD_NUMBER: _ClassVar[int]
        OPTIONAL_FIELD_NUMBER: _ClassVar[int]
        BOUND_SECRET_FIELD_NUMBER: _ClassVar[int]
        DANGLING_FIELD_NUMBER: _ClassVar[int]
        KEYS_FIELD_NUMBER: _ClassVar[int]
        VERSION_FIELD_NUMBER: _ClassVar[int]
        URL_FIELD_NUMBER: _ClassVar[int]
        CONNECTION_FIELD_NUMBER: _ClassVar[int]
        ENV_CASE_FIELD_NUMBER: _ClassVar[int]
        ENTRY_FIELD_NUMBER: _ClassVar[int]
        ARGUMENT_FIELD_NUMBER: _ClassVar[int]
        DICTIONARY_FIELD_NUMBER: _ClassVar[int]
        SPARK_CONF_FIELD_NUMBER: _ClassVar[int]
        SPARK_CONF_PREFIX_FIELD_NUMBER: _ClassVar[int]
        ALLOW_TAKEOVER_FIELD_NUMBER: _ClassVar[int]
        secret: str
        key: str
        all_keys: bool
        env: str
        env_prefix: str
        file: Projection.File
        optional: bool
        bound_secret: str
        dangling: bool
        keys: _containers.RepeatedScalarFieldContainer[str]
        version: str
        url: Projection.Url
        connection: Projection.Connection
        env_case: Projection.Case
        entry: str
        argument: str
        dictionary: str
        spark_conf: str
        spark_conf_prefix: str
        allow_takeover: bool
        def __init__(self, secret: _Optional[str] = ..., key: _Optional[str] = ..., all_keys: _Optional[bool] = ..., env: _Optional[str] = ..., env_prefix: _Optional[str] = ..., file: _Optional[_Union[Projection.File, _Mapping]] = ..., optional: _Optional[bool] = ..., bound_secret: _Optional[str] = ..., dangling: _Optional[bool] = ..., keys: _Optional[_Iterable[str]] = ..., version: _Optional[str] = ..., url: _Optional[_Union[Projection.Url, str]] = ..., connection: _Optional[_Union[Projection.Connection, _Mapping]] = ..., env_case: _Optional[_Union[Projection.Case, str]] = ..., entry: _Optional[str] = ..., argument: _Optional[str] = ..., dictionary: _Optional[str] = ..., spark_conf: _Optional[str] = ..., spark_conf_prefix: _Optional[str] = ..., allow_takeover: _Optional[bool] = ...) -> None: ...
    class Source(_message.Message):
        __slots__ = ("secret", "context_alias", "version", "keys", "optional", "base64", "bound_secret", "dangling")
        SECRET_FIELD_NUMBER: _ClassVar[int]
        CONTEXT_ALIAS_FIELD_NUMBER: _ClassVar[int]
        VERSION_FIELD_NUMBER: _ClassVar[int]
        KEYS_FIELD_NUMBER: _ClassVar[int]
        OPTIONAL_FIELD_NUMBER: _ClassVar[int]
        BASE64_FIELD_NUMBER: _ClassVar[int]
        BOUND_SECRET_FIELD_NUMBER: _ClassVar[int]
        DANGLING_FIELD_NUMBER: _ClassVar[int]
        secret: str
        context_alias: str
        version: str
        keys: _containers.RepeatedScalarFieldContainer[str]
        optional: bool
        base64: bool
        bound_secret: str
        dangling: bool
        def __init__(self, secret: _Optional[str] = ..., context_alias: _Optional[str] = ..., version: _Optional[str] = ..., keys: _Optional[_Iterable[str]] = ..., optional: _Optional[bool] = ..., base64: _Optional[bool] = ..., bound_secret: _Optional[str] = ..., dangling: _Optional[bool] = ...) -> None: ...
    class Template(_message.Message):
        __slots__ = ("engine", "text", "env", "file", "argument", "dictionary", "entry", "spark_conf", "allow_takeover")
        class Engine(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
            __slots__ = ()
            ENGINE_UNSPECIFIED: _ClassVar[Projection.Template.Engine]
            GO: _ClassVar[Projection.Template.Engine]
            LIQUID: _ClassVar[Projection.Template.Engine]
            NONE: _ClassVar[Projection.Template.Engine]
        ENGINE_UNSPECIFIED: Projection.Template.Engine
        GO: Projection.Template.Engine
        LIQUID: Projection.Template.Engine
        NONE: Projection.Template.Engine
        ENGINE_FIELD_NUMBER: _ClassVar[int]
        TEXT_FIELD_NUMBER: _ClassVar[int]
        ENV_FIELD_NUMBER: _ClassVar[int]
        FILE_FIELD_NUMBER: _ClassVar[int]
        ARGUMENT_FIELD_NUMBER: _ClassVar[int]
        DICTIONARY_FIELD_NUMBER: _ClassVar[int]
        ENTRY_FIELD_NUMBER: _ClassVar[int]
        SPARK_CONF_FIELD_NUMBER: _ClassVar[int]
        ALLOW_TAKEOVER_FIELD_NUMBER: _ClassVar[int]
        engine: Projection.Template.Engine
        text: str
        env: str
        file: Projection.File
        argument: str
        dictionary: str
        entry: str
        spark_conf: str
        allow_takeover: bool
        def __init__(self, engine: _Optional[_Union[Projection.Template.Engine, str]] = ..., text: _Optional[str] = ..., env: _Optional[str] = ..., file: _Optional[_Union[Projection.File, _Mapping]] = ..., argument: _Optional[str] = ..., dictionary: _Optional[str] = ..., entry: _Optional[str] = ..., spark_conf: _Optional[str] = ..., allow_takeover: _Optional[bool] = ...) -> None: ...
    class Spark(_message.Message):
        __slots__ = ("defaults_path", "arguments", "redaction_regex")
        DEFAULTS_PATH_FIELD_NUMBER: _ClassVar[int]
        ARGUMENTS_FIELD_NUMBER: _ClassVar[int]
        REDACTION_REGEX_FIELD_NUMBER: _ClassVar[int]
        defaults_path: str
        arguments: bool
        redaction_regex: str
        def __init__(self, defaults_path: _Optional[str] = ..., arguments: _Optional[bool] = ..., redaction_regex: _Optional[str] = ...) -> None: ...
    class Workload(_message.Message):
        __slots__ = ("payload", "references")
        PAYLOAD_FIELD_NUMBER: _ClassVar[int]
        REFERENCES_FIELD_NUMBER: _ClassVar[int]
        payload: str
        references: _containers.RepeatedCompositeFieldContainer[Projection.Reference]
        def __init__(self, payload: _Optional[str] = ..., references: _Optional[_Iterable[_Union[Projection.Reference, _Mapping]]] = ...) -> None: ...
    class Reference(_message.Message):
        __slots__ = ("place", "text", "bound_secret", "dangling")
        PLACE_FIELD_NUMBER: _ClassVar[int]
        TEXT_FIELD_NUMBER: _ClassVar[int]
        BOUND_SECRET_FIELD_NUMBER: _ClassVar[int]
        DANGLING_FIELD_NUMBER: _ClassVar[int]
        place: str
        text: str
        bound_secret: str
        dangling: bool
        def __init__(self, place: _Optional[str] = ..., text: _Optional[str] = ..., bound_secret: _Optional[str] = ..., dangling: _Optional[bool] = ...) -> None: ...
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
    class ValuesEntry(_message.Message):
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
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    TEMPLATES_FIELD_NUMBER: _ClassVar[int]
    SPARK_FIELD_NUMBER: _ClassVar[int]
    WORKLOAD_FIELD_NUMBER: _ClassVar[int]
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
    sources: _containers.RepeatedCompositeFieldContainer[Projection.Source]
    values: _containers.ScalarMap[str, str]
    templates: _containers.RepeatedCompositeFieldContainer[Projection.Template]
    spark: Projection.Spark
    workload: Projection.Workload
    def __init__(self, name: _Optional[str] = ..., uid: _Optional[str] = ..., description: _Optional[str] = ..., labels: _Optional[_Mapping[str, str]] = ..., annotations: _Optional[_Mapping[str, str]] = ..., items: _Optional[_Iterable[_Union[Projection.Item, _Mapping]]] = ..., authorized_by: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., created_by: _Optional[str] = ..., updated_by: _Optional[str] = ..., etag: _Optional[str] = ..., revision: _Optional[int] = ..., sources: _Optional[_Iterable[_Union[Projection.Source, _Mapping]]] = ..., values: _Optional[_Mapping[str, str]] = ..., templates: _Optional[_Iterable[_Union[Projection.Template, _Mapping]]] = ..., spark: _Optional[_Union[Projection.Spark, _Mapping]] = ..., workload: _Optional[_Union[Projection.Workload, _Mapping]] = ...) -> None: ...

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
    __slots__ = ("name", "if_none_match", "dry_run", "allow_env")
    NAME_FIELD_NUMBER: _ClassVar[int]
    IF_NONE_MATCH_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    ALLOW_ENV_FIELD_NUMBER: _ClassVar[int]
    name: str
    if_none_match: str
    dry_run: bool
    allow_env: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., if_none_match: _Optional[str] = ..., dry_run: _Optional[bool] = ..., allow_env: _Optional[_Iterable[str]] = ...) -> None: ...

class RenderProjectionResponse(_message.Message):
    __slots__ = ("env", "files", "revision", "etag", "not_modified", "arguments", "dictionaries", "spark_conf", "payload", "shape")
    class RenderedFile(_message.Message):
        __slots__ = ("path", "mode", "content", "owner")
        PATH_FIELD_NUMBER: _ClassVar[int]
        MODE_FIELD_NUMBER: _ClassVar[int]
        CONTENT_FIELD_NUMBER: _ClassVar[int]
        OWNER_FIELD_NUMBER: _ClassVar[int]
        path: str
        mode: int
        content: bytes
        owner: str
        def __init__(self, path: _Optional[str] = ..., mode: _Optional[int] = ..., content: _Optional[bytes] = ..., owner: _Optional[str] = ...) -> None: ...
    class Dictionary(_message.Message):
        __slots__ = ("entries",)
        class EntriesEntry(_message.Message):
            __slots__ = ("key", "value")
            KEY_FIELD_NUMBER: _ClassVar[int]
            VALUE_FIELD_NUMBER: _ClassVar[int]
            key: str
            value: str
            def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
        ENTRIES_FIELD_NUMBER: _ClassVar[int]
        entries: _containers.ScalarMap[str, str]
        def __init__(self, entries: _Optional[_Mapping[str, str]] = ...) -> None: ...
    class EnvEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class DictionariesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: RenderProjectionResponse.Dictionary
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[RenderProjectionResponse.Dictionary, _Mapping]] = ...) -> None: ...
    class SparkConfEntry(_message.Message):
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
    ARGUMENTS_FIELD_NUMBER: _ClassVar[int]
    DICTIONARIES_FIELD_NUMBER: _ClassVar[int]
    SPARK_CONF_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    SHAPE_FIELD_NUMBER: _ClassVar[int]
    env: _containers.ScalarMap[str, str]
    files: _containers.RepeatedCompositeFieldContainer[RenderProjectionResponse.RenderedFile]
    revision: int
    etag: str
    not_modified: bool
    arguments: _containers.RepeatedScalarFieldContainer[str]
    dictionaries: _containers.MessageMap[str, RenderProjectionResponse.Dictionary]
    spark_conf: _containers.ScalarMap[str, str]
    payload: str
    shape: BundleShape
    def __init__(self, env: _Optional[_Mapping[str, str]] = ..., files: _Optional[_Iterable[_Union[RenderProjectionResponse.RenderedFile, _Mapping]]] = ..., revision: _Optional[int] = ..., etag: _Optional[str] = ..., not_modified: _Optional[bool] = ..., arguments: _Optional[_Iterable[str]] = ..., dictionaries: _Optional[_Mapping[str, RenderProjectionResponse.Dictionary]] = ..., spark_conf: _Optional[_Mapping[str, str]] = ..., payload: _Optional[str] = ..., shape: _Optional[_Union[BundleShape, _Mapping]] = ...) -> None: ...

class BundleShape(_message.Message):
    __slots__ = ("env", "files", "arguments", "dictionaries", "spark_conf", "payload")
    class FileShape(_message.Message):
        __slots__ = ("path", "format", "mode", "owner", "entries")
        PATH_FIELD_NUMBER: _ClassVar[int]
        FORMAT_FIELD_NUMBER: _ClassVar[int]
        MODE_FIELD_NUMBER: _ClassVar[int]
        OWNER_FIELD_NUMBER: _ClassVar[int]
        ENTRIES_FIELD_NUMBER: _ClassVar[int]
        path: str
        format: Projection.Format
        mode: int
        owner: str
        entries: _containers.RepeatedScalarFieldContainer[str]
        def __init__(self, path: _Optional[str] = ..., format: _Optional[_Union[Projection.Format, str]] = ..., mode: _Optional[int] = ..., owner: _Optional[str] = ..., entries: _Optional[_Iterable[str]] = ...) -> None: ...
    class DictionaryShape(_message.Message):
        __slots__ = ("name", "entries")
        NAME_FIELD_NUMBER: _ClassVar[int]
        ENTRIES_FIELD_NUMBER: _ClassVar[int]
        name: str
        entries: _containers.RepeatedScalarFieldContainer[str]
        def __init__(self, name: _Optional[str] = ..., entries: _Optional[_Iterable[str]] = ...) -> None: ...
    ENV_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    ARGUMENTS_FIELD_NUMBER: _ClassVar[int]
    DICTIONARIES_FIELD_NUMBER: _ClassVar[int]
    SPARK_CONF_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    env: _containers.RepeatedScalarFieldContainer[str]
    files: _containers.RepeatedCompositeFieldContainer[BundleShape.FileShape]
    arguments: _containers.RepeatedScalarFieldContainer[str]
    dictionaries: _containers.RepeatedCompositeFieldContainer[BundleShape.DictionaryShape]
    spark_conf: _containers.RepeatedScalarFieldContainer[str]
    payload: bool
    def __init__(self, env: _Optional[_Iterable[str]] = ..., files: _Optional[_Iterable[_Union[BundleShape.FileShape, _Mapping]]] = ..., arguments: _Optional[_Iterable[str]] = ..., dictionaries: _Optional[_Iterable[_Union[BundleShape.DictionaryShape, _Mapping]]] = ..., spark_conf: _Optional[_Iterable[str]] = ..., payload: _Optional[bool] = ...) -> None: ...

class WatchProjectionRequest(_message.Message):
    __slots__ = ("name", "if_none_match", "allow_env")
    NAME_FIELD_NUMBER: _ClassVar[int]
    IF_NONE_MATCH_FIELD_NUMBER: _ClassVar[int]
    ALLOW_ENV_FIELD_NUMBER: _ClassVar[int]
    name: str
    if_none_match: str
    allow_env: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., if_none_match: _Optional[str] = ..., allow_env: _Optional[_Iterable[str]] = ...) -> None: ...

class WatchProjectionResponse(_message.Message):
    __slots__ = ("bundle",)
    BUNDLE_FIELD_NUMBER: _ClassVar[int]
    bundle: RenderProjectionResponse
    def __init__(self, bundle: _Optional[_Union[RenderProjectionResponse, _Mapping]] = ...) -> None: ...

class ResolveWorkloadRequest(_message.Message):
    __slots__ = ("parent", "payload", "overrides")
    class OverridesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    OVERRIDES_FIELD_NUMBER: _ClassVar[int]
    parent: str
    payload: str
    overrides: _containers.ScalarMap[str, str]
    def __init__(self, parent: _Optional[str] = ..., payload: _Optional[str] = ..., overrides: _Optional[_Mapping[str, str]] = ...) -> None: ...

class ResolveWorkloadResponse(_message.Message):
    __slots__ = ("payload", "env", "spark_conf", "files", "revision", "arguments", "dictionaries")
    class EnvEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class SparkConfEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class DictionariesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: RenderProjectionResponse.Dictionary
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[RenderProjectionResponse.Dictionary, _Mapping]] = ...) -> None: ...
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    ENV_FIELD_NUMBER: _ClassVar[int]
    SPARK_CONF_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    ARGUMENTS_FIELD_NUMBER: _ClassVar[int]
    DICTIONARIES_FIELD_NUMBER: _ClassVar[int]
    payload: str
    env: _containers.ScalarMap[str, str]
    spark_conf: _containers.ScalarMap[str, str]
    files: _containers.RepeatedCompositeFieldContainer[RenderProjectionResponse.RenderedFile]
    revision: int
    arguments: _containers.RepeatedScalarFieldContainer[str]
    dictionaries: _containers.MessageMap[str, RenderProjectionResponse.Dictionary]
    def __init__(self, payload: _Optional[str] = ..., env: _Optional[_Mapping[str, str]] = ..., spark_conf: _Optional[_Mapping[str, str]] = ..., files: _Optional[_Iterable[_Union[RenderProjectionResponse.RenderedFile, _Mapping]]] = ..., revision: _Optional[int] = ..., arguments: _Optional[_Iterable[str]] = ..., dictionaries: _Optional[_Mapping[str, RenderProjectionResponse.Dictionary]] = ...) -> None: ...
