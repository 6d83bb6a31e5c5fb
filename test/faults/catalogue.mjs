import { brokerKilled } from './f01-broker-killed.mjs';
import { brokerStopped } from './f02-broker-stopped.mjs';
import { serviceKilled } from './f04-service-killed.mjs';
import { zombieWriter } from './f05-zombie-writer.mjs';
import { rollingRestart } from './f06-rolling-restart.mjs';
import { postgresKilled } from './f07-postgres-killed.mjs';
import { postgresStuck } from './f08-postgres-stuck.mjs';
import { registryAway } from './f09-registry-away.mjs';
import { undecodable } from './f10-undecodable.mjs';
import { slowWires } from './f11-slow-wires.mjs';
import { lostAnswers } from './f12-lost-answers.mjs';
import { blackholes } from './f13-blackholes.mjs';
import { partition } from './f14-partition.mjs';
import { diskFull } from './f15-disk-full.mjs';
import { repeats } from './f18-repeats.mjs';
import { poison } from './f19-poison.mjs';
import { slowWork } from './f20-slow-work.mjs';
import { rebalanceStorm } from './f21-rebalance-storm.mjs';
import { recordsDeleted } from './f22-records-deleted.mjs';
import { foreignProducer } from './f23-foreign-producer.mjs';
import { tornTransaction } from './f24-torn-transaction.mjs';
import { relaysRace } from './f25-relays-race.mjs';
import { relayAway } from './f26-relay-away.mjs';
import { slotLost } from './f27-slot-lost.mjs';
import { loop } from './f32-loop.mjs';
import { flood } from './f33-flood.mjs';
import { badSignatures } from './f34-bad-signatures.mjs';
import { hostileRequests } from './f35-hostile-requests.mjs';

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
  undecodable,
  slowWires,
  lostAnswers,
  blackholes,
  partition,
  diskFull,
  repeats,
  poison,
  slowWork,
  rebalanceStorm,
  recordsDeleted,
  foreignProducer,
  tornTransaction,
  relaysRace,
  relayAway,
  slotLost,
  loop,
  flood,
  badSignatures,
  hostileRequests,
];
