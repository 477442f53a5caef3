"""An address book is imported like a mailbox, and from then on people go by the names on their cards."""

from pathlib import Path

from tests.profiles import Profile
from tests.walk.mailboxes import ME, letters, mbox

MAILS = letters(60)


def test_an_address_book_is_imported_and_names_who_writes(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "home")
    profile.write(old_mbox=mbox(MAILS))
    profile.tell("import", profile.home / "old.mbox", "--me", ME)
    with profile.opened() as (_, store):
        person = next(person for person in store.people() if person.kind == "person")
    book = tmp_path / "contacts.vcf"
    book.write_text(
        f"BEGIN:VCARD\nVERSION:3.0\nFN:Augusta Byron-King\nEMAIL:{person.addresses[0]}\nEND:VCARD\n"
        "BEGIN:VCARD\nVERSION:3.0\nTEL:1\nEND:VCARD\n"
    )

    said = profile.tell("import", book)

    assert 'kind = "vcard"' in said
    assert "contacts: 1 read, 1 new, 1 could not be read (card 2: it has neither a name nor an address)" in said
    with profile.opened() as (_, store):
        assert "Augusta Byron-King" in [person.name for person in store.people()]


def test_what_is_no_address_book_gets_no_section(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "home")
    book = tmp_path / "contacts.vcf"
    book.write_text("nothing of the kind")

    done = profile.run("import", book, "--me", ME)

    assert done.code != 0
    assert "this is no address book" in done.err
    assert "contacts" not in (profile.config.read_text("utf-8") if profile.config.exists() else "")
