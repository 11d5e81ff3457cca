"""Every screen of admin, in one table. A line here is a picture in `make screenshots` and an audit among the tests."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from .world import World

Act = Callable[[Page], None]


@dataclass(frozen=True)
class Screen:
    """`address` may name an id of the world in braces; `who` is one of the world's sessions; `act`: what they do there.

    Other screens show nothing of what is done, whichever comes first.
    """

    name: str
    address: str
    who: str = "owner"
    act: Act | None = None

    def path(self, world: World) -> str:
        return self.address.format(**world.ids)

    def show(self, page: Page, world: World) -> None:
        """This will go there, and see that it is there."""
        answer = page.goto(self.path(world))
        assert answer
        assert answer.ok, f"{self.name}: {answer.status}"
        assert page.url.endswith(self.path(world)), f"{self.name}: sent on to {page.url}"
        if self.act:
            self.act(page)


def press(name: str, then: str) -> Act:
    """This will press a button, and wait for some text."""

    def act(page: Page) -> None:
        page.get_by_role("button", name=name, exact=True).first.click()
        page.get_by_text(then).first.wait_for()

    return act


def choose_two_and_cancel(page: Page) -> None:
    for text in ("Last tickets", "The old mill"):
        page.get_by_role("row").filter(has_text=text).get_by_role("checkbox").check()
    page.locator("select[name=action]").select_option("cancel")
    page.get_by_role("button", name="Run").click()
    page.get_by_text("become drafts").wait_for()


def try_a_table(page: Page) -> None:
    page.locator("textarea").fill("content,platforms\nSpring is here,twitter\nSummer too,mars\n")
    page.get_by_role("button", name="See what would be made").click()
    page.get_by_text("not every line can be").wait_for()


def type_and_go(page: Page) -> None:
    """They close the tab, and are back later."""
    address = page.url
    page.get_by_role("textbox", name="Text", exact=True).fill("A walk along the stream, with the heron")
    page.goto("/admin/")
    page.goto(address)
    page.get_by_text("You have unsaved changes").wait_for()


def write_at_once(page: Page) -> None:
    """They save what somebody else has saved since they opened it."""
    field = page.get_by_role("textbox", name="Text", exact=True)
    field.fill("Meet the millers")
    other = page.context.new_page()
    other.goto(page.url)
    others = other.get_by_role("textbox", name="Text", exact=True)
    others.fill(others.input_value() + " and a cat")
    other.get_by_role("button", name="Save draft").click()
    other.get_by_text("Saved as a draft").wait_for()
    other.close()
    page.get_by_role("button", name="Save draft").click()
    page.get_by_text("while you were writing").wait_for()


def make_a_key(page: Page) -> None:
    page.get_by_label("Name").fill("Newsletter")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("It is shown this once").wait_for()


SCREENS = (
    Screen("sign-in", "/admin/login/", "nobody"),
    Screen("second-factor", "/admin/second-factor/", "half_in"),
    Screen("home", "/admin/"),
    Screen("home-empty", "/admin/", "newcomer"),
    Screen("posts", "/admin/posts/post/"),
    Screen("posts-empty", "/admin/posts/post/", "newcomer"),
    Screen("posts-of-a-viewer", "/admin/posts/post/", "viewer"),
    Screen("posts-filters", "/admin/posts/post/", act=press("Filters", "By status")),
    Screen("posts-sure", "/admin/posts/post/", act=choose_two_and_cancel),
    Screen("posts-import", "/admin/posts/post/import/"),
    Screen("posts-import-tried", "/admin/posts/post/import/", act=try_a_table),
    Screen("post-workspace", "/admin/posts/post/add/", "operator"),
    Screen("post-add", "/admin/posts/post/add/?workspace={workspace}"),
    Screen("post-draft", "/admin/posts/post/{draft}/change/"),
    Screen("post-scheduled", "/admin/posts/post/{scheduled}/change/"),
    Screen("post-publishing", "/admin/posts/post/{publishing}/change/"),
    Screen("post-published", "/admin/posts/post/{published}/change/"),
    Screen("post-failed", "/admin/posts/post/{failed}/change/"),
    Screen("post-failed-in-part", "/admin/posts/post/{in_part}/change/"),
    Screen("post-unknown", "/admin/posts/post/{unknown}/change/"),
    Screen("post-unsaved", "/admin/posts/post/{kept}/change/", "editor", type_and_go),
    Screen("post-conflict", "/admin/posts/post/{shared}/change/", "admin", write_at_once),
    Screen("post-delete", "/admin/posts/post/{draft}/delete/"),
    Screen("calendar", "/admin/calendar/"),
    Screen("calendar-week", "/admin/calendar/?view=week"),
    Screen("files", "/admin/posts/media/"),
    Screen("file", "/admin/posts/media/{picture}/change/"),
    Screen("accounts", "/admin/integrations/integration/"),
    Screen("account", "/admin/integrations/integration/{account}/change/"),
    Screen("account-lost", "/admin/integrations/integration/{lost_account}/change/"),
    Screen("account-connect", "/admin/integrations/integration/connect/"),
    Screen("account-disconnect", "/admin/integrations/integration/{account}/disconnect/"),
    Screen("targets", "/admin/posts/posttarget/"),
    Screen("timeline", "/admin/posts/event/"),
    Screen("attempts", "/admin/publishing/attempt/"),
    Screen("deliveries", "/admin/publishing/delivery/"),
    Screen("workspaces", "/admin/integrations/workspace/"),
    Screen("workspace", "/admin/integrations/workspace/{workspace}/change/"),
    Screen("members", "/admin/integrations/membership/"),
    Screen("audit-log", "/admin/integrations/auditentry/"),
    Screen("member-invite", "/admin/integrations/membership/add/"),
    Screen("alerts", "/admin/alerts/"),
    Screen("security", "/admin/security/"),
    Screen("security-set-up", "/admin/security/", "viewer", press("Set up a second factor", "Scan this")),
    Screen("keys", "/admin/integrations/apikey/"),
    Screen("key-add", "/admin/integrations/apikey/add/"),
    Screen("key-made", "/admin/integrations/apikey/add/", "newcomer", make_a_key),
    Screen("key-missing", "/admin/integrations/apikey/?q=nothing", "newcomer"),
    Screen("accounts-of-a-viewer", "/admin/integrations/integration/", "viewer"),
    Screen("webhooks", "/admin/integrations/webhookendpoint/"),
    Screen("webhook-add", "/admin/integrations/webhookendpoint/add/"),
    Screen("webhook", "/admin/integrations/webhookendpoint/{webhook}/change/"),
    Screen("sandbox", "/admin/integrations/sandboxpost/"),
    Screen("users", "/admin/auth/user/", "operator"),
    Screen("user-add", "/admin/auth/user/add/", "operator"),
    Screen("beat", "/admin/django_celery_beat/periodictask/", "operator"),
    Screen("password", "/admin/password_change/"),
)
#: One of each kind, by name: these are held against axe-core whenever the tests run, the others in `make explore`.
TYPICAL = {"sign-in", "home", "posts", "post-scheduled", "post-unknown", "calendar", "account"}
