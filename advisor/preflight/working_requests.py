"""The requests that work for each registration of a run, as reports hold them: each text once, few values apart.

In: registrations with their postures. Out: rows for the report, and the texts that they share. What is shown has passed
the preflight of the registration; a grant that does not is withheld with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from advisor.preflight.choose import Preferences, RequestedApi, choose_client_id, requested_api, usable_redirects
from advisor.preflight.recipe import INPUTS, Recipe, make_recipe
from reports.rows import RequestRow, RequestStep, RequestText, Withheld
from rules.analysis.grants import grant
from rules.analysis.posture import PostureFact
from rules.model.registration import Registration

_BRACES: Final = re.compile(r"\{([a-z_]+)\}")

#: What each registration fills in by itself.
_OWN: Final = ("client_id", "redirect_uri", "origin")


#: Why no request of a blueprint is shown: it requests the token of an agent identity, whose ID is in the request.
#: Source: Microsoft, "Authentication protocols in agents".
_FOR_AGENTS: Final = "a blueprint requests tokens for one of its agent identities, named in fmi_path"


class Home(msgspec.Struct, frozen=True):
    """A tenant, by id or domain where it is known, with the sign-in host and Microsoft Graph of its cloud."""

    tenant: str = ""
    login: str = "login.microsoftonline.com"
    graph: str = "graph"


class _Answer(msgspec.Struct, frozen=True):
    """What registrations of one shape send: the ids of the texts, the platforms whose redirect URI they name."""

    requests: tuple[str, ...]
    platforms: tuple[str, ...]


class Requests:
    """The requests of one run; :meth:`row` is asked for each registration, :attr:`texts` when all were."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._shapes: dict[Any, tuple[_Answer, tuple[Withheld, ...]]] = {}
        self._texts: dict[RequestText, str] = {}
        self._numbers: dict[str, int] = {}
        self._kept: list[object] = []

    @property
    def texts(self) -> tuple[RequestText, ...]:
        """Each text once, in the order in which they came up."""
        return tuple(msgspec.structs.replace(text, id=name) for text, name in self._texts.items())

    def row(self, key: str, app: Registration, facts: tuple[PostureFact, ...], home: Home | None = None) -> RequestRow:
        """What *app* may send, whose posture is *facts*. *home* is where it signs in."""
        home = home or Home()
        redirects: dict[str, str] = {}
        for redirect in usable_redirects(app):
            redirects.setdefault(redirect.platform, redirect.uri.text)
        person, itself = requested_api(app, delegated=True), requested_api(app, delegated=False)
        shape = (
            id(facts), app.kind, app.sign_in_audience, choose_client_id(app) == "{client_id}",
                str(app.disabled_by_microsoft_status),
            tuple(app.unread), person, itself, tuple(redirects), home,
        )  # fmt: skip
        found = self._shapes.get(shape)
        if found is None:
            found = self._answer(app, facts, person, itself, home)
            own = filter(None, (app.app_id, app.id, app.display_name, *redirects.values()))
            # What is withheld may be said in words that are about this registration alone.
            if not any(str(text) in one.why for text in own for one in found[1]):
                self._shapes[shape] = found
                self._kept.append(facts)  # so that no other posture gets its id
        answer, withheld = found
        return RequestRow(
            registration=key,
            requests=answer.requests,
            redirect_uris={platform: redirects[platform] for platform in answer.platforms},
            withheld=withheld,
        )

    def _answer(
        self, app: Registration, facts: tuple[PostureFact, ...], person: RequestedApi, itself: RequestedApi, home: Home
    ) -> tuple[_Answer, tuple[Withheld, ...]]:
        names: list[str] = []
        several = isinstance(app.sign_in_audience, str) and app.sign_in_audience != "AzureADMyOrg"
        platforms: dict[str, None] = {}
        withheld: list[Withheld] = []
        for fact in facts:
            if fact.state != "allowed":
                continue
            if app.kind == "blueprint":
                withheld.append(Withheld(grant=fact.grant, why=_FOR_AGENTS))
                continue
            alone = fact.grant == "client_credentials"
            requested = itself if alone else person
            preferences = Preferences(
                tenant=home.tenant if alone or not several else "",
                api=home.graph if requested.api == "graph" else requested.api,
                scope=requested.scope,
                login=home.login,
            )
            recipe = make_recipe(grant(fact.grant), app, preferences, self._now, lambda _: "")
            why = _refused(recipe, app)
            if why:
                withheld.append(Withheld(grant=fact.grant, why=why))
                continue
            names.append(self._named(_text(recipe)))
            if recipe.platform is not None:
                platforms[recipe.platform] = None
        return _Answer(tuple(names), tuple(platforms)), tuple(withheld)

    def _named(self, text: RequestText) -> str:
        if text not in self._texts:
            number = self._numbers[text.grant] = self._numbers.get(text.grant, 0) + 1
            self._texts[text] = f"{text.grant}-{number}"
        return self._texts[text]


def _refused(recipe: Recipe, app: Registration) -> str:
    """Why the recipe is not shown; empty when it is."""
    if recipe.platform is not None and recipe.redirect_uri not in {r.uri.text for r in usable_redirects(app)}:
        return "no registered redirect URI fits: each has a wildcard or special characters, or is on two platforms"
    if recipe.needs:
        return recipe.needs[0].says
    return f"not known, {recipe.unread[0]}" if recipe.unread else ""


def _text(recipe: Recipe) -> RequestText:
    """The recipe with names in braces for what is the registration's own."""
    steps = tuple(
        RequestStep(
            sender=step.sender,
            receiver=step.receiver,
            says=step.says,
            method=step.method,
            url=step.url,
            headers=tuple((name, "{origin}" if name == "Origin" else value) for name, value in step.headers),
            parameters=tuple(
                (name, f"{{{name}}}" if name in ("client_id", "redirect_uri") else value)
                for name, value in step.parameters
            ),
        )
        for step in recipe.steps
    )
    given = {name for step in recipe.steps for name in step.gives} - {"code"}
    return RequestText(
        id="",
        grant=recipe.grant,
        title=recipe.title,
        platform=recipe.platform or "",
        credential=recipe.credential,
        steps=steps,
        bring=tuple((name, INPUTS[name]) for name in _names(steps) if name in INPUTS and name not in {*_OWN, *given}),
    )


def _names(steps: Sequence[RequestStep]) -> Iterator[str]:
    texts = (
        text
        for step in steps
        for text in (step.url, *(value for _, value in step.headers), *(value for _, value in step.parameters))
    )
    return iter(dict.fromkeys(name for text in texts for name in _BRACES.findall(text)))
