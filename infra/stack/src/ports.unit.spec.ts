import { createServer } from 'node:net';
import { portOwner } from './port-owner.js';
import { assertPortsFree, freePorts, resolvePorts } from './ports.js';

describe('ports', () => {
  it('shift together by the offset', () => {
    expect(resolvePorts({ TOWPATH_PORT_OFFSET: '200' })).toMatchObject({
      kafka: 19292,
      postgres: 15632,
      ingress: 18280,
    });
  });

  it('can be set one by one, whatever the offset', () => {
    expect(resolvePorts({ TOWPATH_PORT_OFFSET: '5', TOWPATH_PORT_KAFKA: '9092' })).toMatchObject({
      kafka: 9092,
      registry: 18086,
    });
  });

  it.each([{ TOWPATH_PORT_KAFKA: 'x' }, { TOWPATH_PORT_OFFSET: '60000' }, { TOWPATH_PORT_KAFKA: '15432' }])(
    'refuse what cannot work: %j',
    (environment) => {
      expect(() => resolvePorts(environment)).toThrow(expect.objectContaining({ code: 'PORT_INVALID' }));
    },
  );

  it('are reported with the process that holds them', async () => {
    const ports = await freePorts();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(ports.registry, '127.0.0.1', resolve));
    try {
      expect(portOwner(ports.registry)?.pid).toBe(process.pid);
      const attempt = assertPortsFree(ports, ['kafka', 'registry']);
      await expect(attempt).rejects.toThrow(
        new RegExp(`^PORT_TAKEN: Port ${ports.registry} \\(registry\\) is held by process ${process.pid} \\(`),
      );
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('that nobody holds have no owner', async () => {
    expect(portOwner((await freePorts()).kafka)).toBeUndefined();
  });
});
