import { setTimeout as delay } from 'node:timers/promises';
import { DeployCompleted } from '@towpath/contracts/ops/DeployCompleted.v1';
import { AlertTriggered } from '@towpath/contracts/ops/AlertTriggered.v1';
import { pino } from 'pino';
import { startReplica, type SpecPlace } from './consuming.fixture.js';
import { Handles, type DecisionState, type WorkContext } from './handles.js';
import { emit, type Received } from './message.js';

/** Works for as many milliseconds as its message says, and says of which process it was. */
@Handles(DeployCompleted, { mode: 'queued', emits: [AlertTriggered] })
export class SlowWork {
  async work({ data }: Received<typeof DeployCompleted>, { signal }: WorkContext): Promise<string> {
    await delay(Number(data.environment), undefined, { signal });
    return `by ${process.pid}`;
  }

  handle({ data }: Received<typeof DeployCompleted>, _state: DecisionState, result: unknown) {
    const alert = { alertId: data.version, severity: 'info', summary: '', alertedService: null, triggeredAt: 0 };
    return [emit(AlertTriggered, { ...alert, name: String(result) })];
  }
}

// As a program: a replica in a process of its own, which a spec kills and stops. Its log goes to standard output.
if (process.env['SPEC_PLACE']) {
  const place = JSON.parse(process.env['SPEC_PLACE']) as SpecPlace;
  const replica = await startReplica(place, { handlers: [SlowWork] }, pino(), (error) => {
    throw error;
  });
  process.on('SIGTERM', () => void replica.stop().then(() => process.exit(0)));
}
