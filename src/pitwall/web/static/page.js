// What a page does beside being read. Each part works without script too: as a link, a reload, or fields that are typed into.

import { fetched, visits } from "./visit.js";

// A page that is what was asked for, and not what went wrong.
async function well(address) {
  const [answer, page] = await fetched(address);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return page;
}

// Parts that are fetched again: the part of the same name of the same page takes its place; one that is gone there ends the fetching.
function again(part) {
  const wait = Number(part.dataset.again) * 1000;
  setTimeout(async () => {
    if (!part.isConnected) return;
    if (document.hidden) return again(part);
    let next = part;
    try {
      const found = (await well(location.href)).getElementById(part.id);
      if (!part.isConnected) return;
      if (!found) return location.reload();
      if (found.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) {
        part.replaceWith(found);
        next = found;
        ready(found);
      }
      next.removeAttribute("data-away");
      if (!found.dataset.again) return next.removeAttribute("data-again");
    } catch {
      part.dataset.away = "the server does not answer; trying again";
    }
    again(next);
  }, wait);
}

// Parts that take long: fetched once the page is there.
async function later(part) {
  try {
    const main = (await well(part.dataset.later)).getElementById("main");
    main.querySelectorAll("h1, .summary, nav").forEach((each) => each.remove());
    part.replaceChildren(...main.childNodes);
    part.dataset.there = "";
    ready(part);
  } catch {
    part.dataset.away = "this part could not be fetched";
  }
}

// Lists whose order is an answer: dragged, or moved with the buttons; the order lies in the fields' values, as the list stands.
function sortable(list) {
  const rows = () => [...list.children];
  const told = document.getElementById(list.dataset.tells);
  const number = () => rows().forEach((row, at) => (row.querySelector("[data-place]").textContent = at + 1));
  const say = (row) => told && (told.textContent = `${row.dataset.sorts} is on place ${rows().indexOf(row) + 1}`);
  let held = null;
  list.addEventListener("dragstart", (event) => {
    held = event.target.closest("li");
    event.dataTransfer.effectAllowed = "move";
    held.classList.add("held");
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("li");
    if (!held || !over || over === held) return;
    event.preventDefault();
    const below = event.clientY > over.getBoundingClientRect().top + over.offsetHeight / 2;
    list.insertBefore(held, below ? over.nextSibling : over);
    number();
  });
  list.addEventListener("drop", (event) => event.preventDefault());
  list.addEventListener("dragend", () => {
    held?.classList.remove("held");
    if (held) say(held);
    held = null;
  });
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    event.preventDefault();
    const row = button.closest("li");
    const other = button.dataset.move === "up" ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    list.insertBefore(row, button.dataset.move === "up" ? other : other.nextSibling);
    number();
    say(row);
    button.focus();
  });
}

// A notebook without what it has shown: pictures and tables are not read, and would be most of what is sent.
function bare(text) {
  try {
    const book = JSON.parse(text);
    if (!Array.isArray(book.cells)) return text;
    book.cells.forEach((cell) => ["outputs", "attachments"].forEach((part) => delete cell[part]));
    return JSON.stringify(book);
  } catch {
    return text;
  }
}

// A file is sent as it is, and the page that the server leads to is shown; what went wrong takes the place of this one's content.
async function brought(form) {
  const [file, button] = [form.querySelector("input[type=file]").files[0], form.querySelector("button")];
  const headers = {
    Accept: "text/html",
    "Content-Type": "application/octet-stream",
    "X-Pitwall-Form": form.elements.csrf.value,
    "X-Pitwall-File": encodeURIComponent(file.name),
  };
  button.disabled = true;
  button.textContent = "Being verified";
  const answer = await fetch(form.action, { method: "POST", headers, body: file });
  if (answer.redirected) return location.assign(answer.url);
  const main = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
  document.getElementById("main").replaceWith(main);
  main.focus();
}

function ready(root) {
  const each = (selector, does) => root.querySelectorAll(selector).forEach(does);
  each("[data-again]", again);
  each("[data-later]", (part) => requestIdleCallback(() => later(part), { timeout: 500 }));
  each("[data-tells]", sortable);
  each("form[data-live]", (form) => form.addEventListener("change", () => form.requestSubmit()));
  each("form[data-brings]", (form) =>
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      brought(form).catch(() => location.reload());
    }),
  );
  each("[data-reads]", (input) =>
    input.addEventListener("change", async () => {
      if (input.files.length) document.getElementById(input.dataset.reads).value = bare(await input.files[0].text());
    }),
  );
  each("[data-copy]", (button) =>
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.closest(".code").querySelector("code").textContent);
      button.textContent = "Copied";
    }),
  );
}

const button = document.querySelector("[data-theme-switch]");
button.hidden = false;
button.addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
});
if (document.querySelector("main > [role=status]")) document.getElementById("main").focus();
ready(document);
visits(ready);
