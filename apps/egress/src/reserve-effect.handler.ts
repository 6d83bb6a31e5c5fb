import { verifyCommand } from '@towpath/agents/identity/verify-command';
import type { KeyBook } from '@towpath/agents/identity/keys';
import { Inject, Injectable } from '@nestjs/common';
import type { Contract } from '@towpath/contracts/contract';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { EffectReserved } from '@towpath/contracts/egress/EffectReserved.v1';
import { Handles, type DecisionState } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { Permanent } from '@towpath/service-kit/permanent';
import { adapters } from './adapters.js';
import { AGENT_KEYS } from './command-keys.js';
import { Dispatcher } from './dispatcher.js';
import { effectOf, openEffectOf } from './effect-of-command.js';
import { routeOf } from './providers.js';

/** Every command that some adapter carries out. */
const commands = new Map(adapters.flatMap(({ tools }) => tools.map(({ command }) => [command.type, command] as const)));

const EMITS = [EffectReserved, EffectFailed] as const;

/** Who asks may not: that is in the ledger like any effect, and nothing is called. */
function refused(
  effect: EffectReserved,
  commandId: string,
  { code, detail }: { code: string; detail: string },
  now: Date,
) {
  const { effectId, action, provider, subjectId, accountId, idempotencyKey } = effect;
  const about = { effectId, action, provider, subjectId, accountId, idempotencyKey, commandId };
  return emit(EffectFailed, { ...about, code, detail, attempts: 0, failedAt: now.getTime() });
}

/**
 * Puts what a command asks for into the ledger, in the order of the commands of its key; the dispatcher carries it out. Every
 * effect of every provider comes through here: who may ask for it is checked before it is reserved.
 */
@Injectable()
export class ReserveEffect {
  constructor(
    private readonly dispatcher: Dispatcher,
    @Inject(AGENT_KEYS) private readonly keys: KeyBook,
  ) {}

  handle(command: Received, { now }: DecisionState): readonly Emission<(typeof EMITS)[number]>[] {
    const contract = commands.get(command.type);
    const route = contract && routeOf(adapters, command.type, command.data);
    if (!contract || !route) throw new Permanent('NO_PROVIDER', `no adapter takes this ${command.type}`);
    const authority = verifyCommand(contract, command, this.keys, now);
    const agent = authority.ok ? authority.agent : null;
    const reserved = { ...effectOf(command, contract, route, now), agent };
    if (!authority.ok) return [emit(EffectReserved, reserved), refused(reserved, command.id, authority, now)];
    // A hint, not an effect: the dispatcher's first step queues behind this group's commit and finds nothing if it fails.
    this.dispatcher.offer(openEffectOf(command, reserved));
    return [emit(EffectReserved, reserved)];
  }
}

for (const contract of commands.values()) {
  const options = { emits: EMITS, decrypts: contract.pii.length > 0 } as const;
  Handles<Contract, typeof EMITS>(contract, options)(ReserveEffect);
}
