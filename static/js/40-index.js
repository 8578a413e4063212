// Index pages: a button beside "View the whole thread" shows all replies in place of the last ones, and takes them back.

feature("p[data-expand]", (line) => {
  const whole = line.querySelector("a");
  const shown = line.closest("article").querySelector("aside.posts");
  if (!shown) return;
  const omitted = line.querySelector(".omitted");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "expand";
  const note = document.createElement("span");
  line.prepend(button, " "); // what comes and goes on the line stands behind it
  line.append(" ", note);
  let few = null; // the replies of the index, while all are shown

  function put(posts, words) {
    const top = button.getBoundingClientRect().top;
    const taken = [...shown.childNodes];
    shown.replaceChildren(...posts);
    note.replaceChildren();
    few = few ? null : taken;
    label();
    if (few) enhance(shown);
    // What was pressed stays where it is, whatever that has done to the opening post.
    scrollBy({ top: button.getBoundingClientRect().top - top, behavior: "instant" });
    announce(words);
  }

  function label() {
    button.textContent = few ? "Collapse" : "Expand";
    button.setAttribute("aria-expanded", few ? "true" : "false");
    omitted.hidden = Boolean(few);
  }

  async function expand() {
    button.setAttribute("aria-busy", "true");
    note.textContent = "Loading …";
    try {
      const page = await fetchPage(whole.href);
      const all = page.querySelector("article.thread aside.posts");
      if (!all) throw new Error("no replies");
      const count = all.querySelectorAll("article").length;
      const rest = page.querySelector(".continue a[rel=next]");
      put(
        [...all.childNodes].map((node) => document.importNode(node, true)),
        rest ? `The first ${count} replies are shown. A link leads to the rest.` : `${count} replies are shown.`,
      );
      if (rest) note.append("This is the beginning. ", document.importNode(rest, true));
    } catch {
      note.textContent = "The thread could not be loaded. Try again later, or follow the link.";
      announce(note.textContent);
    }
    button.removeAttribute("aria-busy");
  }

  button.addEventListener("click", () => {
    if (button.hasAttribute("aria-busy")) return;
    if (few) put(few, "Collapsed.");
    else expand();
  });
  label();
});
