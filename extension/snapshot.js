/**
 * The page as the browser shows it, as one string of HTML.
 *
 * Runs inside the page (chrome.scripting hands over its source), so it uses nothing from
 * outside its own body. It reads the live page and changes nothing in it.
 *
 * @param {"page" | "selection"} mode
 * @returns {{html: string, url: string, title: string, type: string, language: string}}
 */
export function takeSnapshot(mode) {
  const VOID = new Set("area base br col embed hr img input link meta source track wbr".split(" "));
  const LEFT_OUT = new Set(
    (
      "script style noscript template object embed applet canvas audio video source track input textarea select " +
      "datalist param link meta base title head"
    ).split(" "),
  );
  const LAZY = ["data-src", "data-original", "data-lazy-src", "data-url", "data-hi-res-src"];
  const MAX_ATTRIBUTE_CHARS = 2000;
  /** @type {string[]} */
  const out = [];

  const text = (/** @type {string} */ value) => value.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const quoted = (/** @type {string} */ value) => `"${value.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;")}"`;

  /** @param {Element} element @param {Set<string>} [without] */
  function attributes(element, without) {
    for (const { name, value } of element.attributes) {
      if (/^on/i.test(name) || !/^[a-z][a-z0-9:_-]*$/i.test(name)) continue;
      if (name === "style" || name === "nonce" || name === "srcdoc" || name === "srcset" || name === "sizes") continue;
      if (without?.has(name) || value.length > MAX_ATTRIBUTE_CHARS) continue;
      out.push(" ", name, "=", quoted(value));
    }
  }

  /** @param {HTMLImageElement} image */
  function picture(image) {
    let source = image.currentSrc || image.src;
    const placeholder = !source || source.startsWith("data:") || source.startsWith("blob:") || image.naturalWidth <= 1;
    if (placeholder) {
      const set = image.getAttribute("data-srcset") || image.getAttribute("srcset") || "";
      const lazy = LAZY.map((name) => image.getAttribute(name)).find(Boolean) || set.trim().split(/[\s,]+/)[0];
      if (lazy) source = new URL(lazy, image.baseURI).href;
    }
    if (!/^https?:/.test(source)) return;
    const box = image.getBoundingClientRect();
    out.push("<img");
    attributes(image, new Set(["src", "width", "height", "loading", ...LAZY, "data-srcset"]));
    out.push(" src=", quoted(source));
    const width = Math.round(box.width) || image.naturalWidth;
    const height = Math.round(box.height) || image.naturalHeight;
    if (width > 1 && height > 1) out.push(` width="${width}" height="${height}"`);
    out.push(">");
  }

  /** @param {Node} node */
  function write(node) {
    if (node.nodeType === Node.TEXT_NODE) out.push(text(node.nodeValue ?? ""));
    else if (node.nodeType === Node.ELEMENT_NODE) element(/** @type {Element} */ (node));
    else if (node.nodeType === Node.DOCUMENT_FRAGMENT_NODE) node.childNodes.forEach(write);
  }

  /** @param {Element} node */
  function element(node) {
    const tag = node.localName;
    if (tag === "script" && node.getAttribute("type") === "application/ld+json") return data(node);
    if (LEFT_OUT.has(tag) || tag.includes("<")) return;
    if (node.isConnected && tag !== "br" && tag !== "wbr" && !isShown(node)) return;
    if (tag === "svg") return;
    if (tag === "img") {
      try {
        picture(/** @type {HTMLImageElement} */ (node));
      } catch {
        // An address that cannot be resolved: the picture is left out.
      }
      return;
    }
    if (tag === "iframe" || tag === "frame") return frame(/** @type {HTMLIFrameElement} */ (node));
    if (tag === "slot") return slot(/** @type {HTMLSlotElement} */ (node));
    const name = tag === "frameset" ? "div" : tag;
    out.push("<", name);
    attributes(node, tag === "a" ? new Set(["ping"]) : undefined);
    if (tag === "a" && /** @type {HTMLAnchorElement} */ (node).protocol?.startsWith("http"))
      out.push(" href=", quoted(/** @type {HTMLAnchorElement} */ (node).href));
    out.push(">");
    if (VOID.has(tag)) return;
    (node.shadowRoot ?? node).childNodes.forEach(write);
    out.push("</", name, ">");
  }

  /** @param {Element} node */
  function isShown(node) {
    if (node.checkVisibility()) return true;
    // Shown through its children only; or folded away by a `<details>` that a click opens.
    return node.localName === "slot" || isContents(node) || Boolean(node.closest("details:not([open])"));
  }

  /** @param {Element} node */
  function isContents(node) {
    return getComputedStyle(node).display === "contents";
  }

  /** @param {HTMLSlotElement} node */
  function slot(node) {
    const assigned = node.assignedNodes({ flatten: true });
    (assigned.length ? assigned : [...node.childNodes]).forEach(write);
  }

  /** @param {HTMLIFrameElement} node */
  function frame(node) {
    let body = null;
    try {
      body = node.contentDocument?.body ?? null;
    } catch {
      // Another origin's: the browser does not let us look.
    }
    if (!body?.childNodes.length) return;
    out.push("<div>");
    body.childNodes.forEach(write);
    out.push("</div>");
  }

  /** @param {Element} node */
  function data(node) {
    out.push('<script type="application/ld+json">', (node.textContent ?? "").replace(/<(?=\/script|!--)/gi, "\\u003c"), "</script>");
  }

  function head() {
    out.push('<head><meta charset="utf-8"><base href=', quoted(document.baseURI), "><title>", text(document.title), "</title>");
    for (const node of document.head?.children ?? []) {
      const tag = node.localName;
      if (tag === "script" && node.getAttribute("type") === "application/ld+json") data(node);
      else if (tag === "meta" && (node.hasAttribute("content") || node.hasAttribute("itemprop")) && !node.hasAttribute("http-equiv")) {
        out.push("<meta");
        attributes(node);
        out.push(">");
      } else if (tag === "link" && /^(canonical|amphtml|alternate|author|shortlink|image_src)$/i.test(node.getAttribute("rel") ?? "")) {
        out.push("<link");
        attributes(node);
        out.push(">");
      }
    }
    out.push("</head>");
  }

  const root = document.documentElement;
  out.push("<!DOCTYPE html><html");
  attributes(root);
  out.push(">");
  head();
  if (mode === "selection") {
    out.push("<body><article>");
    const selection = getSelection();
    for (let index = 0; selection && index < selection.rangeCount; index++) {
      const fragment = selection.getRangeAt(index).cloneContents();
      const inline = ![...fragment.children].some((child) =>
        /^(p|h[1-6]|ul|ol|div|section|article|blockquote|table|figure|pre)$/.test(child.localName),
      );
      out.push(inline ? "<p>" : "");
      write(fragment);
      out.push(inline ? "</p>" : "");
    }
    out.push("</article></body>");
  } else if (document.body) {
    element(document.body);
  }
  out.push("</html>");
  return {
    html: out.join(""),
    url: location.href,
    title: document.title,
    type: document.contentType,
    language: root.lang,
  };
}

/**
 * HTML of an address of the page's own site, as its server sends it. Runs inside the page.
 * @param {string} url
 */
export async function fetchFromPage(url) {
  const answer = await fetch(url, { credentials: "include" });
  const type = (answer.headers.get("content-type") ?? "").split(";")[0];
  if (!answer.ok || !/html|xml|^text\/plain/.test(type)) throw new Error(`${answer.status} ${type}`);
  return { html: await answer.text(), url: answer.url, title: "", type: type || "text/html", language: "" };
}
