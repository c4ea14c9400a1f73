"""Files of sign-ins and of activity: recognized by content, without users, and doubted where they are not whole."""

import gzip
import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from advisor.usage.aggregate import encoded, query
from advisor.usage.read import UsageReading, read_usage
from rules.analysis.usage import GrantUse, api_use, credential_use, grant_use, observed
from tests.advisor.usage.world import (
    PORTAL_APPLICATIONS,
    PORTAL_USERS,
    World,
    graph,
    lines,
    portal,
    workspace,
)

TODAY = date(2026, 11, 30)
APP = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"
GRAPH_API = "00000003-0000-0000-c000-000000000000"
VAULT = "cfa8b339-82a2-471a-a3c9-0fc0be7a4093"
KEY = "33333333-3333-4333-8333-333333333333"


def read(folder: Path, *contents: object) -> UsageReading:
    """Read contents as files: bytes, a text, or a value as JSON."""
    paths = []
    for number, content in enumerate(contents):
        text = content if isinstance(content, str) else json.dumps(content) if not isinstance(content, bytes) else ""
        paths.append(folder / str(number))
        paths[-1].write_bytes(content if isinstance(content, bytes) else text.encode())
    return read_usage([str(path) for path in paths], TODAY)


def row(
    day: str = "2026-11-20", app_id: str = APP, kind: str = "interactiveUser", **values: object
) -> dict[str, object]:
    """A sign-in of Graph beta."""
    return {
        "createdDateTime": f"{day}T10:00:00Z",
        "appId": app_id,
        "resourceId": GRAPH_API,
        "signInEventTypes": [kind],
        "userId": f"{day}-user",
        "authenticationProtocol": "authorizationCodeWithPkce",
        "status": {"errorCode": 0},
    } | values


def page(*rows: object, version: str = "beta", **members: object) -> dict[str, object]:
    """A page of Graph."""
    context = f"https://graph.microsoft.com/{version}/$metadata#auditLogs/signIns"
    return {"@odata.context": context, "value": list(rows), **members}


def month(kind: str, **values: object) -> list[dict[str, object]]:
    """Sign-ins of two other applications for a month, so that the kind is complete."""
    days = [f"2026-11-{day:02}" for day in range(1, 29)]
    return [
        row(day, OTHER if number % 2 else KEY, kind, **{"resourceId": GRAPH_API if number % 3 else VAULT} | values)
        for number, day in enumerate(days)
    ]


def complete(**values: object) -> list[dict[str, object]]:
    """The same for all kinds of a user."""
    return [*month("interactiveUser", **values), *month("nonInteractiveUser", **values)]


def use_of(reading: UsageReading, grant: str, **values: str) -> GrantUse:
    """Whether the application used a grant."""
    return grant_use(reading.usage, APP, grant, **values)


def csv_of(header: list[str], values: dict[str, str], separator: str = ",") -> str:
    """A row of a portal CSV."""
    return f"{separator.join(header)}\n{separator.join(values.get(name, '') for name in header)}\n"


def test_no_user_address_or_device_is_kept(tmp_path: Path) -> None:
    world = World(7)
    for number, written in enumerate((lines, workspace, portal, portal)):
        (tmp_path / str(number)).write_bytes(written(world, world.events))
    (tmp_path / "x").write_text(json.dumps([graph(event) for event in world.events]))
    reading = read_usage([str(path) for path in sorted(tmp_path.iterdir())], TODAY)
    text = encoded(reading.usage)
    assert reading.usage.uses
    assert not [word for word in ("jane", "203.0.113", "laptop", "Edge", "7777-4777") if word in text]


def test_only_identifiers_and_known_words_are_kept(tmp_path: Path) -> None:
    hostile = row(
        appId="jane@contoso.com", authenticationProtocol="=cmd()", resourceId="\x1b[31m", status={"errorCode": "x"}
    )
    (use,) = read(tmp_path, page(hostile)).usage.uses
    assert (use.app_id, use.protocol, use.resource_id, use.result) == ("", "other", "", "unknown")


@pytest.mark.parametrize(
    ("protocol", "grant"),
    [
        ("authorizationCodeWithoutPkce", "authorization_code"),
        ("deviceCode", "device_code"),
        ("ropc", "password"),
        ("onBehalfOf", "on_behalf_of"),
        ("implicitAccessTokenAndGetResponseMode", "implicit"),
        ("refreshTokenGrant", "refresh_token"),
    ],
)
def test_the_protocol_names_the_grant(protocol: str, grant: str, tmp_path: Path) -> None:
    answer = use_of(read(tmp_path, page(row(authenticationProtocol=protocol))), grant)
    assert (answer.state, answer.count, answer.last) == ("seen", 1, "2026-11-20")


def test_a_session_that_began_with_a_device_code_is_evidence_of_it(tmp_path: Path) -> None:
    reading = read(tmp_path, page(row(authenticationProtocol="none", originalTransferMethod="deviceCodeFlow")))
    assert use_of(reading, "device_code").state == "seen"


def test_a_failed_sign_in_is_no_use(tmp_path: Path) -> None:
    reading = read(tmp_path, page(row(authenticationProtocol="ropc", status={"errorCode": 50126}), *complete()))
    answer = use_of(reading, "password")
    assert (answer.state, answer.start, answer.end) == ("not-seen", "2026-11-02", "2026-11-24")


def test_failed_sign_ins_are_counted_where_the_grant_was_not_seen(tmp_path: Path) -> None:
    failed = row("2026-11-15", authenticationProtocol="ropc", status={"errorCode": 50126})
    use = use_of(read(tmp_path, page(failed, failed, *complete())), "password")
    assert (use.state, use.failed) == ("not-seen", 2)


def test_silence_needs_each_kind_of_sign_in_of_a_user(tmp_path: Path) -> None:
    answer = use_of(read(tmp_path, page(*month("interactiveUser"))), "implicit")
    assert (answer.state, answer.why) == ("not-known", "no source has user sign-ins (non-interactive)")


def test_the_first_day_and_the_last_four_are_not_silence(tmp_path: Path) -> None:
    answer = use_of(read(tmp_path, page(*complete())), "implicit")
    assert (answer.start, answer.end) == ("2026-11-02", "2026-11-24")


@pytest.mark.parametrize(
    ("own", "why"),
    [
        ({"authenticationProtocol": "oAuth2"}, "1 of its records do not name a grant"),
        ({"authenticationProtocol": None}, "1 of its records do not name a grant"),
        ({"authenticationProtocol": "implicitIdTokenAndPostResponseMode"}, "may be this grant"),
        ({"authenticationProtocol": "implicitAccessTokenAndGetResponseMode", "status": {}}, "not whether it succeeded"),
    ],
)
def test_a_record_that_may_hide_the_grant_makes_it_not_known(own: dict[str, object], why: str, tmp_path: Path) -> None:
    answer = use_of(read(tmp_path, page(row(**own), *complete())), "implicit")
    assert answer.state == "not-known"
    assert why in answer.why


def test_a_portal_csv_groups_sign_ins_with_several_credentials(tmp_path: Path) -> None:
    days = [f"2026-10-{day:02}" for day in range(1, 32)] + [f"2026-11-{day:02}" for day in range(1, 29)]
    rows = [
        dict.fromkeys(PORTAL_APPLICATIONS, "")
        | {"Date (UTC)": f"{day}T10:00:00Z", "Application ID ": APP if number % 2 else OTHER, "Status": "Success"}
        | {"Sign-in error code": "0", "Credential key ID": KEY, "Resource ID ": GRAPH_API if number % 3 else VAULT}
        for number, day in enumerate(days)
    ]
    text = "\n".join(",".join(values) for values in ([*PORTAL_APPLICATIONS], *(row.values() for row in rows)))
    usage = read(tmp_path, text, page(*complete())).usage
    assert "group" in observed(usage, APP, credential_use(OTHER)).why
    assert observed(usage, APP, credential_use(KEY)).state == "seen"
    assert observed(usage, APP, api_use(APP, app_only=True)).state == "not-seen"


@pytest.mark.parametrize("word", ["0", "Success", "success"])
def test_the_result_in_log_analytics_is_a_code_or_a_word(word: str, tmp_path: Path) -> None:
    rows = [{"TimeGenerated": "2026-11-20T10:00:00Z", "AppId": APP, "Category": "SignInLogs", "ResultType": word}]
    assert [use.result for use in read(tmp_path, rows).usage.uses] == ["success"]


def test_an_array_may_be_a_download_that_groups_sign_ins(tmp_path: Path) -> None:
    own = row(kind="nonInteractiveUser", authenticationProtocol="refreshTokenGrant")
    assert "group" in use_of(read(tmp_path, [own, *complete()]), "implicit").why
    assert use_of(read(tmp_path, complete()), "implicit").state == "not-seen"


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (page(*complete(), **{"@odata.nextLink": "https://graph.microsoft.com/x"}), "one page of several"),
        (page(*complete(), *(row(app_id=OTHER) for _ in range(44))), "exactly 100 rows"),
        (page(*(row(f"2026-11-{day:02}", OTHER) for day in range(1, 29))), "only one application"),
        (page(*complete(status={"errorCode": 1})), "only failed sign-ins"),
        (page(*complete(userId="one")), "only one user"),
        (page(*complete(resourceId=VAULT)), "only one API"),
        (page(*complete(), row("2199-01-01", OTHER)), "dates cannot be read"),
        (page(*complete(), 7), "cannot be read"),
    ],
)
def test_a_source_that_may_not_be_whole_says_nothing_of_silence(document: object, why: str, tmp_path: Path) -> None:
    answer = use_of(read(tmp_path, document), "implicit")
    assert answer.state == "not-known"
    assert why in answer.why


def test_a_page_of_v1_has_interactive_sign_ins_only(tmp_path: Path) -> None:
    rows = [{**one, "isInteractive": True} for one in complete()]
    for one in rows:
        del one["signInEventTypes"], one["authenticationProtocol"]
    reading = read(tmp_path, page(*rows, version="v1.0"))
    assert {one.kind for one in reading.usage.reach} == {"interactiveUser"}
    assert use_of(reading, "client_credentials").state == "not-known"


def test_what_other_tenants_see_is_not_known(tmp_path: Path) -> None:
    reading = read(tmp_path, page(*complete()))
    assert use_of(reading, "implicit", audience="AzureADMultipleOrgs").state == "not-known"
    assert use_of(reading, "implicit", audience="").why == "the audience was not read"
    assert "created on 2026-11-10" in use_of(reading, "implicit", created="2026-11-10").why


def test_grants_without_a_name_in_logs_are_not_known(tmp_path: Path) -> None:
    assert use_of(read(tmp_path, page(*complete())), "integrated_windows").why == "sign-in logs do not name this grant"


def test_periods_that_touch_are_one_and_a_gap_ends_the_period(tmp_path: Path) -> None:
    early = [one for one in complete() if str(one["createdDateTime"]) < "2026-11-15"]
    late = [one for one in complete() if str(one["createdDateTime"]) >= "2026-11-08"]
    assert use_of(read(tmp_path, page(*early), page(*late)), "implicit").start == "2026-11-02"
    late = [one for one in complete() if str(one["createdDateTime"]) >= "2026-11-14"]
    assert use_of(read(tmp_path, page(*early), page(*late)), "implicit").start == "2026-11-15"


def test_a_csv_with_a_header_alone_says_nothing(tmp_path: Path) -> None:
    (problem,) = read(tmp_path, "Date (UTC),User ID,Application ID\n\n").problems
    assert problem.what == "has no records"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff", "sep=;\n"])
def test_a_portal_csv_of_applications_names_the_credential(separator: str, mark: str, tmp_path: Path) -> None:
    values = {
        "Date (UTC)": "2026-11-20T10:00:00Z",
        "Application ID ": APP,
        "Credential key ID": KEY,
        "Status": "Success",
    }
    (use,) = read(tmp_path, mark + csv_of(PORTAL_APPLICATIONS, values, separator)).usage.uses
    assert (use.app_id, use.kind, use.credential_id, use.last) == (APP, "servicePrincipal", KEY, "2026-11-20")


@pytest.mark.parametrize(
    ("dates", "day"),
    [
        (("13/11/2026 10:00", "02/11/2026 10:00"), "2026-11-02"),
        (("11/13/2026, 1:00:00 PM", "11/2/2026, 1:00:00 PM"), "2026-11-02"),
        (("2.11.2026 10:00", "3.11.2026 10:00"), "2026-11-02"),
        (("02/11/2026 10:00", "03/11/2026 10:00"), ""),
    ],
)
def test_the_order_of_day_and_month_follows_from_a_day_above_12(
    dates: tuple[str, str], day: str, tmp_path: Path
) -> None:
    values = {"Application ID ": APP, "Sign-in error code": "0"}
    header, first = csv_of(PORTAL_USERS, values | {"Date (UTC)": dates[0]}, ";").splitlines()
    _, second = csv_of(PORTAL_USERS, values | {"Date (UTC)": dates[1]}, ";").splitlines()
    assert read(tmp_path, "\n".join((header, first, second))).usage.uses[0].first == day


@pytest.mark.parametrize(("lost", "state"), [(None, "not-seen"), (200, "not-known")])
def test_files_of_a_storage_account_are_whole_if_no_hour_is_missing(
    lost: int | None, state: str, tmp_path: Path
) -> None:
    hours = [datetime(2026, 11, 1) + timedelta(hours=hour) for hour in range(24 * 10 + 1)]
    files = [
        "\n".join(
            json.dumps(
                {
                    "time": f"{hour.isoformat()}Z",
                    "category": category,
                    "properties": row(app_id=(OTHER, KEY)[number % 2], createdDateTime=f"{hour.isoformat()}Z")
                    | {"signInEventTypes": [kind], "resourceId": (VAULT, GRAPH_API)[number % 2], "userId": str(number)},
                }
            )
            for category, kind in (
                ("SignInLogs", "interactiveUser"),
                ("NonInteractiveUserSignInLogs", "nonInteractiveUser"),
            )
        )
        for number, hour in enumerate(hours)
        if number != lost
    ]
    answer = use_of(read(tmp_path, *files), "implicit")
    assert answer.state == state
    assert (answer.start, answer.end) == (("2026-11-02", "2026-11-07") if lost is None else ("", ""))
    assert lost is None or "1 hour without a record" in answer.why


def test_activities_of_applications_reach_as_far_as_their_oldest_date(tmp_path: Path) -> None:
    def activity(app_id: str, name: str, day: str, **more: str) -> dict[str, object]:
        return {"appId": app_id, f"{name}SignInActivity": {"lastSignInDateTime": f"{day}T01:00:00-8:00", **more}}

    report = [activity(OTHER, "delegatedClient", "2026-06-01"), activity(KEY, "delegatedResource", "2026-11-28")]
    answer = use_of(read(tmp_path, {"value": report}), "client_credentials", created="2025-01-01")
    assert (answer.state, answer.start, answer.end) == ("not-seen", "2026-06-02", "2026-11-24")
    tried = activity(APP, "applicationAuthenticationClient", "2026-11-01")
    assert "last attempt" in use_of(read(tmp_path, {"value": [*report, tried]}), "client_credentials").why
    worked = activity(
        APP, "applicationAuthenticationClient", "2026-11-01", lastSuccessfulSignInDateTime="2026-10-30T00:00:00Z"
    )
    assert use_of(read(tmp_path, {"value": [*report, worked]}), "client_credentials").last == "2026-10-30"
    assert use_of(read(tmp_path, {"value": report, "@odata.nextLink": "x"}), "password").state == "not-known"


def test_activities_of_credentials_name_the_credential(tmp_path: Path) -> None:
    last = {"lastSuccessfulSignInDateTime": "2026-11-01T00:00:00Z"}
    record = {"appId": APP, "keyId": KEY, "keyType": "clientSecret", "signInActivity": last}
    (use,) = read(tmp_path, {"value": [record]}).usage.uses
    assert (use.credential, use.credential_id, use.last, use.unit) == ("secret", KEY, "2026-11-01", "dates")


def test_recommendations_about_use_are_kept_and_others_are_not(tmp_path: Path) -> None:
    details = [{"key": "AppId", "value": APP}, {"key": "CredentialId", "value": KEY}]
    stale = {"subjectId": OTHER, "status": "active", "additionalDetails": details}
    reading = read(
        tmp_path,
        {
            "value": [
                {"recommendationType": "staleAppCreds", "impactedResources": [stale]},
                {"recommendationType": "tenantMFA", "impactedResources": [{"subjectId": OTHER}]},
            ]
        },
    )
    (statement,) = reading.usage.statements
    assert (statement.app_id, statement.id, statement.name, statement.state) == (APP, KEY, "staleAppCreds", "active")


def test_defender_says_which_permissions_are_used(tmp_path: Path) -> None:
    permissions = json.dumps([{"PermissionName": "Mail.Read", "TargetAppId": GRAPH_API, "UsageStatus": "NotInUse"}])
    quoted = permissions.replace('"', '""')
    (statement,) = read(tmp_path, f'OAuthAppId,Permissions\n{APP},"{quoted}"\n').usage.statements
    assert (statement.about, statement.name, statement.state) == ("permission", "Mail.Read", "NotInUse")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is not recognized"),
        (b"[]", "has no records"),
        (b'{"value": []}', "has no records"),
        (b"[1, 2]", "is not recognized"),
        (b'[{"appId": 1}]', "is not recognized"),
        (b"[" * 100_000, "is nested too deeply"),
        (json.dumps([row()] * 3).encode()[:-20], "ends in the middle"),
        (b'[{"appId": "x", "createdDateTime": "y"} {}]', "a comma is missing"),
        (b"Date (UTC),Service principal ID,Application ID\na,b\n", "fewer values than the header"),
        (b'Date (UTC),Service principal ID,Application ID\n"' + b"x" * 200_000, "is not CSV"),
        (b"\x1f\x8bnot gzip", "cannot be read"),
        (gzip.compress(json.dumps([row()] * 3).encode())[:-30], "cannot be read"),
    ],
)
def test_a_bad_file_is_one_line_and_the_others_are_read(content: bytes, what: str, tmp_path: Path) -> None:
    reading = read(tmp_path, content, page(row(authenticationProtocol="ropc")))
    (problem,) = reading.problems
    assert what in problem.what
    assert problem.file == str(tmp_path / "0")
    assert use_of(reading, "password").state == "seen"


def test_a_file_that_was_cut_off_shows_use_and_no_silence(tmp_path: Path) -> None:
    cut = json.dumps(page(row(authenticationProtocol="ropc"), *complete(), row()))[:-40]
    reading = read(tmp_path, cut)
    assert use_of(reading, "password").state == "seen"
    assert use_of(reading, "implicit").why.endswith("the file was not read completely")


def test_a_bad_file_casts_no_doubt_on_the_one_before(tmp_path: Path) -> None:
    reading = read(tmp_path, page(*complete()), "notes")
    assert reading.problems
    assert use_of(reading, "implicit").state == "not-seen"


def test_a_file_above_the_limit_is_not_read_further(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(gzip.compress(b"[" + b" " * 5_000_000 + b"]"))
    (problem,) = read_usage([str(tmp_path / "x")], TODAY, 1_000_000).problems
    assert "more than 1,000,000 bytes" in problem.what


def test_the_aggregate_says_what_the_files_say(tmp_path: Path) -> None:
    usage = read(
        tmp_path, page(row(), *complete()), {"value": [{"recommendationId": "a.staleApps", "subjectId": APP}]}
    ).usage
    assert read(tmp_path, encoded(usage)).usage == usage


@pytest.mark.parametrize(
    "change",
    [
        {"grantlint_usage": 2},
        {"uses": [{"app_id": "jane", "kind": "user"}]},
        {"reach": 1},
        {"reach": [{"kind": "user", "source": "x", "start": "1"}]},
        {"names": {"jane": "x"}},
    ],
)
def test_an_aggregate_of_a_later_version_or_changed_by_hand_is_refused(
    change: dict[str, object], tmp_path: Path
) -> None:
    (problem,) = read(tmp_path, {"grantlint_usage": 1} | change).problems
    assert "aggregate" in problem.what


def test_the_query_returns_the_columns_that_are_read() -> None:
    text = query()
    for word in ("Kind", "AppId", "ResourceId", "Protocol", "Transfer", "Credential", "KeyId", "FederatedId", "Result"):
        assert word in text
    assert not [word for word in ("UserPrincipalName", "UserId", "IPAddress", "DeviceDetail") if word in text]
