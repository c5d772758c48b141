"""Shutting contestants in: processes that see Python, the installed packages and their own files, and nothing else."""
