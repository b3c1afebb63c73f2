import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { generate } from 'selfsigned';

/** What a TLS server needs. */
export interface NodeCertificate {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** The files that a client names in its connection string as `userCertFile` and `userKeyFile`. */
export interface UserCertificate {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A CA of its own, with what it has signed, in a folder of its own. */
export interface Certificates {
  readonly caFile: string;
  readonly node: NodeCertificate;
  /** A certificate that makes its bearer this user. */
  issueToUser(name: string): Promise<UserCertificate>;
  /** Removes the folder with all files. */
  remove(): Promise<void>;
}

const elliptic = { keyType: 'ec', algorithm: 'sha256' } as const;
const named = (name: string): { readonly name: string; readonly value: string }[] => [
  { name: 'commonName', value: name },
];

/** Makes a CA, and a certificate for nodes at 127.0.0.1, localhost and these names. */
export const createCertificates = async (hostNames: readonly string[]): Promise<Certificates> => {
  const authority = await generate(named('eventstoredb double CA'), {
    ...elliptic,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const ca = { key: authority.private, cert: authority.cert };
  const node = await generate(named('eventstoredb-node'), {
    ...elliptic,
    ca,
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: '127.0.0.1' },
          ...['localhost', ...hostNames].map((value) => ({ type: 2, value }) as const),
        ],
      },
    ],
  });

  const folder = await mkdtemp(join(tmpdir(), 'eventstoredb-double-'));
  const write = async (name: string, content: string): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, content, { mode: 0o600 });
    return file;
  };

  return {
    caFile: await write('ca.crt', ca.cert),
    node: { ca: ca.cert, cert: node.cert, key: node.private },
    issueToUser: async (name) => {
      const user = await generate(named(name), {
        ...elliptic,
        ca,
        extensions: [
          { name: 'basicConstraints', cA: false },
          { name: 'extKeyUsage', clientAuth: true },
        ],
      });
      return {
        certFile: await write(`user-${name}.crt`, user.cert),
        keyFile: await write(`user-${name}.key`, user.private),
      };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
};
