/**
 * Loaded before a relay (`--import`): lets the process that started it move its clock, as an administrator or a time
 * server does. Timers go on as they were: they count from the start of the machine.
 */
const RealDate = Date;
let aheadMs = 0;

class MovableDate extends RealDate {
  constructor(...args: readonly unknown[]) {
    if (args.length === 0) super(RealDate.now() + aheadMs);
    else super(...(args as [number]));
  }

  static override now(): number {
    return RealDate.now() + aheadMs;
  }
}

globalThis.Date = MovableDate as DateConstructor;
process.on('message', (message: { readonly clockAheadMs?: number }) => {
  aheadMs = message.clockAheadMs ?? aheadMs;
});
process.channel?.unref(); // or the process would never end by itself
