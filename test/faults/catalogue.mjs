import { brokerKilled } from './f01-broker-killed.mjs';
import { brokerStopped } from './f02-broker-stopped.mjs';
import { serviceKilled } from './f04-service-killed.mjs';
import { zombieWriter } from './f05-zombie-writer.mjs';
import { rollingRestart } from './f06-rolling-restart.mjs';
import { postgresKilled } from './f07-postgres-killed.mjs';
import { postgresStuck } from './f08-postgres-stuck.mjs';
import { registryAway } from './f09-registry-away.mjs';

/**
 * Every kind of fault. `inject(world, {expect, note})` breaks something and resolves once it is there again; `holds` says what
 * must be true beyond the invariants; recovered is when each store of `progress` (default: all) has appended something new.
 */
export const catalogue = [
  brokerKilled,
  brokerStopped,
  serviceKilled,
  zombieWriter,
  rollingRestart,
  postgresKilled,
  postgresStuck,
  registryAway,
];
