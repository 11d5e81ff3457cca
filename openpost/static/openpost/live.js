// The live part of a post's page (templates/composer/live.html), which htmx asks for again and again: it rests while
// nobody looks or somebody types in it, and says when the answers stay away.
(() => {
  const part = () => document.getElementById("live");
  let since = new Date();

  const typing = () => part().contains(document.activeElement) && document.activeElement.matches("input");

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt === part() && (document.hidden || typing())) event.preventDefault();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && part()) htmx.trigger(part(), "refresh");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const lost = document.getElementById("live-lost");
    // A part that was exchanged meanwhile is told of where it stood.
    if (!lost?.parentElement.contains(event.target)) return;
    if (event.detail.successful) since = new Date();
    lost.querySelector("time").textContent = since.toLocaleTimeString();
    lost.hidden = event.detail.successful;
  });
})();
