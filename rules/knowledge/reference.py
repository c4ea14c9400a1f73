"""The documents that rules, grants and advice cite."""

from __future__ import annotations

import msgspec


class Reference(msgspec.Struct, frozen=True):
    """A document that supports a statement: its title and address."""

    title: str
    url: str


def rfc(number: int, section: str) -> Reference:
    """A section of an RFC."""
    return Reference(
        f"RFC {number}, section {section}", f"https://www.rfc-editor.org/rfc/rfc{number}#section-{section}"
    )


def entra(page: str, title: str) -> Reference:
    """A page of Microsoft's identity platform documentation; *page* is its address below
    ``/entra/identity-platform/``.
    """
    return Reference(f"Microsoft Entra, {title}", f"https://learn.microsoft.com/entra/identity-platform/{page}")


def graph(page: str, title: str) -> Reference:
    """A page of the Microsoft Graph v1.0 reference; *page* is its address below ``/graph/api/``."""
    return Reference(f"Microsoft Graph, {title}", f"https://learn.microsoft.com/graph/api/{page}")


def learn(path: str, title: str) -> Reference:
    """Any other page of learn.microsoft.com."""
    return Reference(f"Microsoft Learn, {title}", f"https://learn.microsoft.com/{path}")


def scuba(policy: str) -> Reference:
    """A policy of CISA's baseline for Entra ID, such as ``5.1``."""
    page = "https://github.com/cisagov/ScubaGear/blob/main/PowerShell/ScubaGear/baselines/aad.md"
    return Reference(f"CISA SCuBA, Entra ID baseline, MS.AAD.{policy}", page)
