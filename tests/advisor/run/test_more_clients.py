"""A session about several clients of one system."""

from pathlib import Path

from advisor.decide.answers import Call, Client, Clients, read_clients
from advisor.decide.load import load_tree
from advisor.run.advice import KnownAnswers, advise_clients
from advisor.run.more_clients import answers_file, ask_client

FIRST = Client(name="", answers={"api": "own"})


def session(*lines: str, clients: tuple[Client, ...] = (FIRST,)) -> tuple[tuple[Client, ...], list[str]]:
    """The clients after these lines were entered, and what was written."""
    left, written = iter(lines), list[str]()

    def read() -> str:
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    return ask_client(clients, read=read, write=written.append), written


def test_an_empty_line_finishes() -> None:
    assert session("")[0] == (FIRST,)


def test_the_end_of_the_input_finishes() -> None:
    assert session()[0] == (FIRST,)


def test_the_first_client_gets_its_name_with_the_second() -> None:
    clients, written = session("Orders API", "Orders page", "", "1")
    assert [(one.name, one.calls) for one in clients] == [("Orders page", (Call("Orders API"),)), ("Orders API", ())]
    assert "Which of these call Orders API?" in written


def test_a_client_calls_several_others() -> None:
    page = Client(name="Page", answers={})
    api = Client(name="API", answers={})
    clients, _ = session("Job", "1, 2", "", clients=(page, api))
    assert clients[-1].calls == (Call("Page"), Call("API"))


def test_a_wrong_number_and_a_name_that_is_taken_are_explained() -> None:
    page = Client(name="Page", answers={})
    clients, written = session("page", "Job", "7", "x", "1", "", clients=(page,))
    assert clients[-1].calls == (Call("Page"),)
    assert "page is the name of another client." in written
    assert written.count("Enter numbers from 1 to 1.") == 2


PAGE_ANSWERS = {"api": "own", "runs-in": "browser", "page-tokens": "page"}


def test_the_session_advises_for_each_client_and_draws_the_system(tmp_path: Path) -> None:
    asked = iter([PAGE_ANSWERS, {"api": "none"}])
    lines = iter(["Orders API", "Orders page", "", "1", ""])
    known = KnownAnswers(
        given={},
        configured={},
        ask=lambda _tree, _known: dict(next(asked)),
        more=lambda clients: ask_client(clients, read=lambda: next(lines), write=lambda _: None),
    )
    report, pairs = advise_clients(load_tree(), Clients((Client(name="", answers={}),)), known)
    assert [advice.client_name for advice in report.advices] == ["Orders page", "Orders API"]
    assert [client.name for client, _ in pairs] == ["Orders page", "Orders API"]
    assert report.picture
    assert [(arrow.source, arrow.target) for arrow in report.picture.arrows] == [("Orders page", "Orders API")]
    path = tmp_path / "system.toml"
    path.write_text(answers_file(pairs), "utf-8")
    again, _ = advise_clients(load_tree(), read_clients(load_tree(), path), KnownAnswers(given={}, configured={}))
    assert [advice.headline for advice in again.advices] == [advice.headline for advice in report.advices]
    assert again.picture == report.picture


def test_nothing_more_is_asked_where_no_question_was() -> None:
    known = KnownAnswers(given=PAGE_ANSWERS, configured={}, ask=lambda _tree, known: dict(known), more=lambda _: 1 / 0)
    report, _ = advise_clients(load_tree(), Clients((Client(name="", answers={}),)), known)
    assert len(report.advices) == 1
