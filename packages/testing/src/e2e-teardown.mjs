/** Ends the platform that the end-to-end specs of this run shared, and removes its data. */
export default async function e2eTeardown() {
  await globalThis.towpathStopPlatform?.();
}
