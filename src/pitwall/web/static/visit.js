// Going from page to page: the new page's content takes the place of the old one's, while styles, scripts and the frame stay as they are.
// Without this script the browser goes there itself; so it does where a page has a script of its own, or where what comes is no page.

const scripts = (page) => [...page.querySelectorAll("script[src]")].map((each) => each.getAttribute("src")).join(" ");
const FIRST = 3; // sections of a page
const place = (address) => address.pathname + address.search;
const ours = (address) => address.origin === location.origin && !address.pathname.startsWith("/api/");

// The frame that comes next shows the top of a page; what lies further down is laid out after it.
function topFirst(main) {
  const below = [...main.querySelectorAll(":scope > section")].slice(FIRST);
  below.forEach((section) => (section.style.contentVisibility = "hidden"));
  requestAnimationFrame(() => setTimeout(() => below.forEach((section) => (section.style.contentVisibility = ""))));
}

// Fetch a page of ours: how it was answered, and the page itself; what is no page is an error.
export async function fetched(address, signal) {
  const answer = await fetch(address, { credentials: "same-origin", headers: { Accept: "text/html" }, signal });
  if (!answer.headers.get("content-type")?.startsWith("text/html")) throw new Error("no page");
  return [answer, new DOMParser().parseFromString(await answer.text(), "text/html")];
}

export function visits(ready) {
  let here = place(location);
  let going = null;

  async function go(address, { push = true, top = 0, field = "" }) {
    going?.abort();
    const own = (going = new AbortController());
    const busy = document.querySelector("header.top");
    busy.toggleAttribute("data-busy", true);
    let answer, page;
    try {
      [answer, page] = await fetched(address, own.signal);
      if (scripts(page) !== scripts(document)) throw new Error("a page with a script of its own");
    } catch {
      return own.signal.aborted || location.assign(address); // another visit has begun since, or the browser shows what is there
    }
    busy.removeAttribute("data-busy");
    const found = Object.assign(new URL(answer.url), { hash: address.hash });
    if (push) {
      history.replaceState({ top: scrollY }, "");
      history[place(found) === here ? "replaceState" : "pushState"](null, "", found);
    }
    here = place(found);
    document.title = page.title;
    for (const part of ["header.top nav", "header.top .who"]) {
      const [old, next] = [document, page].map((each) => each.querySelector(part));
      if (old.outerHTML !== next.outerHTML) old.replaceWith(next); // what says the same need not be laid out anew
    }
    const main = page.getElementById("main");
    if (!top && !found.hash) topFirst(main);
    document.getElementById("main").replaceWith(main);
    ready(main);
    (document.getElementById(field) ?? main).focus({ preventScroll: true });
    const target = found.hash && document.getElementById(decodeURIComponent(found.hash.slice(1)));
    if (target) target.scrollIntoView();
    else scrollTo({ top, behavior: "instant" });
  }

  addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const address = new URL(link.getAttribute("href"), location.href); // links of drawings have it as an attribute alone
    const within = address.hash && place(address) === here;
    if (within || link.hasAttribute("target") || link.hasAttribute("download") || !ours(address)) return;
    event.preventDefault();
    go(address, {});
  });
  addEventListener("submit", (event) => {
    const form = event.target;
    const address = new URL(form.action);
    if (event.defaultPrevented || form.method !== "get" || !ours(address)) return;
    event.preventDefault();
    address.search = new URLSearchParams(new FormData(form, event.submitter));
    go(address, { top: scrollY, field: document.activeElement?.id });
  });
  addEventListener("popstate", (event) => {
    if (place(location) !== here) go(new URL(location.href), { push: false, top: event.state?.top ?? 0 });
  });
}
