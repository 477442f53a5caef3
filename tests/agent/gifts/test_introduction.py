"""Until both have agreed, nothing that one is to write to somebody tells of the other."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Literal
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent.digest.compose import compose
from agent.gifts.introduction import draft, gift_of, introduction, reveals, says, telling
from agent.model import DAY, Introduction, Person, Proposal
from agent.people.names import fold
from tests.agent.tales import MORNING, NOW, mail, stands, talk, tie

ADA = Person(7, "Ada Weber", ("ada@loom.example",), sphere="work")
BRUNO = Person(8, "Bruno Keller", ("b.keller@kellerpaper.example",), sphere="work")

ASK = Introduction(
    ADA, BRUNO, "ask", "theirs", "Vellum repair", "vellum", at=NOW - 9 * DAY, unsaid=telling(BRUNO, ("Keller & Sons",))
)


class TestWhatIsSaid:
    def test_the_user_is_told_of_both_and_why(self) -> None:
        assert says(ASK, MORNING) == (
            "Ada Weber asked about “Vellum repair” in February; you and Bruno Keller wrote about vellum. The two never "
            "stood in one mail or meeting of yours. Ask Ada whether an introduction is welcome, without saying to whom."
        )

    @pytest.mark.parametrize(
        ("found", "said"),
        [
            (ASK, "you asked me about “Vellum repair”. I know somebody who may be able to help."),
            (replace(ASK, about=""), "you asked me something lately. I know somebody who may be able to help."),
            (replace(ASK, need="other's"), "I know somebody with a question about Vellum repair that you may be able"),
            (replace(ASK, need="other's", about=""), "I know somebody with a question that you may be able to answer."),
            (replace(ASK, need=""), "you and I wrote about Vellum repair. I know somebody else who does, too."),
            (replace(ASK, need="", about=""), "I know somebody whom you might like to meet."),
            (replace(ASK, step="remind", asked=NOW - 20 * DAY), "I asked you on 14 February whether you would like an"),
        ],
        ids=["their need", "a need without words", "another's", "another's, without", "both care", "plain", "again"],
    )
    def test_the_mail_says_what_its_reader_wrote_about_and_no_more(self, found: Introduction, said: str) -> None:
        text = draft(found, MORNING)

        assert text.startswith("Hi Ada,\n\n")
        assert said in text
        assert text.endswith("A no is fine, too.")

    def test_with_both_agreed_it_goes_to_both_with_the_reason_of_each(self) -> None:
        gift = gift_of(replace(ASK, step="introduce", agreed=NOW), MORNING)

        assert gift.also == ("b.keller@kellerpaper.example",)
        assert gift.opener == (
            "Hi Ada, hi Bruno,\n\nyou both said that I may introduce you to each other.\n\n"
            "Ada Weber asked me something about vellum, of which Bruno Keller and I wrote.\n\n"
            "I leave the rest to you."
        )

    def test_only_the_one_whose_turn_it_is_is_written_to(self) -> None:
        morning = replace(MORNING, introductions=(ASK,))
        of = tie(talk(mail(1, 9)))
        other = replace(of, person=BRUNO)

        assert introduction(of, stands(of), morning)
        assert introduction(other, stands(of), morning) is None


class TestWhatIsLeftOut:
    @pytest.mark.parametrize(
        "about",
        [
            "Bruno’s vellum", "KELLER", "The kellerpaper samples", "b.keller@kellerpaper.example", "Kéller",
            "Kel-ler vellum", "Lunch with Brunos", "Sons of vellum",
        ],
        ids=["given name", "family name", "domain", "address", "accent", "in two", "inside a word", "the firm"],
    )  # fmt: skip
    def test_a_matter_that_tells_of_the_other_is_not_named(self, about: str) -> None:
        assert draft(replace(ASK, about=about), MORNING).startswith("Hi Ada,\n\nyou asked me something lately.")

    def test_a_short_form_of_the_name_tells_too(self) -> None:
        assert reveals("Dinner with Bill", telling(Person(1, "William Hart", ("w@hart.example",))))

    def test_a_name_that_both_have_is_not_said(self) -> None:
        other = Person(9, "Ada Miller", ("miller@x.example",))

        assert draft(replace(ASK, other=other, unsaid=telling(other)), MORNING).startswith("Hello,\n\n")

    def test_words_of_every_mail_tell_of_nobody(self) -> None:
        assert not reveals("What is the best vellum", telling(Person(1, "Andrea Theodorou", ("at@glue.example",))))
        assert "the" not in telling(ADA, ("The Guild of the Weavers",))


word = st.one_of(
    st.sampled_from(["Ada", "Weber", "May", "Will", "Loom", "李明", "Ümit", "d'Arcy", "x", "weavers", "Bill", "the"]),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12),
)
names = st.lists(word, min_size=1, max_size=4).map(" ".join)
label = st.from_regex(r"[a-z0-9]{2,12}(-[a-z0-9]{2,8})?", fullmatch=True)
users = st.one_of(label, st.tuples(label, label).map(".".join))
addresses = st.tuples(users, label, st.sampled_from(["example", "org"]))
people = st.builds(
    lambda number, name, at: Person(number, name, tuple(f"{user}@{host}.{top}" for user, host, top in at)),
    st.integers(1, 9),
    names,
    st.lists(addresses, min_size=1, max_size=2),
)


def parts(other: Person, companies: Iterable[str]) -> set[str]:
    """Every word of somebody's names, addresses, domains and companies; written without a look at the code."""
    said = [other.name, *companies, *(a.partition("@")[0] for a in other.addresses)]
    said += [host.rpartition(".")[0] for a in other.addresses for host in [a.partition("@")[2]]]
    return {bare(w) for text in said for w in re.findall(r"[^\W_]+", text)} - {""}


def bare(text: str) -> str:
    """Without case and accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()


def words(text: str) -> set[str]:
    return {bare(w) for w in re.findall(r"[^\W_]+", text)}


@given(
    to=people,
    other=people,
    companies=st.lists(names, max_size=2),
    about=st.lists(st.one_of(word, st.just("{name}"), st.just("{mail}"), st.just("{firm}")), max_size=5).map(" ".join),
    step=st.sampled_from(["ask", "remind"]),
    need=st.sampled_from(["theirs", "other's", ""]),
    asked=st.integers(0, 700),
)
@example(Person(1, "May", ("a@b.example",)), Person(1, "Ada", ("a@b.example",)), ["Ada May"], "", "ask", "", 0)
@example(ADA, Person(2, "Ada May", ("ada@may.example",)), ["Will & May"], "{name} {mail}", "remind", "theirs", 300)
def test_no_draft_holds_a_part_of_the_other(
    to: Person,
    other: Person,
    companies: list[str],
    about: str,
    step: Literal["ask", "remind"],
    need: Literal["theirs", "other's", ""],
    asked: int,
) -> None:
    told = about.replace("{name}", other.name).replace("{mail}", other.addresses[0])
    told = told.replace("{firm}", " ".join(companies))
    found = Introduction(to, other, step, need, told, told, asked=NOW - asked * DAY, unsaid=telling(other, companies))
    gift = gift_of(found, MORNING)
    made = Proposal("introduce", "keeping up", to, "", "They wrote.", (), gift, 0.5)
    digest = compose([made], day=date(2024, 3, 5), me="me@home.example", zone=MORNING.zone, key=b"k" * 32)
    links = [unquote(link.partition('"')[0]).partition("?")[2] for link in digest.html.split('href="mailto:')[1:2]]

    everybody = words(draft(replace(found, to=ADA, about="", unsaid=frozenset()), MORNING)) | words(gift.subject)
    everybody |= {"subject", "body", "hello", "lately"}
    everybody |= {"the", "of", "and", "for"} - words(" ".join([other.name, *other.addresses]))
    theirs = {part for part in parts(other, companies) if len(part) > 1 or not fold(part).isascii()} - everybody
    for text in (gift.opener, *links):
        assert not words(text) & theirs, (text, theirs)
    assert gift.also == ()
