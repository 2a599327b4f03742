// A race as it is told: the stream of this server is read, the table and the ribbons follow, and the reader may stand still or go elsewhere.
// Without this script the page shows the newest lap, or the one of its address.

const root = document.querySelector("[data-live]");
const part = (name) => root.querySelector(`[data-${name}]`);
const table = document.querySelector("section:has(#running-order) table");
const lapsTable = document.querySelector("section:has(#laps) table");
const notesAt = document.getElementById("running-order");
const [WIN, PODIUM, SOON] = ["race_winner_live", "podium_live", "safety_car_soon"];
const SVG = "http://www.w3.org/2000/svg";
const [LEFT, RIGHT, TOP, BOTTOM] = [38, 104, 8, 24];
const MOST = 9;
const NAMED = 0.12; // a ribbon that is as wide somewhere has its name there

const state = { laps: [], by: new Map(), at: null, asked: null, newest: true, playing: null, ended: root.dataset.goesOn === "" };

// What cells say; the same as on the server.
const known = (value) => typeof value === "number";
const percent = (value) => (!known(value) ? "" : value < 0.0005 ? "-" : (value * 100).toFixed(value < 0.0995 ? 1 : 0));
const seconds = (value) => (known(value) ? (value < 0 ? "" : "+") + value.toFixed(3) : "");
const lapTime = (value) => {
  if (!known(value)) return "";
  const all = Math.round(value * 1000);
  return `${Math.floor(all / 60000)}:${((all % 60000) / 1000).toFixed(3).padStart(6, "0")}`;
};
const gap = (car, answer) => {
  const behind = answer.lap - car.laps;
  return behind > 1 ? `${behind} laps` : car.place === 1 ? "leader" : seconds(car.gap_s);
};
const tyre = (car) => (car.compound ? car.compound[0] + (known(car.tyre_laps) ? ` ${car.tyre_laps.toFixed(0)}` : "") : "");
const cells = (car, answer) => [
  car.place ?? "", car.driver, car.team, car.out ? "out" : gap(car, answer), car.out ? "" : seconds(car.interval_s),
  lapTime(car.last_lap_s), tyre(car), car.stops, percent(car.answers[WIN]), percent(car.answers[PODIUM]),
  lapTime(car.answers.lap_time?.p50), seconds(car.answers.gap_in_5?.p50), percent(car.answers.pit_within),
];

function headline(answer) {
  const said = [`lap ${answer.lap}${answer.distance ? ` of ${answer.distance}` : ""}`, answer.state];
  if (known(answer.answers[SOON])) said.push(`safety car within 5 laps ${percent(answer.answers[SOON])} %`);
  if (answer.revision > 1) said.push(`answer revised (${answer.revision})`);
  return `${said.join(", ")}, ${answer.source}, ${answer.instant.slice(0, 19).replace("T", " ")} UTC`;
}

function element(name, text, ...classes) {
  const made = document.createElement(name);
  made.textContent = text;
  made.classList.add(...classes);
  return made;
}

function showTable(answer) {
  const right = [...table.tHead.rows[0].cells].map((cell) => cell.classList.contains("n"));
  const rows = answer.cars.map((car) => {
    const row = document.createElement("tr");
    cells(car, answer).forEach((text, at) => row.append(element("td", text, ...(right[at] ? ["n"] : []))));
    if (car.out) row.classList.add("off");
    return row;
  });
  table.tBodies[0].replaceChildren(...rows);
}

function showNotes(answer) {
  notesAt.parentElement.querySelectorAll(".note").forEach((note) => note.remove());
  const notes = [...(answer.withheld ? ["nothing is answered: what is known is too old"] : []), ...answer.notes];
  notesAt.after(...notes.map((text) => element("p", text, "note")));
}

// Who has a ribbon: the likeliest in the mean, all others share one.
function ribbons() {
  const sums = new Map();
  for (const lap of state.laps) {
    for (const car of state.by.get(lap).cars) {
      if (known(car.answers[WIN])) sums.set(car.driver, (sums.get(car.driver) ?? 0) + car.answers[WIN]);
    }
  }
  const names = [...sums.keys()].sort((a, b) => sums.get(b) - sums.get(a) || (a < b ? -1 : 1)).slice(0, MOST);
  const told = state.laps.filter((lap) => state.by.get(lap).cars.some((car) => known(car.answers[WIN])));
  const chances = (lap) => Object.fromEntries(state.by.get(lap).cars.map((car) => [car.driver, car.answers[WIN] ?? 0]));
  return { names, told, chances };
}

function drawn(name, attributes, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

function showRibbons() {
  const { names, told, chances } = ribbons();
  const svg = part("ribbons");
  if (!told.length) return;
  svg.toggleAttribute("hidden", false);
  part("ribbons-say").hidden = false;
  const [WIDTH, HEIGHT] = [Math.max(340, Math.min(900, root.clientWidth)), 300];
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  const last = Math.max(told.at(-1), state.by.get(told.at(-1)).distance ?? 1, 1);
  const x = (lap) => LEFT + ((WIDTH - LEFT - RIGHT) * lap) / last;
  const y = (chance) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - chance);
  const colours = root.dataset.colours.split(" ");
  const parts = [];
  const labels = [];
  for (const lap of told) {
    const what = { "safety car": "#f2c94c", "virtual safety car": "#f2c94c", stopped: "#c81d25" }[state.by.get(lap).state];
    if (what) parts.push(drawn("rect", { x: x(lap - 1), y: 0, width: x(lap) - x(lap - 1), height: TOP - 2, fill: what }));
  }
  const base = told.map(() => 0);
  [...names, "others"].forEach((name, number) => {
    const own = told.map((lap, at) => {
      const said = chances(lap);
      return name === "others" ? Math.max(0, 1 - base[at]) : (said[name] ?? 0);
    });
    const low = told.map((lap, at) => `${x(lap).toFixed(1)},${y(base[at]).toFixed(1)}`);
    own.forEach((chance, at) => (base[at] += chance));
    const high = told.map((lap, at) => `${x(lap).toFixed(1)},${y(base[at]).toFixed(1)}`).reverse();
    const fill = name === "others" ? colours.at(-1) : colours[number % (colours.length - 1)];
    parts.push(drawn("polygon", { points: [...low, ...high].join(" "), fill, stroke: "#fff", "stroke-width": 0.6 }));
    const widest = own.indexOf(Math.max(...own));
    if (own[widest] >= NAMED) {
      const where = { x: x(told[widest]), y: y(base[widest] - own[widest] / 2) + 4, "font-size": 12, "text-anchor": "middle" };
      labels.push(drawn("text", { ...where, fill: "#fff", stroke: "#1f2933", "stroke-width": 2.5, "paint-order": "stroke" }, name));
    }
    const end = own.at(-1);
    if (end >= 0.03) {
      const text = `${name} ${percent(end)} %`;
      parts.push(drawn("text", { x: x(told.at(-1)) + 5, y: y(base.at(-1) - end / 2) + 4, "font-size": 12, fill: "#1f2933" }, text));
    }
  });
  for (const share of [0, 0.5, 1]) parts.push(drawn("text", { x: LEFT - 5, y: y(share) + 4, "font-size": 11, "text-anchor": "end", fill: "#52606d" }, `${share * 100} %`));
  for (let lap = 0; lap <= last; lap += Math.max(5, Math.ceil(last / 50) * 5)) parts.push(drawn("text", { x: x(lap), y: HEIGHT - 6, "font-size": 11, "text-anchor": "middle", fill: "#52606d" }, lap));
  parts.push(...labels);
  const now = state.at ?? told.at(-1);
  parts.push(drawn("line", { x1: x(now), x2: x(now), y1: TOP, y2: HEIGHT - BOTTOM, stroke: "#000", "stroke-width": 1.5, "stroke-dasharray": "4 3" }));
  svg.replaceChildren(...parts);
  svg.onclick = (event) => {
    const box = svg.getBoundingClientRect();
    go(Math.round((((event.clientX - box.left) * WIDTH) / box.width - LEFT) / ((WIDTH - LEFT - RIGHT) / last)));
  };
  if (lapsTable?.closest("details").open) showLaps(names, told, chances);
}

function showLaps(names, told, chances) {
  const heads = ["lap", ...names].map((name) => Object.assign(element("th", name, "n"), { scope: "col" }));
  lapsTable.tHead.rows[0].replaceChildren(...heads);
  const rows = told.map((lap) => {
    const row = document.createElement("tr");
    row.append(...[lap, ...names.map((name) => percent(chances(lap)[name]))].map((text) => element("td", text, "n")));
    return row;
  });
  lapsTable.tBodies[0].replaceChildren(...rows);
}

// The newest lap that is not behind the one that is asked for.
const nearest = (lap) => state.laps.filter((each) => each <= lap).at(-1) ?? state.laps[0];

function show() {
  const answer = state.by.get(state.newest ? state.laps.at(-1) : nearest(state.asked ?? state.at));
  if (!answer) return;
  state.at = answer.lap;
  part("now").textContent = headline(answer);
  const seek = part("seek");
  seek.min = state.laps[0];
  seek.max = state.laps.at(-1);
  seek.value = answer.lap;
  seek.setAttribute("aria-valuetext", `lap ${answer.lap}`);
  part("at").textContent = `${answer.lap} of ${state.laps.at(-1)}`;
  showTable(answer);
  showNotes(answer);
  showRibbons();
}

let due = false;
function soon() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    show();
  });
}

function go(lap) {
  if (!state.laps.length) return;
  state.asked = null;
  state.at = nearest(lap);
  state.newest = state.at === state.laps.at(-1) && !state.ended;
  soon();
}

function play(on) {
  clearInterval(state.playing);
  state.playing = null;
  part("play").textContent = on ? "Pause" : "Play";
  if (!on) return;
  if (state.at === state.laps.at(-1)) go(state.laps[0]);
  state.newest = false;
  state.playing = setInterval(() => {
    const next = state.laps.find((lap) => lap > state.at);
    if (next !== undefined) go(next);
    else if (state.ended) play(false);
  }, 1000 / Number(part("pace").value));
}

function trouble(text) {
  part("trouble").textContent = text;
  part("trouble").hidden = !text;
}

function take(answer) {
  if (!state.by.has(answer.lap)) state.laps = [...state.laps, answer.lap].sort((a, b) => a - b);
  state.by.set(answer.lap, answer);
  soon();
}

const stream = new EventSource(`/api/v1/live?${new URLSearchParams({ race: root.dataset.live, start: "beginning" })}`);
let streamed = "";
stream.addEventListener("answer", (event) => {
  const began = event.lastEventId.split("-")[0];
  if (streamed && streamed !== began) [state.laps, state.by, state.at, state.newest, state.ended] = [[], new Map(), null, true, false];
  streamed = began;
  trouble("");
  take(JSON.parse(event.data));
});
stream.addEventListener("silence", (event) => trouble(`The watcher has written nothing for ${JSON.parse(event.data).silent_s} s; what is shown is what it said last.`));
stream.addEventListener("skipped", (event) => trouble(`${JSON.parse(event.data).answers} answers were left out, since this page was behind.`));
stream.addEventListener("end", (event) => {
  state.ended = true;
  stream.close();
  part("says").textContent = `No more will come: ${JSON.parse(event.data).why}.`;
});
stream.addEventListener("error", () => {
  if (stream.readyState === EventSource.CLOSED) trouble("The stream was refused or has ended; reload the page to see what is known now.");
  else trouble("The server does not answer; trying again.");
});

part("hand").hidden = true;
part("player").hidden = false;
part("play").addEventListener("click", () => play(state.playing === null));
part("pace").addEventListener("change", () => state.playing !== null && play(true));
part("newest").addEventListener("click", () => {
  play(false);
  [state.newest, state.asked] = [true, null];
  soon();
});
part("seek").addEventListener("input", (event) => go(Number(event.target.value)));
root.querySelectorAll("[data-step]").forEach((button) =>
  button.addEventListener("click", () => {
    play(false);
    const next = Number(button.dataset.step) > 0 ? state.laps.find((lap) => lap > state.at) : state.laps.filter((lap) => lap < state.at).at(-1);
    if (next !== undefined) go(next);
  }),
);
lapsTable?.closest("details").addEventListener("toggle", soon);
const asked = new URLSearchParams(location.search).get("lap");
if (asked !== null) [state.newest, state.asked] = [false, Number(asked)];
