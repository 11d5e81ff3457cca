"""The calendar of admin: the posts of a month or a week on one clock, and moving them to another time."""
