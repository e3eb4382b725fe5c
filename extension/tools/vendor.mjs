/**
 * Copies the libraries that the extension ships from their npm packages, with their licences.
 *
 * Run `npm ci && npm run vendor` in `extension/` after changing a version in package.json.
 * Nothing is changed in the files but three things: source map comments are dropped, the type
 * checker is told to pass over them, and
 * Readability, which is a classic script, gets an `export` as its last line.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const LIBRARIES = [
  { name: "dompurify", file: "dist/purify.es.mjs", as: "purify.js", licence: "LICENSE" },
  { name: "@mozilla/readability", file: "Readability.js", as: "readability.js", licence: "LICENSE.md", exported: "Readability" },
  { name: "client-zip", file: "index.js", as: "client-zip.js", licence: "LICENSE.txt" },
];

mkdirSync(`${root}vendor`, { recursive: true });
const lines = ["Copied from npm packages by `npm run vendor`; do not edit.", ""];
for (const { name, file, as, licence, exported } of LIBRARIES) {
  const from = `${root}node_modules/${name}/`;
  const { version, license } = JSON.parse(readFileSync(`${from}package.json`, "utf8"));
  let source =
    readFileSync(from + file, "utf8")
      .replace(/^\/\/# sourceMappingURL=.*$/gm, "")
      .trimEnd() + "\n";
  if (exported) source += `export { ${exported} };\n`;
  writeFileSync(`${root}vendor/${as}`, `// @ts-nocheck\n${source}`);
  writeFileSync(`${root}vendor/${as.replace(/\.js$/, "")}.LICENSE.txt`, readFileSync(from + licence));
  lines.push(`${as}: ${name} ${version}, ${license}`);
}
writeFileSync(`${root}vendor/README.txt`, lines.join("\n") + "\n");
