// A page in a frame is as light or as dark as the page around it says.

/** @param {MessageEvent} event */
function onTheme({ source, data }) {
  if (source !== window.parent || typeof data !== "string") return;
  const theme = /^\{"seglab":\{"theme":"(light|dark|auto)"\}\}$/.exec(data)?.[1];
  if (theme) document.documentElement.dataset.theme = theme;
}

/** {"seglab":{"theme":"dark"}}, or light, or auto: as the reader's system is. */
export function listenForTheme() {
  if (window.parent !== window) window.addEventListener("message", onTheme);
}
