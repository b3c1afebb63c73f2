import { expect } from 'chai';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { isSealed, seal, unseal } from '../../../src/infra/eventstore/privacy/personalText.js';

const key = randomBytes(32);
const place = '0190d1f0-0000-7000-8000-000000000000/review';

describe('Personal text', () => {
  it('comes back as it was, whatever it says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.uuid(), (text, where) => {
        expect(unseal(seal(text, key, where), key, where)).to.equal(text);
      }),
    );
  });

  it('is nowhere in what is stored, not even encoded', () => {
    const text = 'my very own thoughts';
    const { sealed } = seal(text, key, place);
    const stored = Buffer.from(sealed, 'base64');
    expect(stored.includes(Buffer.from(text.slice(0, 6)))).to.equal(false);
    expect(sealed).not.to.include(Buffer.from(text).toString('base64').slice(0, 6));
  });

  it('looks different each time: equal texts cannot be told', () => {
    const sealings = Array.from({ length: 50 }, () => seal('Great!', key, place).sealed);
    expect(new Set(sealings).size).to.equal(50);
  });

  it('names its key, where it is told which that is', () => {
    expect(seal('a secret', key, place)).to.have.keys('sealed');
    expect(seal('a secret', key, place, 'first')).to.include({ key: 'first' });
  });

  it('is not read with another key', () => {
    const sealed = seal('a secret', key, place);
    expect(() => unseal(sealed, randomBytes(32), place)).to.throw();
  });

  it('is not read in another place than it was written for', () => {
    const sealed = seal('a secret', key, place);
    expect(() => unseal(sealed, key, place.replace('review', 'note'))).to.throw();
  });

  it('is not read when a single bit was changed', () => {
    const bytes = Buffer.from(seal('a secret', key, place).sealed, 'base64');
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const changed = Buffer.from(bytes);
        const at = bit >> 3;
        changed.writeUInt8(changed.readUInt8(at) ^ (1 << (bit & 7)), at);
        expect(() => unseal({ sealed: changed.toString('base64') }, key, place)).to.throw();
      }),
    );
  });

  it('is not read when its end is cut off', () => {
    const bytes = Buffer.from(seal('a secret', key, place).sealed, 'base64');
    for (let length = 0; length < bytes.length; length += 1) {
      const cut = { sealed: bytes.subarray(0, length).toString('base64') };
      expect(() => unseal(cut, key, place), `${length} bytes`).to.throw();
    }
  });

  it('is told from plain values', () => {
    expect(isSealed(seal('', key, place))).to.equal(true);
    for (const plain of ['text', '{"sealed":"x"}', null, undefined, 7, {}, { sealed: 7 }, []]) {
      expect(isSealed(plain)).to.equal(false);
    }
  });
});
