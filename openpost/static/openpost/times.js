// What of a time can only be said where it is read: `<time datetime="…" data-told="…">` asks for it.
//   own        the viewer's own clock beside it, where that shows another hour
//   relative   how far it is in words, the exact moment in the title
//   countdown  the same to the second, during the last hour and a half
(() => {
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang || undefined, { numeric: "auto", style: "short" });
  const clock = new Intl.DateTimeFormat(undefined, {
    month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
  });
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

  const relative = (seconds) => {
    const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) || units[3];
    return words.format(Math.round(seconds / size), unit);
  };
  const countdown = (seconds) => {
    if (seconds <= 0) return words.format(0, "second");
    if (seconds >= 5400) return relative(seconds);
    const minutes = Math.floor(seconds / 60);
    return `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
  };
  const offset = (text) => {
    const [, sign, hours, minutes] = text.match(/([+-])(\d\d):(\d\d)$/) || ["", "+", "0", "0"];
    return Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes));
  };

  const tell = (time) => {
    const at = new Date(time.dateTime);
    if (time.dataset.told === "own") {
      if (time.querySelector(".op-own") || offset(time.dateTime) === -at.getTimezoneOffset()) return;
      const own = document.createElement("span");
      own.className = "op-own op-quiet-text";
      own.textContent = ` (${clock.format(at)})`;
      time.append(own);
      return;
    }
    time.title ||= time.textContent;
    const seconds = Math.round((at - Date.now()) / 1000);
    const said = time.dataset.told === "countdown" ? countdown(seconds) : relative(seconds);
    if (time.textContent !== said) time.textContent = said;
  };
  const tellAll = () => document.querySelectorAll("time[data-told]").forEach(tell);

  document.addEventListener("DOMContentLoaded", () => {
    tellAll();
    setInterval(() => document.hidden || tellAll(), 1000);
    new MutationObserver(tellAll).observe(document.body, { childList: true, subtree: true });
  });
})();
