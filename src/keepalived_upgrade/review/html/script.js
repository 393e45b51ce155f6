// Better, not needed: everything on the page is there and readable without this.
(() => {
  "use strict";
  const root = document.documentElement;
  const find = (selector, inside = document) => inside.querySelector(selector);
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
  const make = (tag, text, name) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (name) element.className = name;
    return element;
  };
  // A browser may refuse storage to a page opened from a file.
  const recall = (key) => { try { return localStorage.getItem(`keepalived-upgrade-${key}`); } catch { return null; } };
  const keep = (key, value) => { try { localStorage.setItem(`keepalived-upgrade-${key}`, value); } catch { /* not kept */ } };

  // Before anything is painted, so that a chosen theme does not flash.
  const themes = ["system", "light", "dark"];
  let theme = themes.includes(recall("theme")) ? recall("theme") : "system";
  const showTheme = () => {
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    const button = find("#theme");
    if (button) button.textContent = `Theme: ${theme}`;
  };
  const nextTheme = () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    keep("theme", theme);
    showTheme();
  };
  showTheme();

  const start = () => {
    const hunks = all(".hunk");
    const findings = all(".finding");
    const files = all(".file");
    const home = new Map(hunks.map((hunk) => [hunk, hunk.parentElement]));
    for (const element of all(".tools, .toolbar, .choices, #copy")) element.hidden = false;
    showTheme();

    // Layout: the second copy of unchanged lines is made when it is first asked for.
    let doubled = false;
    const setLayout = (value) => {
      if (value === "side" && !doubled) {
        doubled = true;
        for (const line of all(".c")) {
          const again = line.firstElementChild.cloneNode(true);
          again.className = "again";
          again.setAttribute("aria-hidden", "true");
          line.append(again);
        }
      }
      root.dataset.layout = value;
      find(`input[name=layout][value=${value}]`).checked = true;
    };

    // Grouping: the hunks move, so that each stands in the page once, with its anchor.
    const byMigration = find("#by-migration");
    const place = (hunk) => {
      const shown = make("span", home.get(hunk).dataset.path, "place");
      find("h4", hunk).prepend(shown);
    };
    const setGroup = (value) => {
      if (root.dataset.group === value) return;
      root.dataset.group = value;
      find(`input[name=group][value=${value}]`).checked = true;
      const grouped = value === "migration";
      find("#files").hidden = grouped;
      byMigration.hidden = !grouped;
      if (grouped) {
        const groups = new Map();
        for (const hunk of hunks) {
          const name = hunk.dataset.migration || "without a migration";
          if (!groups.has(name)) groups.set(name, []);
          groups.get(name).push(hunk);
        }
        for (const name of [...groups.keys()].sort((a, b) => a.localeCompare(b, "en", { numeric: true }))) {
          const group = make("details", undefined, "file");
          const summary = make("summary");
          const heading = make("h3");
          group.open = true;
          heading.append(make("code", name));
          const number = groups.get(name).length;
          summary.append(heading, make("span", number === 1 ? "1 change" : `${number} changes`, "counts quiet"));
          group.append(summary, ...groups.get(name));
          byMigration.append(group);
        }
        hunks.forEach(place);
      } else {
        for (const hunk of hunks) {
          find("h4 .place", hunk)?.remove();
          home.get(hunk).append(hunk);
        }
        byMigration.replaceChildren();
      }
      filter();
    };

    // Filter: text over files, hunks and findings; severities over findings.
    const input = find("#filter");
    const texts = new Map();
    const textOf = (element, more = "") => {
      if (!texts.has(element)) texts.set(element, `${more} ${element.textContent}`.toLowerCase());
      return texts.get(element);
    };
    const some = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
    const filter = () => {
      const wanted = input.value.trim().toLowerCase();
      const severities = all("input[name=severity]").filter((box) => !box.checked).map((box) => box.value);
      for (const hunk of hunks) hunk.hidden = !textOf(hunk, home.get(hunk).dataset.path).includes(wanted);
      for (const finding of findings) finding.hidden = !textOf(finding).includes(wanted);
      for (const group of all(".severity")) {
        group.hidden = severities.includes(group.id) || !all(".finding", group).some((finding) => !finding.hidden);
        if (wanted && !group.hidden) group.open = true;
      }
      for (const group of all(".file")) {
        const inside = all(".hunk", group);
        group.hidden = inside.length > 0 && inside.every((hunk) => hunk.hidden);
        if (wanted && !group.hidden) group.open = true;
      }
      const present = new Set(hunks.filter((hunk) => !hunk.hidden).map((hunk) => home.get(hunk).id));
      for (const leaf of all(".leaf")) leaf.hidden = wanted !== "" && !present.has(leaf.dataset.file);
      for (const folder of all(".tree details").reverse()) {
        folder.parentElement.hidden = all("li", folder).every((item) => item.hidden);
      }
      const shown = (list) => list.filter((element) => !element.closest("[hidden]")).length;
      find("#status").textContent = wanted || severities.length
        ? `${some(hunks.filter((hunk) => !hunk.hidden).length, "change")} of ${hunks.length} and ` +
          `${some(shown(findings), "finding")} of ${findings.length}`
        : "";
    };

    // Moving: what is hidden is passed over, what is closed is opened.
    const reveal = (element) => {
      for (let outer = element.parentElement; outer; outer = outer.parentElement) {
        if (outer.tagName === "DETAILS") outer.open = true;
      }
    };
    const order = () => (root.dataset.group === "migration" ? all(".hunk", byMigration) : hunks);
    const move = (list, step) => {
      const shown = list.filter((element) => !element.closest("[hidden]"));
      if (!shown.length) return;
      const at = shown.findIndex((element) => element.contains(document.activeElement));
      const top = shown.findIndex((element) => element.getBoundingClientRect().bottom > 120);
      const from = at >= 0 ? at + step : step > 0 ? Math.max(top, 0) : (top < 0 ? shown.length : top) - 1;
      const target = shown[Math.min(Math.max(from, 0), shown.length - 1)];
      reveal(target);
      target.tabIndex = -1;
      target.focus({ preventScroll: true });
      target.scrollIntoView({ block: "start", behavior: "instant" });
    };
    const toggleAll = () => {
      const shown = all(".file");
      const open = !shown.some((file) => file.open);
      for (const file of shown) file.open = open;
      showFold();
    };
    const showFold = () => { find("#fold").textContent = all(".file").some((file) => file.open) ? "Close all" : "Open all"; };

    const help = find("#help");
    const keysOn = find("#keys-on");
    keysOn.checked = recall("keys") !== "off";
    keysOn.addEventListener("change", () => keep("keys", keysOn.checked ? "on" : "off"));
    const actions = {
      j: () => move(order(), 1),
      k: () => move(order(), -1),
      n: () => move(findings, 1),
      p: () => move(findings, -1),
      u: () => setLayout(root.dataset.layout === "side" ? "unified" : "side"),
      g: () => setGroup(root.dataset.group === "migration" ? "file" : "migration"),
      o: toggleAll,
      t: nextTheme,
      "/": () => { input.focus(); input.select(); },
      "?": () => help.showModal(),
    };
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && event.target === input) {
        input.value = "";
        filter();
        input.blur();
        return;
      }
      const typing = event.target.matches?.("input:not([type=checkbox], [type=radio]), textarea, select");
      if (typing || event.ctrlKey || event.metaKey || event.altKey || help.open || !keysOn.checked) return;
      if (!Object.hasOwn(actions, event.key)) return;
      event.preventDefault();
      actions[event.key]();
    });

    input.addEventListener("input", filter);
    for (const box of all("input[name=severity]")) box.addEventListener("change", filter);
    for (const radio of all("input[name=layout]")) radio.addEventListener("change", () => setLayout(radio.value));
    for (const radio of all("input[name=group]")) radio.addEventListener("change", () => setGroup(radio.value));
    find("#fold").addEventListener("click", toggleAll);
    find("#theme").addEventListener("click", nextTheme);
    find("#keys").addEventListener("click", () => help.showModal());
    find("#close-help").addEventListener("click", () => help.close());
    find("#copy")?.addEventListener("click", async (event) => {
      const code = find(".command code");
      try {
        await navigator.clipboard.writeText(code.textContent);
        event.target.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code);
        event.target.textContent = "Selected";
      }
    });

    // A link into something closed or filtered away opens it.
    const follow = () => {
      const target = document.getElementById(location.hash.slice(1));
      if (!target) return;
      if (target.closest("[hidden]") && target.id) {
        if (target.closest("#files[hidden]")) setGroup("file");
        input.value = "";
        for (const box of all("input[name=severity]")) box.checked = true;
        filter();
      }
      if (target.tagName === "DETAILS") target.open = true;
      reveal(target);
      target.scrollIntoView({ block: "start" });
    };
    addEventListener("hashchange", follow);
    if (location.hash) follow();

    // On paper nothing is closed.
    let closed = [];
    addEventListener("beforeprint", () => {
      closed = all(".file:not([open]), .severity:not([open])");
      for (const details of closed) details.open = true;
    });
    addEventListener("afterprint", () => { for (const details of closed) details.open = false; });

    root.dataset.group = "file";
    root.dataset.layout = "unified";
    showFold();
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
