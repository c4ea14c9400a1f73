"""Graph's answers about a directory: lists in pages, single objects, relations. No sockets here."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from tests.graph_server import names
from tests.graph_server.directory import Directory
from tests.graph_server.odata import (
    EXPANDED_MAX,
    PAGE_DEFAULT,
    PAGE_EXPANDED,
    Query,
    Refused,
    condition,
    ids_wanted,
    parse_query,
)

_NONE: Final[frozenset[str]] = frozenset()
_ROLES: Final = "/roleManagement/directory/roleAssignments"
_ELIGIBLE: Final = "/roleManagement/directory/roleEligibilityScheduleInstances"


class Graph:
    """Answers GET requests below ``/v1.0``."""

    def __init__(self, directory: Directory, permissions: frozenset[str], base: str) -> None:
        self.directory = directory
        self.permissions = permissions
        self.base = base
        self._cache: dict[str, bytes] = {}
        self.cached = False

    def get(self, path: str, query: str, headers: Mapping[str, str]) -> bytes:
        """The body of the answer to *path* and *query*; raises ``Refused``."""
        self._allow(path)
        key = f"{path}?{query}"
        if self.cached and key in self._cache:
            return self._cache[key]
        body = json.dumps(self._answer(path, query, headers)).encode()
        if self.cached:
            self._cache[key] = body
        return body

    def _allow(self, path: str) -> None:
        for pattern, permissions in names.PERMISSIONS:
            if re.fullmatch(pattern, path):
                if self.permissions.isdisjoint(permissions):
                    raise Refused(
                        403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
                    )
                return
        raise Refused(404, "Request_ResourceNotFound", f"Resource not found for the segment '{path}'.")

    def _answer(self, path: str, query: str, headers: Mapping[str, str]) -> Any:
        directory = self.directory
        if path == "/applications":
            asked = parse_query(query, headers, names.APPLICATION, frozenset(("owners",)))
            return self._page(path, query, asked, directory.applications)
        if path == "/servicePrincipals":
            asked = parse_query(query, headers, names.SERVICE_PRINCIPAL, frozenset(("owners",)))
            return self._page(path, query, asked, directory.principals)
        if path in ("/oauth2PermissionGrants", _ROLES):
            if path == _ROLES and "$top" in query:
                raise Refused(400, "Request_BadRequest", "$top is not documented for this list.")
            properties, rows = (names.ROLE_ASSIGNMENT, directory.roles) if path == _ROLES else (_NONE, directory.grants)
            return self._page(path, query, parse_query(query, headers, properties), rows)
        if path == "/organization":
            asked = parse_query(query, headers, names.ORGANIZATION)
            return {"value": [_selected(directory.organization, asked.select)]}
        if path in directory.policies:
            properties = names.ROLE_ASSIGNMENT if path == _ELIGIBLE else names.POLICY
            parse_query(query, headers, properties, frozenset(("appliesTo",)))
            value = directory.policies[path]
            return {"value": value} if isinstance(value, list) else value
        others = {
            "/beta/applications/": self._expressions,
            "/beta/": self._use,
            "/groups": self._groups,
            "/users": self._users,
            "/reports/": self._registrations,
            "/policies/claimsMappingPolicies/": self._mapped,
            "/identityProtection/": self._risks,
        }
        found = next((one for start, one in others.items() if path.startswith(start)), self._relation)
        answer = self._agents if "/microsoft.graph.agent" in path else found
        return answer(path, query, headers)

    def _agents(self, path: str, query: str, headers: Mapping[str, str]) -> Any:
        """Lists cast to the types of agents, of 100 objects a page, and the inheritable permissions of a blueprint."""
        directory = self.directory
        if path.startswith("/users/"):
            return self._page(path, query, parse_query(query, headers, names.AGENT_USER), directory.agent_users)
        if path.endswith("/inheritablePermissions"):
            rows: Any = directory.inheritable.get(path.split("/")[2], [])
            return self._page(path, query, parse_query(query, headers, _NONE), rows)
        kind = f"#{path.rpartition('/')[2]}"
        is_blueprint = path.startswith("/applications/")
        rows = directory.applications if is_blueprint else directory.principals
        sponsors = frozenset(("sponsors($select=id)",))
        properties = names.APPLICATION if is_blueprint else names.SERVICE_PRINCIPAL | {"agentIdentityBlueprintId"}
        asked = parse_query(query, headers, properties, sponsors)
        if asked.top > PAGE_EXPANDED:
            raise Refused(400, "Request_BadRequest", "The maximum page size is 100.")
        return self._page(path, query, asked, [one for one in rows if one.get("@odata.type") == kind])

    def _use(self, path: str, query: str, headers: Mapping[str, str]) -> Any:
        """The two lists of use: sign-ins of one kind since a moment, newest first, and last sign-ins."""
        if path.endswith("Activities"):
            return self._beta_page(path, query, self.directory.activities, 2)
        asked = dict(parse_qsl(query))
        wanted = re.fullmatch(r"createdDateTime ge (\S+) and signInEventTypes/any\(t:t eq '(\w+)'\)", asked["$filter"])
        if wanted is None or (asked["$orderby"], asked["$top"]) != ("createdDateTime desc", "1000"):
            raise Refused(400, "BadRequest", "The query is not one that the test knows.")
        hides = "include-unknown-enum-members" not in headers.get("prefer", "")
        rows = [
            {**one, "authenticationProtocol": "unknownFutureValue"} if hides else one
            for one in sorted(self.directory.sign_ins, key=lambda one: str(one["createdDateTime"]), reverse=True)
            if one["createdDateTime"] >= wanted[1] and wanted[2] in one["signInEventTypes"]
        ]
        return self._beta_page(path, query, rows, self.directory.sign_in_page)

    def _expressions(self, path: str, query: str, headers: Mapping[str, str]) -> Any:
        """The federated credentials of an application, with their expressions."""
        key = path.split("/")[3]
        return self._page(path, query, parse_query(query, headers, _NONE), self.directory.federated.get(key, []))

    def _beta_page(self, path: str, query: str, rows: Sequence[dict[str, Any]], size: int) -> dict[str, Any]:
        skip = int(dict(parse_qsl(query)).get("$skiptoken", "0"))
        page: dict[str, Any] = {"value": rows[skip : skip + size]}
        if skip + size < len(rows):
            rest = re.sub(r"&?\$skiptoken=\d+", "", unquote(query)).lstrip("&").replace(" ", "%20")
            link = f"{self.base.removesuffix('/v1.0')}{path}?{rest + '&' if rest else ''}$skiptoken={skip + size}"
            page["@odata.nextLink"] = link
        return page

    def _registrations(self, path: str, query: str, headers: Mapping[str, str]) -> Any:
        """The report of MFA methods, for which Graph documents no ``$select`` and no ``$top``."""
        if "$select" in query or "$top" in query:
            raise Refused(400, "BadRequest", "The list supports $filter and $orderby alone.")
        directory = self.directory
        asked = parse_query(query, headers, frozenset())._replace(top=directory.registration_page)
        return self._page(path, query, asked, directory.registrations)

    def _risks(self, path: str, query: str, headers: Mapping[str, str]) -> Any:
        return self._page(path, query, parse_query(query, headers, names.RISK), self.directory.risks)

    def _mapped(self, path: str, query: str, headers: Mapping[str, str]) -> Any:
        rows = [
            {"@odata.type": "#microsoft.graph.servicePrincipal", "id": key}
            for key in self.directory.mapped[path.split("/")[3]]
        ]
        return self._page(path, query, parse_query(query, headers, frozenset(("id",))), rows)

    def _users(self, path: str, query: str, headers: Mapping[str, str]) -> Any:
        """The accounts of users with certain ids."""
        asked = parse_query(query, headers, names.USER)
        shown = [key for key in ids_wanted(asked.filter) or () if key not in self.directory.hidden]
        rows = [{"id": key, "accountEnabled": key not in self.directory.disabled} for key in shown]
        return self._page(path, query, asked, rows)

    def _groups(self, path: str, query: str, headers: Mapping[str, str]) -> Any:
        directory = self.directory
        if path == "/groups":
            if "isAssignableToRole eq true" not in unquote(query):
                raise Refused(400, "Request_BadRequest", "The test reads role-assignable groups only.")
            asked = parse_query(query, headers, frozenset(("id", "displayName")))
            rows = [{"id": key, "displayName": name} for key, (name, _) in directory.groups.items()]
            return self._page(path, "", asked._replace(filter=""), rows)
        if headers.get("consistencylevel") != "eventual" or "$count=true" not in query:
            raise Refused(400, "Request_UnsupportedQuery", "A cast needs ConsistencyLevel: eventual and $count.")
        asked = parse_query(query, headers, frozenset(("id",)))
        rows = [{"id": key} for key in directory.groups[path.split("/")[2]][1]]
        return self._page(path, query, asked, rows)

    def _relation(self, path: str, query: str, headers: Mapping[str, str]) -> Any:
        if path.count("/") == 2:
            return self._single(path.split("/")[2], parse_query(query, headers, names.APPLICATION))
        _, kind, key, relation = path.split("/")
        directory = self.directory
        if relation == "owners":
            asked = parse_query(query, headers, names.OWNER)
            return self._page(path, query, asked, [self._shown(one) for one in directory.owners.get(key, ())])
        asked = parse_query(query, headers, _NONE)
        if kind == "applications" and relation == "federatedIdentityCredentials":
            rows = directory.federated.get(key, [])
            return self._page(path, query, asked, [_without(one, "claimsMatchingExpression") for one in rows])
        if kind == "servicePrincipals":
            lists = {
                "appRoleAssignedTo": [one for one in directory.assignments if one["resourceId"] == key],
                "appRoleAssignments": [one for one in directory.assignments if one["principalId"] == key],
                "oauth2PermissionGrants": [one for one in directory.grants if one["clientId"] == key],
            }
            if relation in lists:
                return self._page(path, query, asked, lists[relation])
        raise Refused(404, "Request_ResourceNotFound", f"Resource not found for the segment '{relation}'.")

    def _single(self, key: str, asked: Query) -> Any:
        """One application, whose key credentials have their public keys: a list has none."""
        found = next((one for one in self.directory.applications if one["id"] == key), None)
        if found is None:
            raise Refused(404, "Request_ResourceNotFound", f"Resource '{key}' does not exist.")
        keys = self.directory.public_keys
        credentials = [{**one, "key": keys.get(one["keyId"])} for one in found["keyCredentials"]]
        return _selected({**found, "keyCredentials": credentials}, asked.select)

    def _page(self, path: str, query: str, asked: Query, rows: Any) -> dict[str, Any]:
        if asked.filter:
            rows = self._filtered(asked.filter, rows, in_order=path == "/applications")
        found = rows[asked.skip : asked.skip + asked.top]
        page: dict[str, Any] = {
            "@odata.context": f"{self.base}/$metadata#{path[1:]}",
            "value": [self._row(one, asked) for one in found],
        }
        if asked.skip + asked.top < len(rows):
            rest = re.sub(r"&?\$skiptoken=\d+", "", unquote(query)).lstrip("&").replace(" ", "%20")
            page["@odata.nextLink"] = (
                f"{self.base}{path}?{rest + '&' if rest else ''}$skiptoken={asked.skip + asked.top}"
            )
        return page

    def _filtered(self, text: str, rows: Any, *, in_order: bool) -> Sequence[dict[str, Any]]:
        test = condition(text, self._count)
        wanted = ids_wanted(text)
        if wanted is not None and in_order:  # a large directory is not searched from end to end
            numbers = [int(key.partition("-")[0], 16) for key in wanted]
            return [one for number in numbers for one in rows[number : number + 1] if test(one)]
        if wanted is not None and hasattr(rows, "of_ids"):
            return [one for one in rows.of_ids(wanted) if test(one)]
        if text == "federatedIdentityCredentials/$count ne 0":
            return [{"id": key} for key, value in self.directory.federated.items() if value]
        return [one for one in rows if test(one)]

    def _count(self, one: dict[str, Any], relation: str) -> int:
        lists = {"owners": self.directory.owners, "federatedIdentityCredentials": self.directory.federated}
        return len(lists[relation].get(one["id"], ()))

    def _row(self, one: dict[str, Any], asked: Query) -> dict[str, Any]:
        row = _selected(one, asked.select)
        if asked.expand.startswith("sponsors"):
            sponsors = self.directory.sponsors.get(one["id"], ())[:EXPANDED_MAX]
            row = {**row, "sponsors": [{"id": sponsor["id"]} for sponsor in sponsors]}
        if asked.expand == "owners":
            owners = self.directory.owners.get(one["id"], ())[:EXPANDED_MAX]
            row = {
                **row,
                "owners": [{k: v for k, v in self._shown(owner).items() if k != "userType"} for owner in owners],
            }
        return row

    def _shown(self, owner: dict[str, Any]) -> dict[str, Any]:
        """A user whom the reader may not read is an id and nulls."""
        if not self.permissions.isdisjoint(("User.ReadBasic.All", "Directory.Read.All")):
            return owner
        return {name: value if name in ("@odata.type", "id") else None for name, value in owner.items()}


def _without(one: dict[str, Any], property: str) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name != property}


def _selected(one: dict[str, Any], select: Sequence[str]) -> dict[str, Any]:
    if not select:
        return one
    return {name: one.get(name) for name in ("@odata.type", *select) if name in one}


__all__ = ["PAGE_DEFAULT", "Graph"]
