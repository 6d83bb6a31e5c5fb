import { resolve } from 'node:path';
import type { Command } from 'commander';
import picocolors from 'picocolors';
import { repository } from './repository.js';

export type Colors = ReturnType<typeof picocolors.createColors>;

/** What every verb is given: where the platform lives and how to speak. */
export interface Context {
  /** folder of everything the platform keeps */
  readonly home: string;
  /** whether the caller named the folder */
  readonly homeGiven: boolean;
  /** results as JSON, one object a line */
  readonly json: boolean;
  readonly colors: Colors;
  /** a result, to standard output: `text` for people, `object` with `--json` */
  show(text: string, object: object): void;
  /** a remark on the way, to standard error; nothing with `--json` */
  note(text: string): void;
}

interface GlobalOptions {
  readonly home?: string;
  readonly json?: boolean;
}

/** The context of a verb from its global options. */
export function contextOf(command: Command): Context {
  const { home, json = false } = command.optsWithGlobals<GlobalOptions>();
  const asked = home ?? process.env['TOWPATH_HOME'];
  return {
    home: resolve(asked ?? `${repository}/.towpath`),
    homeGiven: asked !== undefined,
    json,
    colors: picocolors.createColors(!json && wantsColors(process.env, process.stdout.isTTY)),
    show: (text, object) => void process.stdout.write(`${json ? JSON.stringify(object) : text}\n`),
    note: (text) => void (json || process.stderr.write(`${text}\n`)),
  };
}

/**
 * Colours only where a person looks; NO_COLOR of any value turns them off (no-color.org). Node says `undefined`, not
 * `false`, of a pipe: passed on, the library of colours would choose by itself, and colours what CI reads.
 */
export function wantsColors(environment: NodeJS.ProcessEnv, isTerminal: boolean | undefined): boolean {
  return isTerminal === true && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
}
