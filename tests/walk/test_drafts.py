"""What the user might write lies in their Drafts, once: it is theirs to send, to change or to throw away."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import Message

import pytest

from agent import config_file, schedule
from agent.drafted import Drafted
from agent.schedule import Moment, Task
from agent.store.glance import plan
from config import keys
from config.paths import paths
from tests.profiles import ZONE, Profile
from tests.servers.dovecot import Dovecot, User
from tests.servers.proxy import CUT, Proxy, leave_out
from tests.walk.test_answers import Phone, named
from tests.walk.test_delivery import account, add, inbox, login, mailing, put, worker

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "ALLOWED", {})


@pytest.fixture
def user(dovecot: Dovecot) -> User:
    return dovecot.user()


@pytest.fixture
def proxy(dovecot: Dovecot) -> Iterator[Proxy]:
    with Proxy(dovecot.imap_port) as made:
        yield made


@pytest.fixture
def nora_s(nora: Profile, user: User) -> Profile:
    return drafting(nora, user, user.server.imap_port)


def drafting(profile: Profile, user: User, port: int) -> Profile:
    put(profile, via="append")
    profile.config.write_text(profile.config.read_text().replace('via = "append"', 'via = "append"\ndrafts = true'))
    add(profile, account(user, port))
    login(profile, "home")
    return profile


def drafts(user: User, folder: str = "Drafts") -> list[Message]:
    with user.signed_in(folder) as client:
        return [message_from_bytes(mail[b"BODY[]"]) for mail in client.fetch(client.search(), ["BODY.PEEK[]"]).values()]


def whom(user: User, folder: str = "Drafts") -> list[str]:
    return [str(mail["To"]).partition(" <")[0].strip('"') for mail in drafts(user, folder)]


def kept(profile: Profile) -> Drafted:
    with profile.opened() as (_, store):
        found = store.drafted()
    assert found
    return found


def due(profile: Profile) -> bool:
    with profile.entered():
        now, found = int(profile.at.timestamp()), paths()
        moment = Moment(now, ZONE, now - 86_400, config_file.looked_at(found.config), frozenset(), {})
        return Task("digest") in schedule.due(plan(found.store), moment)


def test_each_proposal_has_one_and_only_one(nora_s: Profile, user: User) -> None:
    code, said = worker(nora_s, "digest")

    assert (code, said[-1].get("state")) == (0, "sent"), said
    assert len(drafts(user)) == 3
    assert whom(user)[0] == "Ada Weber"
    with user.signed_in("Drafts") as client:
        flags = [set(mail[b"FLAGS"]) - {b"\\Recent"} for mail in client.fetch(client.search(), ["FLAGS"]).values()]
    assert flags == [{b"\\Draft", b"\\Seen"}] * 3
    assert len(inbox(user)) == 1, "the digest alone came in"
    assert drafts(user, "Sent") == []

    user.expunge(user.uids("Drafts")[:1], "Drafts")
    for _ in range(3):
        nora_s.at += 20 * MINUTE
        assert not due(nora_s)
        worker(nora_s, "digest")
        nora_s.tell("digest")
    assert len(drafts(user)) == 2, "what was thrown away stays away"
    assert kept(nora_s).says == ""


def test_the_command_puts_them_too(nora_s: Profile, user: User) -> None:
    assert nora_s.tell("digest") == f"The digest is in the inbox of {user.name}.\n"
    assert len(drafts(user)) == 3
    nora_s.tell("digest", "--test")
    nora_s.tell("digest", "--dry-run")
    assert len(drafts(user)) == 3


def test_they_come_with_each_digest(nora_s: Profile, user: User) -> None:
    worker(nora_s, "digest")
    nora_s.at += DAY
    proposed = nora_s.names()
    worker(nora_s, "digest")

    assert len(drafts(user)) == 3 + len(proposed)
    assert len({str(mail["Message-ID"]) for mail in drafts(user)}) == len(drafts(user))


def test_an_answer_lands_in_its_thread_and_nothing_tells_of_auld(nora_s: Profile, user: User) -> None:
    asked = nora_s.json("digest")["proposals"][0]
    assert asked["gift"]["kind"] == "answer"
    worker(nora_s, "digest")

    [answer] = [mail for mail in drafts(user) if "Ada Weber" in str(mail["To"])]
    with nora_s.opened() as (_, store):
        mails = {fact.message_id: fact for fact in store.facts(until=int(nora_s.at.timestamp()))}
    answered = mails[str(answer["In-Reply-To"]).strip("<>")]
    assert answered.sender in asked["addresses"]
    assert str(answer["References"]).split()[-1] == answer["In-Reply-To"]
    assert "auld" not in "".join(mail.as_string() for mail in drafts(user)).lower()


def test_one_that_the_user_sends_is_a_mail_of_theirs(nora_s: Profile, user: User) -> None:
    phone = Phone(user)
    worker(nora_s, "digest")
    first, second, _ = named(phone)
    own, other = drafts(user)[:2]
    for draft in (own, other):  # one goes out with its own name, one gets a new one, as mail programs do
        if draft is other:
            draft.replace_header("Message-ID", "<new@phone.example>")
        user.append(draft.as_bytes(), "Sent")
    user.expunge(user.uids("Drafts")[:2], "Drafts")
    nora_s.at += 10 * DAY  # beyond the week in which nobody is proposed twice
    nora_s.tell("sync")

    for name in (first, second):
        assert "You were in contact" in nora_s.tell("why", name)
    assert "not obeyed" not in nora_s.tell("digest", "--dry-run")


def test_the_answer_to_one_is_no_answer_to_a_digest(nora_s: Profile, user: User) -> None:
    worker(nora_s, "digest")
    draft = drafts(user)[0]
    answer = Message()
    answer["From"], answer["To"], answer["Subject"] = draft["To"], draft["From"], "Re: thanks"
    answer["Date"], answer["Message-ID"], answer["In-Reply-To"] = draft["Date"], "<a@g.example>", draft["Message-ID"]
    answer.set_payload("1 never\n")
    user.append(answer.as_bytes())
    nora_s.at += DAY
    for words in (("round", "home"), ("learn",), ("digest",)):
        worker(nora_s, *words)

    assert "not obeyed" not in " ".join(nora_s.tell("digest", "--dry-run").split())


@pytest.mark.parametrize(
    ("folder", "there"),
    [("Drafts", 3), ("Sent", 2), ("Trash", 2), ("", 3)],
    ids=["there", "sent", "thrown away", "not put"],
)
def test_after_a_crash_it_is_looked_for_before(nora_s: Profile, user: User, folder: str, there: int) -> None:
    worker(nora_s, "digest")
    first, *others = user.uids("Drafts")
    if folder in ("Sent", "Trash"):
        user.move([first], "Drafts", folder)
    elif not folder:
        user.expunge([first], "Drafts")
    user.expunge(others, "Drafts")
    died = replace(kept(nora_s), put=(), going=1, over=False)  # as whoever dies in the first APPEND leaves it
    with nora_s.opened() as (_, store):
        store.keep_drafted(died)

    assert due(nora_s)
    worker(nora_s, "digest")

    assert len(drafts(user)) == there
    assert len(inbox(user)) == 1
    assert (kept(nora_s).over, kept(nora_s).going) == (True, 0)


def test_a_server_that_is_cut_off_is_tried_again(nora: Profile, user: User, proxy: Proxy) -> None:
    drafting(nora, user, proxy.port)
    proxy.at(rb"APPENDUID", CUT)
    worker(nora, "digest")
    left = kept(nora)
    state = mailing(nora)
    assert state
    if state.state != "sent":  # the digest itself was cut: it is looked for, and then come the drafts
        nora.at += 10 * MINUTE
        worker(nora, "digest")
    for _ in range(5):
        nora.at += 15 * MINUTE
        if due(nora):
            worker(nora, "digest")

    assert len(drafts(user)) == 3
    assert len(inbox(user)) == 1
    assert kept(nora).over
    assert kept(nora).says == ""
    assert left.day == nora.at.date()


def test_without_such_a_folder_status_says_so_and_the_digest_is_there(nora: Profile, user: User, proxy: Proxy) -> None:
    drafting(nora, user, proxy.port)
    proxy.at(rb"LIST .*Drafts", leave_out)
    worker(nora, "digest")

    told = (
        "drafts of 2026-05-12: not all are there. 127.0.0.1 shows no folder for drafts. Make one in your mail program"
    )
    assert told in nora.tell("status")
    assert (len(inbox(user)), drafts(user)) == (1, [])
    nora.at += 20 * MINUTE
    assert not due(nora), "it is the user's turn"
    nora.at += DAY
    proxy.heal()
    worker(nora, "digest")
    assert "drafts of" not in nora.tell("status")


def test_trouble_of_drafts_that_nobody_wants_any_more_is_not_told(nora: Profile, user: User, proxy: Proxy) -> None:
    drafting(nora, user, proxy.port)
    proxy.at(rb"LIST .*Drafts", leave_out)
    worker(nora, "digest")
    assert "Drafts of 2026-05-12: not all are there." in nora.run("doctor").out

    nora.config.write_text(nora.config.read_text().replace("drafts = true", "drafts = false"))
    nora.at += DAY
    worker(nora, "digest")
    assert "rafts of" not in nora.tell("status") + nora.run("doctor").out


def test_where_they_are_not_wanted_there_are_none(nora_s: Profile, user: User) -> None:
    nora_s.config.write_text(nora_s.config.read_text().replace("drafts = true", "drafts = false"))
    worker(nora_s, "digest")
    assert drafts(user) == []

    nora_s.config.write_text(nora_s.config.read_text().replace("drafts = false", "drafts = true"))
    nora_s.at += 20 * MINUTE
    worker(nora_s, "digest")
    nora_s.tell("digest")
    assert drafts(user) == [], "they begin with the next digest"


def test_a_quiet_morning_has_none(nora_s: Profile, user: User) -> None:
    nora_s.tell("pause", "3")
    worker(nora_s, "digest")
    nora_s.tell("digest")

    assert drafts(user) == []
    nora_s.tell("pause", "off")
    nora_s.tell("digest")
    assert len(drafts(user)) == 3


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("", "this needs an account of kind = \"imap\", whose Drafts they are put into."),
        (
            '[accounts.g]\nkind = "google"\naddress = "a@b.example"\nclient = "c.json"\n',
            "this needs an account of kind = \"imap\"",
        ),
        (
            '[accounts.a]\nkind = "imap"\naddress = "a@b.example"\nhost = "b.example"\n'
            '[accounts.b]\nkind = "imap"\naddress = "a@c.example"\nhost = "c.example"\n',
            'drafts could be put into a or b. Say which: account = "a".',
        ),
        (
            '[accounts.g]\nkind = "google"\naddress = "a@b.example"\nclient = "c.json"\n'
            '[accounts.a]\nkind = "imap"\naddress = "a@b.example"\nhost = "b.example"\n',
            "",
        ),
    ],
    ids=["no account", "Gmail alone", "two", "one beside Gmail"],
)  # fmt: skip
def test_where_it_is_not_clear_into_which_account_the_config_says_so(nora: Profile, section: str, said: str) -> None:
    nora.config.write_text(f'[me]\naddresses = ["a@b.example"]\n\n[digest]\nvia = "file"\ndrafts = true\n{section}')

    found = nora.run("config", "check")
    assert (said in " ".join((found.out + found.err).split())) if said else found.code == 0
    assert bool(said) is (found.code == 5)


def test_a_digest_that_goes_into_Gmail_says_that_drafts_cannot(nora: Profile) -> None:
    nora.config.write_text(
        '[me]\naddresses = ["a@b.example"]\n\n[digest]\nvia = "append"\ndrafts = true\n'
        '[accounts.g]\nkind = "google"\naddress = "a@b.example"\nclient = "c.json"\n'
    )

    said = nora.run("config", "check")
    assert said.code == 5
    text = " ".join((said.out + said.err).split())
    assert 'line 6: digest.drafts: g is of kind "google"; drafts are put over kind = "imap" alone, for now.' in text
