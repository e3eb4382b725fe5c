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
  const LAZY_SETS = ["data-srcset", "data-lazy-srcset"];
  const OF_PICTURES = new Set(["src", "width", "height", "loading", ...LAZY, ...LAZY_SETS]);
  /** Parts of addresses and classes of pictures that only hold a place, those of the first as the service knows them. */
  const HOLDS_PLACE = /placeholder|blank|spacer|transparent|lazy|loading|1x1|pixel\./i;
  const WAITS = /(^|\s)(lazy|lazy-?load|lazy-?loading)(\s|$)/i;
  /** As the service reads sets: an address goes on to white space, and a comma at its very end ends the candidate. */
  const CANDIDATE = /([^\s,]\S*)(?:(?<=,)|([^,]*))/g;
  const SIZE = /^(?:([0-9.]{1,9})[wx](?:\s+[0-9]{1,9}h)?)?$/;
  const MAX_SET_CHARS = 10_000;
  const MAX_PICTURE_PIXELS = 2000;
  const MAX_ATTRIBUTE_CHARS = 2000;
  const SENTENCE_CHARS = 80;
  /** A page with fewer characters of sentences is no article by itself. */
  const MIN_RUNNING_CHARS = 500;

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
  /** Characters of whole sentences, more or less: not those of menus. */
  let runningChars = 0;
  /** Whether another origin's frame fills much of the window. */
  let filledByFrame = false;
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
    const missing = !/^https?:/.test(source) || image.naturalWidth <= 1;
    const late = lateSource(image, source, missing);
    if (late) source = new URL(late, image.baseURI).href;
    if (!/^https?:/.test(source)) return;
    out += "<img";
    attributes(image, OF_PICTURES);
    out += ` src=${quoted(source)}`;
    const [width, height] = sizeOf(image, missing || Boolean(late));
    if (width > 1 && height > 1) out += ` width="${width}" height="${height}"`;
    out += ">";
  }

  /**
   * What the page will show instead of what it shows so far, if that only holds a place: nothing, a name of no picture,
   * or a small preview. As the service would choose.
   * @param {HTMLImageElement} image @param {string} source @param {boolean} missing
   */
  function lateSource(image, source, missing) {
    const named = HOLDS_PLACE.test(source.slice(0, 500));
    const waits = named || WAITS.test(image.className) || image.getBoundingClientRect().width > 2 * image.naturalWidth;
    if (!missing && !waits) return "";
    // Beside a picture that is there, the last two are now and then of something else: the page to share, a larger one.
    const given = (missing ? LAZY : LAZY.slice(0, 3)).map((name) => image.getAttribute(name)).find(isAddress);
    if (given) return given;
    const none = !/^https?:/.test(source) || image.naturalWidth === 1 || named;
    for (const holder of [image, ...sourcesOf(image)])
      for (const name of missing && none ? [...LAZY_SETS, "srcset"] : LAZY_SETS) {
        const found = largest(holder.getAttribute(name) ?? "");
        if (found) return found;
      }
    return "";
  }

  /** Not of a picture that is in the address itself, and no pattern of addresses. @param {string | null} value */
  function isAddress(value) {
    return /\S/.test(value ?? "") && !/^(data|blob|about):|[{}]/.test(value ?? "");
  }

  /** A `<picture>`'s other sources for a window like this. @param {HTMLImageElement} image */
  function sourcesOf(image) {
    const holder = image.parentElement;
    if (!holder || nameOf(holder) !== "picture") return [];
    return [...holder.querySelectorAll("source")].filter(({ media }) => !media || matchMedia(media).matches);
  }

  /** The widest of a set that is not wider than a screen, or the first. @param {string} set */
  function largest(set) {
    const whole = set.length > MAX_SET_CHARS ? set.slice(0, set.lastIndexOf(", ", MAX_SET_CHARS) + 1) : set;
    let best = "";
    let bestSize = -1;
    for (const [, address, descriptors = ""] of whole.matchAll(CANDIDATE)) {
      const described = SIZE.exec(descriptors.trim());
      if (!described || !isAddress(address)) continue;
      const size = Number(described[1] ?? 1) || 0;
      if (!best || (bestSize < size && size <= MAX_PICTURE_PIXELS)) [best, bestSize] = [address, size];
    }
    while (best.endsWith(",")) best = best.slice(0, -1);
    return best;
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
      if (words.length > SENTENCE_CHARS) runningChars += words.length;
      out +=
        /\n/.test(words) && /\S/.test(words) && keepsBreaks(/** @type {Text} */ (node))
          ? text(words).replaceAll("\n", "<br>")
          : text(words);
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

  /** Whether the page's style shows line feeds as such, where the element by itself does not. @param {Text} node */
  function keepsBreaks(node) {
    const holder = node.assignedSlot ?? node.parentElement ?? /** @type {ShadowRoot | null} */ (node.parentNode)?.host;
    if (!holder || !/^(preserve|preserve-breaks|break-spaces)$/.test(getComputedStyle(holder).whiteSpaceCollapse)) return false;
    return !closest.call(holder, "pre, code, listing, xmp, plaintext");
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
    if (!seen) return;
    if (!body) {
      filledByFrame ||= mayHoldArticle(node);
      return;
    }
    out += "<div>";
    framed++;
    for (const child of childrenOf(body)) write(child, true);
    framed--;
    out += "</div>";
  }

  /** By its size; a film's player is as large, but is allowed to fill the screen. @param {HTMLIFrameElement} node */
  function mayHoldArticle(node) {
    const { width, height } = node.getBoundingClientRect();
    return width * height > (innerWidth * innerHeight) / 2 && !node.allowFullscreen && !/fullscreen/.test(node.allow);
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
      const whole = closest.call(root, "pre") ? "pre" : "p";
      out += blocks ? "" : `<${whole}>`;
      for (const child of childrenOf(shadowOf(root) ?? root)) write(child, isSeen(root));
      out += blocks ? "" : `</${whole}>`;
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
    // The service warns of it.
    if (filledByFrame && runningChars < MIN_RUNNING_CHARS) out += "<iframe data-unread></iframe>";
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
