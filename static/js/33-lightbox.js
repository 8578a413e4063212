// Files over the page, one after another: those of a wall, and those of a thread by its button.

const lightbox = { links: [], at: 0, parts: null, shown: new WeakSet() };
const lessMotion = matchMedia("(prefers-reduced-motion: reduce)");

/** Shows the files that `links` lead to over the page, beginning with the one at `index`. */
function openLightbox(links, index = 0) {
  if (!links.length) return;
  lightbox.parts ??= lightboxParts();
  lightbox.links = links;
  const { dialog, close, turns } = lightbox.parts;
  const root = document.documentElement;
  root.classList.toggle("keeps_gutter", window.innerWidth > root.clientWidth); // where a scroll bar takes room
  for (const button of turns) button.hidden = links.length < 2;
  dialog.showModal();
  close.focus();
  turnLightbox(index);
}

/** The file at a place, which counts on behind the last and before the first. */
function turnLightbox(place) {
  const { links, parts } = lightbox;
  lightbox.at = (place + links.length) % links.length;
  const link = links[lightbox.at];
  const file = lightboxFile(link);
  parts.count.textContent = `${lightbox.at + 1} of ${links.length}`;
  parts.post.hidden = !file.post;
  if (file.post) parts.post.href = file.post;
  parts.file.href = file.full;
  const question = lightboxQuestion(link, file);
  parts.stage.replaceChildren(question ? lightboxCover(link, question) : lightboxPicture(file));
  const next = links[(lightbox.at + 1) % links.length];
  const nextFile = lightboxFile(next);
  if (next !== link && !nextFile.video && !lightboxQuestion(next, nextFile)) new Image().src = nextFile.full;
}

function lightboxFile(link) {
  const { full, kind, w, h } = link.dataset;
  return {
    full: full ?? link.href,
    video: kind === "video",
    width: Number(w) || 0,
    height: Number(h) || 0,
    name: link.querySelector("img")?.alt ?? "",
    post: full ? link.href : link.closest("article")?.querySelector("a.post_number")?.href,
  };
}

/** What a reader is asked before a file is shown; "" for nothing. */
function lightboxQuestion(link, file) {
  const veil = document.querySelector(".unveil");
  if (veil && !veil.checked) return "Show pictures";
  if (lightbox.shown.has(link)) return "";
  if ("spoiler" in link.dataset || link.querySelector(".spoiler_box")) return "Show the spoiler";
  if (link.closest(".veiled_copy")) return "Show the picture";
  return lessMotion.matches && /\.gif$/i.test(file.full) ? "Show the animation" : "";
}

function lightboxCover(link, question) {
  const button = made("button", { type: "button" }, question);
  button.addEventListener("click", () => {
    const veil = document.querySelector(".unveil");
    if (veil && !veil.checked) veil.click();
    else lightbox.shown.add(link);
    lightbox.parts.close.focus();
    turnLightbox(lightbox.at);
  });
  return button;
}

function lightboxPicture({ full, video, width, height, name }) {
  const picture = video
    ? made("video", { controls: true, loop: true, playsInline: true, autoplay: !lessMotion.matches })
    : made("img", { alt: name });
  if (video) {
    keepVolume(picture);
    picture.setAttribute("aria-label", name || "Video");
  }
  if (width && height) Object.assign(picture, { width, height });
  picture.addEventListener("error", () => {
    if (picture.isConnected) picture.replaceWith(made("p", {}, "This file cannot be shown here."));
  });
  picture.src = full;
  return picture;
}

function lightboxParts() {
  const button = (words, act) => {
    const found = made("button", { type: "button" }, words);
    found.addEventListener("click", act);
    return found;
  };
  const stage = made("div", { className: "lightbox_stage" });
  const post = made("a", {}, "Go to post");
  const file = made("a", { target: "_blank", rel: "noreferrer" }, "Open file");
  const close = button("Close", () => dialog.close());
  const count = made("p", {});
  const turns = [
    button("← Previous", () => turnLightbox(lightbox.at - 1)),
    button("Next →", () => turnLightbox(lightbox.at + 1)),
  ];
  const dialog = made(
    "dialog",
    { className: "lightbox" },
    made("div", { className: "lightbox_bar" }, post, file, close),
    stage,
    made("div", { className: "lightbox_bar" }, turns[0], count, turns[1]),
  );
  dialog.setAttribute("aria-label", "Files of this page");
  count.setAttribute("role", "status");
  post.addEventListener("click", () => dialog.close()); // it may lead to a place on this very page
  dialog.addEventListener("close", () => {
    stage.replaceChildren(); // which stops a video, too
    document.documentElement.classList.remove("keeps_gutter");
  });
  dialog.addEventListener("keydown", lightboxKeys);
  stage.addEventListener("click", (event) => event.target === stage && dialog.close());
  lightboxSwipes(stage);
  document.body.append(dialog);
  return { dialog, stage, post, file, close, turns, count };
}

function lightboxKeys(event) {
  if (event.target instanceof HTMLMediaElement || event.ctrlKey || event.metaKey || event.altKey) return;
  const { at, links } = lightbox;
  const place = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: links.length - 1 }[event.key];
  if (place === undefined) return;
  event.preventDefault();
  turnLightbox(place);
}

function lightboxSwipes(stage) {
  let from = null;
  stage.addEventListener("touchstart", (event) => {
    const [touch] = event.touches;
    const apart = event.touches.length > 1 || event.target instanceof HTMLMediaElement || visualViewport?.scale > 1;
    from = apart ? null : [touch.clientX, touch.clientY];
  }, { passive: true });
  stage.addEventListener("touchend", (event) => {
    if (!from) return;
    const [touch] = event.changedTouches;
    const [across, down] = [touch.clientX - from[0], touch.clientY - from[1]];
    from = null;
    if (Math.abs(across) > 40 && Math.abs(across) > Math.abs(down)) turnLightbox(lightbox.at - Math.sign(across));
  });
}

/** Links to the files of a thread that can be shown, whatever else has been made of them by now. */
function filesOfPage() {
  const links = [...document.querySelectorAll("#main a.thread_image_link")];
  return links.filter(
    (link) => !link.closest(".preview") && (link.dataset.kind === "video" || link.querySelector("img, .spoiler_box")),
  );
}

feature("[data-lightbox]", (place) => {
  if (place instanceof HTMLButtonElement) {
    place.hidden = !filesOfPage().length;
    place.addEventListener("click", () => {
      const links = filesOfPage();
      const near = links.findIndex((link) => link.getBoundingClientRect().bottom > 0);
      openLightbox(links, Math.max(0, near));
    });
    return;
  }
  place.querySelectorAll("a[data-full]").forEach((link) => link.setAttribute("aria-haspopup", "dialog"));
  place.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-full]");
    if (!link || !plainClick(event)) return;
    event.preventDefault();
    link.focus(); // where the focus returns to; not every browser moves it by a click
    const links = [...place.querySelectorAll("a[data-full]")];
    openLightbox(links, links.indexOf(link));
  });
});
