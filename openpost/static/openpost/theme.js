// The theme's components, for the build of Alpine that makes no code of texts, so that the policy may forbid doing so.
// It finds names in components only: they are registered here, and what they ask of the window is handed to them.
document.addEventListener("alpine:init", () => {
  const handed = {
    localStorage: {
      getItem: (key) => localStorage.getItem(key),
      setItem: (key, value) => localStorage.setItem(key, value),
    },
    window: { location: { pathname: location.pathname, search: location.search } },
  };
  Alpine.data("theme", (chosen) => ({ ...handed, ...theme(chosen) }));
  Alpine.data("searchForm", searchForm);
  Alpine.data("searchDropdown", searchDropdown);
  Alpine.data("searchCommand", searchCommand);
  // A text of two statements, of which that build understands none; what it does is done below.
  document.body.removeAttribute("x-init");
});

document.addEventListener("alpine:initialized", () => {
  const page = Alpine.$data(document.body);
  page.activeTab = getCurrentTab() || page.activeTab;
  Alpine.effect(() => localStorage.setItem("sidebarDesktopOpen", page.sidebarDesktopOpen ? "1" : "0"));
});

// Icons are words in a font of icons: nobody should hear them, but what an icon alone stands for.
const SPOKEN = { send: "Home", search: "Search", more_horiz: "More", close: "Close" };
function hideIcons(root) {
  for (const icon of root.querySelectorAll(".material-symbols-outlined")) {
    const control = icon.closest("a, button");
    if (control && !control.ariaLabel && !control.title && control.textContent.trim() === icon.textContent.trim()) {
      control.ariaLabel = SPOKEN[icon.textContent.trim()] ?? icon.textContent.trim().replaceAll("_", " ");
    }
    icon.ariaHidden = "true";
  }
}
document.addEventListener("DOMContentLoaded", () => hideIcons(document));
document.addEventListener("htmx:load", (event) => hideIcons(event.detail.elt));
