"""How messages are cut into writes."""

from harness.fault.segmentation import InPieces, Together


def test_a_message_leaves_in_pieces() -> None:
    assert InPieces(2).on_octets(b"abcde", None) == [b"ab", b"cd", b"e"]


def test_messages_leave_together_with_the_last_of_them() -> None:
    fault = Together(2)
    assert [tuple(fault.on_octets(octets, None)) for octets in (b"a", b"b", b"c", b"d")] == [(), (b"ab",), (), (b"cd",)]


def test_an_armed_fault_shares_nothing_with_its_model() -> None:
    model = Together(2)
    model.on_octets(b"a", None)
    assert tuple(model.armed().on_octets(b"b", None)) == ()
