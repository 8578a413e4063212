// What pages do beyond HTML; they work without it. A feature is a module, loaded only where its element is, with a
// function that is called with each of these elements.

const features = [["[data-search-image]", () => import("./search_image.js"), "searchImage"]];

for (const [selector, load, name] of features) {
  const elements = document.querySelectorAll(selector);
  if (elements.length > 0) load().then((module) => elements.forEach((element) => module[name](element)));
}
