// The version that the agent names in what it signs.
export const AGENT_VERSION = '0.1.0';
