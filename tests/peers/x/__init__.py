"""A strict double of X's API v2, a process of its own: `python -m tests.peers.x --port 0`.

It takes exactly what X documents, refuses everything else as X does, and keeps its own records of what was posted:
the tests believe those, not ours. Everything under `/_peer/` is for tests: users, tokens, records, faults.

It shares nothing with the client but the counting of weighted characters, which is compared with X's own library.
https://docs.x.com/x-api/posts/create-post
https://docs.x.com/x-api/users/get-posts
https://docs.x.com/x-api/media/quickstart/media-upload-chunked
https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code
"""
