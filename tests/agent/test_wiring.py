import pytest

from agent import wiring
from connectors.contract import Party


@pytest.mark.parametrize(
    ("own", "named", "greeted", "another"),
    [
        ("nora.lind@mill.example", "", "Nora", False),
        ("nora.lind@mill.example", "", "Tom", True),
        ("you@mill.example", "", "Nora", False),
        ("you@mill.example", "Nora Lind", "Nora", False),
        ("you@mill.example", "Nora Lind", "Tom", True),
        ("jd75@mill.example", "", "Nora", False),
    ],
    ids=[
        "spelled",
        "spelled, and another",
        "nobody knows the name",
        "named in To",
        "named in To, and another",
        "a handle",
    ],
)
def test_a_greeting_means_another_only_where_the_users_name_is_known(
    own: str, named: str, greeted: str, another: bool
) -> None:
    mark = wiring.marker([own])
    marks = mark(f"Hi {greeted},\n\nhow wide is the loom?", [Party(own, named)])

    assert ("to another" in marks.signs) is another
    assert "waits" in marks.signs
