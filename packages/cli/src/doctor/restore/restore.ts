import { Restorer, type RestorePoint } from '@towpath/event-store/restore/restorer';
import type { KafkaGroups } from '@towpath/kafka/groups';
import type { Addresses } from '../../addresses.js';
import type { Context } from '../../context.js';
import { failureOf } from '../../error-line.js';
import { registryOf } from '../../follow-topics.js';
import { withGroups } from '../../groups/groups.js';
import type { ChangeOptions } from '../../operator/change-options.js';
import { personBy } from '../../operator/signed-offline.js';
import { setupTargets, sourceFiles } from '../../setup-targets.js';
import { publishedExtents, recordsOf, unseen } from './published-since.js';
import { recordRestore } from './record-restore.js';
import { Reimport, type Counts } from './reimport.js';
import { countsText, LeftOutList, rewindText } from './report.js';
import { haveReadAll, refuseRunning, rewindsTo, runningServices } from './rewind.js';

export interface RestoreOptions extends ChangeOptions {
  readonly dryRun?: boolean;
  /** leaves what can't be put back as it is: the relay publishes on */
  readonly accept?: boolean;
  /** to what time the database was set back; default: when a relay last wrote into it */
  readonly since?: Date;
  /** milliseconds that services may have been behind at that time */
  readonly behind: number;
}

/** Slot and role as set-up makes them. */
const SLOT = 'towpath_relay';
const ROLE = 'admin';
const PROGRESS_MS = 2_000;

/**
 * After the database was set back: puts back into the stores what the topics hold, has the services read their messages again from
 * before that time, and says what is left to their own decisions or to a person. Resumable; again, it changes nothing that is in
 * place. Sets exit code 1 while anything is missing. Throws GROUP_ACTIVE, KEY_MISSING, ROLE_NOT_ALLOWED before anything is changed.
 */
export async function restore(context: Context, addresses: Addresses, options: RestoreOptions): Promise<void> {
  const restorer = Restorer.open(setupTargets(context.home).adminDatabaseUrl);
  try {
    await withGroups(addresses, (groups) => new Restore(context, addresses, options, restorer, groups).run());
  } finally {
    await restorer.close();
  }
}

class Restore {
  constructor(
    private readonly context: Context,
    private readonly addresses: Addresses,
    private readonly options: RestoreOptions,
    private readonly restorer: Restorer,
    private readonly groups: KafkaGroups,
  ) {}

  async run(): Promise<void> {
    const { context, options, restorer } = this;
    const point = await restorer.restorePoint(SLOT);
    const before = await this.pass(point, true);
    context.show(`before: ${countsText(before)}`, { phase: 'before', ...before });
    const time = this.rewindTime(point);
    if (options.dryRun) {
      if (before.missing > 0) process.exitCode = 1;
      for (const [group, moves] of time ? await rewindsTo(this.groups, time) : [])
        context.note(rewindText(group, moves));
      return context.note('a dry run: nothing is changed');
    }
    if (before.missing === 0 && (await runningServices(this.groups)).length > 0) return this.settle();
    await refuseRunning(this.groups);
    await this.change(point, before, time);
  }

  /** Offsets are moved first: a run that is interrupted finds events missing again, and moves and imports again. */
  private async change(point: RestorePoint, before: Counts, time: Date | undefined): Promise<void> {
    const { context, options, restorer } = this;
    const actor = personBy(context.home, sourceFiles(context.home), options, ROLE);
    const target = `stores since ${point.at?.toISOString() ?? 'the beginning'}`;
    const record = await recordRestore(restorer, { actor, reason: options.reason, target, before });
    try {
      if (time) await this.rewind(time);
      else
        context.note(
          'a relay works with this database already: to have messages read again, say since when with --since',
        );
      const after = before.missing === 0 ? before : await this.pass(point, false);
      if (options.accept) await this.accept();
      await record.end('done', { ...after, accepted: options.accept === true });
      this.conclude(after);
    } catch (error) {
      await record.end('failed', { error: failureOf(error).code });
      throw error;
    }
  }

  private conclude(after: Counts): void {
    const { context, options } = this;
    context.show(`after: ${countsText(after)}`, { phase: 'after', ...after });
    const left = after.decidedAgain + after.person + after.keysLost;
    if (left > 0 && !options.accept) process.exitCode = 1;
    context.note(
      left === 0
        ? 'everything is back; start the services, and run this again once they have read everything'
        : 'start the services: they read their messages again. Then `towpath doctor restore --dry-run` says what is missing still',
    );
  }

  private async pass(point: RestorePoint, dryRun: boolean): Promise<Counts> {
    const { addresses, restorer, context } = this;
    const list = new LeftOutList(context, !dryRun || this.options.dryRun === true);
    const [stores, schemaIds] = await Promise.all([restorer.stores(), restorer.schemaIds()]);
    const registry = registryOf(addresses);
    const reimport = new Reimport({
      restorer,
      stores,
      schemaIds,
      registry,
      dryRun,
      onLeftOut: (left) => list.add(left),
    });
    let toldAt = performance.now();
    for (const unread of unseen(await publishedExtents(addresses), point.offsets)) {
      let read = 0;
      for await (const records of recordsOf(addresses, unread)) {
        await reimport.take(unread.topic, records);
        read += records.length;
        if (performance.now() - toldAt < PROGRESS_MS) continue;
        toldAt = performance.now();
        context.note(`${unread.topic}: ${read} of ${unread.records} records, ${countsText(reimport.counts)}`);
      }
    }
    list.end();
    return reimport.counts;
  }

  private rewindTime(point: RestorePoint): Date | undefined {
    const at = this.options.since ?? (point.setBack ? (point.at ?? new Date(0)) : undefined);
    return at && new Date(Math.max(0, at.getTime() - this.options.behind));
  }

  private async rewind(time: Date): Promise<void> {
    for (const [group, moves] of await rewindsTo(this.groups, time)) {
      this.context.show(rewindText(group, moves), { group, moves });
      await this.groups.move(group, moves);
    }
  }

  private async accept(): Promise<void> {
    const offsets: Record<string, Record<string, string>> = {};
    for (const { topic, partition, high } of await publishedExtents(this.addresses)) {
      offsets[topic] = { ...offsets[topic], [partition]: high };
    }
    await this.restorer.acceptUpTo(SLOT, offsets);
    this.context.note('accepted: the relay publishes on, and what is missing stays missing');
  }

  /** Nothing is missing: once the services have read everything again, nothing is expected of them any more. */
  private async settle(): Promise<void> {
    const { context, restorer, groups } = this;
    let noted = 0;
    const schemas = [...(await restorer.stores()).keys()];
    for (const schema of schemas) noted += await restorer.noted(schema);
    if (noted === 0) return context.note('nothing is missing');
    if (!(await haveReadAll(groups)))
      return context.note('nothing is missing; the services have not read everything again yet');
    const actor = personBy(context.home, sourceFiles(context.home), this.options, ROLE);
    const about = {
      actor,
      reason: this.options.reason,
      target: 'what services had to come to again',
      before: { noted },
    };
    const record = await recordRestore(restorer, about);
    for (const schema of schemas) await restorer.settle(schema);
    await record.end('done', { noted: 0 });
    context.show(`settled: ${noted} events that were missing are in place`, { phase: 'settled', noted });
  }
}
