/** Ends the stack that the set-up of this run started, and removes its data. */
export default async function globalTeardown() {
  await globalThis.towpathStopStack?.();
}
