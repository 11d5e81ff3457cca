"""`make api`: schemathesis makes thousands of requests of what the API says of itself, and holds each answer to it."""
