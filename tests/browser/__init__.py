"""Whole stories in a real Chromium, on a running OpenPost: `make browser` once, then `pytest tests/browser -n 0`.

**A story** is a test in a `test_*.py` here. It asks for fixtures of conftest.py:

    def test_an_editor_does_something(visit: Callable[..., Page], team: Team, program: Program) -> None:
        page = visit(team.sessions["editor"], "/admin/posts/post/")
        page.get_by_role("link", name="…").click()
        expect(page.get_by_text("…")).to_be_visible()

`page` is the team's owner; `program` speaks to the API with the team's key, for what the story finds; `seed` runs a
function on the stack's database, for what no API brings about (seeds.py, or one beside the story); `audit(page)` holds
the page against axe-core. A story changes only what is its team's: `world` is for looking. It waits with `expect`,
never for a time: other tests run beside it. It fails by itself when a page does what none may (watch.py), and what a
story that failed saw last lies in `.openpost/test/browser`.

**A screen** is a line in screens.py: it gets an audit in `make explore` (the typical ones whenever the tests run), and
its pictures in `make screenshots`. What it shows is in world.py. A picture that is copied to docs/screenshots is made
anew there each time.
"""
