import { expect } from 'chai';
import fc from 'fast-check';
import { Rating } from '../../src/domain/schemas.js';
import { validator } from '../../src/domain/validation.js';

describe('A rating', () => {
  const check = validator(Rating);

  it('is every tenth from 0 to 10, as JSON writes it', () => {
    for (let tenths = 0; tenths <= 100; tenths += 1) {
      const text = (tenths / 10).toFixed(1);
      expect(check(JSON.parse(text)), text).to.include({ ok: true });
    }
  });

  it('is nothing between two tenths, however near to one', () => {
    const near = fc.integer({ min: 0, max: 99 });
    const beside = fc.integer({ min: 2, max: 9 });
    fc.assert(
      fc.property(near, beside, (tenths, decimals) => {
        expect(check(tenths / 10 + 10 ** -decimals)).to.include({ ok: false });
      }),
    );
  });
});
