// The labs in a page of the site are as light or as dark as the page around them.

const root = document.documentElement;

/** @param {HTMLIFrameElement} frame */
function tell(frame) {
  const theme = root.dataset.theme ?? "auto";
  frame.contentWindow?.postMessage(JSON.stringify({ seglab: { theme } }), "*");
}

const frames = [...document.querySelectorAll("iframe")];
for (const frame of frames) {
  frame.addEventListener("load", () => tell(frame));
  tell(frame);
}
new MutationObserver(() => frames.forEach(tell)).observe(root, {
  attributeFilter: ["data-theme"],
});
