"""Platforms on loopback, each a process of its own: real servers where there are any, strict doubles else."""
