// What is typed in the composer is kept on the server: after a pause htmx sends it (templates/composer/unsaved.html);
// here, when the page goes away before the pause has ended. What is being saved needs no keeping.
(() => {
  const form = document.getElementById("post_form");
  const keeper = document.getElementById("autosave");
  if (!form || !keeper) return;
  let typed = false, sent = false;

  const keep = () => {
    if (!typed || sent) return Promise.resolve();
    typed = false;
    const fields = [...new FormData(form)].filter(([, value]) => typeof value === "string");
    return fetch(keeper.getAttribute("hx-post"), { method: "POST", body: new URLSearchParams(fields), keepalive: true })
      .catch(() => { typed = true; });
  };

  for (const name of ["input", "change", "compose:changed"]) form.addEventListener(name, () => { typed = true; });
  form.addEventListener("submit", () => { sent = true; });
  addEventListener("pageshow", () => { sent = false; });
  addEventListener("pagehide", keep);
  document.addEventListener("visibilitychange", () => { if (document.hidden) keep(); });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target !== keeper) return;
    if (sent || !typed) event.preventDefault();
    typed = false;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.target !== keeper) return;
    typed ||= !event.detail.successful;
    keeper.parentElement.classList.toggle("is-lost", !event.detail.successful);
  });
  // Its time has come while somebody writes: the fields are locked, and what stands in them is offered.
  document.addEventListener("htmx:afterSwap", () => {
    if (document.querySelector("#live[data-locked]")) keep().then(() => location.reload());
  });
})();
