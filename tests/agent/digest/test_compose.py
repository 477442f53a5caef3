import email
import re
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import tokens
from agent.digest.compose import ANSWERS, as_mail, compose
from agent.digest.plain import columns
from agent.model import Digest, Person, Proposal
from tests.agent.digest.samples import ADA, CAME, DAY, KEY, MADE_AT, ME, NOTICES, RUTH, TOMAS, WORST, ZONE, digest_of

HOSTILE = 'Ada "><script>alert(1)</script>\r\nBcc: all@example.org\u202e{{ 7 * 7 }} 👩‍💻 <img src=x>'


class Page(HTMLParser):
    """The tags of a page with their attributes, and its visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.said = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.said += data

    def links(self) -> list[str]:
        return [given["href"] for tag, given in self.tags if tag == "a"]


def written(digest: Digest) -> dict[str, list[str]]:
    """What *Write* of the first person would put into the new mail."""
    [link] = [link for link in Page(digest.html).links() if link.startswith("mailto:")][:1]
    return {"to": [urlsplit(link).path], **parse_qs(urlsplit(link).query)}


def test_a_mail_to_two_goes_to_both_and_a_comma_in_an_address_makes_no_third() -> None:
    gift = replace(ADA.gift, also=("bruno,ceo@keller.example",))
    together = digest_of(replace(ADA, gift=gift))

    assert written(together)["to"] == [f"{ADA.person.addresses[0]},bruno%2Cceo@keller.example"]
    assert f"Write to {ADA.person.addresses[0]} and bruno,ceo@keller.example" in " ".join(together.text.split())


def opened(digest: Digest) -> EmailMessage:
    return email.message_from_bytes(as_mail(digest, ME, MADE_AT), policy=default)


def everything(proposal: Proposal, text: str) -> Proposal:
    """The proposal with every string of it replaced."""
    gift = replace(proposal.gift, says=text, opener=text, url=text, subject=text)
    person = Person(1, text, (text,))
    return replace(proposal, person=person, context=text, why=text, rest=text, gift=gift)


class TestTheTextPart:
    def test_it_says_who_why_what_to_give_and_what_to_answer(self) -> None:
        assert digest_of(ADA, lines=NOTICES, archive_ends="Your archive ends on 13 August 2001.").text == (
            "One person to write to\n"
            "Tuesday, 14 August 2001\n"
            "\n"
            "1. Ada Weber, known since May 1999; you two talk about looms\n"
            "   Ada asked you something on 30 July, two weeks ago (“Loom for the hall”). It\n"
            "   may still be open.\n"
            "   Answer Ada’s mail “Loom for the hall”.\n"
            "   Write to ada.weber@guild.example: “Hi Ada, you asked me on 30 July about\n"
            "   “Loom for the hall”:”\n"
            "\n"
            "The account home needs you: its password was refused. `auld status` tells\n"
            "more.\n"
            "\n"
            "Your archive ends on 13 August 2001.\n"
            "\n"
            "Not today: `auld later 1` · written: `auld done 1` · not again: `auld never 1`\n"
            "\n"
            "Only you get this. `auld why NAME` tells more.\n"
        )

    def test_it_holds_everything_that_the_page_says(self) -> None:
        digest = digest_of(ADA, TOMAS, RUTH)

        for proposal in (ADA, TOMAS, RUTH):
            for said in (proposal.person.name, proposal.context, proposal.why, proposal.gift.says, proposal.rest):
                assert said in " ".join(digest.text.split())
                assert said in Page(digest.html).said

    def test_a_line_has_at_most_78_columns_unless_it_is_a_link_or_an_address(self) -> None:
        lines = digest_of(ADA, TOMAS, RUTH, WORST, everything(ADA, "東京 " + "潮位表" * 60)).text.split("\n")

        assert [line for line in lines if columns(line) > 78 and "@" not in line and "://" not in line] == []

    def test_the_other_answers_are_said_once_and_in_one_line(self) -> None:
        digest = digest_of(ADA, TOMAS, RUTH)
        line = "Not today: `auld later 3` · written: `auld done 3` · not again: `auld never 3`"

        assert digest.text.split("\n").count(line) == 1
        assert "auld later" not in digest_of(lines=NOTICES).text

    def test_a_long_context_hangs_below_its_name(self) -> None:
        lines = digest_of(replace(ADA, context="you two talk about looms, " * 3)).text.split("\n")

        assert lines[3].startswith("1. Ada Weber, you two")
        assert lines[4].startswith("   ")

    def test_it_shows_a_link_once(self) -> None:
        twice = replace(TOMAS, gift=replace(TOMAS.gift, opener=f"Look: {TOMAS.gift.url}"))

        assert digest_of(twice).text.count(TOMAS.gift.url) == 1

    def test_it_offers_to_let_a_tie_rest(self) -> None:
        assert "you may also let it rest" in " ".join(digest_of(RUTH).text.split())
        assert "rest" not in digest_of(ADA).text


class TestASilentMorning:
    def test_it_says_why(self) -> None:
        digest = digest_of(silent_because="Nobody has gone quiet: nothing to do.")

        assert digest.subject == "Nobody to write to - Tuesday, 14 August 2001"
        assert "Nobody has gone quiet: nothing to do." in digest.text
        assert "Nobody has gone quiet: nothing to do." in digest.html
        assert digest.silent_because == "Nobody has gone quiet: nothing to do."

    def test_a_sick_account_is_worth_a_look(self) -> None:
        digest = digest_of(silent_because="Nobody has gone quiet.", lines=NOTICES)

        assert digest.subject == "Something to look at - Tuesday, 14 August 2001"
        assert "its password was refused" in digest.text

    def test_the_sentence_is_not_said_beside_proposals(self) -> None:
        assert "Nobody has gone quiet" not in digest_of(ADA, silent_because="Nobody has gone quiet.").text


class TestTheEvidence:
    def test_a_reason_without_a_day_is_given_the_day_of_its_evidence(self) -> None:
        assert "It has been long. (30 July)" in digest_of(replace(ADA, why="It has been long.")).text

    def test_a_reason_that_names_a_cited_day_stays_as_it_is(self) -> None:
        assert digest_of(ADA).text.count("30 July") == 2  # in the reason, and in the opener

    def test_another_day_is_not_taken_for_the_cited_one(self) -> None:
        late = replace(ADA.cites[0], at=ADA.cites[0].at - 27 * 86_400)

        assert "On 13 July. (3 July)" in digest_of(replace(ADA, why="On 13 July.", cites=(late,))).text

    def test_the_subject_of_a_citation_is_left_to_who_made_the_sentence(self) -> None:
        secret = replace(ADA.cites[0], subject="A matter of health")
        bare = replace(ADA, why="It has been long.", cites=(secret,), gift=replace(RUTH.gift, cites=(secret,)))

        assert "health" not in digest_of(bare).text + digest_of(bare).html


class TestWrite:
    def test_it_opens_a_mail_to_the_first_address_with_subject_and_opener(self) -> None:
        assert written(digest_of(ADA)) == {
            "to": ["ada.weber@guild.example"],
            "subject": ["Re: Loom for the hall"],
            "body": ["Hi Ada,\r\n\r\nyou asked me on 30 July about “Loom for the hall”:"],
        }

    def test_it_carries_the_link_once(self) -> None:
        opener = f"Hi Tomás,\n\nlook: {TOMAS.gift.url}"
        twice = digest_of(replace(TOMAS, gift=replace(TOMAS.gift, opener=opener)))

        assert written(digest_of(TOMAS))["body"][0].count(TOMAS.gift.url) == 1
        assert written(twice)["body"][0].count(TOMAS.gift.url) == 1

    @pytest.mark.parametrize(
        "opener",
        ["A word. " * 500, "潮位表の話です。" * 500, "&?#%=+ " * 500, ""],
        ids=["long", "long and Japanese", "all of it encoded", "none"],
    )
    def test_its_link_never_has_more_than_1800_bytes(self, opener: str) -> None:
        gift = replace(TOMAS.gift, opener=opener, url="https://tides.example/" + "%41" * 600, subject="潮" * 400)
        links = Page(digest_of(replace(TOMAS, gift=gift)).html).links()

        assert [len(link) <= 1800 for link in links if link.startswith("mailto:")] == [True] * 4

    def test_an_address_cannot_smuggle_in_a_second_recipient(self) -> None:
        person = Person(1, "Ada", ("ada@guild.example?bcc=all@example.org", "ada&cc=x@guild.example"))

        assert written(digest_of(replace(ADA, person=person)))["to"] == ["ada%26cc%3Dx@guild.example"]

    @pytest.mark.parametrize(
        "address",
        [
            "",
            "ada",
            "ada@",
            "a b@guild.example",
            "ada\r\n@guild.example",
            "a\u202e@guild.example",
            "a" * 300 + "@b.example",
        ],
        ids=["empty", "no host", "half", "a space", "a line", "an override", "too long"],
    )
    def test_what_is_no_address_is_not_linked(self, address: str) -> None:
        digest = digest_of(replace(ADA, person=Person(1, "Ada", (address,))))

        assert {urlsplit(link).path for link in Page(digest.html).links()} == {ME}
        assert "Write to" not in digest.text


class TestAnswers:
    """Later, Not now and Never are mails to oneself: they need no server."""

    def answers(self, digest: Digest) -> list[tuple[str, dict[str, list[str]]]]:
        """(the label of a link, what it puts into a mail) of those that are no *Write* and no *Read*."""
        links = [given for tag, given in Page(digest.html).tags if tag == "a"]
        found = [(given["aria-label"], urlsplit(given["href"])) for given in links]
        return [(label, {"to": [to.path], **parse_qs(to.query)}) for label, to in found if to.path == ME]

    def test_each_person_has_all_three_and_each_says_whom_it_means(self) -> None:
        found = self.answers(digest_of(ADA, TOMAS))

        assert [label for label, _ in found] == [
            "Later: Ada Weber", "Not now: Ada Weber", "Never: Ada Weber",
            "Later: Tomás Ibarra", "Not now: Tomás Ibarra", "Never: Tomás Ibarra",
        ]  # fmt: skip

    def test_the_subject_bears_a_token_of_that_day_number_and_answer(self) -> None:
        for slot, start in ((1, 0), (2, 3)):
            for (_, mail), verb in zip(self.answers(digest_of(ADA, TOMAS))[start:], ANSWERS, strict=False):
                assert mail["subject"] == [f"auld {verb} {slot} 2001-08-14 {tokens.action(KEY, DAY, slot, verb)}"]

    def test_the_mail_says_what_it_does(self) -> None:
        [_, (_, mail), _] = self.answers(digest_of(ADA))

        assert mail["body"] == [
            "Send this to yourself, as it is: Ada Weber is not proposed again for three months."
            " auld undo takes it back."
        ]

    def test_the_text_part_has_them_too_and_the_screen_has_not(self) -> None:
        digest = digest_of(ADA, TOMAS)
        links = re.findall(r"^(Later|Not now|Never), ([12]): (mailto:\S+)$", digest.mailed, re.MULTILINE)

        assert len(links) == 6
        assert {parse_qs(urlsplit(link).query)["subject"][0] for *_, link in links} == {
            mail["subject"][0] for _, mail in self.answers(digest)
        }
        assert "mailto:" not in digest.text
        assert "auld later" not in digest.mailed.replace("%20", " ").split("mailto:")[0]

    def test_that_it_may_be_answered_in_words_is_said_where_that_is_read(self) -> None:
        assert "answer this mail with `2 later`" in " ".join(digest_of(ADA, TOMAS, replies=True).mailed.split())
        assert "answer this mail" not in digest_of(ADA, TOMAS).mailed + digest_of(ADA, TOMAS).html

    def test_a_name_cannot_become_a_part_of_the_link(self) -> None:
        name = "Ada&subject=x?bcc=all@example.org\r\nBcc: y"

        for _, mail in self.answers(digest_of(replace(ADA, person=replace(ADA.person, name=name)))):
            assert mail.keys() == {"to", "subject", "body"}
            assert mail["subject"][0].startswith("auld ")

    def test_whoever_has_no_address_of_their_own_gets_no_links(self) -> None:
        digest = compose((ADA,), day=DAY, me="", zone=ZONE, key=KEY)

        assert "Later:" not in [label for label, _ in self.answers(digest)]
        assert "mailto:" not in digest.mailed
        assert "auld later 1" in digest.mailed
        assert "auld later 1" in Page(digest.html).said

    def test_a_mail_of_three_people_has_less_than_20_kb(self) -> None:
        assert len(as_mail(digest_of(ADA, TOMAS, RUTH, replies=True, lines=NOTICES), ME, MADE_AT)) < 20_000


class TestThePage:
    def test_it_has_no_colour_image_script_or_link_of_ours(self) -> None:
        html = digest_of(ADA, RUTH, WORST, lines=NOTICES).html.replace(WORST.gift.url, "")
        tags = {tag for tag, _ in Page(html).tags}

        assert tags.isdisjoint({"img", "script", "svg", "iframe", "link", "form", "object", "video", "base"})
        assert not re.search(r"https?:|url\(|@import|@font-face", html)
        assert not re.search(
            r"(?<!-)\bcolor\s*:|background|#[0-9a-f]{3,8}\s*[;\"]|rgba?\(|hsla?\(", html, re.IGNORECASE
        )

    def test_only_a_web_link_is_linked_and_its_host_is_shown_in_ascii(self) -> None:
        page = Page(digest_of(replace(TOMAS, gift=replace(TOMAS.gift, url="https://tïdes.example/x"))).html)

        assert "https://tïdes.example/x" in page.links()
        assert "Read xn--tdes-5pa.example" in page.said

    @pytest.mark.parametrize(
        "url",
        [
            "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://", "http://[::1", "//a.example",
            "https://tides.example/\u202egpj", "https://tides.example/a b", "https://tides.example/" + "x" * 3000,
            "https://" + "a" * 80 + ".example",
        ],
        ids=["script", "data", "file", "no host", "bracket", "no scheme", "override", "space", "long", "long label"],
    )  # fmt: skip
    def test_what_is_no_web_link_is_not_linked(self, url: str) -> None:
        digest = digest_of(replace(TOMAS, gift=replace(TOMAS.gift, url=url)))

        assert {urlsplit(link).scheme for link in Page(digest.html).links()} == {"mailto"}
        assert url not in digest.text

    def test_a_command_in_a_notice_is_set_as_one_and_nothing_else_is(self) -> None:
        html = digest_of(silent_because="`auld status` tells.", lines=("`<b>` & `", "`auld sync`")).html

        assert "<code>auld status</code> tells." in html
        assert "<code>&lt;b&gt;</code> &amp; `" in html
        assert "<code>auld sync</code>" in html

    def test_it_names_its_parts_for_those_who_listen(self) -> None:
        tags = Page(digest_of(ADA, TOMAS).html).tags
        labels = [given.get("aria-label") for _, given in tags]

        assert ("html", {"lang": "en", "dir": "ltr"}) in tags
        assert [tag for tag, _ in tags if tag in ("h1", "h2")] == ["h1", "h2", "h2"]
        assert {"Write: Ada Weber", "Write: Tomás Ibarra", "Read: tides.example"} <= set(labels)
        assert all(given.get("aria-label") for tag, given in tags if tag == "a")
        assert sum(given.get("dir") == "auto" for _, given in tags) >= 4

    def test_it_stays_below_what_gmail_cuts(self) -> None:
        huge = everything(ADA, "<&>" * 400_000)

        assert len(digest_of(huge, huge, huge, huge, huge, lines=("<&>" * 400_000,)).html.encode()) < 102_000

    def test_no_sentence_of_ours_names_guilt_streaks_or_scores(self) -> None:
        said = digest_of(silent_because="-").text + digest_of(ADA, TOMAS, RUTH).text

        assert not re.search(r"\b(losing touch|overdue|streak|score|neglect|should have|forgot|finally|\d+ ?%)", said)


class TestHostileStrings:
    def test_they_are_shown_and_never_obeyed(self) -> None:
        digest = digest_of(everything(ADA, HOSTILE))
        tags = {tag for tag, _ in Page(digest.html).tags}

        assert tags.isdisjoint({"script", "img"})
        assert "{{ 7 * 7 }}" in Page(digest.html).said
        assert "<script>alert(1)</script>" in digest.text
        assert "\nBcc:" not in digest.text
        assert "\u202e" not in digest.text + digest.html

    def test_no_header_is_injected(self) -> None:
        digest = digest_of(everything(ADA, HOSTILE), lines=(HOSTILE,), archive_ends=HOSTILE)
        mail = opened(replace(digest, subject=digest.subject + HOSTILE))

        assert mail["Bcc"] is None
        assert mail.keys().count("To") == 1

    @given(st.text(max_size=400))
    def test_whatever_a_stranger_writes_the_mail_is_made_and_read_back(self, text: str) -> None:
        digest = digest_of(everything(ADA, text), lines=(text,), archive_ends=text)
        parts = [part.get_content() for part in parts_of(opened(digest))]

        assert [" ".join(part.split()) for part in parts] == [" ".join(p.split()) for p in (digest.mailed, digest.html)]


def parts_of(mail: EmailMessage) -> Iterator[EmailMessage]:
    for part in mail.iter_parts():
        assert isinstance(part, EmailMessage)
        yield part


class TestTheMail:
    def test_its_headers_say_what_it_is(self) -> None:
        mail = opened(digest_of(ADA, TOMAS))

        assert mail["Subject"] == "Two people to write to - Tuesday, 14 August 2001"
        assert mail["From"] == f"auld <{ME}>"
        assert mail["To"] == ME
        assert mail["Date"].datetime == MADE_AT
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["X-Auto-Response-Suppress"] == "All"
        assert mail["List-Id"] == "auld digest <digest.auld.invalid>"
        assert mail["Message-ID"] == f"<{digest_of().message_id}>"
        assert mail.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in parts_of(mail)] == ["text/plain", "text/html"]

    def test_unsubscribing_is_a_mail_to_oneself_that_nobody_else_could_write(self) -> None:
        digest = digest_of(ADA)
        link = urlsplit(opened(digest)["List-Unsubscribe"].strip("<>"))

        assert (link.scheme, link.path) == ("mailto", ME)
        assert parse_qs(link.query) == {"subject": [f"auld stop {digest.message_id}"]}

    def test_the_same_facts_give_the_same_bytes(self) -> None:
        first, second = (as_mail(digest_of(ADA, TOMAS, RUTH), ME, MADE_AT) for _ in range(2))

        assert first == second

    def test_its_lines_are_short_and_end_as_smtp_wants(self) -> None:
        raw = as_mail(digest_of(WORST, lines=NOTICES), ME, MADE_AT)

        assert max(len(line) for line in raw.split(b"\r\n")) <= 998
        assert b"\n" not in raw.replace(b"\r\n", b"")
        assert raw.isascii()

    def test_an_address_with_an_umlaut_stands_as_it_is(self) -> None:
        raw = as_mail(digest_of(ADA), "jürgen@home.example", MADE_AT)

        assert "To: jürgen@home.example".encode() in raw

    def test_what_is_no_address_of_the_users_is_refused(self) -> None:
        with pytest.raises(ValueError, match="is no address"):
            as_mail(digest_of(ADA), "me@home.example, all@example.org", MADE_AT)

    def test_proposals_come_along_for_who_stores_them(self) -> None:
        assert digest_of(ADA, TOMAS).proposals == (ADA, TOMAS)
        assert TOMAS.gift.cites == (CAME,)
