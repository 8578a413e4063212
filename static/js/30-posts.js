// Posts: found on this page, fetched from elsewhere in the archive, copied, pointed at.

/** What stands in a post itself: not its replies, nor what is said around them. */
const POST_PARTS = "header, .thread_image_box, .post_file, .backlink_list, .exif, .text";

/** An element with these properties. */
function made(name, properties, ...inside) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...inside);
  return element;
}

/** Whether a click asks for nothing but what it fell on: no other tab, no other window. */
function plainClick(event) {
  return event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
}

/** The post of this page whose place is `123` or `123_1`; null where it is not here. */
function postHere(board, place) {
  const found = document.getElementById(place);
  if (found?.dataset.board === board) return found;
  return document.querySelector(`article[data-board="${CSS.escape(board)}"][id="${CSS.escape(place)}"]`);
}

/** The post, or the copy of one, that an element stands in. */
function postAround(element) {
  return element.closest("[data-copy-of], article[data-board]");
}

/** The post's place in its thread, also that of a copy. */
function placeOf(post) {
  return post?.dataset.copyOf ?? post?.id;
}

/** The post alone, as it was printed: nothing in it is unfolded, and no id is there twice. */
function postCopy(post) {
  const copy = made("article", { className: post.className });
  copy.classList.remove("post", "thread", "clearfix");
  copy.classList.add("post_copy");
  copy.dataset.board = post.dataset.board;
  copy.dataset.copyOf = post.id;
  const wrapper = post.querySelector(":scope > .post_wrapper");
  const parts = [...post.children].filter((part) => part.matches(POST_PARTS)).map((part) => document.importNode(part, true));
  copy.append(wrapper ? document.importNode(wrapper, true) : made("div", { className: "post_wrapper" }, ...parts));
  copy.querySelectorAll(".inlined, .copy_name").forEach((added) => added.remove());
  copy.querySelectorAll(".is_shown").forEach((spoiler) => spoiler.classList.remove("is_shown"));
  foldMedia(copy);
  copy.querySelectorAll("[id]").forEach((element) => element.removeAttribute("id"));
  copy.querySelectorAll(".backlink").forEach((quote) => quote.removeAttribute("aria-expanded"));
  return copy;
}

const fetchedPosts = new Map();

/** A post of any thread, to be copied; null where the archive lacks it. Rejects where it cannot be had now. */
function fetchPost(board, place) {
  const key = `${board}/${place}`;
  if (!fetchedPosts.has(key)) {
    fetchedPosts.set(key, askForPost(board, place));
    fetchedPosts.get(key).catch(() => fetchedPosts.delete(key)); // it may be had later
  }
  return fetchedPosts.get(key);
}

async function askForPost(board, place) {
  const site = document.querySelector("script[src*='/static/koiwai.js']").src.replace(/static\/koiwai\.js.*/, "");
  const answer = await fetch(`${site}_/api/chan/post/?${new URLSearchParams({ board, num: place, theme: "koiwai" })}`);
  if (!answer.ok && answer.status !== 422) throw new Error(`${answer.status}`);
  const told = await answer.json();
  if (told.error) return null;
  const post = new DOMParser().parseFromString(told.formatted, "text/html").querySelector("article");
  // Its links name the site's own host, by which this reader may not have come.
  const { origin } = new URL(post.querySelector(".post_number").href);
  for (const name of ["href", "src", "data-thumb"]) {
    for (const element of post.querySelectorAll(`[${name}^="${origin}/"]`)) {
      element.setAttribute(name, element.getAttribute(name).slice(origin.length));
    }
  }
  return post;
}

/** Puts a copy of the post that a quote leads to into `box`, at once where it is on this page. Never rejects. */
async function showQuoted(box, quote) {
  const { board, post: place } = quote.dataset;
  const put = (post) => {
    if (!post) return box.replaceChildren(made("p", { className: "preview_words" }, "This post is not in the archive."));
    const copy = postCopy(post);
    const from = postAround(quote);
    copy.classList.toggle("veiled_copy", isVeiledHere(board));
    for (const back of copy.querySelectorAll(".backlink")) {
      const leadsBack = back.dataset.post === placeOf(from) && back.dataset.board === from.dataset.board;
      back.classList.toggle("quote_led_here", leadsBack);
    }
    box.replaceChildren(copy);
    enhance(box);
  };
  const here = postHere(board, place);
  if (here) return put(here);
  box.replaceChildren(made("p", { className: "preview_words" }, "Loading …"));
  box.setAttribute("aria-busy", "true");
  try {
    put(await fetchPost(board, place));
  } catch {
    box.replaceChildren(made("p", { className: "preview_words" }, "The post could not be loaded."));
  }
  box.removeAttribute("aria-busy");
}

let pointedAt = null;

/** Sets one post apart from the others; null sets none. */
function pointAt(post) {
  pointedAt?.classList.remove("post_pointed");
  pointedAt = post;
  pointedAt?.classList.add("post_pointed");
}

/** Goes to a post of this page, as its link in its thread would. */
function jumpTo(post) {
  if (document.getElementById(post.id) === post) location.hash = post.id;
  pointAt(post);
  post.scrollIntoView();
}

/** Points at the post that the address names, in whichever way sites name posts: `#1`, `#p1`, `#q1`, `#1_2`. */
function pointAtHash() {
  const place = /^#[pq]?(\d+(?:[_,]\d+)?)$/.exec(location.hash)?.[1].replace(",", "_");
  const post = place ? document.getElementById(place)?.closest("article") : null;
  pointAt(post ?? null);
  if (post && !document.getElementById(location.hash.slice(1))) post.scrollIntoView();
}

window.addEventListener("hashchange", pointAtHash);
pointAtHash();

let asPrinted = true; // while this script runs for the first time: until then the server has seen to every post
queueMicrotask(() => (asPrinted = false));

/** Names the post with this quote below the post that it quotes, where what came later brought the one or the other. */
function addBacklink(quote) {
  if (asPrinted) return;
  const from = postAround(quote);
  const to = postHere(quote.dataset.board, quote.dataset.post);
  if (!from?.id || !to || to === from || from.dataset.board !== to.dataset.board) return;
  if (from.dataset.threadNum !== to.dataset.threadNum) return;
  const inside = to.querySelector(":scope > .post_wrapper") ?? to;
  let list = inside.querySelector(":scope > .backlink_list");
  if (!list) {
    list = made("div", { className: "backlink_list" }, "Quoted By: ", made("span", { className: "post_backlink" }));
    list.lastChild.dataset.post = to.id.replace("_", ",");
    inside.querySelector(":scope > .exif, :scope > .text").before(list);
  }
  const links = list.querySelector(".post_backlink");
  const others = [...links.querySelectorAll(":scope > .backlink")];
  if (others.some((other) => other.dataset.post === from.id)) return;
  const href = from.querySelector(".post_number").getAttribute("href");
  const link = made("a", { className: "backlink", href }, `>>${from.id.replace("_", ",")}`);
  Object.assign(link.dataset, { function: "highlight", backlink: "true", board: from.dataset.board, post: from.id });
  const later = others.find((other) => other.dataset.post.localeCompare(from.id, "en", { numeric: true }) > 0);
  links.insertBefore(link, later ?? null);
  link.after(" ");
}

feature(".text a.backlink", addBacklink);
