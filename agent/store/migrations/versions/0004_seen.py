"""When each person was last seen in anything."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was learned is learned again, since nobody noted it before."""
    op.execute("ALTER TABLE standing ADD COLUMN seen BIGINT DEFAULT 0 NOT NULL")
    op.execute("DELETE FROM meta WHERE name = 'learned_at'")
