// Previews of quoted posts: while the pointer or the focus is on a quote, or after a tap on it. Shift and a click, or
// a button of the preview, put the post below its quote.

const QUOTES = "a.backlink[data-post]";
const PREVIEW_EDGE = 4; // CSS pixels between a preview and the sides of the window
const HOVER_DELAY = 80; // ms: a pointer on its way to elsewhere opens nothing
const LEAVE_DELAY = 250; // ms: time to come back, or to reach the preview

/**
 * The open previews, each opened from within the one before: `quote`, `how` it was opened (hover, focus or tap),
 * and either its `box`, or the `post` that is set apart instead, since the reader sees it anyway.
 */
const openPreviews = [];
let previewOpens = 0;
let previewCloses = 0;
let lastOver = document.body;
let lastPointer = "";
let refocusing = false;

/** How many of the previews belong to what is at this element: those around it, and that of a quote in them. */
function previewDepth(element) {
  const holds = ({ quote, box }) => quote.contains(element) || box?.contains(element);
  return openPreviews.findLastIndex(holds) + 1;
}

/** Closes all previews but the `depth` outermost; with `how`, only as long as they were opened so. */
function closePreviews(depth, how) {
  while (openPreviews.length > depth && (!how || openPreviews.at(-1).how === how)) {
    const { box, post } = openPreviews.pop();
    box?.remove();
    post?.classList.remove("post_hovered");
  }
}

/** Whether all of a post, but not its replies, is in the window. */
function inWindow(post) {
  const ends = post.matches(".thread") ? [post.querySelector("header"), post.querySelector(":scope > .text")] : [post, post];
  const top = ends[0].getBoundingClientRect().top;
  const bottom = ends[1].getBoundingClientRect().bottom;
  return top >= 0 && bottom <= document.documentElement.clientHeight && bottom > top;
}

function hasPreview(quote) {
  return openPreviews.some((open) => open.quote === quote);
}

async function openPreview(quote, how) {
  if (hasPreview(quote) || !quote.isConnected) return;
  closePreviews(previewDepth(quote));
  const post = postHere(quote.dataset.board, quote.dataset.post);
  if (post && inWindow(post)) {
    openPreviews.push({ quote, how, post });
    post.classList.add("post_hovered");
    if (how === "focus") sayPost(quote, post);
    return;
  }
  const shown = made("div", {});
  const go = made("a", { href: quote.href, className: "preview_go" }, "Go to post");
  const here = made("button", { type: "button" }, inlinedBy.has(quote) ? "Hide here" : "Show here");
  const box = made("div", { className: "preview" }, shown, made("p", { className: "preview_ways" }, go, " ", here));
  const open = { quote, how, box };
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", `Preview of No. ${quote.dataset.post.replace("_", ",")}`);
  go.addEventListener("click", (event) => followQuote(event, quote));
  here.addEventListener("click", () => {
    closePreviews(openPreviews.indexOf(open));
    toggleInlined(quote);
    focusQuietly(quote);
  });
  openPreviews.push(open);
  document.getElementById("main").append(box);
  const filled = showQuoted(shown, quote);
  placePreview(open);
  await filled;
  if (!box.isConnected) return;
  placePreview(open);
  if (how !== "hover") sayPost(quote, shown);
}

/** Below its quote, or above it where there is more room; never out of the window, nor over the quote. */
function placePreview({ quote, box }) {
  if (!box) return;
  const { clientWidth, clientHeight } = document.documentElement;
  const at = quote.getBoundingClientRect();
  const above = at.top - PREVIEW_EDGE;
  const below = clientHeight - at.bottom - PREVIEW_EDGE;
  box.style.maxHeight = "";
  const under = box.offsetHeight <= below || below >= above;
  box.style.maxHeight = `${Math.max(under ? below : above, 0)}px`;
  box.style.top = `${under ? at.bottom : at.top - box.offsetHeight}px`;
  box.style.left = `${Math.max(PREVIEW_EDGE, Math.min(at.left, clientWidth - box.offsetWidth - PREVIEW_EDGE))}px`;
}

function sayPost(quote, shown) {
  const said = (shown.querySelector(".text") ?? shown).cloneNode(true);
  said.querySelectorAll(".spoiler:not(.is_shown)").forEach((spoiler) => spoiler.replaceWith("spoiler"));
  const words = said.textContent.trim().slice(0, 300);
  announce(`No. ${quote.dataset.post.replace("_", ",")}: ${words || "no text"}`);
}

function focusQuietly(quote) {
  refocusing = true;
  quote.focus();
  refocusing = false;
}

/** Follows a quote: to the post on this page where it is here, else by the link itself. */
function followQuote(event, quote) {
  const post = postHere(quote.dataset.board, quote.dataset.post);
  closePreviews(0);
  if (!post) return;
  event.preventDefault();
  jumpTo(post);
}

const inlinedBy = new WeakMap(); // from quotes to the posts shown below them

/** Shows the quoted post below the line of its quote, or takes it away again. */
function toggleInlined(quote) {
  const shown = inlinedBy.get(quote);
  if (shown) {
    shown.remove();
    inlinedBy.delete(quote);
    quote.removeAttribute("aria-expanded");
    return;
  }
  const box = made("div", { className: "inlined" });
  let place = quote;
  while (!place.parentNode.matches(".text, .backlink_list")) place = place.parentNode;
  place.after(box);
  inlinedBy.set(quote, box);
  quote.setAttribute("aria-expanded", "true");
  showQuoted(box, quote);
}

document.addEventListener("pointerover", (event) => {
  if (event.pointerType === "touch") return;
  lastOver = event.target;
  const quote = lastOver.closest(QUOTES);
  clearTimeout(previewOpens);
  if (quote && !hasPreview(quote)) previewOpens = setTimeout(openPreview, HOVER_DELAY, quote, "hover");
  if (previewDepth(lastOver) < openPreviews.length) {
    previewCloses ||= setTimeout(() => {
      previewCloses = 0;
      closePreviews(previewDepth(lastOver), "hover");
    }, LEAVE_DELAY);
  }
});

document.addEventListener("pointerdown", (event) => {
  lastPointer = event.pointerType;
  closePreviews(previewDepth(event.target));
});

document.addEventListener("focusin", (event) => {
  if (refocusing) return;
  closePreviews(previewDepth(event.target), "focus");
  if (event.target.matches(`${QUOTES}:focus-visible`)) openPreview(event.target, "focus");
});

document.addEventListener("click", (event) => {
  const quote = event.target.closest(QUOTES);
  if (!quote || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.altKey) return;
  clearTimeout(previewOpens);
  const post = postHere(quote.dataset.board, quote.dataset.post);
  if (event.shiftKey) {
    event.preventDefault();
    closePreviews(previewDepth(quote.parentNode));
    toggleInlined(quote);
  } else if (lastPointer === "touch" && !hasPreview(quote) && !(post && inWindow(post))) {
    event.preventDefault();
    openPreview(quote, "tap");
  } else {
    followQuote(event, quote);
  }
});

document.addEventListener("keydown", (event) => {
  lastPointer = "";
  if (event.key !== "Escape" || event.defaultPrevented) return;
  clearTimeout(previewOpens);
  const last = openPreviews.at(-1);
  if (!last) return foldAround(event.target);
  const within = last.box?.contains(document.activeElement);
  closePreviews(openPreviews.length - 1);
  if (within) focusQuietly(last.quote);
});

for (const name of ["scroll", "resize"]) {
  window.addEventListener(name, () => openPreviews.forEach(placePreview), { passive: true });
}
