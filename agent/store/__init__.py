"""The only room with SQL. Nothing is imported here: `agent.store.glance` must stay light."""
