"""Bounds of requests that are told of before there is any Django, in the worker of the web process."""

#: The largest JSON body, bytes.
API_MAX_BODY = 1024 * 1024
