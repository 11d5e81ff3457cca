"""Images are read, cleaned and turned upright in a process of its own (`__main__.py`), with bounds on what it may use.

Decoders of pictures are large C libraries that are fed by strangers: what they do wrong hurts that process alone, and
the web process never loads them.
"""
