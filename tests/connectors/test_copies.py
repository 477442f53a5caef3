"""Two copies of one mail agree in what they are known by."""

from connectors.copies import fingerprint


def test_a_fingerprint_overlooks_white_space_and_quoting() -> None:
    text = b"Hello Ada,\n\nFrom here on, all is well.\n" * 100

    assert fingerprint(text) == fingerprint(text.replace(b"\n", b"\r\n").replace(b"From", b">From") + b"\n\n")
    assert fingerprint(text) != fingerprint(text.replace(b"Ada", b"Bob"))
    assert len(fingerprint(text)) == 16
