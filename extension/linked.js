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
