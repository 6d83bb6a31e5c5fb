import type { Contract } from '@towpath/contracts/contract';
import { isWithin, type Taint } from '@towpath/contracts/taint';
import { commandHash } from '../policy/action-hash.js';
import { PROOF_AUDIENCE } from './agent-identities.js';
import { COMMAND_RULES, type CommandRule } from './command-scopes.js';
import type { KeyBook, VerificationKey } from './keys.js';
import { readClaims, type Claims } from './signed-claims.js';
import { parseSpiffeId } from './spiffe.js';

/** A command as it came, with what it says of who asks. */
export interface Asked {
  readonly data: unknown;
  /** `/services/<schema>`, set by the relay */
  readonly source: string;
  readonly correlationId: string;
  readonly taint?: Taint;
  readonly agent?: string;
  readonly proof?: string;
}

export type Authority =
  /** `agent` is null when no agent had a hand in it */
  | { readonly ok: true; readonly agent: string | null }
  | { readonly ok: false; readonly code: string; readonly detail: string };

/**
 * Whether a command may be carried out, as far as agents and labels go. One that an agent had a hand in needs the agent's proof: signed
 * by a key of the very service that sent it, for this command's content, in this story, by an agent that holds the command's scope, and
 * not older than some minutes. One without an agent must not follow from less trusted text than its rule accepts. Pure and synchronous.
 * @param command with personal data readable: the proof covers the plain content
 */
export function verifyCommand(contract: Contract, command: Asked, keys: KeyBook, now: Date): Authority {
  const rule = Object.hasOwn(COMMAND_RULES, contract.type) ? COMMAND_RULES[contract.type] : undefined;
  if (command.agent === undefined && command.proof === undefined) return withoutAgent(command.taint, rule);
  if (command.proof === undefined) return refuse('AGENT_PROOF_MISSING', 'an agent asked for it and shows no proof');
  const read = readClaims(command.proof, 'towpath-act+jwt', keys, now);
  if (!read.ok) return refuse(`AGENT_PROOF_${read.code}`, read.detail);
  const { claims, by } = read;
  if (!isOwnWord(claims, by, command)) {
    const detail = `${by.service} may not speak for ${claims.sub} in a command of ${command.source}`;
    return refuse('AGENT_PROOF_FOREIGN', detail);
  }
  if (claims['scope'] !== rule?.scope) {
    return refuse('AGENT_SCOPE_MISSING', `${claims.sub} does not hold what ${contract.type} takes`);
  }
  if (claims['story'] !== command.correlationId) return refuse('AGENT_PROOF_OTHER_STORY', 'it is of another story');
  if (claims['act'] !== commandHash(contract, command.data)) {
    return refuse('AGENT_PROOF_OTHER_ACT', 'the proof is of another act than this');
  }
  return { ok: true, agent: claims.sub };
}

function withoutAgent(taint: Taint | undefined, rule: CommandRule | undefined): Authority {
  // Messages from before there were labels have none.
  if (taint === undefined || rule === undefined || isWithin(taint, rule.accepts)) return { ok: true, agent: null };
  return refuse(
    'AUTHORITY_MISSING',
    'it follows from text of others, and neither an agent nor a person vouches for it',
  );
}

/** The key is of the service that sent the command, and the agent one of that service and one that the command names. */
function isOwnWord({ sub, aud }: Claims, by: VerificationKey, { source, agent = '' }: Asked): boolean {
  const isOfService = parseSpiffeId(sub)?.service === by.service && isFrom(source, by.service);
  return isOfService && aud === PROOF_AUDIENCE && agent.split(' ').includes(sub);
}

/** Set-up names a service's schema after it, with `-` as `_`. */
function isFrom(source: string, service: string): boolean {
  return source === `/services/${service.replaceAll('-', '_')}`;
}

function refuse(code: string, detail: string): Authority {
  return { ok: false, code, detail };
}
