import { open } from 'node:fs/promises';

/** The sender's log: one line of JSON per attempt and its answer, on disk before `flush` resolves. Writes go out in groups. */
export class SenderLog {
  #file;
  #waiting = [];
  #writing = Promise.resolve();
  #scheduled = false;

  static async open(path) {
    const log = new SenderLog();
    log.#file = await open(path, 'w');
    return log;
  }

  add(line) {
    this.#waiting.push(`${JSON.stringify(line)}\n`);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#writing = this.#writing.then(() => this.#writeOut());
  }

  async flush() {
    await this.#writing;
  }

  async close() {
    await this.flush();
    await this.#file.close();
  }

  async #writeOut() {
    this.#scheduled = false;
    const lines = this.#waiting.splice(0);
    await this.#file.appendFile(lines.join(''));
    await this.#file.datasync();
  }
}
