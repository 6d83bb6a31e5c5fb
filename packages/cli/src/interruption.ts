const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Turns Ctrl-C and the like into an AbortSignal until disposed; a second one changes nothing, the tidying up goes on. */
export interface Interruption {
  readonly signal: AbortSignal;
  dispose(): void;
}

export function listenForInterruption(): Interruption {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  for (const name of SIGNALS) process.on(name, abort);
  return {
    signal: controller.signal,
    dispose() {
      for (const name of SIGNALS) process.off(name, abort);
    },
  };
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
