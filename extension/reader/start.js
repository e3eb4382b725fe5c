/**
 * Begins the reader: its modules are loaded once the skeleton is on the screen. Not a module
 * itself, so that it runs as soon as the page is read.
 */
{
  const modules = /** @type {HTMLTemplateElement} */ (document.getElementById("modules"));
  let begun = false;
  const begin = () => {
    if (begun) return;
    begun = true;
    performance.mark("begun");
    document.head.append(modules.content);
  };
  // A tab behind others draws no frames.
  if (document.hidden) begin();
  requestAnimationFrame(() => setTimeout(begin));
  document.addEventListener("visibilitychange", begin, { once: true });
}
