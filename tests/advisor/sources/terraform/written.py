"""Terraform configurations of tests, and what was read of them."""

from collections.abc import Callable

from advisor.sources.reading.builder import Reading

Reads = Callable[..., Reading]


def app(reading: Reading, key: str = "azuread_application.a") -> object:
    return next(subject.app for subject in reading.subjects if subject.key == key)


def where(reading: Reading, pointer: str, key: str = "azuread_application.a") -> tuple[str | None, int | None, str]:
    origin = reading.locate(key, pointer)
    return origin.file, origin.line, origin.property


def tf(inside: str, more: str = "") -> str:
    return f'resource "azuread_application" "a" {{\n  display_name = "A"\n{inside}\n}}\n{more}'
