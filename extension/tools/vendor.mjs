/**
 * Copies the libraries that the extension ships from their npm packages, with their licences.
 *
 * Run `npm ci && npm run vendor` in `extension/` after changing a version in package.json.
 * What is changed in the files, and nothing else: source map comments go; the type checker is
 * told to pass over them; Readability, a classic script, gets an `export` as its last line; and
 * the places that set markup from strings, which the extension's policy (trusted types) forbids,
 * are replaced as `replace` says. Each replacement must match, or the command fails.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const LIBRARIES = [
  {
    name: "dompurify",
    file: "dist/purify.es.mjs",
    as: "purify.js",
    licence: "LICENSE",
    // Its way for browsers without DOMParser: never taken in ours.
    replace: [["doc.documentElement.innerHTML = IS_EMPTY_INPUT ? emptyHTML : dirtyPayload;", 'throw new Error("DOMParser is missing");']],
  },
  {
    name: "@mozilla/readability",
    file: "Readability.js",
    as: "readability.js",
    licence: "LICENSE.md",
    exported: "Readability",
    // `setMarkup` is given by local.js, which parses into an inert document.
    replace: [
      ["page.innerHTML = pageCacheHtml;", "Readability.setMarkup(page, pageCacheHtml);"],
      ["tmp.innerHTML = noscript.innerHTML;", "Readability.setMarkup(tmp, noscript.innerHTML);"],
    ],
  },
  { name: "client-zip", file: "index.js", as: "client-zip.js", licence: "LICENSE.txt" },
];

mkdirSync(`${root}vendor`, { recursive: true });
const lines = ["Copied from npm packages by `npm run vendor`; do not edit.", ""];
for (const { name, file, as, licence, exported, replace = [] } of LIBRARIES) {
  const from = `${root}node_modules/${name}/`;
  const { version, license } = JSON.parse(readFileSync(`${from}package.json`, "utf8"));
  let source =
    readFileSync(from + file, "utf8")
      .replace(/^\/\/# sourceMappingURL=.*$/gm, "")
      .trimEnd() + "\n";
  for (const [old, ours] of replace) {
    if (!source.includes(old)) throw new Error(`${name} ${version} no longer holds: ${old}`);
    source = source.replace(old, ours);
  }
  if (exported) source += `export { ${exported} };\n`;
  writeFileSync(`${root}vendor/${as}`, `// @ts-nocheck\n${source}`);
  writeFileSync(`${root}vendor/${as.replace(/\.js$/, "")}.LICENSE.txt`, readFileSync(from + licence));
  lines.push(`${as}: ${name} ${version}, ${license}`);
}
writeFileSync(`${root}vendor/README.txt`, lines.join("\n") + "\n");
