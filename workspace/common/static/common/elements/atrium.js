// What every page loads. Each element is a file of its own, and none of them builds markup.
import "./browser-zone.js";
import "./copy-button.js";
import "./menu-button.js";
import "./nav-drawer.js";
