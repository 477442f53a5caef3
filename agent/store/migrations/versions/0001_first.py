"""The first tables."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE account (
        id INTEGER NOT NULL,
        name TEXT NOT NULL,
        kind TEXT DEFAULT '' NOT NULL,
        archive BIGINT DEFAULT 0 NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (name)
    )
    """,
    """
    CREATE TABLE card (
        stream INTEGER NOT NULL,
        remote TEXT NOT NULL,
        name TEXT DEFAULT '' NOT NULL,
        addresses TEXT DEFAULT '' NOT NULL,
        note TEXT DEFAULT '' NOT NULL,
        birthday TEXT DEFAULT '' NOT NULL,
        organisation TEXT DEFAULT '' NOT NULL,
        PRIMARY KEY (stream, remote)
    )
     WITHOUT ROWID
    """,
    """
    CREATE TABLE digest (
        day TEXT NOT NULL,
        message_id TEXT NOT NULL,
        marked_at BIGINT NOT NULL,
        delivered_at BIGINT,
        PRIMARY KEY (day)
    )
    """,
    """
    CREATE TABLE identity (
        "key" BLOB NOT NULL,
        item INTEGER NOT NULL,
        PRIMARY KEY ("key")
    )
     WITHOUT ROWID
    """,
    """
    CREATE TABLE item (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        meeting BIGINT DEFAULT 0 NOT NULL,
        at BIGINT NOT NULL,
        sender BIGINT DEFAULT 0 NOT NULL,
        recipients TEXT DEFAULT '' NOT NULL,
        labels TEXT DEFAULT '' NOT NULL,
        evidence BIGINT DEFAULT 0 NOT NULL,
        mixed BIGINT DEFAULT 0 NOT NULL,
        subject TEXT DEFAULT '' NOT NULL,
        message_id TEXT DEFAULT '' NOT NULL,
        parents TEXT DEFAULT '' NOT NULL,
        thread TEXT DEFAULT '' NOT NULL,
        marks TEXT,
        keys BLOB NOT NULL,
        uid TEXT,
        ends BIGINT,
        whole_days BIGINT DEFAULT 0 NOT NULL,
        recurring BIGINT DEFAULT 0 NOT NULL,
        cancelled BIGINT DEFAULT 0 NOT NULL,
        declined TEXT
    )
    """,
    "CREATE INDEX item_at ON item (at)",
    """
    CREATE TABLE ledger (
        stream INTEGER NOT NULL,
        remote TEXT NOT NULL,
        reason TEXT DEFAULT '' NOT NULL,
        tries BIGINT DEFAULT 1 NOT NULL,
        tried_at BIGINT DEFAULT 0 NOT NULL,
        next_at BIGINT,
        PRIMARY KEY (stream, remote)
    )
     WITHOUT ROWID
    """,
    """
    CREATE TABLE link (
        hash INTEGER NOT NULL,
        item INTEGER NOT NULL,
        PRIMARY KEY (hash, item)
    )
     WITHOUT ROWID
    """,
    """
    CREATE TABLE meta (
        name TEXT NOT NULL,
        value BLOB NOT NULL,
        PRIMARY KEY (name)
    )
    """,
    """
    CREATE TABLE notice (
        id INTEGER NOT NULL,
        says TEXT DEFAULT '' NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE own (
        address TEXT NOT NULL,
        reason TEXT DEFAULT '' NOT NULL,
        PRIMARY KEY (address)
    )
    """,
    """
    CREATE TABLE party (
        id INTEGER NOT NULL,
        address TEXT NOT NULL,
        name TEXT DEFAULT '' NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    "CREATE UNIQUE INDEX party_of ON party (address, name)",
    """
    CREATE TABLE person (
        id INTEGER NOT NULL,
        name TEXT DEFAULT '' NOT NULL,
        kind TEXT DEFAULT '' NOT NULL,
        sphere TEXT DEFAULT '' NOT NULL,
        joined TEXT DEFAULT '' NOT NULL,
        because TEXT DEFAULT '' NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE person_address (
        address TEXT NOT NULL,
        person INTEGER NOT NULL,
        rank BIGINT DEFAULT 0 NOT NULL,
        PRIMARY KEY (address)
    )
     WITHOUT ROWID
    """,
    "CREATE INDEX person_address_of ON person_address (person, rank)",
    """
    CREATE TABLE placement (
        stream INTEGER NOT NULL,
        remote TEXT NOT NULL,
        item INTEGER NOT NULL,
        listing BIGINT DEFAULT 0 NOT NULL,
        recipients TEXT,
        labels TEXT,
        evidence INTEGER,
        PRIMARY KEY (stream, remote)
    )
     WITHOUT ROWID
    """,
    "CREATE INDEX placement_item ON placement (item)",
    """
    CREATE TABLE posting (
        party INTEGER NOT NULL,
        item INTEGER NOT NULL,
        PRIMARY KEY (party, item)
    )
     WITHOUT ROWID
    """,
    """
    CREATE TABLE shelf (
        stream INTEGER NOT NULL,
        remote TEXT NOT NULL,
        title TEXT DEFAULT '' NOT NULL,
        url TEXT DEFAULT '' NOT NULL,
        published BIGINT,
        source TEXT DEFAULT '' NOT NULL,
        note TEXT DEFAULT '' NOT NULL,
        PRIMARY KEY (stream, remote)
    )
     WITHOUT ROWID
    """,
    """
    CREATE TABLE shown (
        day TEXT NOT NULL,
        slot INTEGER NOT NULL,
        kind TEXT NOT NULL,
        addresses TEXT NOT NULL,
        gift TEXT DEFAULT '' NOT NULL,
        at BIGINT NOT NULL,
        PRIMARY KEY (day, slot)
    )
     WITHOUT ROWID
    """,
    """
    CREATE TABLE stale (
        party INTEGER NOT NULL,
        generation INTEGER NOT NULL,
        PRIMARY KEY (party)
    )
    """,
    """
    CREATE TABLE standing (
        person INTEGER NOT NULL,
        first BIGINT DEFAULT 0 NOT NULL,
        last BIGINT DEFAULT 0 NOT NULL,
        last_mine BIGINT DEFAULT 0 NOT NULL,
        last_theirs BIGINT DEFAULT 0 NOT NULL,
        mine BIGINT DEFAULT 0 NOT NULL,
        theirs BIGINT DEFAULT 0 NOT NULL,
        meetings BIGINT DEFAULT 0 NOT NULL,
        days BIGINT DEFAULT 0 NOT NULL,
        began_mine BIGINT DEFAULT 0 NOT NULL,
        began_theirs BIGINT DEFAULT 0 NOT NULL,
        asked BIGINT DEFAULT 0 NOT NULL,
        answered BIGINT DEFAULT 0 NOT NULL,
        unanswered BIGINT DEFAULT 0 NOT NULL,
        gap REAL,
        warmth TEXT DEFAULT '' NOT NULL,
        open TEXT DEFAULT '' NOT NULL,
        PRIMARY KEY (person)
    )
    """,
    """
    CREATE TABLE statement (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        at BIGINT NOT NULL,
        verb TEXT NOT NULL,
        addresses TEXT NOT NULL,
        text TEXT DEFAULT '' NOT NULL,
        until BIGINT DEFAULT 0 NOT NULL,
        undone_at BIGINT
    )
    """,
    """
    CREATE TABLE stream (
        id INTEGER NOT NULL,
        account INTEGER NOT NULL,
        remote TEXT NOT NULL,
        name TEXT DEFAULT '' NOT NULL,
        role TEXT DEFAULT '' NOT NULL,
        cursor TEXT,
        page_at BIGINT,
        complete_at BIGINT,
        progress REAL,
        listing BIGINT DEFAULT 1 NOT NULL,
        held_at BIGINT,
        first BIGINT,
        last BIGINT,
        PRIMARY KEY (id)
    )
    """,
    "CREATE UNIQUE INDEX stream_of ON stream (account, remote)",
    """
    CREATE TABLE thread (
        id INTEGER NOT NULL,
        opened_by TEXT DEFAULT '' NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE thread_fact (
        fact INTEGER NOT NULL,
        thread INTEGER NOT NULL,
        PRIMARY KEY (fact)
    )
    """,
    "CREATE INDEX thread_fact_of ON thread_fact (thread)",
    """
    CREATE TABLE topic (
        person INTEGER NOT NULL,
        rank INTEGER NOT NULL,
        term TEXT DEFAULT '' NOT NULL,
        weight REAL NOT NULL,
        threads BIGINT DEFAULT 0 NOT NULL,
        last BIGINT DEFAULT 0 NOT NULL,
        PRIMARY KEY (person, rank)
    )
     WITHOUT ROWID
    """,
    """
    CREATE TABLE trace (
        address TEXT NOT NULL,
        blob BLOB NOT NULL,
        PRIMARY KEY (address)
    )
    """,
    "CREATE VIRTUAL TABLE subject_words USING fts5(words, content='', tokenize='unicode61 remove_diacritics 2')",
    "CREATE VIRTUAL TABLE person_words USING fts5(words, tokenize='unicode61 remove_diacritics 2')",
    "CREATE VIRTUAL TABLE note_words USING fts5(words, tokenize='unicode61 remove_diacritics 2')",
)


def upgrade() -> None:
    """As they were on the day of the first release; later tables have later files."""
    for table in TABLES:
        op.execute(table)
