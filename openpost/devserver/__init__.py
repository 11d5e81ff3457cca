"""`make run`: the whole service on this machine, from nothing to an address and a curl that works."""
