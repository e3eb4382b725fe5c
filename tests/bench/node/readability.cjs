// Reads one JSON string (a page's HTML) a line, answers one line {ms, chars}: CPU time of parsing and Readability.
const { Readability } = require("@mozilla/readability");
const { parseHTML } = require("linkedom");
const lines = require("node:readline").createInterface({ input: process.stdin });

lines.on("line", (line) => {
  const html = JSON.parse(line);
  const before = process.cpuUsage();
  let chars = 0;
  try {
    const article = new Readability(parseHTML(html).document).parse();
    chars = article ? article.textContent.length : 0;
  } catch {
    chars = -1;
  }
  const used = process.cpuUsage(before);
  process.stdout.write(JSON.stringify({ ms: (used.user + used.system) / 1000, chars }) + "\n");
});
