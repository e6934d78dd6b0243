// An extension of JupyterLab and Notebook 7: in a saved notebook whose kernel has gone, a lab shows
// its stored picture. Written as the container that JupyterLab loads: there is no build step.

/**
 * @typedef {{ data: Record<string, any>, metadata: Record<string, any> }} Output
 * @typedef {{ node: HTMLElement, renderModel(output: Output): Promise<void> }} Renderer
 * @typedef {{ createRenderer(mimeType: string, ...rest: any[]): Renderer }} Registry
 * @typedef {{ content: { rendermime: Registry } }} Panel
 * @typedef {{ docRegistry: { addWidgetExtension(kind: string, extension: unknown): void } }} App
 */

const WIDGET = "application/vnd.jupyter.widget-view+json";
const ASLEEP = "This lab is asleep: run its cell to wake it.";

/**
 * A stored output's picture, with the sentence that says how the lab is woken.
 *
 * @param {Output} output
 */
function stillOf({ data, metadata }) {
  const figure = document.createElement("figure");
  figure.className = "seglab-still";
  figure.style.margin = "0";
  const picture = document.createElement("img");
  picture.src = `data:image/png;base64,${data["image/png"]}`;
  picture.alt = metadata["image/png"]?.alt ?? String(data["text/plain"]);
  picture.style.maxWidth = "100%";
  const caption = document.createElement("figcaption");
  caption.textContent = ASLEEP;
  figure.append(picture, caption);
  return figure;
}

/**
 * Let a widget's renderer show a lab's stored picture for as long as there is no widget.
 *
 * @param {Renderer} renderer
 */
function withStill(renderer) {
  const { node } = renderer;
  const render = renderer.renderModel.bind(renderer);
  /** @type {HTMLElement | null} */
  let still = null;
  const follow = () => {
    if (!still) return;
    if (node.querySelector(".jupyter-widgets")) still.remove();
    else if (still.parentNode !== node) node.replaceChildren(still);
  };
  new MutationObserver(follow).observe(node, { childList: true });
  renderer.renderModel = async (output) => {
    await render(output);
    if (output.metadata.seglab) still = stillOf(output);
    follow();
  };
  return renderer;
}

/** @param {Registry} registry */
function watch(registry) {
  const create = registry.createRenderer.bind(registry);
  registry.createRenderer = (mimeType, ...rest) => {
    const renderer = create(mimeType, ...rest);
    return mimeType === WIDGET ? withStill(renderer) : renderer;
  };
}

const plugin = {
  id: "seglab:still",
  autoStart: true,
  /** @param {App} app */
  activate(app) {
    app.docRegistry.addWidgetExtension("Notebook", {
      /** @param {Panel} panel */
      createNew(panel) {
        watch(panel.content.rendermime);
      },
    });
  },
};

/** @type {any} */ (window)._JUPYTERLAB = {
  .../** @type {any} */ (window)._JUPYTERLAB,
  seglab: { init() {}, get: async () => () => ({ __esModule: true, default: plugin }) },
};
