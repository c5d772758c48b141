"""The contestants' side of the table: what runs in a player's process. Nothing here scores, counts or keeps a result."""
