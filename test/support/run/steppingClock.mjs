import process from 'node:process';

// Loaded before a command (NODE_OPTIONS): its clock steps by TEST_CLOCK_STEP_MS whenever it gets SIGUSR2.
const step = Number(process.env.TEST_CLOCK_STEP_MS);
const SystemDate = Date;
let offset = 0;
const now = () => SystemDate.now() + offset;

// A proxy rather than a subclass: dates that the platform makes are still instances of it.
globalThis.Date = new Proxy(SystemDate, {
  construct: (target, args, made) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, made),
  apply: () => new SystemDate(now()).toString(),
  get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
});

process.on('SIGUSR2', () => {
  offset += step;
  process.stderr.write('The clock has stepped.\n');
});
