// Moving a post in the calendar: by dragging it, or with Alt and an arrow key. The server moves it and shows the days.
const calendar = () => document.getElementById("calendar");
let dragged = null, moved = null;

function send(post, day, hour) {
  const form = document.getElementById("calendar-move");
  moved = post;
  form.elements.post.value = post;
  form.elements.day.value = day;
  form.elements.hour.value = hour ?? "";
  htmx.trigger(form, "submit");
}

function slotOf(event) {
  return event.target instanceof Element ? event.target.closest("#calendar section[data-day], #calendar .cal-slot") : null;
}

function mark(slot) {
  for (const one of calendar().querySelectorAll(".cal-over")) one.classList.remove("cal-over");
  slot?.classList.add("cal-over");
}

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("#calendar [data-moves]")?.dataset.post;
  if (!dragged) return;
  event.dataTransfer.setData("text/plain", dragged);
  event.dataTransfer.effectAllowed = "move";
});

document.addEventListener("dragover", (event) => {
  const slot = dragged && slotOf(event);
  if (!slot) return;
  event.preventDefault();
  mark(slot);
});

document.addEventListener("drop", (event) => {
  const slot = dragged && slotOf(event);
  if (!slot) return;
  event.preventDefault();
  mark(null);
  send(dragged, slot.dataset.day, slot.dataset.hour);
});

document.addEventListener("dragend", () => {
  dragged = null;
  mark(null);
});

document.addEventListener("keydown", (event) => {
  const entry = event.target.closest?.("#calendar [data-moves]");
  const week = calendar()?.querySelector(".cal-week");
  const days = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: week ? 0 : -7, ArrowDown: week ? 0 : 7 }[event.key];
  if (!entry || !event.altKey || days === undefined) return;
  event.preventDefault();
  const day = new Date(`${entry.dataset.day}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  let hour = week ? Number(entry.dataset.hour) : undefined;
  if (week && days === 0) hour = Math.min(23, Math.max(0, hour + (event.key === "ArrowUp" ? -1 : 1)));
  send(entry.dataset.post, day.toISOString().slice(0, 10), hour);
});

document.addEventListener("htmx:afterRequest", (event) => {
  const lost = document.getElementById("cal-lost");
  if (lost && calendar().contains(event.target)) lost.hidden = event.detail.successful;
});

// Whoever moves with the keyboard goes on where they were.
document.addEventListener("htmx:afterSettle", () => {
  if (moved) document.getElementById(`entry-${moved}`)?.focus();
  moved = null;
});
