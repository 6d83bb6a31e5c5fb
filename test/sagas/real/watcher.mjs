import { setTimeout as delay } from 'node:timers/promises';
import { isContract, contractOf } from '@towpath/contracts/catalogue';
import { commandRef } from '@towpath/sagas/command-id';
import { partsOf, waitsOf } from '@towpath/sagas/definition';
import { labelOf } from '@towpath/sagas/harness/labels';
import { saidBy } from '@towpath/sagas/hear-reply';

const POLL_MS = 3;
/** Transactions that overlap commit in another order than they took their positions. */
const OVERLAP = 40;
const SCHEMAS = ['saga_orchestrator', 'commerce', 'egress', 'triage', 'echo'];
const SAYS = { done: 'done', failed: 'refused', unknown: 'unknown' };

/**
 * Reads every store as it grows and tells of each message of a watched saga twice: when it was `sent` (it is in the store of
 * whoever sent it) and when it was `decided` (what followed from it is in the store of whoever got it). A row that was decided before it
 * was seen says so.
 */
export class Watcher {
  #seen = new Set();
  #positions = new Map(SCHEMAS.map((schema) => [schema, 0]));
  #byKey = new Map();
  #bySaga = new Map();
  #definitions = new Map();
  #stopped = false;
  #loop = Promise.resolve();

  constructor(stack, onMoment) {
    Object.assign(this, { stack, onMoment });
  }

  watch(instance) {
    const { definition, key } = instance;
    this.#byKey.set(`${definition.name} ${key}`, instance);
    this.#definitions.set(definition.name, definition);
  }

  start() {
    this.#loop = this.#run();
  }

  async stop() {
    this.#stopped = true;
    await this.#loop;
  }

  async #run() {
    while (!this.#stopped) {
      const rows = await this.stack.inspector.query(NEW_ROWS, [...this.#positions.values()]).catch(() => []);
      const causes = new Set(rows.map(({ metadata }) => metadata.causationId));
      for (const row of rows.toSorted(byTime)) {
        this.#positions.set(row.schema, Math.max(this.#positions.get(row.schema), Number(row.position) - OVERLAP));
        if (this.#seen.has(row.id)) continue;
        this.#seen.add(row.id);
        row.isDecided = causes.has(row.id);
        for (const moment of this.#momentsOf(row)) this.onMoment(moment);
      }
      await delay(POLL_MS);
    }
  }

  #momentsOf(row) {
    if (row.schema === 'saga_orchestrator') return this.#ofOrchestrator(row);
    // What one message means to an instance, it means once.
    const answered = this.#answered(row);
    return answered.length > 0 ? answered : this.#heardOf(row);
  }

  #ofOrchestrator(row) {
    const { id, type, data } = row;
    if (type === 'sagas.v1.SagaStarted') {
      const instance = this.#byKey.get(`${data.definition} ${data.key}`);
      if (!instance) return [];
      instance.sagaId = data.sagaId;
      this.#bySaga.set(data.sagaId, instance);
      return [{ instance, label: 'start', moment: 'decided', row }];
    }
    const ref = commandRef(id);
    const instance = this.#bySaga.get(ref?.sagaId ?? data.sagaId);
    if (!instance) return [];
    this.#note(instance, row);
    const asked = ref ? [{ instance, label: `${labelOf(instance.definition, id)} asked`, moment: 'sent', row }] : [];
    return [...decided(instance, row), ...asked];
  }

  #note(instance, { type, data }) {
    if (type === 'sagas.v1.SagaEnded') instance.end = data.outcome;
    if (type === 'sagas.v1.SagaCanceled') instance.canceled = true;
    if (type !== 'sagas.v1.SagaStepChanged') return;
    for (const { step, side, code } of data.changes) if (code === 'TIMED_OUT') instance.timedOut.add(`${step}/${side}`);
  }

  /** Its beginning, or what it waits for. */
  #heardOf(row) {
    const { type, data } = row;
    for (const definition of this.#definitions.values()) {
      if (definition.starts.type === type) {
        const instance = this.#byKey.get(`${definition.name} ${definition.keyOf(data)}`);
        if (instance) return [{ instance, label: 'start', moment: 'sent', row }];
      }
      for (const { name, event } of waitsOf(definition)) {
        const instance = event?.contract.type === type && this.#byKey.get(`${definition.name} ${event.key(data)}`);
        if (!instance) continue;
        instance.answers.set(row.id, `${name} comes`);
        return [{ instance, label: `${name} comes`, moment: 'sent', row }];
      }
    }
    return [];
  }

  #answered(row) {
    // The answer to a probe names the command, and is the probe's.
    const commandId = [row.metadata.causationId, row.data.commandId].find(
      (id) => typeof id === 'string' && commandRef(id),
    );
    const ref = commandRef(commandId ?? null);
    const instance = ref && this.#bySaga.get(ref.sagaId);
    const part = instance && partsOf(instance.definition)[ref.part];
    if (!part?.ways || !isContract(row.type)) return [];
    const says = saidBy(contractOf(row.type), part.ways[ref.way], ref.side);
    if (!says) return [];
    const name = labelOf(instance.definition, commandId);
    const label = `${name} ${SAYS[says]}`;
    instance.answers.set(row.id, label);
    return [
      { instance, label: `${name} asked`, moment: 'decided', row },
      { instance, label, moment: 'sent', row },
    ];
  }
}

/** The answer that this follows from, with the first of what follows. */
function decided(instance, row) {
  const { causationId } = row.metadata;
  const label = instance.answers.get(causationId);
  if (label === undefined) return [];
  instance.answers.delete(causationId);
  return [{ instance, label, moment: 'decided', row }];
}

/** All stores have one clock. Rows of one decision have one time: a saga's beginning is the first of them. */
function byTime(one, other) {
  return one.occurred_at - other.occurred_at || Number(isStart(other)) - Number(isStart(one));
}

const isStart = ({ type }) => type === 'sagas.v1.SagaStarted';

const NEW_ROWS = SCHEMAS.map(
  (schema, index) =>
    `(select '${schema}' as schema, position::text as position, id, type, data, metadata, occurred_at from ${schema}.events where position > $${index + 1} order by position limit 500)`,
).join(' union all ');
