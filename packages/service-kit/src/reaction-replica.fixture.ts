import { setTimeout as delay } from 'node:timers/promises';
import { AlertTriggered } from '@towpath/contracts/ops/AlertTriggered.v1';
import { DeployCompleted } from '@towpath/contracts/ops/DeployCompleted.v1';
import { pino } from 'pino';
import { startReplica, type SpecPlace } from './consuming.fixture.js';
import { Handles, type WorkContext } from './handles.js';
import { emit, type Received } from './message.js';
import { reaction } from './reactions/reaction.js';

type Deployed = Received<typeof DeployCompleted>;

function told(by: string, { data }: Deployed) {
  const alert = { alertId: data.deployId, severity: 'info', summary: '', alertedService: null, triggeredAt: 0 };
  return [emit(AlertTriggered, { ...alert, name: by })];
}

/** Decides at once. */
@Handles(DeployCompleted, { emits: [AlertTriggered] })
export class AtOnce {
  handle(message: Deployed) {
    return told('at-once', message);
  }
}

/** Decides at once, too, in another reaction. */
@Handles(DeployCompleted, { emits: [AlertTriggered] })
export class AlsoAtOnce {
  handle(message: Deployed) {
    return told('also-at-once', message);
  }
}

/** A reaction that takes so long, in milliseconds; its messages wait for nobody else's. */
export function taking(ms: number, name: string) {
  class Taking {
    async work(_message: Deployed, { signal }: WorkContext): Promise<void> {
      await delay(ms, undefined, { signal });
    }
    handle(message: Deployed) {
      return told(name, message);
    }
  }
  // Its name is part of the ids of what it decides.
  Object.defineProperty(Taking, 'name', { value: name });
  Handles(DeployCompleted, { mode: 'queued', emits: [AlertTriggered], concurrency: 64 })(Taking);
  return Taking;
}

/** The reactions of the spec that kills one. */
export const REACTIONS = [reaction('at-once', AtOnce), reaction('also-at-once', AlsoAtOnce)];

// As a program: a replica in a process of its own that runs the groups of SPEC_RUNS, and is killed.
if (process.env['SPEC_PLACE'] && process.env['SPEC_RUNS']) {
  const place = JSON.parse(process.env['SPEC_PLACE']) as SpecPlace;
  const parts = { handlers: [], reactions: REACTIONS, runs: process.env['SPEC_RUNS'].split(',') };
  await startReplica(place, parts, pino(), (error) => {
    throw error;
  });
}
