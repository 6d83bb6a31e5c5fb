import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fetchPart, maven } from '../downloads.js';
import { versions } from '../versions.js';
import { javaCommand, javaOptions, minimalEnvironment } from './java.js';
import type { Part, Place } from './part.js';

const run = promisify(execFile);
const pom = join(import.meta.dirname, '..', '..', 'kafka-pom.xml');

/** Apache Kafka as one KRaft node: broker and controller in one JVM. */
export const kafka: Part = {
  name: 'kafka',
  listens: ['kafka', 'controller'],
  stopSignals: ['SIGTERM'],

  async fetch(place) {
    await fetchPart(place.parts, `kafka-${versions.kafka}`, (folder) => {
      const options = ['-f', pom, `-Dkafka.version=${versions.kafka}`, '-DincludeScope=runtime'];
      return maven(folder, 'copy-dependencies', [...options, `-DoutputDirectory=${folder}`]);
    });
  },

  async prepare(place) {
    const folder = join(place.home, 'kafka');
    mkdirSync(folder, { recursive: true });
    const properties = join(folder, 'server.properties');
    writeFileSync(properties, serverProperties(place, folder));
    if (!existsSync(join(folder, 'data', 'meta.properties'))) await format(place, properties);
    const memory = [
      '-Xms128m',
      '-Xmx384m',
      '-XX:MaxDirectMemorySize=128m',
      '-XX:ReservedCodeCacheSize=64m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
    ];
    return {
      command: javaCommand(),
      arguments: [...memory, ...javaOptions(place), ...logging, '-cp', classPath(place), 'kafka.Kafka', properties],
      environment: minimalEnvironment(),
      cwd: folder,
    };
  },

  isReady: (place) => isTakenBack(place.ports.kafka),
};

const logging = [
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS',
];

function classPath(place: Place): string {
  return join(place.parts, `kafka-${versions.kafka}`, '*');
}

async function format(place: Place, properties: string): Promise<void> {
  const id = randomBytes(16);
  id[0]! &= 0x7f; // base64url would else begin with `-` once in 64, which the tool takes for an option
  const clusterId = id.toString('base64url');
  const tool = [
    'kafka.tools.StorageTool',
    'format',
    '--standalone',
    '--ignore-formatted',
    '-t',
    clusterId,
    '-c',
    properties,
  ];
  const options = ['-XX:TieredStopAtLevel=1', '-Xmx128m', ...javaOptions(place), ...logging, '-cp', classPath(place)];
  await run(javaCommand(), [...options, ...tool], { env: minimalEnvironment() });
}

function serverProperties({ ports, kafkaAdvertisedPort = ports.kafka }: Place, folder: string): string {
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.bootstrap.servers': `127.0.0.1:${ports.controller}`,
    listeners: `CLIENTS://127.0.0.1:${ports.kafka},CONTROLLER://127.0.0.1:${ports.controller}`,
    'advertised.listeners': `CLIENTS://127.0.0.1:${kafkaAdvertisedPort}`,
    'listener.security.protocol.map': 'CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'CLIENTS',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(folder, 'data'),
    // One node: every internal topic has one replica, and few partitions keep files and memory small.
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 10,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 4,
    // Topics come from the set-up alone; a typing error must not make one.
    'auto.create.topics.enable': false,
    // K12: a lone group needn't wait for more members, so restarts are consumed at once.
    'group.initial.rebalance.delay.ms': 0,
    // Nothing to hand leadership over to.
    'controlled.shutdown.enable': false,
    // The controller takes a restarted broker back only after the session of the one before has run out.
    'broker.session.timeout.ms': 1500,
    'broker.heartbeat.interval.ms': 500,
    // By default an empty record is written every half second, for the lag metrics of other controllers.
    'metadata.max.idle.interval.ms': 10_000,
    // A machine of two cores: fewer threads, less idle work.
    'num.network.threads': 2,
    'num.io.threads': 4,
    'background.threads': 2,
    'num.recovery.threads.per.data.dir': 2,
    'log.cleaner.threads': 1,
    'log.cleaner.dedupe.buffer.size': 8_388_608,
    'log.segment.bytes': 67_108_864,
    'log.index.size.max.bytes': 1_048_576,
    'log.retention.check.interval.ms': 300_000,
    'metric.reporters': '',
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/**
 * A broker that has come back answers before its controller has taken it back; only then it leads partitions. Until then it is
 * not among the living brokers of its own metadata. The cheapest question for them: Metadata (key 3, version 4, correlation 1, no
 * client id, no topics, none to be made); of the answer length, correlation and throttle time come before their number.
 */
function isTakenBack(port: number): Promise<boolean> {
  const request = Buffer.from('0000000f' + '0003000400000001ffff' + '0000000000', 'hex');
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1000 });
    let answer = Buffer.alloc(0);
    const finish = (isReady: boolean) => {
      socket.destroy();
      resolve(isReady);
    };
    socket.once('connect', () => socket.write(request));
    socket.on('data', (bytes: Buffer) => {
      answer = Buffer.concat([answer, bytes]);
      if (answer.length >= 16) finish(answer.readInt32BE(12) > 0);
    });
    socket.once('error', () => finish(false));
    socket.once('close', () => finish(false));
    socket.once('timeout', () => finish(false));
  });
}
