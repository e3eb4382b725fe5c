/**
 * The page as the browser shows it, as one string of HTML.
 *
 * Runs inside the page (chrome.scripting hands over its source), so it uses nothing from
 * outside its own body. It reads the live page and changes nothing in it.
 *
 * @param {"page" | "selection"} mode
 * @returns {{html: string, url: string, title: string, type: string, language: string, empty: boolean, loading: boolean}}
 */
export function takeSnapshot(mode) {
  const VOID = new Set("area base br col embed hr img input link meta source track wbr".split(" "));
  const LEFT_OUT = new Set(
    (
      "script style noscript template object embed applet canvas svg audio video source track input textarea select " +
      "datalist param link meta base title head"
    ).split(" "),
  );
  const BLOCK = /^(p|h[1-6]|[uo]l|li|dl|div|section|article|main|blockquote|table|figure|pre)$/;
  const EMPTY_HOST = /^(article|aside|blockquote|body|div|footer|h[1-6]|header|main|nav|p|section|span)$/;
  const NOT_SENT = /^(on.*|style|nonce|srcdoc|srcset|sizes|ping)$/i;
  const LAZY = ["data-src", "data-original", "data-lazy-src", "data-url", "data-hi-res-src"];
  const OF_PICTURES = new Set(["src", "width", "height", "loading", ...LAZY, "data-srcset"]);
  const MAX_ATTRIBUTE_CHARS = 2000;

  // Fields of a form and named elements of a page hide the properties of `form` and `document` that
  // have their names. What the prototypes hold is always the browser's own.
  /** @type {(prototype: object, name: string) => (node: Node) => any} */
  const property = (prototype, name) => {
    const { get } = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(prototype, name));
    return (node) => get?.call(node);
  };
  const typeOf = property(Node.prototype, "nodeType");
  const nameOf = property(Element.prototype, "localName");
  const childrenOf = property(Node.prototype, "childNodes");
  const openShadowOf = property(Element.prototype, "shadowRoot");
  // Closed ones are opened to extensions: by a property in Firefox, by a function in Chromium, which takes 3 µs. So only
  // those are asked that like to have one: elements of the page's own kinds, and others that are empty.
  const closedShadowOf =
    "openOrClosedShadowRoot" in Element.prototype
      ? property(Element.prototype, "openOrClosedShadowRoot")
      : /** @type {any} */ (globalThis).chrome?.dom?.openOrClosedShadowRoot;
  const shadowOf = (/** @type {Element} */ element) => openShadowOf(element) ?? (mayHost(element) ? closedShadowOf?.(element) : null);
  const mayHost = (/** @type {Element} */ element) =>
    nameOf(element).includes("-") || (!childrenOf(element).length && EMPTY_HOST.test(nameOf(element)));
  const ofPage = (/** @type {string} */ name) => property(Document.prototype, name)(document);
  const { checkVisibility, closest, getAttribute, getAttributeNames } = Element.prototype;
  const { getRootNode } = Node.prototype;
  const title = String(ofPage("title"));
  const baseURI = String(property(Node.prototype, "baseURI")(document));
  const type = String(ofPage("contentType"));

  let out = "";
  let hasText = false;
  /** Inside frames, whose addresses are relative to something else than the page's base. */
  let framed = 0;
  /** Inside what a `<details>` folds away, which a click would show. */
  let folded = 0;
  /** What of the page is wanted; all of it where null. @type {Range | null} */
  let wanted = null;

  const text = (/** @type {string} */ value) =>
    /[&<>]/.test(value) ? value.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;") : value;
  const quoted = (/** @type {string} */ value) =>
    `"${/[&<"]/.test(value) ? value.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;") : value}"`;

  /** @param {Element} element @param {Set<string>} [without] */
  function attributes(element, without) {
    for (const name of getAttributeNames.call(element)) {
      if (NOT_SENT.test(name) || without?.has(name) || !/^[a-z][a-z0-9:_-]*$/i.test(name)) continue;
      let value = getAttribute.call(element, name) ?? "";
      if (framed && name === "href") value = /** @type {HTMLAnchorElement} */ (element).href || value;
      if (value.length <= MAX_ATTRIBUTE_CHARS) out += ` ${name}=${quoted(value)}`;
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
    out += "<img";
    attributes(image, OF_PICTURES);
    out += ` src=${quoted(source)}`;
    const [width, height] = sizeOf(image, placeholder);
    if (width > 1 && height > 1) out += ` width="${width}" height="${height}"`;
    out += ">";
  }

  /**
   * As shown. What stands in for a picture that is not there yet, be it its words or a small preview, has another size.
   * @param {HTMLImageElement} image @param {boolean} placeholder
   */
  function sizeOf(image, placeholder) {
    const box = image.getBoundingClientRect();
    const shown = [Math.round(box.width) || image.naturalWidth, Math.round(box.height) || image.naturalHeight];
    if (image.naturalWidth && !placeholder) return shown;
    const said = ["width", "height"].map((name) => Number(image.getAttribute(name)) || 0);
    if (said[0] && said[1]) return said.map(Math.round);
    return image.naturalWidth && box.width > image.naturalWidth ? shown : [0, 0];
  }

  /** @param {Node} node @param {boolean} seen whether its text can be seen */
  function write(node, seen) {
    if (wanted && !isWanted(node)) return;
    const kind = typeOf(node);
    if (kind === Node.TEXT_NODE) {
      if (!seen) return;
      const words = wantedPart(/** @type {Text} */ (node));
      hasText ||= /\S/.test(words);
      out += text(words);
    } else if (kind === Node.ELEMENT_NODE) element(/** @type {Element} */ (node));
  }

  /** @param {Node} node */
  function isWanted(node) {
    // A frame's and a shadow's nodes are of another tree than the selection: they come with their host.
    const whole = getRootNode.call(node) !== wanted?.commonAncestorContainer.getRootNode();
    return whole || wanted?.intersectsNode(node);
  }

  /** @param {Text} node */
  function wantedPart(node) {
    const from = node === wanted?.startContainer ? wanted.startOffset : 0;
    return node === wanted?.endContainer ? node.data.slice(from, wanted.endOffset) : node.data.slice(from);
  }

  /** @param {Element} node */
  function element(node) {
    const tag = nameOf(node);
    if (LEFT_OUT.has(tag)) {
      if (tag === "script" && node.getAttribute("type") === "application/ld+json") data(node);
      return;
    }
    if (tag.includes("<")) return;
    if (tag === "br" || tag === "wbr") {
      out += `<${tag}>`;
      return;
    }
    if (!checkVisibility.call(node) && !isShownOtherwise(node)) return;
    const seen = isSeen(node);
    if (tag === "img") {
      try {
        if (seen) picture(/** @type {HTMLImageElement} */ (node));
      } catch {
        // An address that cannot be resolved: the picture is left out.
      }
      return;
    }
    if (tag === "iframe" || tag === "frame") return frame(/** @type {HTMLIFrameElement} */ (node), seen);
    if (tag === "slot") return slot(/** @type {HTMLSlotElement} */ (node), seen);
    const name = tag === "frameset" ? "div" : tag;
    out += `<${name}`;
    attributes(node);
    out += ">";
    if (VOID.has(tag)) return;
    const folds = tag === "details" && getAttribute.call(node, "open") === null;
    if (folds) folded++;
    for (const child of childrenOf(shadowOf(node) ?? node)) write(child, seen);
    if (folds) folded--;
    out += `</${name}>`;
  }

  /** Shown through its children only; or folded away, where all that is not shown to the browser is hidden by its own style. @param {Element} node */
  function isShownOtherwise(node) {
    const { display, contentVisibility } = getComputedStyle(node);
    return display === "contents" || (folded > 0 && display !== "none" && contentVisibility !== "hidden");
  }

  /** A part that waits to be faded in as the person scrolls counts as seen. @param {Element} node */
  function isSeen(node) {
    if (checkVisibility.call(node, { visibilityProperty: true })) return true;
    if (getComputedStyle(node).visibility === "visible") return true;
    const waiting = /** @type {HTMLElement | null} */ (closest.call(node, "[style*=visibility]"));
    return waiting?.style.visibility === "hidden" && waiting.style.opacity === "0";
  }

  /** @param {HTMLSlotElement} node @param {boolean} seen */
  function slot(node, seen) {
    const assigned = node.assignedNodes({ flatten: true });
    for (const child of assigned.length ? assigned : node.childNodes) write(child, seen);
  }

  /** @param {HTMLIFrameElement} node @param {boolean} seen */
  function frame(node, seen) {
    let body = null;
    try {
      body = node.contentDocument && property(Document.prototype, "body")(node.contentDocument);
    } catch {
      // Another origin's: the browser does not let us look.
    }
    if (!body || !seen) return;
    out += "<div>";
    framed++;
    for (const child of childrenOf(body)) write(child, true);
    framed--;
    out += "</div>";
  }

  /** @param {Element} node */
  function data(node) {
    out += `<script type="application/ld+json">${(node.textContent ?? "").replace(/<(?=\/script|!--)/gi, "\\u003c")}</script>`;
  }

  function head() {
    out += `<head><meta charset="utf-8"><base href=${quoted(baseURI)}><title>${text(title)}</title>`;
    for (const node of ofPage("head")?.children ?? []) {
      const tag = node.localName;
      if (tag === "script" && node.getAttribute("type") === "application/ld+json") data(node);
      else if (
        (tag === "meta" && (node.hasAttribute("content") || node.hasAttribute("itemprop")) && !node.hasAttribute("http-equiv")) ||
        (tag === "link" && /^(canonical|amphtml|alternate|author|shortlink|image_src)$/i.test(node.getAttribute("rel") ?? ""))
      ) {
        out += `<${tag}`;
        attributes(node);
        out += ">";
      }
    }
    out += "</head>";
  }

  /** What is selected in the page; else in one of its frames that may be looked into. @param {Document} page @returns {Selection | null} */
  function selectionOf(page) {
    const own = Document.prototype.getSelection.call(page);
    if (own && !own.isCollapsed) return own;
    for (const node of Document.prototype.querySelectorAll.call(page, "iframe, frame")) {
      const inner = /** @type {HTMLIFrameElement} */ (node).contentDocument;
      const found = inner && selectionOf(inner);
      if (found) return found;
    }
    return null;
  }

  /** The selected parts, each in paragraphs of its own. */
  function selected() {
    const selection = selectionOf(document);
    if (selection && selection.anchorNode?.ownerDocument !== document) framed++;
    for (let index = 0; selection && index < selection.rangeCount; index++) {
      wanted = selection.getRangeAt(index);
      const place = wanted.commonAncestorContainer;
      const root = place.nodeType === Node.ELEMENT_NODE ? /** @type {Element} */ (place) : place.parentElement;
      if (wanted.collapsed || !root) continue;
      const blocks = [...childrenOf(root)].some(
        (child) => typeOf(child) === Node.ELEMENT_NODE && BLOCK.test(nameOf(child)) && wanted?.intersectsNode(child),
      );
      folded = closest.call(root, "details:not([open])") ? 1 : 0;
      out += blocks ? "" : "<p>";
      for (const child of childrenOf(shadowOf(root) ?? root)) write(child, isSeen(root));
      out += blocks ? "" : "</p>";
    }
  }

  /** A file of plain text: the browser shows it as one block, but empty lines part its paragraphs. */
  function plainText() {
    const words = String(body?.textContent ?? "");
    hasText = /\S/.test(words);
    for (const part of words.split(/\n\s*\n/.test(words.trim()) ? /\n\s*\n/ : /\n/)) out += `<p>${text(part)}</p>`;
  }

  const root = /** @type {HTMLElement} */ (ofPage("documentElement"));
  const body = /** @type {HTMLElement | null} */ (ofPage("body"));
  out += "<!DOCTYPE html><html";
  attributes(root);
  out += ">";
  head();
  if (mode === "selection" || type === "text/plain") {
    out += "<body><article>";
    if (mode === "selection") selected();
    else plainText();
    out += "</article></body>";
  } else if (body) {
    element(body);
  }
  out += "</html>";
  return {
    html: out,
    url: location.href,
    title,
    type,
    language: root.lang,
    empty: !hasText,
    loading: ofPage("readyState") === "loading",
  };
}

/**
 * Waits until the page is whole, or nothing has been added to it for a while. Runs inside the page.
 * @param {number} still milliseconds @param {number} most milliseconds
 * @returns {Promise<boolean>} always true: an answer that is none would look like a failure
 */
export function standsStill(still, most) {
  return new Promise((done) => {
    const finish = () => {
      clearTimeout(timer);
      clearTimeout(end);
      watch.disconnect();
      removeEventListener("DOMContentLoaded", finish);
      done(true);
    };
    let timer = setTimeout(finish, still);
    const end = setTimeout(finish, most);
    const watch = new MutationObserver(() => {
      clearTimeout(timer);
      timer = setTimeout(finish, still);
    });
    watch.observe(document, { childList: true, subtree: true });
    addEventListener("DOMContentLoaded", finish);
    if (document.readyState !== "loading") finish();
  });
}

/**
 * HTML of an address of the page's own site, as its server sends it, without what a snapshot leaves out too: scripts,
 * what fields of forms hold, comments. Runs inside the page.
 * @param {string} url
 */
export async function fetchFromPage(url) {
  const HEAD_BYTES = 65_536;
  const MARKS = { "utf-8": "\u00ef\u00bb\u00bf", "utf-16le": "\u00ff\u00fe", "utf-16be": "\u00fe\u00ff" };
  const CHARSET = /^\s{0,99}<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]+)|<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)/i;
  const LEFT_OUT = "script:not([type='application/ld+json']), input, textarea, select, datalist";
  const { querySelector, createTreeWalker } = Document.prototype;
  const { getAttributeNames, removeAttribute } = Element.prototype;

  const answer = await fetch(url, { credentials: "include" });
  const [type, parameters = ""] = (answer.headers.get("content-type") ?? "").split(/;(.*)/s);
  if (!answer.ok || !/html|xml|^text\/plain/.test(type)) throw new Error(`${answer.status} ${type}`);
  const text = decode(await answer.arrayBuffer());
  return { html: type.startsWith("text/plain") ? text : stripped(text), url: answer.url, title: "", type, language: "" };

  /** As a browser does: by the byte order mark, by what the server says, by what the page says. @param {ArrayBuffer} bytes */
  function decode(bytes) {
    const start = new TextDecoder("latin1").decode(new Uint8Array(bytes, 0, Math.min(bytes.byteLength, HEAD_BYTES)));
    const marked = Object.entries(MARKS).find(([, mark]) => start.startsWith(mark))?.[0];
    const told = /charset\s*=\s*["']?([\w.:-]+)/i.exec(parameters)?.[1];
    const [, xml, meta] = CHARSET.exec(start) ?? [];
    // Words that could be read so far are in no encoding of two bytes a character.
    for (const label of [marked, told, (xml ?? meta)?.replace(/^utf-?16.*/i, "utf-8")]) {
      try {
        if (label) return new TextDecoder(label).decode(bytes);
      } catch {
        // No name of a character set.
      }
    }
    return new TextDecoder().decode(bytes);
  }

  /** @param {string} text */
  function stripped(text) {
    const parse = (/** @type {DOMParserSupportedType} */ kind) => {
      const root = querySelector.call(new DOMParser().parseFromString(text, kind), ":root");
      return /** @type {Element} */ (root);
    };
    let root = parse(/xml/.test(type) ? "application/xml" : "text/html");
    // Much of what is called XML is none.
    if (root.localName === "parsererror" || root.querySelector("parsererror")) root = parse("text/html");
    strip(root);
    return `<!DOCTYPE html>${root.outerHTML}`;
  }

  /** @param {Element | DocumentFragment} root */
  function strip(root) {
    for (const node of root.querySelectorAll(LEFT_OUT)) node.remove();
    const walker = createTreeWalker.call(document, root, NodeFilter.SHOW_COMMENT);
    /** @type {ChildNode[]} */
    const comments = [];
    while (walker.nextNode()) comments.push(/** @type {Comment} */ (walker.currentNode));
    for (const comment of comments) comment.remove();
    for (const node of root.querySelectorAll("*")) {
      for (const name of getAttributeNames.call(node)) if (/^on|^nonce$/i.test(name)) removeAttribute.call(node, name);
      if (node instanceof HTMLTemplateElement) strip(node.content);
    }
  }
}
