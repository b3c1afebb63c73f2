export interface Connection {
  readonly ports: readonly number[];
  readonly caFile: string | undefined;
  readonly credentials: { readonly username: string; readonly password: string };
}

/** What the client connects with: a single host is taken as it is, several are asked for gossip. */
export const connectionStringOf = ({ ports, caFile, credentials }: Connection): string => {
  const user = encodeURIComponent(credentials.username);
  const password = encodeURIComponent(credentials.password);
  const hosts = ports.map((port) => `127.0.0.1:${String(port)}`).join(',');
  const tls = caFile === undefined ? 'tls=false' : `tls=true&tlsCAFile=${caFile}`;
  return `esdb://${user}:${password}@${hosts}?${tls}`;
};
