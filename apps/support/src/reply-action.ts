import { hash } from 'node:crypto';
import { SendTicketReply } from '@towpath/contracts/tickets/SendTicketReply.v1';
import { actionHash, type ProposedAction } from '@towpath/service-kit/reviews/action-hash';
import type { Cited, Source } from './draft/evidence.js';
import { textsOf, type Macros } from './draft/macros.js';

/** A reply by ids and hashes, as an approval covers it. */
export interface ReplyFacts {
  readonly ticketId: string;
  readonly replyId: string;
  readonly messageId: string;
  readonly customerId: string;
  readonly textHash: string;
  readonly cited: readonly Cited[];
}

/** SHA-256 of a text, hexadecimal. */
export function textHashOf(text: string): string {
  return hash('sha256', text, 'hex');
}

/** Every source once, in order of kind and id. */
export function citedBy(sentences: readonly { readonly sources: readonly Source[] }[]): Cited[] {
  const found = new Map<string, Cited>();
  for (const { kind, id, version } of sentences.flatMap(({ sources }) => sources)) {
    found.set(`${kind}:${id}`, { kind, id, version });
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, cited]) => cited);
}

/**
 * The action that an approval is bound to: this text to this customer in this ticket, on the evidence as it stands by `macros`. When a
 * cited macro got another version or is gone, it is another action.
 */
export function replyAction(reply: ReplyFacts, macros: Macros): ProposedAction {
  const { ticketId, replyId, messageId, customerId, textHash, cited } = reply;
  const texts = textsOf(macros);
  const versions = cited.map(({ kind, id, version }) => {
    const now = kind === 'macro' ? (texts.get(id)?.version ?? 'gone') : version;
    return [`${kind}:${id}`, now] as const;
  });
  return {
    action: SendTicketReply.type,
    arguments: { ticketId, replyId, messageId, customerId, textHash },
    evidence: Object.fromEntries(versions),
  };
}

export function replyHash(reply: ReplyFacts, macros: Macros): string {
  return actionHash(replyAction(reply, macros));
}
