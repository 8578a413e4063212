// What pages do beyond HTML; they work without it. The files of this folder are served as one module, joined in the
// order of their names: they see each other's functions, and nothing outside sees any.

const features = [];

/** `start` is called with each element that `selector` finds: on the page, and in what is put into it later. */
function feature(selector, start) {
  features.push([selector, start]);
}

/** Starts the features of what has come onto the page inside `root`. */
function enhance(root) {
  for (const [selector, start] of features) root.querySelectorAll(selector).forEach((element) => start(element));
}

/** What the reader has chosen under this name, on this browser; `otherwise` where nothing is known. */
function remembered(name, otherwise = "") {
  try {
    return localStorage.getItem(`koiwai.${name}`) ?? otherwise;
  } catch {
    return otherwise; // some browsers forbid to remember
  }
}

/** Keeps a choice on this browser; an empty one is forgotten. */
function remember(name, value) {
  try {
    if (value) localStorage.setItem(`koiwai.${name}`, value);
    else localStorage.removeItem(`koiwai.${name}`);
  } catch {
    // then it holds for this page only
  }
}

/** Says something to those who hear the page. */
function announce(words) {
  let status = document.getElementById("announced");
  if (!status) {
    status = document.body.appendChild(document.createElement("p"));
    status.id = "announced";
    status.className = "heard_only";
    status.setAttribute("role", "status");
  }
  status.textContent = words;
}

/** A page of this archive as a document, of which nothing runs or is shown. Throws where it cannot be had. */
async function fetchPage(address) {
  const answer = await fetch(address, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}
