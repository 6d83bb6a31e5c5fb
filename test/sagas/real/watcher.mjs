import { setTimeout as delay } from 'node:timers/promises';
import { isContract, contractOf } from '@towpath/contracts/catalogue';
import { commandRef } from '@towpath/sagas/command-id';
import { partsOf } from '@towpath/sagas/definition';
import { labelOf } from '@towpath/sagas/harness/labels';
import { saidBy } from '@towpath/sagas/hear-reply';

const POLL_MS = 3;
/** Transactions that overlap commit in another order than they took their positions. */
const OVERLAP = 40;
const SCHEMAS = ['saga_orchestrator', 'commerce', 'egress', 'triage', 'echo'];
const SAYS = { done: 'done', failed: 'refused', unknown: 'unknown' };
const SETTLED = new Set(['completed', 'failed', 'retrying', 'probing', 'unknown', 'skipped']);

/**
 * Reads every store as it grows and tells of each message of a watched saga twice: when it was `sent` (it is in the store of
 * whoever sent it) and when it was `decided` (what followed from it is in the store of whoever got it).
 */
export class Watcher {
  #seen = new Set();
  #positions = new Map(SCHEMAS.map((schema) => [schema, 0]));
  #byKey = new Map();
  #bySaga = new Map();
  #stopped = false;
  #loop = Promise.resolve();

  constructor(stack, onMoment) {
    Object.assign(this, { stack, onMoment });
  }

  watch(instance) {
    this.#byKey.set(instance.key, instance);
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
      // Rows of one commit are in the order of their streams: a saga's first command may stand before its beginning.
      for (const row of rows.toSorted((a, b) => Number(isStart(b)) - Number(isStart(a)))) {
        this.#positions.set(row.schema, Math.max(this.#positions.get(row.schema), Number(row.position) - OVERLAP));
        if (this.#seen.has(row.id)) continue;
        this.#seen.add(row.id);
        for (const moment of this.#momentsOf(row)) this.onMoment(moment);
      }
      await delay(POLL_MS);
    }
  }

  #momentsOf(row) {
    if (row.schema === 'saga_orchestrator') return this.#ofOrchestrator(row);
    const started = this.#startedBy(row);
    if (started) return [{ instance: started, label: 'start', moment: 'sent', row }];
    return this.#answered(row);
  }

  #ofOrchestrator(row) {
    const { id, type, data } = row;
    if (type === 'sagas.v1.SagaStarted') {
      const instance = this.#byKey.get(data.key);
      if (!instance || instance.definition.name !== data.definition) return [];
      instance.sagaId = data.sagaId;
      this.#bySaga.set(data.sagaId, instance);
      return [{ instance, label: 'start', moment: 'decided', row }];
    }
    const ref = commandRef(id);
    if (ref) {
      const instance = this.#bySaga.get(ref.sagaId);
      if (!instance) return [];
      return [{ instance, label: `${labelOf(instance.definition, id)} asked`, moment: 'sent', row }];
    }
    const instance = this.#bySaga.get(data.sagaId);
    if (!instance) return [];
    if (type === 'sagas.v1.SagaEnded') instance.end = data.outcome;
    if (type !== 'sagas.v1.SagaStepChanged') return [];
    if (data.changes.some(({ code }) => code === 'TIMED_OUT')) instance.timedOut = true;
    return data.changes.flatMap(({ step, side, state }) => this.#decided(instance, { step, side, state }, row));
  }

  /** Whatever answer of the step was on its way last is decided now. */
  #decided(instance, { step, side, state }, row) {
    if (!SETTLED.has(state)) return [];
    const label = instance.answers?.get(`${step}/${side}`);
    if (label === undefined) return [];
    instance.answers.delete(`${step}/${side}`);
    return [{ instance, label, moment: 'decided', row }];
  }

  #startedBy({ type, data }) {
    for (const instance of [
      this.#byKey.get(data.orderId),
      this.#byKey.get(data.echoId),
      this.#byKey.get(data.refundId),
    ]) {
      if (instance && instance.definition.starts.type === type) return instance;
    }
    return undefined;
  }

  #answered(row) {
    const commandId = [row.data.commandId, row.metadata.causationId].find(
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
    (instance.answers ??= new Map()).set(`${part.name}/${ref.side}`, label);
    return [
      { instance, label: `${name} asked`, moment: 'decided', row },
      { instance, label, moment: 'sent', row },
    ];
  }
}

const isStart = ({ type }) => type === 'sagas.v1.SagaStarted';

const NEW_ROWS = SCHEMAS.map(
  (schema, index) =>
    `(select '${schema}' as schema, position::text as position, id, type, data, metadata from ${schema}.events where position > $${index + 1} order by position limit 500)`,
).join(' union all ');
