import assert from "node:assert/strict";
import { test } from "node:test";
import { catchUp } from "../../seglab/live/late.js";

/** What ipywidgets does with a message. */
class Base {
  heard = [];
  _handle_comm_msg(message) {
    this.heard.push(message);
    return Promise.resolve();
  }
}

/** Anywidget's model, which passes on what comes once its script is ready. */
class Model extends Base {
  constructor(ready) {
    super();
    this.ready = ready;
    this.sent = [];
    this.comm = { on_msg: (hear) => (this.hear = hear), send: (data) => this.sent.push(data) };
    this.comm.on_msg((message) => this._handle_comm_msg(message));
    const classList = { add: (...all) => (this.all = all) };
    this.views = { one: Promise.resolve({ el: { classList } }) };
    this.listeners = {};
  }
  async _handle_comm_msg(message) {
    await this.ready;
    return super._handle_comm_msg(message);
  }
  get = (name) => ({ own_id: "me", _dom_classes: ["seglab-row"] })[name];
  on = (event, listener) => (this.listeners[event] = listener);
  widget_manager = { get_model: async (id) => (id === "me" ? this : null) };
}

test("a script in time changes nothing of how its model hears", async () => {
  const model = new Model(Promise.resolve());
  const before = model.hear;
  await catchUp(model);
  assert.equal(model.hear, before);
  assert.deepEqual(model.sent, []);
});

test("a late script hears what comes, asks for what it missed, and gets its classes", async () => {
  const ready = Promise.reject(new Error("too late"));
  const model = new Model(ready);
  await assert.rejects(model.hear("lost"));
  await catchUp(model);
  assert.deepEqual(model.sent, [{ method: "request_state" }]);
  await model.hear("a frame");
  assert.deepEqual(model.heard, ["a frame"]);
  await model.listeners["change:_dom_classes"]();
  assert.deepEqual(model.all, ["seglab-row"]);
});

test("a host that has no such models is left as it is", async () => {
  await catchUp({ get: () => "me" });
  const gone = { get: () => "me", widget_manager: { get_model: () => Promise.reject(Error()) } };
  await catchUp(gone);
});
