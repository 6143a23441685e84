import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetStatusRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Status(_message.Message):
    __slots__ = ("version", "ready", "storage", "revision", "kek", "audit_sequence", "start_time", "bootstrap_warning")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    READY_FIELD_NUMBER: _ClassVar[int]
    STORAGE_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    KEK_FIELD_NUMBER: _ClassVar[int]
    AUDIT_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    BOOTSTRAP_WARNING_FIELD_NUMBER: _ClassVar[int]
    version: str
    ready: bool
    storage: str
    revision: int
    kek: str
    audit_sequence: int
    start_time: _timestamp_pb2.Timestamp
    bootstrap_warning: str
    def __init__(self, version: _Optional[str] = ..., ready: _Optional[bool] = ..., storage: _Optional[str] = ..., revision: _Optional[int] = ..., kek: _Optional[str] = ..., audit_sequence: _Optional[int] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., bootstrap_warning: _Optional[str] = ...) -> None: ...
