// What the shell brings to every page.
import "./command-palette.js";
import "./draft-keeper.js";
import "./key-help.js";
import "./live-notices.js";
import "./starter-list.js";
import "./undo-notice.js";
