"""How each account's rounds go, and what is doubted."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COLUMNS = {
    "account": (
        "enabled BIGINT DEFAULT 1 NOT NULL",
        "lane BIGINT DEFAULT 1 NOT NULL",
        "off_at BIGINT",
        "state TEXT DEFAULT '' NOT NULL",
        "why TEXT DEFAULT '' NOT NULL",
        "remedy TEXT DEFAULT '' NOT NULL",
        "failures BIGINT DEFAULT 0 NOT NULL",
        "limited BIGINT DEFAULT 0 NOT NULL",
        "bound BIGINT DEFAULT 0 NOT NULL",
        "since BIGINT",
        "refused_at BIGINT",
        "first_at BIGINT",
        "begun_at BIGINT",
        "ended_at BIGINT",
        "complete_at BIGINT",
        "next_at BIGINT",
    ),
    "stream": (
        "whole BIGINT DEFAULT 1 NOT NULL",
        "epoch BIGINT DEFAULT 1 NOT NULL",
        "reset_at BIGINT",
        "degraded TEXT DEFAULT '' NOT NULL",
        "audited_at BIGINT",
        "repaired BIGINT DEFAULT 0 NOT NULL",
        "lacking BIGINT DEFAULT 0 NOT NULL",
        "lacking_at BIGINT",
    ),
    "card": ("listing BIGINT DEFAULT 0 NOT NULL",),
    "shelf": ("listing BIGINT DEFAULT 0 NOT NULL",),
}

TABLES = (
    """
    CREATE TABLE suspect (
        stream INTEGER NOT NULL,
        remote TEXT NOT NULL,
        at BIGINT NOT NULL,
        PRIMARY KEY (stream, remote)
    )
     WITHOUT ROWID
    """,
    """
    CREATE TABLE request (
        account TEXT NOT NULL,
        at BIGINT NOT NULL,
        PRIMARY KEY (account)
    )
    """,
)


def upgrade() -> None:
    """What was listed to its end before is not in the middle of a listing now."""
    for table, columns in COLUMNS.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    for statement in TABLES:
        op.execute(statement)
    op.execute("UPDATE stream SET whole = 0 WHERE complete_at IS NOT NULL")
