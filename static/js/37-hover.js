// For those who have chosen it: the full picture while the pointer is over its thumbnail.

readerChoices.push(["hover", "Show full pictures when the pointer is over a thumbnail", "off"]);

let hoveredPicture = null;

function hidePicture() {
  hoveredPicture?.remove();
  hoveredPicture = null;
}

/** Beside the thumbnail, on the side with more room, and no larger than the window. */
function showPicture(link) {
  const { left, right, top, height } = link.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const toTheRight = clientWidth - right >= left;
  const picture = made("img", { src: link.href, alt: "" });
  hoveredPicture = made("div", { className: "hover_picture" }, picture);
  picture.style.maxWidth = `${Math.max(toTheRight ? clientWidth - right : left, 0)}px`;
  hoveredPicture.style.left = toTheRight ? `${right}px` : "auto";
  hoveredPicture.style.right = toTheRight ? "auto" : `${clientWidth - left}px`;
  document.getElementById("main").append(hoveredPicture);
  const settle = () => {
    const middle = top + height / 2 - picture.offsetHeight / 2;
    if (hoveredPicture) hoveredPicture.style.top = `${Math.max(0, Math.min(middle, clientHeight - picture.offsetHeight))}px`;
  };
  picture.addEventListener("load", settle);
  settle();
}

document.addEventListener("pointerover", (event) => {
  const link = event.target.closest(".thread_image_link");
  hidePicture();
  if (event.pointerType === "touch" || remembered("hover", "off") !== "on" || !link) return;
  if (link.closest(".veiled_copy")) return;
  if (mediaKind(link) === "picture" && !link.matches(".is_expanded") && !link.querySelector(".spoiler_box")) showPicture(link);
});
document.addEventListener("pointerdown", hidePicture);
document.addEventListener("keydown", hidePicture);
document.documentElement.addEventListener("pointerleave", hidePicture);
