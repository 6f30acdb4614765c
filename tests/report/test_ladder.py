"""A ladder shows what matters of any exchange, however long: cited and altered frames are never folded away."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from harness.evidence.reading import Frame
from harness.report.fold import MOST_ROWS, Folded, Gap, Row, excerpt, rows
from harness.report.keyfields import key_text
from harness.report.ladder import ladder_svg


def frame(number: int, name: str = "DC_ChargeLoopReq", sender: str = "evcc", **more: Any) -> Frame:
    plain: dict[str, Any] = {
        "number": number, "at": number / 10, "link": "v2g", "connection": 1, "sender": sender,
        "event": False, "name": name, "says": "", "altered_by": "", "message": {},
    }  # fmt: skip
    return Frame(**{**plain, **more})


def loop(times: int, start: int = 1) -> list[Frame]:
    names = (("DC_ChargeLoopReq", "evcc"), ("DC_ChargeLoopRes", "secc"))
    return [frame(start + n, *names[n % 2]) for n in range(2 * times)]


def numbers(shown: list[Row]) -> list[int]:
    return [row.number for row in shown if isinstance(row, Frame)]


def folded(shown: list[Row]) -> list[tuple[int, int, int]]:
    return [(row.times, row.frames[0].number, row.frames[-1].number) for row in shown if isinstance(row, Folded)]


def test_long_loop_is_folded_into_one_row_between_its_first_and_last_exchange() -> None:
    shown = rows(loop(500))
    assert numbers(shown) == [1, 2, 999, 1000]
    assert folded(shown) == [(498, 3, 998)]


def test_short_repetition_is_shown_as_it_was() -> None:
    assert numbers(rows(loop(3))) == [1, 2, 3, 4, 5, 6]


def test_cited_frame_is_shown_with_its_exchange() -> None:
    shown = rows(loop(100), cited={51})
    assert numbers(shown) == [1, 2, 51, 52, 199, 200]
    assert folded(shown) == [(24, 3, 50), (73, 53, 198)]


def test_altered_frame_is_shown_with_its_exchange() -> None:
    frames = loop(100)
    frames[50] = frame(51, altered_by="cut")
    assert {51, 52} <= set(numbers(rows(frames)))


def test_exchange_with_another_outcome_is_not_folded_away() -> None:
    frames = loop(100)
    frames[99] = frame(100, "DC_ChargeLoopRes", "secc", message={"ResponseCode": "FAILED"})
    frames[149] = frame(150, "DC_ChargeLoopRes", "secc", message={"EVSEStatus": {"EVSENotification": "Pause"}})
    assert {100, 150} <= set(numbers(rows(frames)))


def test_meter_samples_are_in_the_curve_and_in_the_ladder_only_when_cited() -> None:
    frames = [*loop(2), frame(5, "Sample", "meter", event=True), frame(6, "Sample", "meter", event=True)]
    assert numbers(rows(frames, cited={6})) == [1, 2, 3, 4, 6]


def test_excerpt_shows_what_surrounds_the_cited_frame() -> None:
    frames = [frame(n, f"Message{n}Req") for n in range(1, 41)]
    shown = excerpt(frames, {20}, around=2)
    assert numbers(shown) == [18, 19, 20, 21, 22]
    assert [len(row.frames) for row in shown if isinstance(row, Gap)] == [17, 18]


def test_excerpt_without_a_frame_shows_the_end_for_there_something_was_missing() -> None:
    frames = [frame(n, f"Message{n}Req") for n in range(1, 41)]
    assert numbers(excerpt(frames, (), around=2)) == [38, 39, 40]


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["evcc", "secc"])), max_size=300),
    st.sets(st.integers(1, 300), max_size=4),
)
def test_no_frame_is_lost_or_told_twice(said: list[tuple[str, str]], cited: set[int]) -> None:
    frames = [frame(n, name, sender) for n, (name, sender) in enumerate(said, start=1)]
    shown = rows(frames, cited)
    told = [each.number for row in shown for each in ((row,) if isinstance(row, Frame) else row.frames)]
    assert told == [each.number for each in frames]
    assert cited & set(told) <= set(numbers(shown))
    assert len(shown) <= MOST_ROWS + 20


def test_diagram_is_wellformed_and_says_frames_times_names_and_fields() -> None:
    response = frame(2, "DC_ChargeLoopRes", "secc", message={
        "ResponseCode": "FAILED_SequenceError", "EVSEPresentCurrent": {"Exponent": -1, "Value": -200, "value": -20},
        "BPT_Dynamic_DC_CLResControlMode": {},
    })  # fmt: skip
    event = frame(3, "Closed", "secc", event=True, says="connection <reset> \x00")
    frames = [frame(1, altered_by="cut & run"), response, event]
    (svg,) = ladder_svg(frames, frames=frames, sut="secc", key="k", cited={2})
    words = [each.text for each in ElementTree.fromstring(svg).iter() if each.text]
    for said in ("#2", "0.200 s", "DC_ChargeLoopRes", "finding", "EVCC", "SECC (SUT)",
                 "DC_ChargeLoopReq, altered by cut & run", "SECC: connection <reset> \ufffd",
                 "FAILED_SequenceError · BPT Dynamic · EVSEPresentCurrent -20 A"):  # fmt: skip
        assert said in words


def test_arrow_of_each_side_points_to_the_other() -> None:
    frames = loop(1)
    (svg,) = ladder_svg(frames, frames=frames, sut="secc", key="k")
    tree = ElementTree.fromstring(svg)
    request, response = ([each for each in tree.iter() if each.get("class") == "arrow"][n].get("d", "") for n in (0, 1))
    start, end = (float(each) for each in request[1:].replace("H", " ").split()[::2])
    assert start < end
    start, end = (float(each) for each in response[1:].replace("H", " ").split()[::2])
    assert start > end


def test_long_diagram_comes_in_pieces_that_fit_on_a_page() -> None:
    frames = [frame(n, f"Message{n}Req") for n in range(1, 61)]
    pieces = ladder_svg(frames, frames=frames, sut="secc", key="k")
    assert len(pieces) == 3
    heights = [float(ElementTree.fromstring(piece).get("viewBox", "").split()[3]) for piece in pieces]
    assert max(heights) < 1000


def test_unknown_roles_and_lonely_speakers_are_drawn_too() -> None:
    for senders in (["vtn"], ["vtn", "ven"], ["meter"], ["secc"], ["station", "csms", "evcc", "secc"]):
        frames = [frame(n, "Any", sender) for n, sender in enumerate(senders, start=1)]
        (svg,) = ladder_svg(frames, frames=frames, sut="secc", key="k")
        assert len(ElementTree.fromstring(svg)) > len(senders)


def test_messages_of_any_shape_have_a_line() -> None:
    for message in (None, [], "text", 7, {"ResponseCode": ["x"]}, {"ResponseCode": None}, {"ServiceID": True}):
        assert key_text(frame(1, message=message)) == ""
