import type { DecisionState } from '../handles.js';
import { inTraceOf } from '../tracing/in-trace-of.js';
import { failureOf } from './failure.js';
import type { Item } from './item.js';
import { refuseLoop } from './story.js';
import { noting } from './work-notes.js';

/**
 * Runs the work of a message that waited for it. Resolves with the message to decide: with the work's result, or with why it
 * failed, which is a try like any other. Work that takes longer than its handler allows is aborted and has failed with
 * `WORK_TIMEOUT`, whether it heeds its signal or not. When `stop` is aborted, what comes out means nothing.
 */
export async function doWork(item: Item, state: DecisionState, stop: AbortSignal): Promise<Item> {
  const { handler, message } = item;
  const { queued, instance } = handler;
  const work = instance.work?.bind(instance);
  if (item.refusal || !queued || !work) return item;
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(timedOut(handler.name, queued.timeoutMs)), queued.timeoutMs);
  const signal = AbortSignal.any([stop, timeout.signal]);
  try {
    // Decided later, but before anything is spent on it.
    refuseLoop(message, handler.name, handler.contract);
    const done = await Promise.race([
      noting(() => inTraceOf(message, () => work(message, { signal, state, firstTry: isFirstTry(item) }))),
      whenAborted(signal),
    ]);
    return { ...item, work: done };
  } catch (error) {
    return { ...item, refusal: failureOf(signal.aborted ? signal.reason : error) };
  } finally {
    clearTimeout(timer);
  }
}

/** Each lease of a row raises its fence; a redriven message has been worked on before it became a dead letter. */
function isFirstTry({ held, redrive }: Item): boolean {
  return held?.fence === '1' && !redrive;
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

function timedOut(handler: string, timeoutMs: number): Error {
  return Object.assign(new Error(`${handler} did not end within ${timeoutMs} ms`), { code: 'WORK_TIMEOUT' });
}
