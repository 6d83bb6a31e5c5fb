import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from './part.js';

/** The `java` of JAVA_HOME, else of the PATH. */
export function javaCommand(): string {
  const home = process.env['JAVA_HOME'];
  return home ? join(home, 'bin', 'java') : 'java';
}

/** Options that keep every JVM's footprint inside the home: no /tmp/hsperfdata, native libraries unpacked under `tmp`. */
export function javaOptions(place: Place): string[] {
  const temporary = join(place.home, 'tmp');
  mkdirSync(temporary, { recursive: true });
  return [
    `-Djava.io.tmpdir=${temporary}`,
    '-XX:-UsePerfData',
    '-Djava.awt.headless=true',
    '-XX:+ExitOnOutOfMemoryError',
  ];
}

/** Only what a child needs: secrets of the caller's environment don't reach the stack. */
export function minimalEnvironment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'LANG', 'TZ', 'JAVA_HOME'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), ...extra };
}
