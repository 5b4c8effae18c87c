/** Time that moves only when a test says so. */
export class FakeClock {
  ms: number;

  /** 2026-11-15 12:00 UTC unless told. */
  constructor(ms = Date.UTC(2026, 10, 15, 12)) {
    this.ms = ms;
  }

  nowMs = (): number => this.ms;

  advance(byMs: number): void {
    this.ms += byMs;
  }
}
