// What an accessibility checker looks at first, as one expression that gives a list of complaints.
(() => {
  const wrong = [];
  const tell = (what, element) => wrong.push(`${what}: ${element.outerHTML.slice(0, 160)}`);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const visible = (element) => element.checkVisibility({ visibilityProperty: true });
  const text = (id) => document.getElementById(id)?.textContent ?? "";
  const name = (element) =>
    (element.getAttribute("aria-labelledby") ?? "").split(/\s+/).map(text).join(" ").trim() ||
    (element.getAttribute("aria-label") ?? "").trim() ||
    [...(element.labels ?? [])].map((label) => label.textContent).join(" ").trim() ||
    element.textContent.trim();

  const ids = new Map();
  for (const element of all("[id]")) ids.set(element.id, (ids.get(element.id) ?? 0) + 1);
  for (const [id, count] of ids) if (count > 1) wrong.push(`id ${id} stands ${count} times`);
  for (const element of all("[aria-labelledby]")) {
    for (const id of element.getAttribute("aria-labelledby").split(/\s+/)) if (!ids.has(id)) tell(`no ${id}`, element);
  }
  for (const link of all("a[href]")) {
    const to = link.getAttribute("href");
    if (!to.startsWith("#") || !ids.has(to.slice(1))) tell("a link to nowhere", link);
  }
  for (const element of all("a[href], button, input, summary, [role=img], section, nav, dialog, article, [role=search]")) {
    if (!name(element)) tell("no name", element);
  }
  for (const table of all("table")) if (!table.caption?.textContent.trim()) tell("no caption", table);
  for (const cell of all("th")) if (!cell.scope) tell("no scope", cell);
  for (const [selector, least, most] of [["main", 1, 1], ["h1", 1, 1], ["nav", 1, 1], ["body > header", 1, 1], ["html[lang]", 1, 1]]) {
    const count = all(selector).length;
    if (count < least || count > most) wrong.push(`${count} of ${selector}`);
  }
  if (!document.title.trim()) wrong.push("no title");
  for (const list of all("ul, ol")) {
    if ([...list.children].some((child) => child.tagName !== "LI")) tell("a list with something else", list);
  }
  for (const element of all("[tabindex]")) if (element.tabIndex > 0) tell("a tabindex above 0", element);
  let before = 0;
  for (const heading of all("h1, h2, h3, h4, h5, h6").filter((heading) => !heading.closest("dialog"))) {
    const level = Number(heading.tagName[1]);
    // The contents stand beside the text and have an order of their own.
    if (level > before + 1 && before) tell(`h${level} after h${before}`, heading);
    before = level;
  }

  // Contrast: colours as the browser has computed them, grounds mixed down to the first opaque one.
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const parsed = new Map();
  const parse = (colour) => {
    if (!parsed.has(colour)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      parsed.set(colour, [r, g, b, a / 255]);
    }
    return parsed.get(colour);
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const contrast = (a, b) => {
    const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reduceRight((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  // The ground of a drawn text is the last shape before it, in its picture, that lies around it.
  const drawnGround = (element) => {
    const box = element.getBoundingClientRect();
    const around = [...element.ownerSVGElement.querySelectorAll("rect")].filter((shape) => {
      const its = shape.getBoundingClientRect();
      const earlier = shape.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING;
      return earlier && its.left <= box.left + 1 && its.right >= box.right - 1 && its.top <= box.top + 2 && its.bottom >= box.bottom - 2;
    });
    const shape = around.at(-1);
    return shape ? parse(getComputedStyle(shape).fill) : ground(element.ownerSVGElement);
  };
  let measured = 0;
  const measure = (colour, below, element, what) => {
    measured += 1;
    const ratio = contrast(over(parse(colour), below), below);
    if (ratio < 4.5) tell(`contrast ${ratio.toFixed(2)} of ${what}`, element);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !visible(element) || element.closest("title, dialog:not([open])")) continue;
    const style = getComputedStyle(element);
    if (element.ownerSVGElement) measure(style.fill, drawnGround(element), element, "a drawn text");
    else measure(style.color, ground(element), element, "a text");
  }
  for (const element of all(".c, del, ins").filter(visible)) {
    for (const part of ["::before", "::after"]) {
      const style = getComputedStyle(element, part);
      if (style.content !== "none") measure(style.color, ground(element), element, part);
    }
  }
  if (measured < 100) wrong.push(`only ${measured} texts were measured`);
  return wrong;
})()
