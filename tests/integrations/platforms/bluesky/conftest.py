from tests.peers.pds import pds

__all__ = ["pds"]
