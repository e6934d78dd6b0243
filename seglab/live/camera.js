// A photograph from the camera, which is asked for when the student clicks, and never before.

import { make, makeButton } from "../board/dom.js";

/** Tell whether the page can ask for a camera: only a secure one can, or one of localhost. */
export function hasCamera() {
  return Boolean(globalThis.navigator?.mediaDevices?.getUserMedia);
}

/**
 * What went wrong, in a sentence with the remedy.
 *
 * @param {unknown} error
 */
export function cameraRefusal(error) {
  const { name, message } = error instanceof Error ? error : { name: "", message: String(error) };
  const instead = "or take a picture file with Your own….";
  if (name === "NotAllowedError")
    return `The camera is not allowed here: allow it in the browser's address bar, ${instead}`;
  if (name === "NotFoundError") return `There is no camera: connect one, ${instead}`;
  return `The camera cannot be used (${message}): close what else uses it, ${instead}`;
}

/**
 * What a video shows now, as a picture file.
 *
 * @param {HTMLVideoElement} video
 */
async function grab(video) {
  const canvas = make("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  /** @type {Blob | null} */
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  if (!blob) throw new Error("it shows no picture yet");
  return new File([blob], "photograph.png", { type: "image/png" });
}

/**
 * Show the camera in a dialog until the student takes a photograph or leaves; null for leaving.
 *
 * @param {MediaStream} stream
 * @returns {Promise<File | null>}
 */
function pose(stream) {
  const dialog = make("dialog", "seglab-camera");
  const video = make("video");
  [video.srcObject, video.muted, video.autoplay, video.playsInline] = [stream, true, true, true];
  return new Promise((done, fail) => {
    const take = makeButton("jupyter-button", "Take the photograph", () => {
      grab(video)
        .then(done, fail)
        .finally(() => dialog.close());
    });
    const leave = makeButton("jupyter-button", "Cancel", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(null); // of no effect once a photograph was taken
    });
    dialog.append(video, take, leave);
    document.body.append(dialog);
    dialog.showModal();
    take.focus();
  });
}

/**
 * A photograph from the camera as a file, or null where the student leaves. The camera is off
 * afterwards, whatever happens.
 */
export async function takePhoto() {
  const stream = await navigator.mediaDevices.getUserMedia({ video: true });
  try {
    return await pose(stream);
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}
