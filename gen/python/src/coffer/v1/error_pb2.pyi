from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_REASON_UNSPECIFIED: _ClassVar[ErrorReason]
    UNAUTHENTICATED: _ClassVar[ErrorReason]
    ACCESS_DENIED: _ClassVar[ErrorReason]
    RESOURCE_NOT_FOUND: _ClassVar[ErrorReason]
    RESOURCE_EXISTS: _ClassVar[ErrorReason]
    ETAG_MISMATCH: _ClassVar[ErrorReason]
    INVALID_FIELD: _ClassVar[ErrorReason]
    SECRET_IN_USE: _ClassVar[ErrorReason]
    VERSION_STATE: _ClassVar[ErrorReason]
    PAYLOAD_MISSING: _ClassVar[ErrorReason]
    SECRET_EXPIRED: _ClassVar[ErrorReason]
    REFERENCE_DANGLING: _ClassVar[ErrorReason]
    NAMESPACE_NOT_EMPTY: _ClassVar[ErrorReason]
    NAMESPACE_DELETED: _ClassVar[ErrorReason]
    NOT_REPRESENTABLE: _ClassVar[ErrorReason]
    REQUEST_ID_REUSED: _ClassVar[ErrorReason]
    LIMIT_EXCEEDED: _ClassVar[ErrorReason]
    SERVICE_UNAVAILABLE: _ClassVar[ErrorReason]
    INTEGRITY: _ClassVar[ErrorReason]
    TIME_UP: _ClassVar[ErrorReason]
    INTERNAL: _ClassVar[ErrorReason]
    METHOD_UNKNOWN: _ClassVar[ErrorReason]
    PRECONDITION: _ClassVar[ErrorReason]
    RATE_LIMITED: _ClassVar[ErrorReason]
    QUOTA_EXCEEDED: _ClassVar[ErrorReason]
    REFERENCE_UNRESOLVED: _ClassVar[ErrorReason]
    TAKEOVER_NOT_ALLOWED: _ClassVar[ErrorReason]
ERROR_REASON_UNSPECIFIED: ErrorReason
UNAUTHENTICATED: ErrorReason
ACCESS_DENIED: ErrorReason
RESOURCE_NOT_FOUND: ErrorReason
RESOURCE_EXISTS: ErrorReason
ETAG_MISMATCH: ErrorReason
INVALID_FIELD: ErrorReason
SECRET_IN_USE: ErrorReason
VERSION_STATE: ErrorReason
PAYLOAD_MISSING: ErrorReason
SECRET_EXPIRED: ErrorReason
REFERENCE_DANGLING: ErrorReason
NAMESPACE_NOT_EMPTY: ErrorReason
NAMESPACE_DELETED: ErrorReason
NOT_REPRESENTABLE: ErrorReason
REQUEST_ID_REUSED: ErrorReason
LIMIT_EXCEEDED: ErrorReason
SERVICE_UNAVAILABLE: ErrorReason
INTEGRITY: ErrorReason
TIME_UP: ErrorReason
INTERNAL: ErrorReason
METHOD_UNKNOWN: ErrorReason
PRECONDITION: ErrorReason
RATE_LIMITED: ErrorReason
QUOTA_EXCEEDED: ErrorReason
REFERENCE_UNRESOLVED: ErrorReason
TAKEOVER_NOT_ALLOWED: ErrorReason
