from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListSourceTypesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListSourceTypesResponse(_message.Message):
    __slots__ = ("source_types",)
    SOURCE_TYPES_FIELD_NUMBER: _ClassVar[int]
    source_types: _containers.RepeatedCompositeFieldContainer[SourceType]
    def __init__(self, source_types: _Optional[_Iterable[_Union[SourceType, _Mapping]]] = ...) -> None: ...

class GetSourceTypeRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class SourceType(_message.Message):
    __slots__ = ("name", "aliases", "title", "description", "fields", "alternatives", "any_key", "url_styles", "example")
    class Field(_message.Message):
        __slots__ = ("name", "aliases", "description", "required", "sensitive", "multi_line", "file", "example", "values")
        NAME_FIELD_NUMBER: _ClassVar[int]
        ALIASES_FIELD_NUMBER: _ClassVar[int]
        DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
        REQUIRED_FIELD_NUMBER: _ClassVar[int]
        SENSITIVE_FIELD_NUMBER: _ClassVar[int]
        MULTI_LINE_FIELD_NUMBER: _ClassVar[int]
        FILE_FIELD_NUMBER: _ClassVar[int]
        EXAMPLE_FIELD_NUMBER: _ClassVar[int]
        VALUES_FIELD_NUMBER: _ClassVar[int]
        name: str
        aliases: _containers.RepeatedScalarFieldContainer[str]
        description: str
        required: bool
        sensitive: bool
        multi_line: bool
        file: bool
        example: str
        values: _containers.RepeatedScalarFieldContainer[str]
        def __init__(self, name: _Optional[str] = ..., aliases: _Optional[_Iterable[str]] = ..., description: _Optional[str] = ..., required: _Optional[bool] = ..., sensitive: _Optional[bool] = ..., multi_line: _Optional[bool] = ..., file: _Optional[bool] = ..., example: _Optional[str] = ..., values: _Optional[_Iterable[str]] = ...) -> None: ...
    class Alternative(_message.Message):
        __slots__ = ("name", "description", "required", "optional")
        NAME_FIELD_NUMBER: _ClassVar[int]
        DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
        REQUIRED_FIELD_NUMBER: _ClassVar[int]
        OPTIONAL_FIELD_NUMBER: _ClassVar[int]
        name: str
        description: str
        required: _containers.RepeatedScalarFieldContainer[str]
        optional: _containers.RepeatedScalarFieldContainer[str]
        def __init__(self, name: _Optional[str] = ..., description: _Optional[str] = ..., required: _Optional[_Iterable[str]] = ..., optional: _Optional[_Iterable[str]] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    ALIASES_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    ALTERNATIVES_FIELD_NUMBER: _ClassVar[int]
    ANY_KEY_FIELD_NUMBER: _ClassVar[int]
    URL_STYLES_FIELD_NUMBER: _ClassVar[int]
    EXAMPLE_FIELD_NUMBER: _ClassVar[int]
    name: str
    aliases: _containers.RepeatedScalarFieldContainer[str]
    title: str
    description: str
    fields: _containers.RepeatedCompositeFieldContainer[SourceType.Field]
    alternatives: _containers.RepeatedCompositeFieldContainer[SourceType.Alternative]
    any_key: bool
    url_styles: _containers.RepeatedScalarFieldContainer[str]
    example: str
    def __init__(self, name: _Optional[str] = ..., aliases: _Optional[_Iterable[str]] = ..., title: _Optional[str] = ..., description: _Optional[str] = ..., fields: _Optional[_Iterable[_Union[SourceType.Field, _Mapping]]] = ..., alternatives: _Optional[_Iterable[_Union[SourceType.Alternative, _Mapping]]] = ..., any_key: _Optional[bool] = ..., url_styles: _Optional[_Iterable[str]] = ..., example: _Optional[str] = ...) -> None: ...
