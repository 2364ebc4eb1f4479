"""Frozen values that turn into plain dicts and JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Value:
    """A value with fields."""

    @classmethod
    def from_dict(cls, known: dict[str, Any]) -> Self:
        """The value with these fields."""
        return cls(**{field.name: known[field.name] for field in fields(cls)})

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain values, named as in every language."""
        return {field.name: plain(getattr(self, field.name)) for field in fields(self)}

    def to_json(self) -> str:
        """The fields as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False)


def plain(value: Any) -> Any:
    """A value as JSON knows it."""
    match value:
        case Value():
            return value.to_dict()
        case tuple():
            return [plain(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
        case bytes():
            return value.decode(errors="replace")
        case _:
            return value
