"""What the user answers by mail."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE mailed (
        day TEXT NOT NULL,
        slot INTEGER NOT NULL,
        addresses TEXT NOT NULL,
        PRIMARY KEY (day, slot)
    )
     WITHOUT ROWID
    """,
    """
    CREATE TABLE heard (
        mail TEXT NOT NULL,
        at BIGINT NOT NULL,
        day TEXT DEFAULT '' NOT NULL,
        why TEXT DEFAULT '' NOT NULL,
        told TEXT DEFAULT '' NOT NULL,
        PRIMARY KEY (mail)
    )
    """,
)


def upgrade() -> None:
    """What was said before was said at the machine. The digests of before carry no links to answer by."""
    op.execute("ALTER TABLE statement ADD COLUMN answers TEXT DEFAULT '' NOT NULL")
    for statement in TABLES:
        op.execute(statement)
