"""The parts of a decision tree as its files hold them. Everything is frozen, and a misspelled key is an error."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, Literal

import msgspec

from rules.analysis.grants import Step

#: What may be answered to every question: the tree then takes the side that is safe, and says so.
UNSURE: Final = "unsure"

NoteKind = Literal["contradiction", "warning", "risk", "scope", "wish"]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A table of the file."""


class Implied(Part, frozen=True, kw_only=True):
    """A choice that is taken without an answer, and why: implied by another choice, safe for the unsure, or a
    default.
    """

    choice: str = msgspec.field(name="is")
    because: str


class Inference(Part, frozen=True, kw_only=True):
    """A choice that other answers give, and why, where all of ``when`` hold."""

    choice: str = msgspec.field(name="is")
    because: str
    when: dict[str, tuple[str, ...]]


class Conditional(Part, frozen=True, kw_only=True):
    """A reason that counts where ``when`` holds."""

    text: str
    when: dict[str, tuple[str, ...]] = {}


#: Why not another grant: grant to one text, or to several of which the first counts whose condition holds.
Against = dict[str, str | tuple[Conditional, ...]]


class ReasonSet(Part, frozen=True, kw_only=True):
    """Reasons against grants that several leaves share. ``says`` names the facts that the texts state: the proof
    refuses a path to one of these leaves on which such a fact is another.
    """

    id: str
    says: dict[str, tuple[str, ...]] = {}
    against: Against


class Branch(Part, frozen=True, kw_only=True):
    """Where a choice of a copied question leads instead, and what it rules out in addition to the original.

    An empty reason takes the original's back.
    """

    then: str = ""
    rules_out: dict[str, str] = {}
    implies: dict[str, Implied] = {}


def matches(when: Mapping[str, Collection[str]], known: Mapping[str, str]) -> bool:
    """Whether all conditions of *when* hold: each fact is known and one of its values is among those that count."""
    return all(not values_of(known, key).isdisjoint(values) for key, values in when.items())


def values_of(known: Mapping[str, str], key: str) -> set[str]:
    """The values of a fact: none where it is not known, several where its question allows that."""
    return set(known[key].split(",")) if known.get(key) else set()


class Choice(Part, frozen=True, kw_only=True):
    """An answer: where it leads, which credentials it rules out and why, what else follows from it.

    ``fills`` are words for placeholders in requests and settings. A choice of an aside has no ``then``. One
    that is ``alone`` cannot be combined with others of its question.
    """

    id: str
    label: str
    then: str = ""
    help: str = ""
    rules_out: dict[str, str] = {}
    implies: dict[str, Implied] = {}
    fills: dict[str, str] = {}
    alone: bool = False


class Question(Part, frozen=True, kw_only=True):
    """A question in words for readers outside identity; ``help`` says why it is asked and how to know.

    ``unsure`` is the safe choice for an answer that is not known. ``default`` is the choice that is assumed where
    there is no answer and no user to ask: a question that is added to a tree declares it, so that answers from
    before it keep working. An ``aside`` is on no path: its answer changes warnings, scopes and settings, never the
    grant. ``copies`` names the question whose words and answer this one shares where the tree goes on differently;
    ``fact`` is then that question's id. ``before`` (in an organization's file) names what it is asked in front of.
    ``many`` allows several choices, joined by commas; the first decides where the path goes. ``infer`` gives the choice
    where other answers decide it and no answer was given. ``overrule`` gives it for every answer, because the other
    choices cannot work there: another answer is reported as a conflict. ``who`` says who can answer a question whose
    answer is not known.
    """

    id: str
    ask: str = ""
    help: str = ""
    choices: tuple[Choice, ...] = msgspec.field(name="choice", default=())
    sources: tuple[str, ...] = ()
    unsure: Implied | None = None
    default: Implied | None = None
    infer: tuple[Inference, ...] = ()
    overrule: tuple[Inference, ...] = ()
    who: str = ""
    aside: bool = False
    many: bool = False
    copies: str = ""
    branch: dict[str, Branch] = {}
    before: str = ""

    @property
    def fact(self) -> str:
        """The name under which the answer is given."""
        return self.copies or self.id

    def choice(self, id: str) -> Choice | None:
        """Find the choice of that id."""
        return next((choice for choice in self.choices if choice.id == id), None)

    def picked(self, answer: str) -> tuple[Choice, ...]:
        """The choices that *answer* names, in the question's order: one, or several joined by commas where the question
        allows that. Empty for an answer that is not one of the question's.
        """
        ids = answer.split(",") if self.many else [answer]
        found = tuple(choice for choice in self.choices if choice.id in ids)
        if len(found) != len(ids) or (len(ids) > 1 and any(choice.alone for choice in found)):
            return ()
        return found


class Row(Part, frozen=True, kw_only=True):
    """What the registration must look like in one property, in addition to what the grant needs."""

    property: str
    value: str
    why: str


class Leaf(Part, frozen=True, kw_only=True):
    """An answer of the first half.

    ``proof`` is the question at which the credential of a confidential client is chosen. A ``dead_end`` says that no
    grant works: its grant is ``none``, and every other one is ruled out. ``against`` holds its own reasons against
    other grants, ``reasons`` names the sets that give the rest, in the order in which they count. ``request`` holds the
    requests where they differ from those of the grant. With ``as_user`` the token names a user account, so what the
    grant says of applications does not apply.
    """

    id: str
    grant: str
    headline: str
    as_user: bool = False
    request: tuple[Step, ...] = ()
    client: Literal["public", "confidential", "none"]
    platform: str | None = None
    redirect: str = ""
    redirect_why: str = ""
    proof: str | None = None
    dead_end: bool = False
    why: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    register: tuple[Row, ...] = ()
    reasons: tuple[str, ...] = ()
    against: Against = {}
    sources: tuple[str, ...] = ()


class CredentialLeaf(Part, frozen=True, kw_only=True):
    """An answer of the second half: a credential of ``rules.knowledge.credentials`` (its ``kind``), and the condition
    that allows it.

    ``value`` is what the registration holds, where it differs from the kind's own words. ``for_grant`` holds what else
    has to be said where a certain grant is the answer of the first half. The kind ``none`` is that of a credential
    which an organization forbids without naming another. With ``no_request`` the host gets the token, so the client
    sends nothing to the token endpoint.
    """

    id: str
    kind: str
    no_request: bool = False
    title: str
    why: str
    value: str = ""
    for_grant: dict[str, str] = {}
    warnings: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def why_for(self, grant: str) -> str:
        """Why it is the one, with what applies to *grant* alone."""
        return f"{self.why} {self.for_grant[grant]}" if grant in self.for_grant else self.why


class Note(Part, frozen=True, kw_only=True):
    """Something to say where certain facts hold.

    ``when`` and ``unless`` map a fact (or ``grant``, ``leaf``, ``client``, ``platform``, ``credential``) to the values
    that count; all keys of ``when`` must hold, none of ``unless`` may. A ``wish`` answers one of the choices of the
    question ``wants``, and ``verdict`` says whether it is granted. Where a note with ``no_request`` holds, no request
    can work, so none is printed.
    """

    id: str
    kind: NoteKind
    text: str
    when: dict[str, tuple[str, ...]]
    unless: dict[str, tuple[str, ...]] = {}
    verdict: Literal["refused", "allowed", ""] = ""
    no_request: bool = False
    sources: tuple[str, ...] = ()


class Retired(Part, frozen=True, kw_only=True):
    """An answer of an earlier version of the tree, and the answers that it means now."""

    question: str
    choice: str
    means: dict[str, str]


class Source(Part, frozen=True, kw_only=True):
    """A document that parts name by its id: its title, its address, and when it was read."""

    id: str
    title: str
    url: str
    checked: str = ""


class Forbid(Part, frozen=True, kw_only=True):
    """An organization's rule that a grant or a kind of credential is not used there, why, and what leads on instead.

    ``instead`` names a leaf (for a grant) or a credential of the tree; without it the path ends without an answer.
    """

    grant: str = ""
    credential: str = ""
    because: str
    instead: str = ""


class File(Part, frozen=True, kw_only=True):
    """A file of the tree, or what several of them contain together. An organization's own file has its name and no
    start.
    """

    format: Literal[1] = 1
    start: str = ""
    organisation: str = ""
    question: tuple[Question, ...] = ()
    leaf: tuple[Leaf, ...] = ()
    credential: tuple[CredentialLeaf, ...] = ()
    note: tuple[Note, ...] = ()
    reasons: tuple[ReasonSet, ...] = ()
    source: tuple[Source, ...] = ()
    retired: tuple[Retired, ...] = ()
    forbid: tuple[Forbid, ...] = ()


def lowered(title: str) -> str:
    """A title as it is in the middle of a sentence; an acronym such as SAML stays."""
    return title if title[1:2].isupper() else title[0].lower() + title[1:]
