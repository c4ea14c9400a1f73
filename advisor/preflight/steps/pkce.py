"""Proof Key for Code Exchange (RFC 7636): where the platform requires it, and whether its values can be right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from advisor.preflight.prediction import Check, Fix, Scene, failed, note, passed, unread
from advisor.preflight.wire import answered_by, has_placeholder, has_verifier_characters
from rules.primitives.texts import counted

#: RFC 7636, 4.1 and 4.2: a verifier, and a plain challenge, has 43 to 128 characters; the S256 challenge exactly 43.
_SHORTEST, _LONGEST = 43, 128
_CODE_PAGE: Final = "entra:v2-oauth2-auth-code-flow"


def check_pkce(scene: Scene) -> Iterator[Check]:
    """Proof Key for Code Exchange, at the sign-in and at the redemption of the code."""
    request = scene.request
    if request.endpoint == "authorize" and "code" in scene.response_types:
        yield from _challenge(scene)
    elif request.endpoint == "token" and scene.grant == "authorization_code":
        yield from _verifier(scene)


def _challenge(scene: Scene) -> Iterator[Check]:
    request = scene.request
    challenge, method = request.get("code_challenge"), request.get("code_challenge_method")
    both = (Fix("set", "code_challenge", "{code_challenge}"), Fix("set", "code_challenge_method", "S256"))
    if not challenge:
        if scene.platform == "spa":
            yield failed(
                "pkce",
                9002325,
                "code_challenge is missing, but a redirect URI on spa requires PKCE",
                parameter="code_challenge",
                fixes=both,
            )
        elif method:
            yield failed(
                "pkce",
                50147,
                "the request has code_challenge_method, but no code_challenge",
                parameter="code_challenge",
                fixes=both,
            )
        else:
            says = "PKCE is missing, so an attacker can redeem a stolen code. PKCE is recommended for every client"
            yield note("pkce", says, _CODE_PAGE, "rfc:9700#2.1.1", parameter="code_challenge", fixes=both)
        return
    if method not in ("", "S256", "plain") and not has_placeholder(method):
        yield failed(
            "pkce", 50149, "code_challenge_method is neither S256 nor plain", parameter="code_challenge_method",
            fixes=(Fix("set", "code_challenge_method", "S256"),),
        )  # fmt: skip
        return
    length, filled = len(challenge), not has_placeholder(challenge)
    if filled and not _SHORTEST <= length <= _LONGEST:
        says = f"code_challenge has {counted(length, 'character')} instead of {_SHORTEST} to {_LONGEST}"
        yield failed("pkce", 501491, says, parameter="code_challenge", fixes=both)
    elif filled and method == "S256" and length != _SHORTEST:
        says = f"code_challenge has {counted(length, 'character')}; S256 needs {_SHORTEST} characters"
        yield unread("pkce", says, code=501481, parameter="code_challenge", fixes=both)
    elif filled and not has_verifier_characters(challenge):
        says = "code_challenge has characters that RFC 7636 does not allow, so no code_verifier can match"
        yield unread("pkce", says, code=501481, parameter="code_challenge", fixes=both)
    elif not method:
        says = "code_challenge_method is missing, so the method is plain"
        if scene.platform == "spa":
            yield failed(
                "pkce",
                0,
                f"{says}; spa requires the parameter code_challenge_method",
                _CODE_PAGE,
                parameter="code_challenge_method",
                fixes=both[1:],
            )
        else:
            yield note("pkce", says, _CODE_PAGE, parameter="code_challenge_method", fixes=both[1:])
    else:
        yield passed("pkce", f"the request has a code_challenge with the method {method}")


def _verifier(scene: Scene) -> Iterator[Check]:
    facts = scene.request.facts("code_verifier")
    signins = [
        other
        for other in scene.others
        if other.endpoint == "authorize" and "code" in other.get("response_type").split()
    ]
    sent = {(other.get("code_challenge"), other.get("code_challenge_method")) for other in signins}
    challenges = {challenge for challenge, _ in sent} - {""}
    add = (Fix("set", "code_verifier", "{code_verifier}"),)
    if not facts.given:
        if scene.platform == "spa":
            yield failed(
                "pkce",
                9002325,
                "code_verifier is missing, but a redirect URI on spa requires PKCE",
                parameter="code_verifier",
                fixes=add,
            )
        elif challenges and len(challenges) == len(signins):
            yield failed(
                "pkce",
                50148,
                "the sign-in request has a code_challenge, but this request has no code_verifier",
                parameter="code_verifier",
                fixes=add,
            )
        else:
            yield note(
                "pkce",
                "code_verifier is missing, which is correct only if the sign-in request has no code_challenge",
                _CODE_PAGE,
                parameter="code_verifier",
            )
    elif facts.challenge and not _SHORTEST <= facts.length <= _LONGEST:
        says = f"code_verifier has {counted(facts.length, 'character')}; RFC 7636 requires 43 to 128 characters"
        yield unread("pkce", says, code=501481, parameter="code_verifier", sources=("rfc:7636#4.1",))
    elif facts.malformed:
        says = "code_verifier has characters that RFC 7636 does not allow"
        yield unread("pkce", says, code=501481, parameter="code_verifier", sources=("rfc:7636#4.1",))
    elif facts.challenge and signins and not challenges:
        says = "the request has code_verifier, but the sign-in request has no code_challenge"
        yield unread("pkce", says, code=501481, parameter="code_verifier")
    elif (
        facts.challenge
        and challenges
        and len(challenges) == len(signins)
        and facts.challenge not in {answered_by(*pair) for pair in sent}
        and not any(map(has_placeholder, challenges))
    ):
        yield failed(
            "pkce",
            501481,
            "code_verifier does not match the code_challenge of the sign-in request",
            parameter="code_verifier",
        )
    else:
        yield passed("pkce", "the request has code_verifier")
