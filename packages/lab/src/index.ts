/** The outside world as modules: networks, real and own proxies, origins, stock clients. Black boxes: nothing here knows Windlass. */

export { type AddressPlan, type CloudHost, cloudHosts, cloudNames, type Family } from './address-plan.ts';
export { canRunLab, type LabVerdict, labIsReady } from './can-run-lab.ts';
export {
  databasePackages,
  ensureDebianPackages,
  labPackages,
  type PackagesVerdict,
  tokenPackages,
} from './debian-packages.ts';
export { type Relay, startRelay } from './fleet/relay.ts';
export { type Behaviour, behaviours, parseBehaviour } from './hostile/behaviours.ts';
export { type ControlAddress, connectControl, serveControl } from './hostile/control.ts';
export { startFaultyBox } from './hostile/faulty-box.ts';
export type { RewriteAnswer } from './hostile/faulty-conduct.ts';
export {
  type FaultyProxy,
  type FaultyProxyControl,
  type FaultyProxyOptions,
  type Only,
  startFaultyProxy,
} from './hostile/faulty-proxy.ts';
export { startFaultyProxyProcess } from './hostile/faulty-proxy-process.ts';
export type { RecordedExchange } from './hostile/recording.ts';
export { createNetwork, type LabNetwork, type NetworkOptions, type Place, places, type Redirect } from './network.ts';
export { type Application, type Origin, type OriginOptions, startApplication, startBroker } from './origins.ts';
export { createOutsideWorld, type OutsideWorld } from './outside-world.ts';
export {
  listensOn,
  logContains,
  nodeScript,
  type RunningProcess,
  type StartOptions,
  startProcess,
} from './process.ts';
export type { Box, BoxMode, BoxOptions, BoxPki, InspectingBox } from './proxies/box.ts';
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
export { startMitmproxy } from './proxies/mitmproxy.ts';
export type { ProxyProcessConfig } from './proxies/proxy-config.ts';
export { startSquid } from './proxies/squid.ts';
export { startSslsplit } from './proxies/sslsplit.ts';
export { boxPackages, type InspectingBoxName, inspectingBoxes, startBox } from './proxies/start-box.ts';
export { startTinyproxy, type TinyproxyOptions } from './proxies/tinyproxy.ts';
export type { Address, Routes } from './proxies/upstream.ts';
export { type CommandOptions, type CommandResult, mustRun, runCommand } from './run-command.ts';
export { handshakeArgv, MOST_HANDSHAKES } from './scenarios/online-ratio.ts';
export {
  askPlainWithCurl,
  askWithCurl,
  presentedChain,
  publishWithMosquitto,
  type Run,
  type StockResult,
  type StockTarget,
  shakeHandsWithOpenssl,
} from './stock-clients.ts';
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
export { agentArgv, windlassArgv } from './windlass/commands.ts';
export { freePorts } from './windlass/free-ports.ts';
export {
  createInstallation,
  type Device,
  type DeviceOptions,
  type Installation,
  type InstallationOptions,
} from './windlass/installation.ts';
