import process from 'node:process';

// Loaded before a script: Node has the locale TEST_LOCALE alone, as where it was built without the others.
const locale = process.env.TEST_LOCALE;
const System = Intl.DateTimeFormat;
Intl.DateTimeFormat = new Proxy(System, {
  construct: (target, [, options], made) => Reflect.construct(target, [locale, options], made),
  apply: (target, self, [, options]) => target(locale, options),
});
