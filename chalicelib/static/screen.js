// What a screen on a counter or a wall needs: it stays awake, and it makes a sound.

import { deviceStore } from "./storage.js";

const SOUND = "coffee-orders.sound"; // whether this device may make a sound
const TONES = [660, 880]; // Hz
const TONE_LENGTH = 0.15; // seconds

let lock = null;
let isAwake = false;
let audio = null;

document.addEventListener("visibilitychange", lockScreen);

/** Keep the screen on until letSleep(). */
export function stayAwake() {
  isAwake = true;
  lockScreen();
}

export function letSleep() {
  isAwake = false;
  lock?.release().catch(() => {});
  lock = null;
}

/** A browser ends the lock when the tab is hidden, and may deny it on low power. */
async function lockScreen() {
  if (!isAwake || document.hidden || !navigator.wakeLock) return;
  lock = await navigator.wakeLock.request("screen").catch(() => null);
}

export const isSoundOn = () => deviceStore.read(SOUND) === true;

/** Allow or forbid the sound. Browsers make none before the first tap on the page. */
export function setSound(isOn) {
  deviceStore.write(SOUND, isOn);
  if (isOn) makeSound();
}

/** Make a short sound, if it is allowed. */
export function makeSound() {
  if (!isSoundOn()) return;
  audio ??= new AudioContext();
  audio.resume();
  TONES.forEach((frequency, position) => {
    const tone = new OscillatorNode(audio, { frequency });
    tone.connect(new GainNode(audio, { gain: 0.2 })).connect(audio.destination);
    const start = audio.currentTime + position * TONE_LENGTH;
    tone.start(start);
    tone.stop(start + TONE_LENGTH);
  });
}
