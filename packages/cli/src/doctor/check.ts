import { errorLine } from '../error-line.js';

/** What a check found. */
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  /** what is so; when it is not ok, what is wrong */
  readonly detail: string;
  readonly fix?: string;
}

/** A check; a throw is a failure whose text says why. */
export interface Check {
  readonly name: string;
  /** what to do when it fails without saying so itself */
  readonly fix: string;
  run(): Promise<readonly Problem[] | string>;
}

/** One thing that is wrong. */
export interface Problem {
  readonly detail: string;
  readonly fix?: string;
}

const TIMEOUT_MS = 15_000;

/** Runs a check: one finding when all is well, else one per problem. Never throws, never hangs. */
export async function findingsOf({ name, fix, run }: Check): Promise<Finding[]> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer after ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
  });
  try {
    const found = await Promise.race([run(), tooLong]);
    if (typeof found === 'string') return [{ name, ok: true, detail: found }];
    return found.map((problem) => ({ name, ok: false, detail: problem.detail, fix: problem.fix ?? fix }));
  } catch (error) {
    return [{ name, ok: false, detail: errorLine(error), fix }];
  } finally {
    clearTimeout(timer);
  }
}
