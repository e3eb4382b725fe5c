/**
 * Sets the looks that were last applied, before anything is drawn: the browser's storage answers
 * too late for that. Not a module, so that the page waits for it; `applySettings` keeps what it reads.
 */
{
  const { style = "", ...looks } = JSON.parse(localStorage.getItem("looks") ?? "{}");
  Object.assign(document.documentElement.dataset, looks);
  document.documentElement.style.cssText = style;
}
