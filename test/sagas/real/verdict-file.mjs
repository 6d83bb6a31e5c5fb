import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The verdicts of real cases, a line each, as they come: a run that was ended in the middle is taken up from it. */
export class VerdictFile {
  #file;
  #seed;

  constructor({ out, seed }) {
    this.#file = join(out, 'real.jsonl');
    this.#seed = seed;
  }

  /** Those of these cases that an earlier run of the same seed found in order; the file holds nothing else from now on. */
  keep(cases) {
    const names = new Set(cases.map(({ name }) => name));
    const kept = this.#lines().filter(
      ({ seed, name, violations }) => seed === this.#seed && violations.length === 0 && names.has(name),
    );
    const byName = new Map(kept.map((verdict) => [verdict.name, verdict]));
    this.write([...byName.values()]);
    return byName;
  }

  add(verdict) {
    appendFileSync(this.#file, this.#lineOf(verdict));
  }

  /** These instead of all there are. */
  write(verdicts) {
    writeFileSync(this.#file, verdicts.map((verdict) => this.#lineOf(verdict)).join(''));
  }

  #lineOf(verdict) {
    return `${JSON.stringify({ seed: this.#seed, ...verdict })}\n`;
  }

  #lines() {
    if (!existsSync(this.#file)) return [];
    const texts = readFileSync(this.#file, 'utf8').split('\n');
    // Behind the last line end is what a process that was killed did not finish.
    return texts.slice(0, -1).map((text) => JSON.parse(text));
  }
}
