"""Calls of every operation that moto implements, with inputs made from botocore's models."""

from __future__ import annotations

import importlib
import inspect
from dataclasses import dataclass
from datetime import datetime, timezone

import botocore.session
from botocore import xform_name
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

ACCOUNT = "111122223333"
DEPTH_MAX = 8
# What moto calls a service, where it is not botocore's name.
MODULES = {"lambda": "awslambda", "cognito-idp": "cognitoidp", "elbv2": "elbv2"}
# Operations first that make what others ask for.
FIRST = ("Create", "Put", "Register", "Start", "Add", "Import", "Allocate", "Run", "Request", "Set", "Enable")
LAST = ("Delete", "Remove", "Deregister", "Terminate", "Disable", "Cancel", "Release", "Untag")


@dataclass(frozen=True)
class Call:
    service: str  # botocore's name
    operation: str
    arguments: dict


def moto_classes(service: str) -> list[type]:
    """The classes of moto that answer for a service; none, if it does not."""
    from moto.core.responses import BaseResponse

    module = MODULES.get(service, service.replace("-", ""))
    try:
        responses = importlib.import_module(f"moto.{module}.responses")
    except ImportError:
        return []
    return [one for _, one in inspect.getmembers(responses, inspect.isclass) if issubclass(one, BaseResponse) and one is not BaseResponse]


def implemented(service: str, operations: list[str]) -> list[str]:
    methods = {name for one in moto_classes(service) for base in one.__mro__ if base.__name__ not in ("BaseResponse", "object") for name in vars(base)}
    return [operation for operation in operations if xform_name(operation) in methods]


def order(operation: str) -> tuple[int, str]:
    return (0 if operation.startswith(FIRST) else 2 if operation.startswith(LAST) else 1, operation)


class Filler:
    """The required members of an input, filled."""

    def __init__(self, service: str):
        self.service = service

    def structure(self, shape: StructureShape, depth: int = 0) -> dict:
        if depth > DEPTH_MAX:
            raise RecursionError(shape.name)
        names = list(shape.required_members)
        if getattr(shape, "is_tagged_union", False) and not names:
            names = list(shape.members)[:1]
        return {name: self.value(name, shape.members[name], depth + 1) for name in names}

    def value(self, name: str, shape: Shape, depth: int):
        if isinstance(shape, StructureShape):
            return {} if shape.is_document_type else self.structure(shape, depth)
        if isinstance(shape, ListShape):
            return [self.value(name, shape.member, depth + 1) for _ in range(max(1, shape.metadata.get("min", 1)))]
        if isinstance(shape, MapShape):
            return {self.value("key", shape.key, depth + 1): self.value("value", shape.value, depth + 1)}
        return self.scalar(name, shape)

    def scalar(self, name: str, shape: Shape):
        kind = shape.type_name
        if kind == "boolean":
            return True
        if kind in ("integer", "long"):
            return int(max(shape.metadata.get("min", 1), 1))
        if kind in ("float", "double"):
            return float(max(shape.metadata.get("min", 1), 1))
        if kind == "timestamp":
            return datetime(2026, 3, 2, 10, 15, tzinfo=timezone.utc)
        if kind == "blob":
            return b"bytes"
        return self.text(name, shape)

    def text(self, name: str, shape: Shape) -> str:
        if shape.enum:
            return shape.enum[0]
        plain = name.lower()
        text = "some-" + plain
        if "arn" in plain:
            text = f"arn:aws:{self.service}:us-east-1:{ACCOUNT}:thing/{plain}"
        elif "account" in plain:
            text = ACCOUNT
        elif plain.endswith(("document", "policy")) or "json" in plain:
            text = '{"Version":"2012-10-17","Statement":[]}'
        elif "cidr" in plain:
            text = "10.0.0.0/16"
        elif "email" in plain:
            text = "mira@example.org"
        text = text.ljust(shape.metadata.get("min", 1), "x")
        return text[: max(shape.metadata.get("max", 2048), 1)]


def calls(services: list[str] | None = None) -> list[Call]:
    """All of them, service by service."""
    session = botocore.session.get_session()
    made = []
    for service in services or session.get_available_services():
        model = session.get_service_model(service)
        for operation in sorted(implemented(service, list(model.operation_names)), key=order):
            arguments = arguments_of(service, model.operation_model(operation))
            if arguments is not None:
                made.append(Call(service, operation, arguments))
    return made


def arguments_of(service: str, operation: OperationModel) -> dict | None:
    """None: not to be called so. Event streams are neither, nor shapes that contain themselves."""
    if operation.has_event_stream_input or operation.has_event_stream_output:
        return None
    if operation.input_shape is None:
        return {}
    try:
        return Filler(service).structure(operation.input_shape)
    except RecursionError:
        return None
