"""`manage.py doctor`: each file looks at one kind of thing, and gives findings (health/finding.py)."""
