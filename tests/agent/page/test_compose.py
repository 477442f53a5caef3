"""The page tells what is known, runs nothing, fetches nothing, and no name breaks it."""

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from agent.model import DAY, Contact, Person, Standing
from agent.page import compose as composing
from agent.page.compose import compose
from agent.page.months import months
from tests.agent.digest.samples import ADA, RUTH, TOMAS, ZONE
from tests.agent.page.portraits import HOSTILE, NOW, ORDINARY, crowded, glance, hostile, ordinary, passed, portrait


class Parsed(HTMLParser):
    """The tags of a page with their attributes, and its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "path", "rect", "circle"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"{tag} is closed, and is not open"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


PAGES = {
    "an ordinary morning": ordinary,
    "a crowd": crowded,
    "hostile names": hostile,
    "nobody": lambda: compose([], glance()),
}


@pytest.fixture(scope="module", params=PAGES.values(), ids=PAGES)
def page(request: pytest.FixtureRequest) -> str:
    made: str = request.param()
    return made


class TestWhateverIsOnIt:
    def test_nothing_runs_and_nothing_is_fetched(self, page: str) -> None:
        for tag, attributes in Parsed(page).tags:
            assert tag not in ("script", "img", "iframe", "link", "object", "embed", "form", "base", "use", "image")
            assert not [name for name in attributes if name.startswith("on") or name in ("src", "style", "srcset")]
            href = attributes.get("href") or ""
            assert href.startswith(("#", "mailto:")) or attributes.get("rel") == "noreferrer noopener" or not href

    def test_the_policy_lets_its_own_style_through_and_nothing_else(self, page: str) -> None:
        [policy] = [a["content"] for t, a in Parsed(page).tags if a.get("http-equiv") == "Content-Security-Policy"]
        [style] = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)

        assert policy == (
            f"default-src 'none'; style-src 'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'; "
            "img-src 'none'; script-src 'none'; base-uri 'none'; form-action 'none'"
        )
        assert "url(" not in style
        assert "@import" not in style

    def test_the_policy_stands_before_everything_that_it_governs(self, page: str) -> None:
        assert page.index("Content-Security-Policy") < page.index("<style>")

    def test_every_tag_is_closed_where_it_was_opened(self, page: str) -> None:
        assert Parsed(page).open == []

    def test_every_place_is_named_once_and_every_anchor_leads_somewhere(self, page: str) -> None:
        tags = Parsed(page).tags
        names = [a["id"] for _, a in tags if "id" in a]
        anchors = {(a["href"] or "")[1:] for _, a in tags if (a.get("href") or "").startswith("#")}
        labels = {a["aria-labelledby"] for _, a in tags if "aria-labelledby" in a}

        assert len(names) == len(set(names))
        assert anchors | labels <= set(names)

    def test_headings_leave_no_step_out(self, page: str) -> None:
        levels = [int(tag[1]) for tag, _ in Parsed(page).tags if re.fullmatch(r"h\d", tag)]

        assert levels[0] == 1
        assert all(later - earlier <= 1 for earlier, later in pairwise(levels))

    def test_no_character_turns_the_reading_direction_or_the_line(self, page: str) -> None:
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u2028\u2029\x00-\x09\x0b-\x1f\x7f]", page)


class TestAnOrdinaryMorning:
    def test_the_proposals_say_what_the_digest_says(self) -> None:
        text = Parsed(ordinary()).text

        for proposal in (ADA, TOMAS, RUTH):
            for sentence in (proposal.person.name, proposal.context, proposal.gift.says, proposal.rest):
                assert sentence in text
            assert proposal.why in text  # with its day, where it names none

    def test_a_link_to_read_says_nothing_of_where_it_was_clicked(self) -> None:
        links = [a for t, a in Parsed(ordinary()).tags if t == "a" and (a["href"] or "").startswith("http")]

        assert [(a["href"], a["rel"]) for a in links] == [(TOMAS.gift.url, "noreferrer noopener")]

    def test_people_stand_by_name_whatever_their_accents(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(composing, "MANY", 9)
        names = ("Émile", "adam", "Zoe", "Eve", "Łucja", "Ørn", "Ωmega", "李 娜", "42", "Frank")
        page = compose([portrait(n, name) for n, name in enumerate(names, 1)], glance())

        assert re.findall(r'<bdi class="name">(.*?)</bdi>', page) == [
            "adam", "Émile", "Eve", "Frank", "Łucja", "Ørn", "Zoe", "李 娜", "Ωmega", "42",
        ]  # fmt: skip
        assert re.findall(r'<li><a href="#letter-\d+">(.*?)</a>', page) == [
            "A", "E", "F", "L", "O", "Z", "CJK", "Greek", "Others",
        ]  # fmt: skip

    def test_a_few_people_need_no_letters(self) -> None:
        assert "People by first letter" not in ordinary()
        assert "Back to the top" not in ordinary()

    def test_the_table_says_every_month_in_which_something_passed(self) -> None:
        contacts = passed(9, 200)
        page = compose([portrait(9, "Ada Weber", contacts=contacts)], glance())
        rows = re.findall(r'<th scope="row">(.*?)</th><td>(\d+)</td><td>(\d+)</td><td>(\d+)</td>', page)

        assert [(name, int(mine), int(theirs), int(met)) for name, mine, theirs, met in rows] == [
            (m.name, m.mine, m.theirs, m.met) for m in months(contacts, NOW, ZONE) if m.mine or m.theirs or m.met
        ]

    def test_every_picture_has_its_sentence_beside_it(self) -> None:
        page = ordinary()
        titles = re.findall(r"<title>(.*?)</title>", page)[1:]

        assert len(titles) == 3 * len(ORDINARY)
        assert all(page.count(title) >= 2 for title in titles)

    def test_notes_topics_and_the_boundary_are_told(self) -> None:
        text = Parsed(ordinary()).text

        for said in ("has a loom at home", "“looms” and “tide tables”", "You said never, on 3 March."):
            assert said in text

    def test_two_people_of_one_name_are_told_apart_by_their_addresses(self) -> None:
        both = [portrait(1, "Ada Weber", "a@one.example"), portrait(2, "Ada Weber", "a@two.example")]
        summaries = re.findall(r"<summary>(.*?)</summary>", compose(both, glance()), re.DOTALL)

        assert [sum(address in one for one in summaries) for address in ("a@one.example", "a@two.example")] == [1, 1]

    def test_there_is_no_score_and_no_reproach(self) -> None:
        assert not re.search(
            r"score|rank|overdue|neglect|should|must|sorry|shame|streak|%|\btop \d", Parsed(ordinary()).text, re.I
        )

    def test_the_same_morning_gives_the_same_bytes(self) -> None:
        assert ordinary() == ordinary()


WORDS = {name: words for name, words in HOSTILE.items() if name != "nothing at all"}


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_what_a_stranger_wrote_is_words_and_short(words: str) -> None:
    page = compose([portrait(1, words, words, topics=(words,), notes=(words,), today=words)], glance(proposals=False))
    calm = compose([portrait(1, "Ada", "a@b.example", topics=("x",), notes=("x",), today="x")], glance(proposals=False))

    assert [tag for tag, _ in Parsed(page).tags if tag != "code"] == [
        tag for tag, _ in Parsed(calm).tags if tag != "code"
    ]
    assert len(page) < len(calm) + 4_000


def test_what_says_nothing_has_no_place() -> None:
    nothing = HOSTILE["nothing at all"]
    page = compose([portrait(1, nothing, topics=(nothing,), notes=(nothing,), today=nothing)], glance())

    assert "Your notes" not in page
    assert "What you two write about" not in page
    assert 'class="today"' not in page
    assert '<bdi class="name">p1@host.example</bdi>' in page


class TestWordsForNumbers:
    @pytest.mark.parametrize(
        ("standing", "says"),
        [
            ({"began_mine": 3, "began_theirs": 5}, "You began three times, they five times."),
            ({"began_mine": 0, "began_theirs": 2}, "They began twice, you never."),
            ({"began_mine": 1, "began_theirs": 0}, "You began once, they never."),
            ({"began_mine": 40, "began_theirs": 1, "mine": 60}, "It is mostly you who begins."),
            ({"gap": 21.0, "last": NOW - 63 * DAY},
             "In touch about every three weeks; the last contact was two months ago."),
            ({"gap": None}, "So far there are too few days of contact to speak of a usual gap."),
            ({"last": NOW - 10 * DAY, "last_theirs": NOW - 10 * DAY}, "4 August (they wrote)"),
            ({"last": NOW - 10 * DAY, "last_mine": NOW - 10 * DAY}, "4 August (you wrote)"),
            ({"last": NOW - 10 * DAY}, "4 August (you met or talked)"),
        ],
        ids=["both", "only they", "only you", "mostly you", "a gap", "no gap", "they wrote", "you wrote", "you met"],
    )  # fmt: skip
    def test_a_tie_is_told_in_a_sentence(self, standing: dict[str, int], says: str) -> None:
        stands = Standing(1, **{"first": NOW - 900 * DAY, "last": NOW - DAY, "mine": 9, "theirs": 9, **standing})  # type: ignore[arg-type]

        assert says in Parsed(compose([portrait(1, "Ada", standing=stands)], glance())).text

    @pytest.mark.parametrize(
        ("contacts", "says"),
        [
            ([("me", False), ("them", False), ("them", False)], "In 24 months: one mail from you and two from them."),
            ([("them", False)], "In 24 months: no mails from you and one from them."),
            ([("other", True), ("me", True)], "In 24 months: you met or talked twice."),
            ([("me", False), ("other", True)],
             "In 24 months: one mail from you and none from them; you met or talked once."),
        ],
        ids=["mails", "theirs alone", "meetings", "both"],
    )  # fmt: skip
    def test_two_years_are_told_in_a_sentence(self, contacts: list[tuple[str, bool]], says: str) -> None:
        some = tuple(Contact(NOW - n * DAY, by, n, meeting=met) for n, (by, met) in enumerate(contacts, 1))  # type: ignore[arg-type]

        assert says in Parsed(compose([portrait(1, "Ada", contacts=some)], glance())).text

    def test_two_silent_years_are_said_and_not_drawn(self) -> None:
        long_ago = (Contact(NOW - 900 * DAY, "me", 1), Contact(NOW - 880 * DAY, "them", 2))

        assert "Nothing passed between you two in these two years." in Parsed(
            compose([portrait(1, "Ada", contacts=long_ago)], glance())
        ).text  # fmt: skip

    @pytest.mark.parametrize(
        ("left", "says"), [(0, ""), (1, "one more is left out"), (4_321, "4,321 more are left out")]
    )
    def test_who_is_left_out_is_counted(self, left: int, says: str) -> None:
        text = Parsed(compose(ORDINARY, glance(left_out=left))).text

        assert (says in text) if says else ("left out" not in text)

    def test_a_class_that_the_user_gave_is_said(self) -> None:
        told = Person(1, "Ada", ("a@b.example",), sphere="work")

        assert "You said work" in Parsed(compose([portrait(1, "Ada", person=told)], glance())).text

    def test_with_nobody_known_the_way_in_is_told(self) -> None:
        assert "Nobody yet." in Parsed(compose([], glance(proposals=False, silent_because="Nothing was read."))).text
