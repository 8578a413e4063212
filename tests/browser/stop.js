// What the keyboard has come to: which target it is, in the order of the page, and whether its reader can tell.
() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const style = getComputedStyle(element);
  // Of a link that is broken into several lines, the first.
  const { x, y, width, height } = element.getClientRects()[0] ;
  const inside = x + width > 0 && y + height > 0 && x < innerWidth && y < innerHeight;
  const [left, right] = [Math.max(x, 0), Math.min(x + width, innerWidth)];
  const [top, bottom] = [Math.max(y, 0), Math.min(y + height, innerHeight)];
  const above = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  const moved = (each) =>
    getComputedStyle(each).order !== "0" || getComputedStyle(each).flexDirection.endsWith("-reverse");
  const line = [];
  for (let each = element; each; each = each.parentElement) line.push(each);
  return {
    place: [...document.querySelectorAll("*")].indexOf(element),
    name: element.outerHTML.replace(/\s+/g, " ").slice(0, 120),
    main: document.getElementById("main").contains(element),
    seen: inside && width > 0 && height > 0 && element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }),
    covered: !(above && (element.contains(above) || above.contains(element))),
    moved: line.some(moved),
    marked: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== "none",
  };
}
