"""How does an older store become one of today? Alembic, imported only when it must."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from agent.store import tables


def upgrade(connection: Connection) -> None:
    """Bring the tables behind `connection` up to date; killed in between, the next time goes on where it stood."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        command.upgrade(settings(connection), "head")
        connection.exec_driver_sql(f"PRAGMA application_id = {tables.APPLICATION}")
        connection.exec_driver_sql(f"PRAGMA user_version = {tables.HEAD}")
        connection.exec_driver_sql("COMMIT")
    except BaseException:
        if connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]
            connection.exec_driver_sql("ROLLBACK")
        raise


def settings(connection: Connection) -> Config:
    """Alembic's settings, without a file of their own."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
