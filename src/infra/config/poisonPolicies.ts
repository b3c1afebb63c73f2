import type { PoisonPolicy } from '../../projections/ports/parking.js';
import { projections } from '../../projections/projections.js';
import { InvalidSetting, settings } from './settings.js';

/**
 * What each read model does about an event that cannot be projected, from text such as `park,stats=stop`: what all
 * do, and those that do otherwise. Without the former, they park.
 * @throws {InvalidSetting}
 */
export const poisonPolicies = (text: string): ((name: string) => PoisonPolicy) => {
  let otherwise: PoisonPolicy = 'park';
  const named = new Map<string, PoisonPolicy>();
  for (const part of text.split(',').map((each) => each.trim())) {
    const [, name, policy] = /^(?:([^=]+)=)?([^=]+)$/.exec(part) ?? [];
    if (policy !== 'park' && policy !== 'stop') throw meaningless(part);
    if (name === undefined) otherwise = policy;
    else if (projections.some((projection) => projection.name === name)) named.set(name, policy);
    else throw meaningless(part);
  }
  return (name) => named.get(name) ?? otherwise;
};

const meaningless = (part: string): InvalidSetting =>
  new InvalidSetting(
    `${settings.onPoison.name} must be park or stop, or say which read model does what, such as ` +
      `park,stats=stop; "${part}" does neither. There are: ${projections.map(({ name }) => name).join(', ')}.`,
  );
