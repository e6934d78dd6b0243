// The page's side of the worker that computes.

/** @import { Pixels } from "./lanczos.js" */
/** @import { Ref, Value } from "./looks.js" */
/** @import { Table } from "./program.js" */

/** A worker that is started when it is first asked. */
export class Engine {
  #table;
  #text;
  /** @type {Promise<Worker> | null} */
  #worker = null;
  /** @type {Map<number, { done: (values: Value[]) => void, fail: (error: Error) => void }>} */
  #waiting = new Map();
  #tasks = 0;

  /**
   * @param {Table} table
   * @param {(id: string) => Promise<string>} text what is stored under an id
   */
  constructor(table, text) {
    this.#table = table;
    this.#text = text;
  }

  /**
   * @param {object} task
   * @param {Transferable[]} moved
   * @returns {Promise<Value[]>}
   */
  #ask(task, moved = []) {
    const id = ++this.#tasks;
    return new Promise((done, fail) => {
      this.#waiting.set(id, { done, fail });
      this.#woken().then(
        (worker) => worker.postMessage({ id, ...task }, moved),
        (error) => {
          this.#waiting.delete(id);
          fail(error);
        },
      );
    });
  }

  /** The worker, started when it is first asked for, or again where it could not be. */
  #woken() {
    this.#worker ??= this.#start().catch((error) => {
      this.#worker = null;
      throw error;
    });
    return this.#worker;
  }

  async #start() {
    const ids = ["seglab-worker", "seglab-runtime", "seglab-graphs"];
    const [script, binary, bytes] = await Promise.all(ids.map(this.#text));
    const source = new Blob([script], { type: "text/javascript" });
    const address = URL.createObjectURL(source);
    const worker = new Worker(address);
    worker.addEventListener("message", ({ data: { id, values, error } }) => {
      const { done, fail } = this.#waiting.get(id) ?? {};
      this.#waiting.delete(id);
      if (error === undefined) done?.(values);
      else fail?.(new Error(error));
    });
    worker.addEventListener("error", (event) => {
      const said = new Error(event.message || "this browser starts no worker here");
      for (const { fail } of this.#waiting.values()) fail(said);
      this.#waiting.clear();
    });
    // What is wrong with it, the next answer says.
    worker.postMessage({ id: 0, open: { binary, table: this.#table, bytes } });
    return worker;
  }

  /** Start before anything is asked: the first answer is then sooner there. */
  wake() {
    this.#woken().catch(() => {}); // who asks hears of it
  }

  /** @param {Pixels} picture */
  show(picture) {
    return this.#ask({ picture }, [picture.data.buffer]);
  }

  /** @param {Ref[]} refs */
  values(refs) {
    return refs.length ? this.#ask({ refs }) : Promise.resolve([]);
  }
}
