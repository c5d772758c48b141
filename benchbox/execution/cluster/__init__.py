"""Cells on the workers of a Dask cluster: what the coordinator does, and what runs in a worker.

Dask schedules, retries and carries; nothing here does. The coordinator's side (``executor``, ``roster``, ``goods``, ``link``)
hands every cell to ``Client.get_executor``; the worker's side (``worker``, ``site``, ``stock``) plays it in a fresh referee, as
``LocalSlots`` does. Both know ``muster``: what a worker must have to take part. Distributed is imported where it is used, so
that benchbox runs without it.
"""
