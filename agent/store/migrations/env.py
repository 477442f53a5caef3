"""Alembic's way in: it works on the connection that it is handed."""

from alembic import context

from agent.store import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,
    transactional_ddl=False,  # whoever called has begun the transaction
)
context.run_migrations()
