"""The API's description, OpenAPI 3.1: /v1/openapi.json and /docs.

What the code knows comes from the code: addresses and methods from the URL conf, bodies from the serializers that read
them, limits and choices from their constants, the common manners from this room. What a view means and answers stands
beside it in `schema.py` (settings.API_DESCRIPTIONS lists them), in the words of `shapes` and `calls`. None of it is
loaded before somebody asks for the description.
"""
