"""What a page must never do, whatever the story: noted while it happens, and held against the test at its end."""

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

#: Chromium says so in the console of every answer from 400 up; `_answered` knows better which are faults.
OF_AN_ANSWER = "Failed to load resource: the server responded with a status of"
#: So does htmx of a request that ends because somebody leaves the page. What goes wrong otherwise has names of its own.
OF_LEAVING = ("htmx:sendAbort", "htmx:afterRequest")
#: What makes up a page: without it, the page is not what it should be. A document's 404 may be the story's point.
PARTS = ("script", "stylesheet", "image", "font", "media", "manifest")


def watch(context: BrowserContext, host: str) -> list[str]:
    """This will note from now on what goes wrong in any page of the context, in the list that it gives.

    A request to another host than `host` ("127.0.0.1:8000"), an error in the console (a breach of the
    Content-Security-Policy is one) or of a script, an answer from 500 up, a part of a page that is not there.
    """
    faults: list[str] = []

    def asked(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.netloc != host:
            faults.append(f"asked another host: {request.url}")

    def answered(response: Response) -> None:
        least = 400 if response.request.resource_type in PARTS else 500
        if response.status >= least:
            faults.append(f"{response.status}: {response.request.method} {response.url}")

    def logged(message: ConsoleMessage) -> None:
        known = message.text.startswith(OF_AN_ANSWER) or message.text in OF_LEAVING
        if message.type == "error" and not known:
            faults.append(f"in the console: {message.text}")

    def broke(error: WebError) -> None:
        faults.append(f"a script broke: {error.error}")

    context.on("request", asked)
    context.on("response", answered)
    context.on("console", logged)
    context.on("weberror", broke)
    return faults
