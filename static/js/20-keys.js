// Keys for readers who leave the mouse alone. The page /_/help/ lists them; each is a single character, so they can
// be switched off there.

/** What a reader can choose on the page of help: name, words and the value until then ("on" or "off"). */
const readerChoices = [["keys", "Use keys such as j and k to get about", "on"]];

const keyActions = {
  "?": showKeys,
  "/": focusSearch,
  s: focusSearch,
  j: () => stepPost(1),
  k: () => stepPost(-1),
  n: () => turnPage("next", 1),
  p: () => turnPage("prev", -1),
  t: goToTop,
  b: goToBottom,
  o: openFocusedThread,
  e: () => toggleAllPictures(),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (remembered("keys", "on") === "off" || document.querySelector("dialog[open]")) return;
  if (event.target.closest?.("input, select, textarea, [contenteditable]:not([contenteditable=false])")) return;
  const link = /^[a-z]$/.test(event.key) && document.querySelector(`a[data-key="${event.key}"]`);
  const act = link ? () => link.click() : Object.hasOwn(keyActions, event.key) && keyActions[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

/** The posts of the page, or the threads only, in reading order. */
function postsInOrder(which = "article[data-doc-id]") {
  return [...document.querySelectorAll(`#main ${which}`)];
}

/** What takes the focus for a post: of an opening post only the head, since its article holds the replies. */
function focusPlace(post) {
  return post.classList.contains("thread") ? post.querySelector("header") : post;
}

function focusPost(post) {
  const place = focusPlace(post);
  place.tabIndex = -1;
  place.focus({ preventScroll: true });
  place.scrollIntoView({ block: "nearest" });
}

/** Goes on from the post that has the focus; without one from the first that begins inside the window. */
function step(posts, way) {
  const focused = document.activeElement.closest("article[data-doc-id]");
  const at = posts.indexOf(focused) >= 0 ? focused : focused?.closest(".thread");
  let next = posts.indexOf(at) + way;
  if (!at) {
    const first = posts.findIndex((post) => focusPlace(post).getBoundingClientRect().top >= 0);
    next = first < 0 ? posts.length - 1 : way > 0 ? first : first - 1;
  }
  if (posts[next]) focusPost(posts[next]);
}

function stepPost(way) {
  step(postsInOrder(), way);
}

/** The next page or the one before; on the only page of a list the next thread or the one before. */
function turnPage(rel, way) {
  const link = document.querySelector(`a[rel~="${rel}"]`);
  if (link) link.click();
  else step(postsInOrder("article.thread[data-doc-id]"), way);
}

function goToTop() {
  document.getElementById("main").focus({ preventScroll: true });
  scrollTo(0, 0);
}

function goToBottom() {
  const last = postsInOrder().pop();
  if (last) focusPost(last);
  document.body.scrollIntoView({ block: "end" });
}

function openFocusedThread() {
  const number = document.activeElement.closest("article[data-doc-id]")?.querySelector("a.post_number");
  if (number) location.assign(number.href);
}

function focusSearch() {
  const box = document.getElementById("search_box_q");
  box?.focus();
  box?.select();
}

/** The table of the page of help in a dialog; the page itself where that cannot be had. */
async function showKeys() {
  const link = document.querySelector('a[href$="/_/help/"]');
  if (!link) return;
  try {
    const keys = (await fetchPage(link.href)).getElementById("keys");
    if (!document.querySelector("dialog[open]")) keysDialog(keys).showModal();
  } catch {
    location.assign(link.href);
  }
}

function keysDialog(keys) {
  const content = document.importNode(keys, true);
  for (const element of [content, ...content.querySelectorAll("[id]")]) element.removeAttribute("id");
  const close = made("button", { type: "button" }, "Close");
  const dialog = made("dialog", { className: "keys_dialog" }, close, content);
  dialog.setAttribute("aria-label", "Keys");
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close()); // beside it
  dialog.addEventListener("close", () => dialog.remove());
  return document.body.appendChild(dialog);
}
