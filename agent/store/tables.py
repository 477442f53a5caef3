"""What does the store keep, and in which tables?

Three kinds of things, kept apart. **Facts** (account to shelf) are what the sources said. **What is learned** (person
to full text) is a cache: it may be dropped at any time. **What the user says** (statement to shown) hangs on addresses.
Lists of parties are packed as text ("to;cc;bcc", each the party ids with spaces between): a message has five parties
on average, and one row for each would cost more than the message itself.
"""

from sqlalchemy import (
    REAL,
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

APPLICATION = 0x61756C64
"""PRAGMA application_id: "auld" in ASCII, so that a foreign SQLite file is known at once."""

HEAD = 5
"""PRAGMA user_version of this schema: the number of the newest file in `migrations/versions`."""

metadata = MetaData()


def _whole(name: str, default: int = 0) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default=text(str(default)))


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


meta = Table("meta", metadata, Column("name", Text, primary_key=True), Column("value", LargeBinary, nullable=False))

account = Table(
    "account",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    _text("kind"),
    _whole("archive"),
    _whole("enabled", 1),
    _whole("lane", 1),  # its generation: whoever was handed an older one may not write any more
    Column("off_at", BigInteger),  # since when it is seen to be off
    _text("state"),  # how its last round ended; "" = none has
    _text("why"),  # in a sentence, for the user
    _text("remedy"),
    _whole("failures"),  # rounds in a row that did not end well
    _whole("limited"),  # 1 = the last round ran out of time, or took long
    _whole("bound"),  # 1 = the source itself named `next_at`
    Column("since", BigInteger),  # since when it is in that state
    Column("refused_at", BigInteger),  # when it first turned our sign-in down
    Column("first_at", BigInteger),  # when its first round began
    Column("begun_at", BigInteger),  # when its last round began; later than `ended_at`: it goes on, or was cut off
    Column("ended_at", BigInteger),
    Column("complete_at", BigInteger),  # when a round last brought all there was
    Column("next_at", BigInteger),  # not before then; NULL = as its kind has it
)

stream = Table(
    "stream",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", Integer, nullable=False),
    Column("remote", Text, nullable=False),
    _text("name"),
    _text("role"),
    Column("cursor", Text),
    Column("page_at", BigInteger),  # when its last page came
    Column("complete_at", BigInteger),  # when its last full listing ended
    Column("progress", REAL),
    _whole("listing", 1),  # the number of the listing that goes on, or comes next
    Column("held_at", BigInteger),  # when a sweep was first held
    Column("first", BigInteger),  # the oldest and the newest that were seen, none later than its page
    Column("last", BigInteger),
    _whole("whole", 1),  # 1 = a listing from the very beginning goes on
    _whole("epoch", 1),  # the listing with which the ids began to mean what they mean now
    Column("reset_at", BigInteger),  # when its cursor was last lost
    _text("degraded"),  # why it is only looked over, not followed; "" = it is followed
    Column("audited_at", BigInteger),
    _whole("repaired"),  # what audits found to differ, so far
    _whole("lacking"),  # rounds in a row in which the source did not name it
    Column("lacking_at", BigInteger),  # since when
)
Index("stream_of", stream.c.account, stream.c.remote, unique=True)

party = Table(
    "party",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address", Text, nullable=False),
    _text("name"),
)
Index("party_of", party.c.address, party.c.name, unique=True)

item = Table(
    "item",
    metadata,
    Column("id", Integer, primary_key=True),
    _whole("meeting"),
    Column("at", BigInteger, nullable=False),
    _whole("sender"),  # a party; 0 = nobody said
    _text("recipients"),  # what all placements together show, packed
    _text("labels"),  # likewise, one to a line
    _whole("evidence"),  # likewise, as bits
    _whole("mixed"),  # 1 = its placements differ
    _text("subject"),
    _text("message_id"),
    _text("parents"),  # one to a line, the nearest first
    _text("thread"),
    Column("marks", Text),  # JSON
    Column("keys", LargeBinary, nullable=False),  # its rows in `identity`, one after the other
    Column("uid", Text),
    Column("ends", BigInteger),
    _whole("whole_days"),
    _whole("recurring"),
    _whole("cancelled"),
    Column("declined", Text),  # party ids
    sqlite_autoincrement=True,  # an id is never given twice: what is learned and indexed hangs on it
)
Index("item_at", item.c.at)

identity = Table(
    "identity",
    metadata,
    Column("key", LargeBinary, nullable=False),
    Column("item", Integer, nullable=False),
    PrimaryKeyConstraint("key"),
    sqlite_with_rowid=False,
)

placement = Table(
    "placement",
    metadata,
    Column("stream", Integer, nullable=False),
    Column("remote", Text, nullable=False),
    Column("item", Integer, nullable=False),
    _whole("listing"),
    Column("recipients", Text),  # NULL here: as the item shows it
    Column("labels", Text),
    Column("evidence", Integer),
    PrimaryKeyConstraint("stream", "remote"),
    sqlite_with_rowid=False,
)
Index("placement_item", placement.c.item)

posting = Table(
    "posting",
    metadata,
    Column("party", Integer, nullable=False),
    Column("item", Integer, nullable=False),
    PrimaryKeyConstraint("party", "item"),
    sqlite_with_rowid=False,
)

ledger = Table(
    "ledger",
    metadata,
    Column("stream", Integer, nullable=False),
    Column("remote", Text, nullable=False),
    _text("reason"),
    _whole("tries", 1),
    _whole("tried_at"),
    Column("next_at", BigInteger),  # NULL = parked
    PrimaryKeyConstraint("stream", "remote"),
    sqlite_with_rowid=False,
)

suspect = Table(  # said to be gone, too many at once to believe it
    "suspect",
    metadata,
    Column("stream", Integer, nullable=False),
    Column("remote", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("stream", "remote"),
    sqlite_with_rowid=False,
)

request = Table(  # the user wants it read now
    "request",
    metadata,
    Column("account", Text, primary_key=True),  # a name
    Column("at", BigInteger, nullable=False),
)

card = Table(
    "card",
    metadata,
    Column("stream", Integer, nullable=False),
    Column("remote", Text, nullable=False),
    _text("name"),
    _text("addresses"),  # one to a line
    _text("note"),
    _text("birthday"),  # ISO
    _text("organisation"),
    _whole("listing"),
    PrimaryKeyConstraint("stream", "remote"),
    sqlite_with_rowid=False,
)

shelf = Table(
    "shelf",
    metadata,
    Column("stream", Integer, nullable=False),
    Column("remote", Text, nullable=False),
    _text("title"),
    _text("url"),
    Column("published", BigInteger),
    _text("source"),
    _text("note"),
    _whole("listing"),
    PrimaryKeyConstraint("stream", "remote"),
    sqlite_with_rowid=False,
)

stale = Table(
    "stale",
    metadata,
    Column("party", Integer, primary_key=True),
    Column("generation", Integer, nullable=False),
)

person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    _text("name"),
    _text("kind"),
    _text("sphere"),
    _text("joined"),  # JSON
    _text("because"),
)

person_address = Table(
    "person_address",
    metadata,
    Column("address", Text, nullable=False),
    Column("person", Integer, nullable=False),
    _whole("rank"),
    PrimaryKeyConstraint("address"),
    sqlite_with_rowid=False,
)
Index("person_address_of", person_address.c.person, person_address.c.rank)

own = Table("own", metadata, Column("address", Text, primary_key=True), _text("reason"))

notice = Table("notice", metadata, Column("id", Integer, primary_key=True), _text("says"))

standing = Table(
    "standing",
    metadata,
    Column("person", Integer, primary_key=True),
    *(
        _whole(name)
        for name in (
            "first",
            "last",
            "last_mine",
            "last_theirs",
            "mine",
            "theirs",
            "meetings",
            "days",
            "began_mine",
            "began_theirs",
            "asked",
            "answered",
            "unanswered",
        )
    ),
    Column("gap", REAL),
    _text("warmth"),  # JSON
    _text("open"),  # JSON
    _whole("seen"),
)

thread = Table("thread", metadata, Column("id", Integer, primary_key=True), _text("opened_by"))

thread_fact = Table(
    "thread_fact", metadata, Column("fact", Integer, primary_key=True), Column("thread", Integer, nullable=False)
)
Index("thread_fact_of", thread_fact.c.thread)

topic = Table(
    "topic",
    metadata,
    Column("person", Integer, nullable=False),
    Column("rank", Integer, nullable=False),
    _text("term"),
    Column("weight", REAL, nullable=False),
    _whole("threads"),
    _whole("last"),
    PrimaryKeyConstraint("person", "rank"),
    sqlite_with_rowid=False,
)

trace = Table("trace", metadata, Column("address", Text, primary_key=True), Column("blob", LargeBinary, nullable=False))

link = Table(
    "link",
    metadata,
    Column("hash", Integer, nullable=False),
    Column("item", Integer, nullable=False),
    PrimaryKeyConstraint("hash", "item"),
    sqlite_with_rowid=False,
)

habit = Table(  # how a sender's latest mails end
    "habit",
    metadata,
    Column("account", Integer, nullable=False),
    Column("sender", Text, nullable=False),  # a keyed hash of the address
    Column("mails", LargeBinary, nullable=False),  # keyed hashes of their lines, packed (`nlp.repeated`)
    Column("at", BigInteger, nullable=False),  # when the last one came
    PrimaryKeyConstraint("account", "sender"),
    sqlite_with_rowid=False,
)

statement = Table(
    "statement",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("verb", Text, nullable=False),
    Column("addresses", Text, nullable=False),  # JSON
    _text("text"),
    _whole("until"),
    Column("undone_at", BigInteger),
    _text("answers"),  # of an answer by mail: the digest's day and the slot; "" = said at this machine
    sqlite_autoincrement=True,
)

digest = Table(
    "digest",
    metadata,
    Column("day", Text, primary_key=True),  # ISO
    Column("message_id", Text, nullable=False),
    Column("marked_at", BigInteger, nullable=False),
    Column("delivered_at", BigInteger),
)

shown = Table(
    "shown",
    metadata,
    Column("day", Text, nullable=False),
    Column("slot", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("addresses", Text, nullable=False),  # JSON
    _text("gift"),
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("day", "slot"),
    sqlite_with_rowid=False,
)

mailed = Table(  # as `shown`, but of the mail: its numbers stay, whatever a screen shows later on that day
    "mailed",
    metadata,
    Column("day", Text, nullable=False),
    Column("slot", Integer, nullable=False),
    Column("addresses", Text, nullable=False),  # JSON
    PrimaryKeyConstraint("day", "slot"),
    sqlite_with_rowid=False,
)

heard = Table(  # the mails that were answers to a digest, or looked like one
    "heard",
    metadata,
    Column("mail", Text, primary_key=True),  # a keyed hash of what identifies it
    Column("at", BigInteger, nullable=False),  # when it was read
    _text("day"),  # of the digest; "" where nobody can tell
    _text("why"),  # why it was not obeyed; "" = nothing is to be said of it
    _text("told"),  # the day of the digest that said so
)

FULL_TEXT = (
    "CREATE VIRTUAL TABLE subject_words USING fts5(words, content='', tokenize='unicode61 remove_diacritics 2')",
    "CREATE VIRTUAL TABLE person_words USING fts5(words, tokenize='unicode61 remove_diacritics 2')",
    "CREATE VIRTUAL TABLE note_words USING fts5(words, tokenize='unicode61 remove_diacritics 2')",
)
"""SQLAlchemy has no word for these. The subjects stand in `item` already, so that their index keeps no copy."""
