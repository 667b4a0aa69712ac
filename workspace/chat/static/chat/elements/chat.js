// What the page of a chat loads beside the shell's elements.
import "./chat-thread.js";
import "./escape-key.js";
import "./prompt-composer.js";
import "./stick-to-bottom.js";
import "./stop-button.js";
import "./turn-stream.js";
