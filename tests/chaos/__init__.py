"""`make chaos`: the real processes, on real servers and strict platforms, killed and failed at every named step.

What went out is counted in each platform's own records, never in ours. Not pytest: a program of its own, since what it
ends and restarts are the very servers a test-suite would stand on.
"""
