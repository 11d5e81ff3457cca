// The composer's hands: it moves, copies and uploads. What is right, and how long a text is, the server says.
(() => {
  const form = document.getElementById("post_form");
  if (!form) return;
  form.classList.add("cp-scripted");
  const $ = (selector, root = form) => root.querySelector(selector);
  const all = (selector, root = form) => [...root.querySelectorAll(selector)];
  const changed = () => form.dispatchEvent(new Event("compose:changed"));
  const content = $("[name=content]");

  // A text grows with what is in it, where the browser does not see to that by itself.
  const grow = (area) => {
    if (CSS.supports("field-sizing", "content")) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  };
  all("textarea").forEach(grow);

  // A platform's panel stands there while an account of it is chosen.
  const showPanels = () => {
    const on = new Set(all("[name=accounts]:checked").map((box) => box.dataset.platform));
    all("[data-panel]").forEach((panel) => panel.classList.toggle("is-on", on.has(panel.dataset.panel)));
  };

  // A platform's own text begins as the content, and follows it until it differs.
  let before = content.value;
  const own = (platform) => $(`[name="text-${platform}"]`);
  const follow = () => {
    all("[data-own]:checked").forEach((box) => {
      if (own(box.dataset.own).value === before) own(box.dataset.own).value = content.value;
    });
    before = content.value;
  };
  const setOwn = (box, on) => {
    box.checked = on;
    own(box.dataset.own).value = on ? content.value : "";
    if (on) own(box.dataset.own).focus();
    grow(own(box.dataset.own));
  };

  // Files and parts are list items: each moves among its kind.
  const move = (item, by) => {
    const other = by < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (!other || (by < 0 && other.dataset.part === "")) return;
    by < 0 ? other.before(item) : other.after(item);
    changed();
  };
  const remove = (item) => {
    const next = item.nextElementSibling || item.previousElementSibling;
    item.remove();
    $("button, textarea", next || form)?.focus();
    changed();
  };
  const addPart = () => {
    const key = `n${Date.now().toString(36)}`;
    const made = document.createElement("div");
    made.innerHTML = document.getElementById("cp-new-part").innerHTML.replaceAll("newpart", key);
    const part = made.firstElementChild;
    document.getElementById("cp-thread").append(part);
    htmx.process(part);
    $("textarea", part).focus();
  };

  // Files come one after the other, each with its progress.
  const listOf = (key) => $(`[data-media="${key}"]`);
  const put = (html, place) => {
    place.insertAdjacentHTML("beforebegin", html);
    htmx.process(place.previousElementSibling);
    place.remove();
    changed();
  };
  const placeIn = (key) => listOf(key).appendChild(Object.assign(document.createElement("li"), { className: "cp-file cp-coming" }));
  const upload = (key, file) =>
    new Promise((done) => {
      const item = placeIn(key);
      item.append(file.name, document.createElement("progress"));
      const body = new FormData();
      body.append("part", key);
      body.append("file", file);
      const request = new XMLHttpRequest();
      request.open("POST", form.dataset.upload);
      request.setRequestHeader("X-CSRFToken", $("[name=csrfmiddlewaretoken]").value);
      request.upload.onprogress = (event) => Object.assign($("progress", item), { max: event.total, value: event.loaded });
      request.onloadend = () => {
        if (request.status === 200) put(request.responseText, item);
        else say(key, file.name, request.status ? request.responseText : form.dataset.lost), item.remove();
        done();
      };
      request.send(body);
    });
  const say = (key, name, sentence) => {
    const line = document.createElement("li");
    line.className = "cp-wrong";
    line.setAttribute("role", "alert");
    line.textContent = `${name}: ${sentence.length < 300 ? sentence : form.dataset.unkept}`;
    document.getElementById(key ? `cp-says-media-${key}` : "cp-says-media").append(line);
  };
  const uploadAll = async (key, files) => {
    for (const file of files) await upload(key, file);
  };

  // The dialog of files there are already.
  const dialog = document.getElementById("cp-files");
  let choosing = "";
  const choose = (key) => {
    choosing = key;
    htmx.ajax("GET", dialog.dataset.files, { target: "#cp-files-body", swap: "innerHTML" });
    dialog.showModal();
  };
  const take = async (id) => {
    const answer = await fetch(`${dialog.dataset.files}${id}/?part=${choosing}`);
    if (answer.ok) put(await answer.text(), placeIn(choosing));
  };
  dialog.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (event.target === dialog || button?.matches("[data-close]")) dialog.close();
    else if (button?.dataset.take && button.ariaPressed !== "true") {
      button.ariaPressed = "true";
      take(button.dataset.take);
    }
  });

  const setTime = (day, time) => {
    $("[name=at_0]").value = day;
    $("[name=at_1]").value = time;
    changed();
  };

  const clicks = {
    "data-add-part": addPart,
    "data-move-part": (button) => (move(button.closest(".cp-part"), Number(button.dataset.movePart)), button.focus()),
    "data-remove-part": (button) => remove(button.closest(".cp-part")),
    "data-move-file": (button) => (move(button.closest(".cp-file"), Number(button.dataset.moveFile)), button.focus()),
    "data-remove-file": (button) => remove(button.closest(".cp-file")),
    "data-choose": (button) => choose(button.dataset.choose),
    "data-same": (button) => (setOwn($(`[data-own="${button.dataset.same}"]`), false), changed()),
    "data-day": (button) => (setTime(button.dataset.day, button.dataset.time), button.remove(), $("[name=at_1]").focus()),
    "data-no-time": () => setTime("", ""),
    "data-new-group": () => (($("[name=group_id]").value = crypto.randomUUID()), changed()),
  };
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    for (const [name, act] of Object.entries(clicks)) if (button?.hasAttribute(name)) act(button);
  });
  form.addEventListener("input", (event) => {
    if (event.target === content) follow();
    if (event.target.matches("textarea")) grow(event.target);
  });
  form.addEventListener("change", (event) => {
    const box = event.target;
    if (box.name === "accounts") showPanels();
    if (box.dataset.own) setOwn(box, box.checked);
  });
  // Before the input itself hears of it: the theme would look for a field that shows the file's name.
  form.addEventListener("change", (event) => {
    const input = event.target;
    if (input.dataset.uploadTo === undefined) return;
    event.stopPropagation();
    uploadAll(input.dataset.uploadTo, [...input.files]).then(() => (input.value = ""));
  }, true);

  // A tag becomes a box that is ticked, as the others are.
  const tags = $("[name=tags_new]");
  tags.addEventListener("keydown", (event) => {
    const text = tags.value.trim();
    if (!["Enter", ","].includes(event.key) || !text) return;
    event.preventDefault();
    const chip = document.createElement("label");
    chip.className = "cp-chip";
    chip.append(Object.assign(document.createElement("input"), { type: "checkbox", name: "tags", value: text, checked: true }), ` ${text}`);
    tags.before(chip);
    tags.value = "";
  });

  // Dragging: files of one's own onto a part, and items among their kind.
  let dragged = null;
  form.addEventListener("dragstart", (event) => (dragged = event.target.closest?.(".cp-file")));
  form.addEventListener("dragend", () => (dragged = null));
  form.addEventListener("dragover", (event) => {
    const part = event.target.closest(".cp-part");
    if (!part || !(dragged || event.dataTransfer.types.includes("Files"))) return;
    event.preventDefault();
    const over = event.target.closest(".cp-file");
    if (dragged && over && over !== dragged && over.parentElement === dragged.parentElement) {
      const after = dragged.compareDocumentPosition(over) & Node.DOCUMENT_POSITION_FOLLOWING;
      after ? over.after(dragged) : over.before(dragged);
    }
    part.classList.toggle("is-over", !dragged);
  });
  form.addEventListener("dragleave", (event) => event.target.closest(".cp-part")?.classList.remove("is-over"));
  form.addEventListener("drop", (event) => {
    const part = event.target.closest(".cp-part");
    if (!part) return;
    event.preventDefault();
    part.classList.remove("is-over");
    if (dragged) changed();
    else uploadAll(part.dataset.part, [...event.dataTransfer.files]);
  });
  form.addEventListener("paste", (event) => {
    const part = event.target.closest(".cp-part");
    const files = [...event.clipboardData.files];
    if (!part || !files.length) return;
    event.preventDefault();
    uploadAll(part.dataset.part, files);
  });

  // What stands on the right is marked when it is not what the server would say now.
  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.target.id === "cp-previews") form.classList.toggle("is-stale", !event.detail.successful);
  });
  showPanels();
})();
