import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';

/** One line of a file of card payments. */
export interface CardPayment {
  /** line in the file; the header is line 1 */
  readonly line: number;
  readonly seconds: number;
  readonly customer: string;
  readonly terminal: string;
  readonly amountMinor: number;
  readonly fraud: boolean;
}

/** Thrown for a file that can't be replayed: `DATA_INVALID`, with the line. */
export class DataInvalid extends Error {
  readonly code = 'DATA_INVALID';

  constructor(file: string, line: number, problem: string) {
    super(`DATA_INVALID: ${file}, line ${line}: ${problem}`);
    this.name = 'DataInvalid';
  }
}

const COLUMNS = ['time_s', 'customer', 'terminal', 'amount', 'fraud'] as const;

/**
 * The payments of a csv file (gzipped when its name ends in `.gz`) with the columns
 * `time_s,customer,terminal,amount,fraud` in any order, others ignored, rows in time order. Streams: memory does not
 * grow with the file. Throws DataInvalid at the first bad row, so that no score is computed from a misread file.
 */
export async function* cardPayments(file: string): AsyncGenerator<CardPayment> {
  const bytes = createReadStream(file, { highWaterMark: 1 << 20 });
  const text = file.endsWith('.gz') ? bytes.pipe(createGunzip({ chunkSize: 1 << 20 })) : bytes;
  if (text !== bytes) bytes.on('error', (error) => text.destroy(error));
  let places: Places | undefined;
  let line = 0;
  let previous = -Infinity;
  for await (const row of createInterface({ input: text, crlfDelay: Infinity })) {
    line += 1;
    if (!places) {
      places = placesOf(file, row);
      continue;
    }
    if (row === '') continue;
    const payment = parse(file, line, row, places);
    if (payment.seconds < previous) {
      throw new DataInvalid(file, line, `time_s ${payment.seconds} is before ${previous}; sort the rows by time_s`);
    }
    previous = payment.seconds;
    yield payment;
  }
  if (!places) throw new DataInvalid(file, 1, `the file is empty; expected the header ${COLUMNS.join(',')}`);
}

type Places = Readonly<Record<(typeof COLUMNS)[number], number>> & { readonly count: number };

function placesOf(file: string, header: string): Places {
  const names = header.replace(/^\uFEFF/, '').split(',');
  const absent = COLUMNS.filter((name) => !names.includes(name));
  if (absent.length > 0) {
    throw new DataInvalid(
      file,
      1,
      `no column ${absent.join(', ')}; expected ${COLUMNS.join(',')}, found ${header.slice(0, 80)}`,
    );
  }
  const [time_s, customer, terminal, amount, fraud] = COLUMNS.map((name) => names.indexOf(name)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return { time_s, customer, terminal, amount, fraud, count: names.length };
}

function parse(file: string, line: number, row: string, places: Places): CardPayment {
  const fields = row.split(',');
  const refuse = (problem: string): never => {
    throw new DataInvalid(file, line, `${problem} in "${row.slice(0, 80)}"`);
  };
  if (fields.length !== places.count) refuse(`${fields.length} fields instead of ${places.count}`);
  const seconds = Number(fields[places.time_s]);
  if (!/^\d+$/.test(fields[places.time_s]!)) refuse('time_s is not a whole number of seconds');
  const amount = fields[places.amount]!;
  if (!/^\d+(\.\d+)?$/.test(amount)) refuse('amount is not a number');
  const fraud = fields[places.fraud]!;
  if (fraud !== '0' && fraud !== '1') refuse('fraud is neither 0 nor 1');
  const customer = fields[places.customer]!;
  const terminal = fields[places.terminal]!;
  if (customer === '' || terminal === '') refuse('customer or terminal is empty');
  return { line, seconds, customer, terminal, amountMinor: Math.round(Number(amount) * 100), fraud: fraud === '1' };
}
