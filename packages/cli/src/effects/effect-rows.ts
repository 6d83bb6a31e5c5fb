import type { Inspector } from '@towpath/event-store/inspect';

/** Where an effect stands, as people ask for it. */
export const EFFECT_STATES = ['reserved', 'fired', 'outcome-unknown', 'confirmed', 'failed'] as const;
export type EffectStateName = (typeof EFFECT_STATES)[number];

/** An effect as `towpath effects list` shows it; it holds no personal data. */
export interface EffectRow {
  readonly effectId: string;
  readonly state: EffectStateName;
  /** type of its command */
  readonly action: string;
  readonly provider: string;
  readonly subjectId: string;
  /** calls that were made */
  readonly attempts: number;
  /** when it came to where it stands */
  readonly since: Date;
  /** what is known beyond that: the provider's words, when the next call is due, whether it was a dry run */
  readonly detail: string | null;
}

type Data = Readonly<Record<string, unknown>>;

const ENDS: Readonly<Partial<Record<EffectStateName, { readonly type: string; readonly at: string }>>> = {
  confirmed: { type: 'egress.v1.EffectConfirmed', at: 'confirmedAt' },
  failed: { type: 'egress.v1.EffectFailed', at: 'failedAt' },
};

/** Effects of one state, or of every one, the newest first within each; at most `limit` of each. */
export async function effectRows(
  inspector: Pick<Inspector, 'query'>,
  { state, limit }: { readonly state?: EffectStateName; readonly limit: number },
): Promise<EffectRow[]> {
  const wanted = state === undefined ? EFFECT_STATES : [state];
  const rows = await Promise.all(wanted.map((one) => rowsOf(inspector, one, limit)));
  return rows.flat();
}

/** What stands of one effect whose outcome nobody knows; undefined when there is none of this id. */
export async function unknownEffect(
  inspector: Pick<Inspector, 'query'>,
  effectId: string,
): Promise<EffectRow | undefined> {
  const text = `select state from egress.projections where name = 'unknown-effects' and key = $1`;
  const [row] = await inspector.query<{ state: Data }>(text, [effectId]);
  return row && unknownRow(row.state);
}

async function rowsOf(
  inspector: Pick<Inspector, 'query'>,
  state: EffectStateName,
  limit: number,
): Promise<EffectRow[]> {
  if (state === 'outcome-unknown') {
    const text = `select state from egress.projections where name = 'unknown-effects'
      order by (state->>'givenUpAt')::bigint desc limit $1`;
    return (await inspector.query<{ state: Data }>(text, [limit])).map((row) => unknownRow(row.state));
  }
  const end = ENDS[state];
  if (end) {
    const text = 'select data from egress.events where type = $1 order by position desc limit $2';
    const rows = await inspector.query<{ data: Data | null }>(text, [end.type, limit]);
    return rows.flatMap(({ data }) => (data === null ? [] : [endedRow(data, state, Number(data[end.at]))]));
  }
  const text = `select state from egress.projections where name = 'open-effects'
    and (state->>'firedAt' is null) = $1 order by (state->>'reservedAt')::bigint desc limit $2`;
  const rows = await inspector.query<{ state: Data }>(text, [state === 'reserved', limit]);
  return rows.map((row) => openRow(row.state, state));
}

function unknownRow(data: Data): EffectRow {
  return {
    ...aboutOf(data),
    state: 'outcome-unknown',
    since: timeOf(data['givenUpAt']),
    detail: textOf(data['detail']),
  };
}

function endedRow(data: Data, state: EffectStateName, at: number): EffectRow {
  const dryRun = data['dryRun'] === true ? 'dry run: nothing was sent' : null;
  const said =
    data['code'] === undefined
      ? textOf(data['providerReference'])
      : `${textOf(data['code'])}: ${textOf(data['detail'])}`;
  return { ...aboutOf(data), state, since: timeOf(at), detail: dryRun ?? said };
}

function openRow(data: Data, state: EffectStateName): EffectRow {
  const next = typeof data['nextAt'] === 'number' ? `next call ${timeOf(data['nextAt']).toISOString()}` : null;
  return { ...aboutOf(data), state, since: timeOf(data['firedAt'] ?? data['reservedAt']), detail: next };
}

function aboutOf(data: Data): Omit<EffectRow, 'state' | 'since' | 'detail'> {
  return {
    effectId: textOf(data['effectId']) ?? '',
    action: textOf(data['action']) ?? '',
    provider: textOf(data['provider']) ?? '',
    subjectId: textOf(data['subjectId']) ?? '',
    attempts: Number(data['attempts'] ?? 0),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function timeOf(value: unknown): Date {
  return new Date(Number(value));
}
