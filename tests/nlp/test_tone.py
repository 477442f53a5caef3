"""What the program writes for somebody is held against this."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from nlp.tone import asks_favour, faults

HOUSE = Path(__file__).resolve().parents[2]

FAVOURS = (
    "Could you send me the contact of your notary?",
    "Can you do me a small favour?",
    "Would you mind putting in a good word for me?",
    "I need your help with a visa form.",
    "Please forward my CV to your boss.",
    "I am looking for a job and thought of you.",
    "Is your company hiring?",
    "I was wondering if you could introduce me to Bob.",
    "Any chance you know a plumber?",
    "I have a favour to ask.",
    "I would be grateful for a reference.",
    "Would you be able to look at my draft?",
    "Do you know anybody who could use a typist?",
    "Könntest du mir helfen?",
    "Ich bräuchte deinen Rat, bitte melde dich.",
    "Pourrais-tu m'envoyer le plan ?",
    "¿Podrías recomendarme a alguien?",
    "Potresti darmi una mano?",
    "Can I borrow the van on Sunday?",
    "Will you vouch for me at the bank?",
    "I'd appreciate a call about the flat.",
    "Kindly review my paper.",
)
GIVEN = (
    "I was thinking of “The loom”. How do things stand?",
    "this made me think of you: A century of tide gauges https://tide.example/gauges",
    "“Weavers' fair” is on 9 May. Are you going?",
    "happy birthday!",
    "congratulations on your work anniversary!",
    "here is what I promised you on 3 May:",
    "you asked me on 3 May about “Could you send me the plan?”:",
    "you told me of this: “a stand at the fair”. May I pass it on, if I find somebody whom it suits?",
    "this came my way, and I thought of you: “a stand”. Is it something for you?",
    "thank you for this: “a stand”. I have passed it on.",
    "you and I wrote about looms. I know somebody else who does, too. Would you like me to introduce you two?",
    "I asked you lately whether you would like an introduction. No hurry. A no is fine, too.",
    "The photographs of the pier are at your disposal whenever you like.",
    "Your advice on the warp was right: the cloth is finished.",
    "Would you like the spare ticket for Sunday?",
    "Can you come to the opening on Friday?",
    "Ich habe an dich gedacht: der Webstuhl steht jetzt in Bern.",
    "J'ai pensé à vous en lisant cet article.",
    "He pensado en ti al ver el telar.",
    "Ho visto il telaio e ho pensato a te.",
)
BLAMING = (
    "You are losing touch with Ada.",
    "You haven't written to her for months.",
    "This is long overdue.",
    "It has been far too long.",
    "Don't forget your friends!",
    "A streak of five days!",
    "You should have written.",
)
EMPTY = (
    "Just checking in!",
    "I hope this finds you well.",
    "Long time no see, we should catch up.",
    "Just wanted to say hi.",
    "How are you doing?",
    "touching base",
    "Ich wollte mich nur mal melden.",
    "¿Cómo estás?",
)


@pytest.mark.parametrize("text", FAVOURS)
def test_a_favour_is_known(text: str) -> None:
    assert asks_favour(text)


@pytest.mark.parametrize("text", GIVEN)
def test_what_gives_something_asks_none_and_has_no_fault(text: str) -> None:
    assert faults(text) == ()


@pytest.mark.parametrize("text", BLAMING)
def test_blame_is_known(text: str) -> None:
    assert "blames" in faults(text)


@pytest.mark.parametrize("text", EMPTY)
def test_an_empty_opener_is_known(text: str) -> None:
    assert "says nothing" in faults(text)


def test_what_is_quoted_is_not_ours() -> None:
    assert faults("Answer Ada’s mail “Could you please do me a favour?”.") == ()


def written(path: Path) -> Iterator[tuple[int, str]]:
    """The sentences in a module: all its strings but docstrings, patterns and what is no prose."""
    tree = ast.parse(path.read_text("utf-8"))
    silent: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):  # a docstring
            silent.add(id(node.value))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "compile":
            silent.update(id(inner) for inner in ast.walk(node))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "listed":
            silent.update(id(inner) for inner in ast.walk(node))
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and id(node) not in silent:
            yield node.lineno, "".join(str(p.value) if isinstance(p, ast.Constant) else "it" for p in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.lineno, node.value


SPEAKING = sorted(
    {
        *(HOUSE / "agent" / "gifts").glob("*.py"),
        *(HOUSE / "agent" / "proposals").glob("*.py"),
        *(HOUSE / "agent" / "digest").glob("*.py"),
        *(HOUSE / "agent" / f"{name}.py" for name in ("propose", "boundaries", "favours", "review", "work", "rest")
          if (HOUSE / "agent" / f"{name}.py").exists()),
        HOUSE / "agent" / "signals" / "taste.py",
    }
)  # fmt: skip
"""Where the sentences of a morning are made, and the openers of all gifts."""


@pytest.mark.parametrize("path", SPEAKING, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_sentence_and_no_opener_of_ours_blames_or_says_nothing(path: Path) -> None:
    wrong = [(line, text, found) for line, text in written(path) if (found := {*faults(text)} - {"asks a favour"})]

    assert wrong == []


@pytest.mark.parametrize(
    "path", [p for p in SPEAKING if p.parent.name in ("gifts", "proposals")], ids=lambda path: path.stem
)
def test_no_gift_asks_a_favour(path: Path) -> None:
    assert [(line, text) for line, text in written(path) if asks_favour(text)] == []
