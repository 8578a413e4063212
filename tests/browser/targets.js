// Targets of a page that a finger may miss, as WCAG 2.5.8 has it: smaller than 24 by 24 CSS pixels, not within a
// sentence, and so near another one that a circle of 24 pixels around its middle touches that or that one's circle.
() => {
  const SIZE = 24;
  const shown = (element) => {
    if (!element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) return false;
    const { width, height, right, bottom } = element.getBoundingClientRect();
    // What waits outside the page until it has the focus, as the link past the header, is met by keys alone.
    return width > 1 && height > 1 && right + scrollX > 0 && bottom + scrollY > 0;
  };
  // A link among words: its line is as high as those want it. Two links side by side are no sentence.
  const inText = (element) => {
    if (element.tagName !== "A" || getComputedStyle(element).display !== "inline") return false;
    const words = [...element.parentElement.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
    return words.some((node) => /\p{L}{2}/u.test(node.data)) || element.closest(".text, p") !== null;
  };
  const boxOf = (element) => {
    const boxes = [element, ...element.querySelectorAll("img, svg")].map((part) => part.getBoundingClientRect());
    const [left, top] = [Math.min(...boxes.map((box) => box.left)), Math.min(...boxes.map((box) => box.top))];
    const [right, bottom] = [Math.max(...boxes.map((box) => box.right)), Math.max(...boxes.map((box) => box.bottom))];
    return { element, left, top, right, bottom, x: (left + right) / 2, y: (top + bottom) / 2 };
  };
  const found = document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, video");
  const targets = [...found].filter(shown).map((element) => {
    // A box to tick is ticked by its words too.
    const label = /^(checkbox|radio)$/.test(element.type) && element.labels.length ? element.labels[0] : null;
    const box = boxOf(element);
    if (!label) return box;
    const words = boxOf(label);
    return {
      ...box,
      left: Math.min(box.left, words.left), right: Math.max(box.right, words.right),
      top: Math.min(box.top, words.top), bottom: Math.max(box.bottom, words.bottom),
    };
  });
  const small = (box) => box.right - box.left < SIZE - 0.01 || box.bottom - box.top < SIZE - 0.01;
  const near = (box, other) => {
    if (small(other)) return Math.hypot(box.x - other.x, box.y - other.y) < SIZE - 0.01;
    const aside = Math.max(other.left - box.x, 0, box.x - other.right);
    const above = Math.max(other.top - box.y, 0, box.y - other.bottom);
    return Math.hypot(aside, above) < SIZE / 2 - 0.01;
  };
  const within = (one, other) => one.element.contains(other.element) || other.element.contains(one.element);
  return targets
    .filter((box) => small(box) && !inText(box.element))
    .flatMap((box) => {
      const other = targets.find((each) => each !== box && !within(box, each) && near(box, each));
      const size = `${Math.round(box.right - box.left)}x${Math.round(box.bottom - box.top)}`;
      const name = ({ element }) => element.outerHTML.replace(/\s+/g, " ").slice(0, 90);
      return other ? [`${size} ${name(box)} beside ${name(other)}`] : [];
    });
}
