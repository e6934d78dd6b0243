// What anywidget gives to a widget, as far as it is used here.

/**
 * @typedef {{
 *   get(name: string): any,
 *   set(name: string, value: unknown): void,
 *   save_changes(): void,
 *   on(event: string, listener: (...args: any[]) => void): void,
 *   off(event: string, listener: (...args: any[]) => void): void,
 *   send(content: unknown, callbacks?: unknown, buffers?: ArrayBufferLike[]): void,
 *   widget_manager: { get_model(id: string): Promise<Model> },
 *   _state_lock?: unknown,
 * }} Model _state_lock: set while a change from the kernel is taken over
 * @typedef {{ model: Model, el: HTMLElement }} Context
 */

export {};
