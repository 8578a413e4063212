// What readers may choose for themselves, as boxes to tick. `readerChoices` has the name, the words and the usual
// state, "on" or "off", of each.

function offerChoices(fieldset) {
  for (const [name, words, usual] of readerChoices) {
    const box = made("input", { type: "checkbox", checked: remembered(name, usual) === "on" });
    box.addEventListener("change", () => {
      const chosen = box.checked ? "on" : "off";
      remember(name, chosen === usual ? "" : chosen);
    });
    fieldset.append(made("p", {}, made("label", {}, box, ` ${words}`)));
  }
  fieldset.hidden = false;
}

feature("[data-reader-choices]", offerChoices);
