import { mkdirSync, watch, type FSWatcher } from 'node:fs';
import { dirname } from 'node:path';
import type { SourceFiles } from './files.js';
import { loadSources, type LoadedSource } from './load.js';

const DEBOUNCE_MS = 100;

export interface SourceListener {
  /** the sources as they are from now on */
  changed(sources: ReadonlyMap<string, LoadedSource>): void;
  /** the files are broken: what was last given stays in force */
  failed(error: Error): void;
}

/**
 * Tells `listener` about each change of sources.yaml, operators.yaml or a secret file, within about 100 ms, until closed.
 * Uses no CPU while nothing changes. The folders are watched, not the files, since editors and mounted secrets replace files.
 */
export function watchSources(files: SourceFiles, listener: SourceListener): { close(): void } {
  let timer: NodeJS.Timeout | undefined;
  const reload = (): void => {
    try {
      listener.changed(loadSources(files));
    } catch (error) {
      listener.failed(error as Error);
    }
  };
  const folders = new Set([dirname(files.sourcesFile), files.secretsDir]);
  const watchers: FSWatcher[] = [];
  for (const folder of folders) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const watcher = watch(folder, { persistent: false }, () => {
      clearTimeout(timer);
      timer = setTimeout(reload, DEBOUNCE_MS);
    });
    watcher.on('error', (error) => listener.failed(error));
    watchers.push(watcher);
  }
  return {
    close: () => {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}
