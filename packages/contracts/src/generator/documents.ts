import { schemaOf, type ContractField, type ContractSource } from './contract-source.js';
import { listFields } from './field-list.js';
import { topicsIn, type ServiceSettings, type TopicSettings, type TopicsFile } from '../topic-settings.js';

/** docs/reference/events.md: every contract with its fields. */
export function eventsDocument(sources: readonly ContractSource[], services: readonly ServiceSettings[]): string {
  const domains = [...new Set(sources.map(({ domain }) => domain))];
  return [
    '# Events and commands',
    '',
    notice('packages/contracts/schemas'),
    'An *event* happened; a *command* asks one owner for something; a *platform* message may come from any service; an',
    '*internal* event is stored and hashed but never published. All contracts of one stream share topic and key, so their',
    'order holds per key. `pii` fields are encrypted with the key of the person that the named field identifies; `prompt`',
    'says what a model may see.',
    '',
    ...domains.flatMap((domain) =>
      domainSection(
        domain,
        sources.filter((source) => source.domain === domain),
        services,
      ),
    ),
  ].join('\n');
}

/** docs/reference/topics.md: every topic with its settings, writers and readers. */
export function topicsDocument(
  topics: TopicsFile,
  services: readonly ServiceSettings[],
  sources: readonly ContractSource[],
): string {
  const rows = topicsIn(topics, services).map((topic) => topicRow(topic, services, sources));
  return [
    '# Topics',
    '',
    notice('packages/contracts/topics.yaml, services.yaml and schemas'),
    'A key always goes to the same partition, so partition counts never change in place. Only `ingress` and `cdc` write to',
    'Kafka; "from" names the services whose decisions a topic carries.',
    '',
    '| Topic | Partitions | Kept | Clean-up | Largest message | Key | From | Read by |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    '## What travels on them',
    '',
    ...topicsIn(topics, services).flatMap((topic) => topicSection(topic, sources)),
    '',
  ].join('\n');
}

function domainSection(
  domain: string,
  sources: readonly ContractSource[],
  services: readonly ServiceSettings[],
): string[] {
  const rows = sources.map((source) => {
    const { name, kind, doc } = schemaOf(source);
    return `| [${name}](#${anchorOf(source)}) | ${kind} | ${cell(doc)} |`;
  });
  return [
    `## ${domain}`,
    '',
    '| Contract | Kind | Meaning |',
    '| --- | --- | --- |',
    ...rows,
    '',
    ...sources.flatMap((source) => contractSection(source, services)),
  ];
}

function contractSection(source: ContractSource, services: readonly ServiceSettings[]): string[] {
  const schema = schemaOf(source);
  const producers = schema.producers ?? [schema.producer ?? 'any service'];
  const readers = services.filter(({ consumes }) => consumes.includes(schema.topic)).map(({ name }) => name);
  const travels =
    schema.kind === 'internal'
      ? 'not published'
      : `topic \`${schema.topic}\`, read by ${readers.join(', ') || 'no service yet'}`;
  return [
    `### ${titleOf(source)}`,
    '',
    schema.doc,
    '',
    `${schema.kind} from ${producers.join(', ')} · ${travels} · stream \`${schema.stream}-<${schema.key}>\` · kept ${kept(schema.retention)} · [schema](../../packages/contracts/${source.file})`,
    '',
    '| Field | Type | Meaning |',
    '| --- | --- | --- |',
    ...fieldRows(schema.fields),
    '',
  ];
}

function fieldRows(fields: readonly ContractField[]): string[] {
  return listFields(fields).map(({ path, type, doc, default: fallback, pii, prompt }) => {
    const notes = [
      fallback === undefined ? '' : `default \`${JSON.stringify(fallback)}\``,
      pii === undefined ? '' : `pii of \`${pii}\``,
      prompt === undefined ? '' : `prompt: ${prompt}`,
    ].filter((note) => note !== '');
    const meaning = notes.length > 0 ? `${doc} (${notes.join('; ')})` : doc;
    return `| \`${path}\` | ${cell(type)} | ${cell(meaning)} |`;
  });
}

function topicRow(
  topic: TopicSettings,
  services: readonly ServiceSettings[],
  sources: readonly ContractSource[],
): string {
  const published = publishedOn(topic, sources).map((source) => schemaOf(source));
  const from = published.flatMap(
    ({ producer, producers }) => producers ?? (producer === undefined ? ['any service'] : [producer]),
  );
  const owner = topic.name.endsWith('.dead-letters') ? [topic.name.split('.')[0] ?? ''] : unique(from);
  const readers = services.filter(({ consumes }) => consumes.includes(topic.name)).map(({ name }) => name);
  const cells = [
    `\`${topic.name}\``,
    String(topic.partitions),
    topic.retentionMs < 0 ? 'for ever' : `${topic.retentionMs / 86_400_000} days`,
    topic.cleanup,
    `${topic.maxMessageBytes / 1024} KiB`,
    unique(published.map(({ key }) => `\`${key}\``)).join(', '),
    owner.join(', '),
    readers.join(', '),
  ];
  return `| ${cells.join(' | ')} |`;
}

function topicSection(topic: TopicSettings, sources: readonly ContractSource[]): string[] {
  const links = publishedOn(topic, sources).map(
    (source) => `[${schemaOf(source).name}](events.md#${anchorOf(source)})`,
  );
  return links.length === 0 ? [] : [`- \`${topic.name}\`: ${links.join(', ')}`];
}

function publishedOn(topic: TopicSettings, sources: readonly ContractSource[]): readonly ContractSource[] {
  return sources.filter((source) => {
    const { kind, topic: template } = schemaOf(source);
    if (kind === 'internal') return false;
    return (
      template === topic.name ||
      (template.startsWith('{service}') && topic.name.endsWith(template.slice('{service}'.length)))
    );
  });
}

function titleOf(source: ContractSource): string {
  return `${schemaOf(source).name} v${source.version}`;
}

function anchorOf(source: ContractSource): string {
  return titleOf(source).toLowerCase().replaceAll(' ', '-');
}

function kept(retention: string): string {
  return retention === 'forever' ? 'for ever' : `${Number.parseInt(retention, 10)} days`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

function notice(from: string): string {
  return `Generated by \`npm run generate\` from ${from}; do not edit.\n`;
}
