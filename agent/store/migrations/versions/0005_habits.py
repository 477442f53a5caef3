"""Which lines senders write again and again, as keyed hashes."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing of it can be known of mails that were read before: their texts are gone."""
    op.execute(
        """
        CREATE TABLE habit (
            account INTEGER NOT NULL,
            sender TEXT NOT NULL,
            mails BLOB NOT NULL,
            at BIGINT NOT NULL,
            PRIMARY KEY (account, sender)
        )
         WITHOUT ROWID
        """
    )
