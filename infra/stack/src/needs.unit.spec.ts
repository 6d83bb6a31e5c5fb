import { describeMissing, examineHost } from '../bootstrap/needs.mjs';

const printed: Record<string, string> = {
  java: 'openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment (build 17.0.15+6)',
  mvn: '\u001b[1mApache Maven 3.8.7\u001b[m\nMaven home: /usr/share/maven',
  python3: 'pip 23.2.1 from /usr/lib/python3/dist-packages/pip (python 3.11)',
  docker: 'Docker Compose version v2.29.1',
};

/** A host on which only the named tools can be run. */
function hostWith(...present: string[]): (line: readonly string[]) => Promise<string | undefined> {
  return ([program = '']) => Promise.resolve(present.includes(program) ? printed[program] : undefined);
}

describe('the needs of the host', () => {
  it('are met by Java, Maven and Python, which choose the local stack', async () => {
    const host = await examineHost(undefined, hostWith('java', 'mvn', 'python3', 'docker'), '20.20.2');
    expect(host).toEqual({ stack: 'local', missing: [] });
  });

  it('are met by Docker when those of the local stack are not', async () => {
    expect(await examineHost(undefined, hostWith('docker', 'java'), '20.20.2')).toEqual({
      stack: 'docker',
      missing: [],
    });
  });

  it('are checked for the stack that was asked for', async () => {
    const host = await examineHost('docker', hostWith('java', 'mvn', 'python3'), '20.20.2');
    expect(host.missing.map((need) => need.label)).toEqual(['Docker with compose']);
  });

  it('are named all at once, with one command that installs them', async () => {
    const message = describeMissing(await examineHost(undefined, hostWith(), '18.19.0'));
    expect(message).toContain('Node 20 or newer (found 18.19.0)');
    expect(message).toContain('Java 17 or newer (not found)');
    expect(message).toContain('sudo apt-get install -y nodejs openjdk-17-jre-headless maven python3 python3-pip');
    expect(message).toContain("'--stack docker'");
  });

  it.each([
    ['openjdk version "11.0.2" 2019-01-15', '11.0.2'],
    ['java version "1.8.0_392"', '1.8.0'],
  ])('include a Java that is too old: %s', async (java, found) => {
    const host = await examineHost(
      'local',
      async (line) => (line[0] === 'java' ? java : printed[line[0] ?? '']),
      '20.0.0',
    );
    expect(host.missing).toMatchObject([{ label: 'Java 17 or newer', found }]);
  });

  it('accept a version without a minor part', async () => {
    const host = await examineHost(
      'local',
      async (line) => (line[0] === 'java' ? 'openjdk version "21"' : printed[line[0] ?? '']),
      '24.0.0',
    );
    expect(host.missing).toEqual([]);
  });
});
