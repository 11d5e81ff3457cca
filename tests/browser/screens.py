"""Every screen of admin, in one table. A line here is a picture in `make screenshots` and an audit among the tests."""

from dataclasses import dataclass

from playwright.sync_api import Page

from .world import World


@dataclass(frozen=True)
class Screen:
    """`address` may name an id of the world in braces; `who` is one of the world's sessions."""

    name: str
    address: str
    who: str = "owner"

    def path(self, world: World) -> str:
        return self.address.format(**world.ids)

    def show(self, page: Page, world: World) -> None:
        """This will go there, and see that it is there."""
        answer = page.goto(self.path(world))
        assert answer
        assert answer.ok, f"{self.name}: {answer.status}"
        assert page.url.endswith(self.path(world)), f"{self.name}: sent on to {page.url}"


SCREENS = (
    Screen("sign-in", "/admin/login/", "nobody"),
    Screen("home", "/admin/"),
    Screen("home-empty", "/admin/", "newcomer"),
    Screen("posts", "/admin/posts/post/"),
    Screen("posts-empty", "/admin/posts/post/", "newcomer"),
    Screen("posts-of-a-viewer", "/admin/posts/post/", "viewer"),
    Screen("posts-import", "/admin/posts/post/import/?workspace={workspace}"),
    Screen("post-workspace", "/admin/posts/post/add/", "operator"),
    Screen("post-add", "/admin/posts/post/add/?workspace={workspace}"),
    Screen("post-draft", "/admin/posts/post/{draft}/change/"),
    Screen("post-scheduled", "/admin/posts/post/{scheduled}/change/"),
    Screen("post-publishing", "/admin/posts/post/{publishing}/change/"),
    Screen("post-published", "/admin/posts/post/{published}/change/"),
    Screen("post-failed", "/admin/posts/post/{failed}/change/"),
    Screen("post-failed-in-part", "/admin/posts/post/{in_part}/change/"),
    Screen("post-unknown", "/admin/posts/post/{unknown}/change/"),
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
    Screen("security", "/admin/security/"),
    Screen("keys", "/admin/integrations/apikey/"),
    Screen("key-add", "/admin/integrations/apikey/add/"),
    Screen("webhooks", "/admin/integrations/webhookendpoint/"),
    Screen("webhook-add", "/admin/integrations/webhookendpoint/add/"),
    Screen("webhook", "/admin/integrations/webhookendpoint/{webhook}/change/"),
    Screen("sandbox", "/admin/integrations/sandboxpost/"),
    Screen("users", "/admin/auth/user/", "operator"),
    Screen("user-add", "/admin/auth/user/add/", "operator"),
    Screen("beat", "/admin/django_celery_beat/periodictask/", "operator"),
    Screen("password", "/admin/password_change/"),
)
