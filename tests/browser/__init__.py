"""Whole stories in a real Chromium, on a running OpenPost: `make browser` once, then `pytest tests/browser -n 0`."""
