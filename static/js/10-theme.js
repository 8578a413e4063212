// The look of pages: changed at once where it is chosen, remembered, and the same in all windows of this browser.
// The few lines in the head of each page have set it before anything was shown.

const themeRoot = document.documentElement;

/** Tells the browser's own bars the colour of the page's top. */
function tellThemeColour() {
  const [first, ...others] = document.querySelectorAll('meta[name="theme-color"]');
  if (!first) return;
  others.forEach((meta) => meta.remove());
  first.removeAttribute("media");
  first.content = getComputedStyle(themeRoot).getPropertyValue("--chrome").trim();
}

function showTheme(theme) {
  if (!(themeRoot.dataset.themes || "").split(" ").includes(theme)) return;
  themeRoot.dataset.theme = theme;
  document.querySelectorAll("[data-theme-choice] select").forEach((select) => (select.value = theme));
  tellThemeColour();
}

/** A theme in the address would win over the choice when the page is loaded again. */
function forgetThemeOfAddress() {
  const address = new URL(location.href);
  if (!address.searchParams.has("theme")) return;
  address.searchParams.delete("theme");
  history.replaceState(history.state, "", address);
}

feature("[data-theme-choice]", (form) => {
  const select = form.querySelector("select");
  form.querySelector("button").hidden = true;
  select.value = themeRoot.dataset.theme;
  select.addEventListener("change", () => {
    remember("theme", select.value);
    forgetThemeOfAddress();
    showTheme(select.value);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  tellThemeColour();
});

addEventListener("storage", (event) => {
  if (event.key === "koiwai.theme") showTheme(event.newValue);
});
// A page that the browser kept while another was shown has heard nothing of a choice made there.
addEventListener("pageshow", (event) => event.persisted && showTheme(remembered("theme")));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tellThemeColour);
