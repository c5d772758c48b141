"""Runs the revisions on the connection, and in the transaction, that ``benchbox.store.schema`` opened."""

from alembic import context

from benchbox.store.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
