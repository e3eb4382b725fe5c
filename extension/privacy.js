/** The privacy page: what is sent, where, what is kept. */
import { applySettings, t, translatePage } from "./dom.js";
import { readServer, readSettings } from "./settings.js";

translatePage();
document.title = `Bodycopy – ${t("privacy_title")}`;
applySettings(await readSettings());
/** @type {HTMLElement} */ (document.getElementById("address")).textContent = (await readServer()).address;
document.body.dataset.state = "ready";
