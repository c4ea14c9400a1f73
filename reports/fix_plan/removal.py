"""Take a credential or an owner out: a request for each, since no patch may (Graph, "Update application")."""

from __future__ import annotations

from typing import Any, Final

from reports.fix_plan.step import NO_ID, NO_REQUEST, Check, Element, Request, Step, Undo
from reports.rows import FindingRow, RegistrationRow
from rules.docs.requests import GRAPH, address, target_of
from rules.primitives.texts import is_guid

_KINDS: Final = {"remove-secret": "secret", "remove-certificate": "certificate"}
_USERS: Final = "clients that sign in with it; find them before you remove it"

#: What a federated credential trusts, and what describes it: the members that a request may set.
_TRUSTED: Final = ("name", "issuer", "subject", "audiences")
_EXPRESSION: Final = "claimsMatchingExpression"


def removal(
    row: RegistrationRow | None, pointer: str, findings: tuple[FindingRow, ...], now: str, graph: str = GRAPH
) -> Step | str:
    """The step that takes out what is at *pointer* of *row*, or the reason why there is none.

    *now* is the moment of the report (RFC 3339): a credential that had ended by then is not in use. *graph* is
    Graph's host.
    """
    target = target_of(pointer)
    name, _, rest = pointer[1:].partition("/")
    where = address(target, row.object_id, row.app_id, graph) if target and row else None
    if target is None or row is None or where is None:
        return NO_ID
    if not rest.isdigit():
        return NO_REQUEST
    if target.kind in _KINDS:
        return _credential(where, row, _KINDS[target.kind], int(rest), findings, now)
    if target.kind == "delete-federated":
        stood = ((row.before or {}).get("/" + name) or [])[int(rest) : int(rest) + 1]
        return _federated(where, stood[0] if stood else None, findings)
    return _owner(where, row, int(rest), findings, graph)


def _credential(
    where: str, row: RegistrationRow, kind: str, index: int, findings: tuple[FindingRow, ...], now: str
) -> Step | str:
    listed = [one for one in row.credentials or () if one.kind == kind][index : index + 1]
    if not listed or not is_guid(listed[0].id):
        return "its key ID is not known"
    one = listed[0]
    over = bool(one.ends) and (one.ends <= now or (bool(one.starts) and one.ends <= one.starts))
    is_secret = one.kind == "secret"
    who = row.object_id if is_guid(row.object_id) else row.app_id
    name = "passwordCredentials" if is_secret else "keyCredentials"
    return Step(
        findings=findings,
        request=Request("POST", f"{where}/removePassword", {"keyId": one.id}) if is_secret else None,
        cli=()
        if is_secret
        else ("az", "ad", "app", "credential", "delete", "--id", who or "", "--key-id", one.id, "--cert"),
        check=Check(
            url=f"{where}?$select=id,{name}",
            element=Element(name, "keyId", one.id),
            read={"keyId": one.id},  # what has this id does not change
            done=None,
        ),
        before={
            findings[0].pointer: {
                "keyId": one.id,
                "displayName": one.name,
                "startDateTime": one.starts,
                "endDateTime": one.ends,
            }
        },
        undo_note="a removed secret cannot be restored; add a new secret"
        if is_secret
        else "upload the certificate again",
        breaks="" if over else _USERS,
    )


def _federated(where: str, stood: Any, findings: tuple[FindingRow, ...]) -> Step | str:
    if not isinstance(stood, dict) or not is_guid(stood.get("id")):
        return "its ID is not known"
    back = {name: value for name, value in stood.items() if name != "id" and value is not None}
    # An expression in place of a subject is in beta alone.
    there = where.replace("/v1.0/", "/beta/", 1) if _EXPRESSION in back else where
    url = f"{there}/federatedIdentityCredentials"
    trusted = {name: back[name] for name in (*_TRUSTED, _EXPRESSION) if name in back}
    return Step(
        findings=findings,
        request=Request("DELETE", f"{where}/federatedIdentityCredentials/{stood['id']}"),
        check=Check(url=url, element=Element("value", "id", stood["id"]), read=trusted, done=None),
        before={findings[0].pointer: stood},
        undo=Undo(
            method="POST",
            url=url,
            check=Check(url=url, element=Element("value", "name", str(back.get("name", ""))), read=None, done=trusted),
            known=back,
            keeps=dict.fromkeys((*trusted, "description")),
        ),
        breaks=_USERS,
    )


def _owner(where: str, row: RegistrationRow, index: int, findings: tuple[FindingRow, ...], graph: str) -> Step | str:
    listed = (row.owners or ())[index : index + 1]
    if not listed or not is_guid(listed[0].id):
        return "the object ID of the owner is not known"
    owner = listed[0]
    shown, element, there = f"{where}/owners?$select=id&$top=999", Element("value", "id", owner.id), {"id": owner.id}
    return Step(
        findings=findings,
        request=Request("DELETE", f"{where}/owners/{owner.id}/$ref"),
        check=Check(url=shown, element=element, read=there, done=None),
        before={findings[0].pointer: owner.address or owner.name or owner.id},
        undo=Undo(
            method="POST",
            url=f"{where}/owners/$ref",
            check=Check(url=shown, element=element, read=None, done=there),
            known={"@odata.id": f"{graph}/v1.0/directoryObjects/{owner.id}"},
        ),
    )
