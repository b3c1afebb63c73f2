import { expect } from 'chai';
import { machineZone } from '../../../src/infra/config/machineZone.js';

describe("The machine's time zone", () => {
  const { TZ } = process.env;
  afterEach(() => {
    if (TZ === undefined) delete process.env.TZ;
    else process.env.TZ = TZ;
  });

  const zones: readonly (readonly [string, string])[] = [
    ['Europe/Berlin', 'Europe/Berlin'],
    [':America/New_York', 'America/New_York'],
    ['UTC', 'UTC'],
    ['', 'UTC'],
    [':', 'UTC'],
    ['Etc/Unknown', 'UTC'],
    ['Nonsense', 'UTC'],
    ['UTC0', 'UTC'],
    ['/etc/localtime', 'UTC'],
  ];
  for (const [set, zone] of zones) {
    it(`is ${zone} where TZ is ${JSON.stringify(set)}`, () => {
      process.env.TZ = set;
      expect(machineZone()).to.equal(zone);
    });
  }
});
