from __future__ import annotations

from rules.primitives.pointers import dotted, nearest, pointer_to


def test_pointers_are_written_as_people_write_properties() -> None:
    assert dotted("/web/redirectUris/0") == "web.redirectUris[0]"
    assert dotted("/api/a~1b~0c") == "api.a/b~c"
    assert dotted("") == ""


def test_a_dotted_path_has_one_pointer_and_the_pointer_that_path() -> None:
    assert (
        pointer_to("web.implicitGrantSettings.enableIdTokenIssuance")
        == "/web/implicitGrantSettings/enableIdTokenIssuance"
    )
    assert dotted(pointer_to("web.redirectUris")) == "web.redirectUris"


def test_of_places_around_a_pointer_the_closest_counts_and_a_like_name_does_not() -> None:
    places = {"/web", "/web/redirectUris", "/webhook"}
    assert nearest(places, "/web/redirectUris/0") == "/web/redirectUris"
    assert nearest(places, "/web/logoutUrl") == "/web"
    assert nearest(places, "/webhooks/0") == ""
    assert nearest(places, "") == ""
