const STORIES_MAX = 10_000;

/** Remembers when each story began, the latest ones; older ones begin anew. */
export class StoryClock {
  private readonly begun = new Map<string, number>();

  /** Milliseconds since the story's first step that was seen; steps that come out of order count as 0. */
  since(story: string, at: number): number {
    const start = this.begun.get(story);
    if (start === undefined) {
      if (this.begun.size >= STORIES_MAX) {
        const [oldest] = this.begun.keys();
        if (oldest !== undefined) this.begun.delete(oldest);
      }
      this.begun.set(story, at);
      return 0;
    }
    return Math.max(0, at - start);
  }
}
