"""Directory roles that are worth a word when an application has one, by template id, and what they open.

For a built-in role the id of its definition, which an assignment names, is that of its template. A custom role, and a
built-in one that is not listed, is not called harmless: it is just not known.

Sources: Microsoft, "Microsoft Entra built-in roles" (ids, names, and the label "privileged"), read on 2026-11-24; which of
them lead to Global Administrator by themselves: Emilien Socchi, "Azure tiering", Entra roles, tier 0.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

#: The worst case: *tenant* takes the tenant over; *privileged* changes accounts, groups, applications or
#: services; *reading* sees all.
Reach = Literal["tenant", "privileged", "reading"]

#: Reads the directory, as every member may by default and as Directory.Read.All lets applications: nothing to report.
DIRECTORY_READERS: Final = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"
APPLICATION_ADMINISTRATOR: Final = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
CLOUD_APPLICATION_ADMINISTRATOR: Final = "158c047a-c907-4556-b7ef-446551a6b5f7"


class Role(msgspec.Struct, frozen=True):
    """A built-in role: template id, name, and what it opens."""

    id: str
    name: str
    reach: Reach


ROLES: Final[tuple[Role, ...]] = (
    Role(APPLICATION_ADMINISTRATOR, "Application Administrator", "tenant"),
    Role(CLOUD_APPLICATION_ADMINISTRATOR, "Cloud Application Administrator", "tenant"),
    Role("b1be1c3e-b65d-4f19-8427-f6fa0d97feb9", "Conditional Access Administrator", "tenant"),
    Role("8329153b-31d0-4727-b945-745eb3bc5f31", "Domain Name Administrator", "tenant"),
    Role("be2f45a1-457d-42af-a067-6ec1fa63bc45", "External Identity Provider Administrator", "tenant"),
    Role("62e90394-69f5-4237-9190-012177145e10", "Global Administrator", "tenant"),
    Role("8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2", "Hybrid Identity Administrator", "tenant"),
    Role("3a2c62db-5318-420d-8d74-23affee5d9d5", "Intune Administrator", "tenant"),
    Role("4ba39ca4-527c-499a-b93d-d9b492c50246", "Partner Tier1 Support", "tenant"),
    Role("e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8", "Partner Tier2 Support", "tenant"),
    Role("7be44c8a-adaf-4e2a-84d6-ab2649e08a13", "Privileged Authentication Administrator", "tenant"),
    Role("e8611ab8-c189-46e8-94e1-60213ab1f814", "Privileged Role Administrator", "tenant"),
    Role("194ae4cb-b126-40b2-bd5b-6091b380977d", "Security Administrator", "tenant"),
    Role("db506228-d27e-4b7d-95e5-295956d6615f", "Agent ID Administrator", "privileged"),
    Role("cf1c38e5-3621-4004-a7cb-879624dced7c", "Application Developer", "privileged"),
    Role("ecb2c6bf-0ab6-418e-bd87-7986f8d63bbe", "Attribute Provisioning Administrator", "privileged"),
    Role("c4e39bd9-1100-46d3-8c65-fb160da0071f", "Authentication Administrator", "privileged"),
    Role("25a516ed-2fa0-40ea-a2d0-12923a21473a", "Authentication Extensibility Administrator", "privileged"),
    Role("aaf43236-0c0d-4d5f-883a-6955382ac081", "B2C IEF Keyset Administrator", "privileged"),
    Role("7698a772-787b-4ac8-901f-60d6b08affd2", "Cloud Device Administrator", "privileged"),
    Role("9360feb5-f418-4baa-8175-e2a00bac4301", "Directory Writers", "privileged"),
    Role("58f930cc-fcf4-4152-852c-1d7dbf502139", "Entra SOC Identity Responder", "privileged"),
    Role("29232cdf-9323-42fd-ade2-1d097af3e4de", "Exchange Administrator", "privileged"),
    Role("fdd7a751-b60b-444a-984c-02652fe8fa1c", "Groups Administrator", "privileged"),
    Role("729827e3-9c14-49f7-bb1b-9608f156bbb8", "Helpdesk Administrator", "privileged"),
    Role("45d8d3c5-c802-45c6-b32a-1d70b5e1e86e", "Identity Governance Administrator", "privileged"),
    Role("59d46f88-662b-457b-bceb-5c3809e5908f", "Lifecycle Workflows Administrator", "privileged"),
    Role("966707d0-3269-4727-9be2-8c3a10f19b9d", "Password Administrator", "privileged"),
    Role("5f2222b1-57c3-48ba-8ad5-d4759f1fde6f", "Security Operator", "privileged"),
    Role("f28a1f50-f6e7-4571-818b-6a12f2af6b6c", "SharePoint Administrator", "privileged"),
    Role("69091246-20e8-4a56-aa4d-066075b2a7a8", "Teams Administrator", "privileged"),
    Role("fe930be7-5e62-47db-91af-98c3a49a38b1", "User Administrator", "privileged"),
    Role("422218e4-db15-4ef9-bbe0-8afb41546d79", "Attribute Provisioning Reader", "reading"),
    Role("f2ef992c-3afb-46b9-b7cf-a126ee74c451", "Global Reader", "reading"),
    Role("5d6b6bb7-de71-4623-b4af-96380a352509", "Security Reader", "reading"),
)  # fmt: skip

_BY_ID: Final = {one.id: one for one in ROLES}


def role(definition: object) -> Role | None:
    """The row for a role by the id of its definition; ``None`` when it is not known. Case makes no difference."""
    return _BY_ID.get(definition.lower()) if isinstance(definition, str) else None
