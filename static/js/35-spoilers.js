// Spoilers in comments stay shown after a click, Enter or Space, until the next. Without this they show while the
// pointer or the focus is on them.

/** One with a link or another spoiler inside can be no button, since nothing inside a button is heard of. */
function nameSpoiler(spoiler) {
  if (spoiler.querySelector("a, .spoiler")) return;
  spoiler.setAttribute("role", "button");
  spoiler.setAttribute("aria-expanded", "false");
  spoiler.title = "Spoiler";
}

function toggleSpoiler(event, spoiler) {
  event.preventDefault();
  const shown = spoiler.classList.toggle("is_shown");
  if (spoiler.matches("[role]")) spoiler.setAttribute("aria-expanded", `${shown}`);
}

feature(".spoiler", nameSpoiler);

document.addEventListener(
  "click",
  (event) => {
    const spoiler = event.target.closest(".spoiler");
    if (!spoiler || !plainClick(event) || !getSelection().isCollapsed) return;
    // A finger cannot see a link before it is on it.
    const blind = lastPointer === "touch" && !spoiler.classList.contains("is_shown");
    if (blind || !event.target.closest("a")) toggleSpoiler(event, spoiler);
  },
  { capture: true }, // before what else the click may mean
);

document.addEventListener("keydown", (event) => {
  const plain = !(event.ctrlKey || event.metaKey || event.altKey);
  if (plain && ["Enter", " "].includes(event.key) && event.target.matches(".spoiler")) toggleSpoiler(event, event.target);
});
