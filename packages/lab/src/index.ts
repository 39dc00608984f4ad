/** The outside world as modules: networks, real and own proxies, origins, stock clients. Black boxes: nothing here knows Windlass. */
export { canRunLab, type LabVerdict, labIsReady } from './can-run-lab.ts';
export { ensureDebianPackages, labPackages, type PackagesVerdict } from './debian-packages.ts';
export {
  listensOn,
  logContains,
  nodeScript,
  type RunningProcess,
  type StartOptions,
  startProcess,
} from './process.ts';
export {
  type ClientConnection,
  type Conduct,
  type Entrance,
  entrances,
  type InspectingProxy,
  type InspectingProxyOptions,
  startInspectingProxy,
} from './proxies/inspecting-proxy.ts';
export {
  type ProxyProcess,
  type ProxyProcessOptions,
  startInspectingProxyProcess,
} from './proxies/inspecting-proxy-process.ts';
export type { ProxyProcessConfig } from './proxies/proxy-config.ts';
export type { Address, Routes } from './proxies/upstream.ts';
export { type CommandOptions, type CommandResult, mustRun, runCommand } from './run-command.ts';
export { createTemporaryDirectory, type TemporaryDirectory } from './temporary-directory.ts';
export {
  type Authority,
  type AuthorityOptions,
  createAuthority,
  createKeyPair,
  createTwin,
  issueServerCertificate,
  type KeyPair,
  type KeyType,
  readAuthority,
  type ServerCertificate,
  type ServerCertificateOptions,
  selfSignServerCertificate,
  splitPem,
  writeSecret,
} from './test-pki.ts';
