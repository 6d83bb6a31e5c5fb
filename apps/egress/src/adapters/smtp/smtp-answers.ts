import type { CallResult } from '../../provider.js';
import type { SessionEnd } from './smtp-session.js';

/** What the end of a session means for its message (RFC 5321, 4.2.1 and 4.5.3.2). */
export function smtpVerdict(end: SessionEnd, messageId: string): CallResult {
  if (end.kind === 'accepted') return { kind: 'done', reference: messageId };
  if (end.kind === 'silent') {
    if (end.sent) return { kind: 'unknown', code: 'MAIL_END_LOST', detail: end.detail };
    return { kind: 'not-acted', code: 'CONNECTION_FAILED', detail: end.detail };
  }
  const { code, command, sent, detail } = end;
  // 421 closes the session at any time, also after the message was taken and before that was said.
  if (code === 421 && sent) return { kind: 'unknown', code: 'MAIL_END_LOST', detail };
  if (command.startsWith('AUTH')) return { kind: 'not-acted', code: 'PROVIDER_REFUSED_KEY', detail };
  if (code >= 400 && code < 500) return { kind: 'not-acted', code: 'MAIL_DEFERRED', detail };
  return { kind: 'refused', code: 'MAIL_REFUSED', detail };
}
