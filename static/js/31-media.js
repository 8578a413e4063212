// Pictures and videos in the place of their thumbnails. Where it fails, the link to the file does as links do.

/** What a link to a file would show in its place: "video", "picture", or "" for what is left to the browser. */
function mediaKind(link) {
  if (link.dataset.failed) return "";
  if (link.dataset.kind === "video") return "video";
  return /\.(avif|bmp|gif|jpe?g|jfif|png|webp)$/i.test(link.pathname) ? "picture" : "";
}

function fileNameBy(link) {
  const name = postAround(link)?.querySelector(".post_file_filename");
  return name?.title || name?.textContent || "File";
}

/** Shows the thumbnail that a spoiler hides; false where nothing is hidden. */
function revealThumb(link) {
  const box = link.querySelector(".spoiler_box");
  if (!box) return false;
  const alt = fileNameBy(link);
  if (link.dataset.thumb) box.replaceWith(made("img", { src: link.dataset.thumb, alt, className: "post_image" }));
  else box.replaceWith(made("div", { className: "file_box" }, alt));
  return true;
}

function expandPicture(link) {
  const full = made("img", { className: "full_picture", alt: link.querySelector("img")?.alt ?? fileNameBy(link) });
  if (link.dataset.w) Object.assign(full, { width: link.dataset.w, height: link.dataset.h }); // the room it will take
  full.onload = () => {
    link.classList.remove("is_loading");
    link.removeAttribute("aria-busy");
  };
  full.onerror = () => {
    if (full.isConnected) giveUp(link, "The picture could not be loaded.");
  };
  link.classList.add("is_expanded", "is_loading");
  link.setAttribute("aria-expanded", "true");
  link.setAttribute("aria-busy", "true");
  link.append(full);
  full.src = link.href;
}

/** The thumbnail again. What is below moves up, but the reader stays at this picture. */
function collapsePicture(link) {
  const { top } = link.getBoundingClientRect();
  foldPicture(link);
  if (!link.closest(".preview")) window.scrollBy(0, link.getBoundingClientRect().top - Math.max(top, 8));
}

function foldPicture(link) {
  link.querySelector(".full_picture")?.remove();
  link.classList.remove("is_expanded", "is_loading", "is_unveiled");
  link.removeAttribute("aria-expanded");
  link.removeAttribute("aria-busy");
}

/** Says why there is nothing to see. From now on the link opens the file. */
function giveUp(link, words) {
  foldPicture(link);
  link.dataset.failed = "yes";
  link.after(made("p", { className: "media_words" }, `${words} The link still leads to the file.`));
  announce(words);
}

function playVideo(link) {
  const video = made("video", { className: "full_video", controls: true, loop: true, playsInline: true });
  const close = made("button", { type: "button", className: "close_video" }, "Close");
  const box = made("div", { className: "video_box" }, video, close);
  if (link.dataset.w) Object.assign(video, { width: link.dataset.w, height: link.dataset.h });
  video.setAttribute("aria-label", fileNameBy(link));
  keepVolume(video);
  video.addEventListener("error", () => {
    if (!box.isConnected) return;
    closeVideo(box);
    giveUp(link, "The video cannot be played here.");
  });
  close.addEventListener("click", () => closeVideo(box));
  video.src = link.href;
  link.after(box);
  link.hidden = true;
  video.focus();
  video.play().catch(() => {}); // then the reader starts it, or the error is told
}

/** Plays as loud as the reader had the last one, and remembers what they make of it. */
function keepVolume(video) {
  const volume = parseFloat(remembered("volume", "1"));
  if (volume >= 0 && volume <= 1) video.volume = volume;
  video.muted = remembered("muted") === "yes";
  video.addEventListener("volumechange", () => {
    remember("volume", `${video.volume}`);
    remember("muted", video.muted ? "yes" : "");
  });
}

function closeVideo(box) {
  const link = box.previousElementSibling;
  const video = box.querySelector("video");
  video.pause();
  box.remove();
  video.removeAttribute("src");
  video.load(); // else it goes on loading
  link.hidden = false;
  link.classList.remove("is_unveiled");
  link.focus();
}

/** Puts thumbnails back into a copy of a post in which something may be unfolded. */
function foldMedia(copy) {
  copy.querySelectorAll(".video_box, .media_words").forEach((added) => added.remove());
  for (const link of copy.querySelectorAll(".thread_image_link")) {
    foldPicture(link);
    link.hidden = false;
  }
}

/** Folds the picture or video around an element, for those who pressed Escape there. */
function foldAround(element) {
  const box = element.closest(".video_box");
  const link = element.closest(".thread_image_link.is_expanded");
  if (box && !document.fullscreenElement) closeVideo(box);
  if (link) collapsePicture(link);
}

let picturesToCome = null; // watches the thumbnails not yet seen, while all pictures are to be shown

/** Shows all pictures of the page in full, each when the reader comes to it; or, when that is so, none. */
function toggleAllPictures() {
  const every = [...document.querySelectorAll("article .thread_image_link")];
  if (picturesToCome) {
    picturesToCome.disconnect();
    picturesToCome = null;
    const seen = [...document.querySelectorAll("article header")].find((head) => head.getBoundingClientRect().top >= 0);
    const before = seen?.getBoundingClientRect().top;
    every.filter((link) => link.classList.contains("is_expanded")).forEach(foldPicture);
    if (seen) window.scrollBy(0, seen.getBoundingClientRect().top - before);
    return announce("Pictures are small again.");
  }
  const unfold = (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      picturesToCome.unobserve(target);
      if (!target.classList.contains("is_expanded")) expandPicture(target);
    }
  };
  picturesToCome = new IntersectionObserver(unfold, { rootMargin: "0px 0px 300px" });
  for (const link of every) {
    if (mediaKind(link) === "picture" && !link.querySelector(".spoiler_box")) picturesToCome.observe(link);
  }
  announce("Pictures are shown in full.");
}

document.addEventListener("click", (event) => {
  const link = event.target.closest(".thread_image_link");
  if (!link || !plainClick(event) || event.defaultPrevented) return;
  const kind = mediaKind(link);
  if (!kind) return;
  event.preventDefault();
  link.classList.add("is_unveiled"); // who clicks on a blurred picture wants to see this one
  if (revealThumb(link)) return;
  if (kind === "video") playVideo(link);
  else if (link.classList.contains("is_expanded")) collapsePicture(link);
  else expandPicture(link);
});

/** Pictures of boards that are not safe for work stay shown on this browser once the reader has asked for them. */
feature(".unveil", (box) => {
  box.checked ||= remembered("unveiled") === "yes";
  box.addEventListener("change", () => remember("unveiled", box.checked ? "yes" : ""));
});

/** Whether the pictures of another board have to be asked for, on a page that has no box to ask with. */
function isVeiledHere(board) {
  if (document.querySelector(".unveil") || remembered("unveiled") === "yes") return false;
  const entries = [...document.querySelectorAll(".board_list li:has(.mark_nsfw)")];
  return entries.some((entry) => entry.textContent.trim().split(/\s/)[0] === board);
}
