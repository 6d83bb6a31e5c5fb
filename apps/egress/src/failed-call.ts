import { DryRun } from '@towpath/outbound/dry-run';
import { outboundErrorOf } from '@towpath/outbound/outbound-error';
import type { CallResult } from './provider.js';

/** An adapter can't make the call: what the command asks for is nothing the provider takes. */
export class Unsendable extends Error {
  constructor(
    readonly code: string,
    readonly detail: string,
  ) {
    super(`${code}: ${detail}`);
  }
}

/** What an error of a mutating call means for its effect, when it brought no reply. */
export function resultOfFailure(error: unknown): CallResult {
  if (error instanceof Unsendable) return { kind: 'refused', code: error.code, detail: error.detail };
  const outbound = outboundErrorOf(error);
  if (outbound instanceof DryRun) return { kind: 'rehearsed', rehearsed: outbound.rehearsed };
  if (outbound) {
    const kind = outbound.outcome === 'not-sent' ? 'not-acted' : 'unknown';
    return { kind, code: outbound.code, detail: outbound.message };
  }
  return { kind: 'unknown', code: 'ADAPTER_FAILED', detail: String(error) };
}
