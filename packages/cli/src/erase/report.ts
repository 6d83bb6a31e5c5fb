import type { SubjectErased } from '@towpath/contracts/platform/SubjectErased.v1';
import type { SubjectForgotten } from '@towpath/contracts/platform/SubjectForgotten.v1';

/** What an erasure came to; everything in it was said by an event. */
export interface ErasureReport {
  readonly erasureId: string;
  readonly subject: string;
  readonly deliveryId: string;
  /** ISO 8601 */
  readonly erasedAt: string;
  /** earlier than `erasedAt` when the person was erased before */
  readonly firstErasedAt: string;
  readonly keysDestroyed: number;
  /** kept deliveries that are unreadable now */
  readonly deliveries: number;
  readonly services: readonly Answer[];
  /** what of the person is still somewhere, or may be */
  readonly open: readonly Open[];
}

/** A service's answer. */
export interface Answer {
  readonly service: string;
  /** projections whose row of the person was dropped */
  readonly rows: readonly string[];
  /** that named the person, and those past their time, of anybody: nobody can open them any more */
  readonly deadLetters: number;
  readonly expiredLetters: number;
  readonly waiting: number;
}

/** Something that an erasure can not reach, and when it is gone. */
export interface Open {
  /** stable: UNANSWERED, RAW_COPIES, KEY_CACHES, WAITING, OLD_NAMES, ARCHIVE, OUTSIDE */
  readonly code: string;
  readonly what: string;
  /** ISO 8601; null when it depends on something that the platform can't know */
  readonly until: string | null;
}

const KEY_CACHE_MS = 60_000;

/** Whom and what an erasure has to do with. */
export interface Surroundings {
  /** services that have to answer */
  readonly expected: readonly string[];
  /** whether content of triage's deliveries has left the store for the archive */
  readonly hasArchive: boolean;
}

/** The report of what the events say. */
export function reportOf(
  deliveryId: string,
  erased: SubjectErased,
  forgotten: readonly SubjectForgotten[],
  { expected, hasArchive }: Surroundings,
): ErasureReport {
  const services = forgotten
    .map(({ service, rows, deadLetters, expiredLetters, waiting }) => ({
      ...{ service, rows, deadLetters, expiredLetters, waiting },
    }))
    .sort((one, other) => (one.service < other.service ? -1 : 1));
  const silent = expected.filter((service) => !services.some((answer) => answer.service === service));
  return {
    erasureId: erased.erasureId,
    subject: erased.subject,
    deliveryId,
    erasedAt: isoOf(erased.erasedAt),
    firstErasedAt: isoOf(erased.firstErasedAt),
    keysDestroyed: erased.keysDestroyed,
    deliveries: erased.deliveries,
    services,
    open: openOf(erased, { services, silent, hasArchive }),
  };
}

interface Found {
  readonly services: readonly Answer[];
  readonly silent: readonly string[];
  readonly hasArchive: boolean;
}

function openOf(erased: SubjectErased, { services, silent, hasArchive }: Found): Open[] {
  const caches = 'keys in the memory of processes that read them within the last minute';
  const raw = 'deliveries as they came in, on webhooks.received; the broker deletes them by age';
  const archive = 'bodies past 90 days in the archive that are about nobody in particular, each under a key of its own';
  const outside =
    'the provider; backups, write-ahead log and freed pages of Postgres from before, which hold the keys; what people exported';
  const waiting = services.filter((answer) => answer.waiting > 0);
  const { namesOmitted } = erased;
  return [
    ...silent.map((service) => open('UNANSWERED', `${service} has not answered yet; it will when it runs`)),
    open('RAW_COPIES', raw, erased.rawCopiesGoneAt),
    open('KEY_CACHES', caches, erased.erasedAt + KEY_CACHE_MS),
    ...waiting.map(({ service, waiting: count }) =>
      open('WAITING', `${count} messages wait in ${service}, of anybody; see \`towpath retries list\``),
    ),
    ...(namesOmitted > 0
      ? [
          open(
            'OLD_NAMES',
            `dead letters that name only one of ${namesOmitted} older payments; they are kept for 30 days`,
          ),
        ]
      : []),
    ...(hasArchive ? [open('ARCHIVE', archive)] : []),
    open('OUTSIDE', outside),
  ];
}

function open(code: string, what: string, until?: number): Open {
  return { code, what, until: until === undefined ? null : isoOf(until) };
}

/** The report for people. */
export function reportText(report: ErasureReport): string {
  const { subject, erasedAt, firstErasedAt, keysDestroyed, deliveries, services, open: left, deliveryId } = report;
  const again = firstErasedAt < erasedAt ? `, first ${firstErasedAt}` : '';
  return [
    `${subject}: erased ${erasedAt}${again}`,
    `  ${keysDestroyed} keys destroyed · ${deliveries} kept deliveries unreadable`,
    ...services.map(({ service, rows, deadLetters }) => {
      const dropped = rows.length === 0 ? 'no rows' : `dropped ${rows.join(', ')}`;
      return `  ${service.padEnd(8)}  ${dropped}${deadLetters > 0 ? ` · ${deadLetters} dead letters sealed for ever` : ''}`;
    }),
    'still open:',
    ...left.map(({ what, until }) => `  ${(until === null ? '' : `until ${until}`).padEnd(30)}  ${what}`),
    `see every step: towpath trace ${deliveryId}`,
  ].join('\n');
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
